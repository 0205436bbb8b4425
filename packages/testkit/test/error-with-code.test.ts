import { expect, test } from '@jest/globals';
import { errorWithCode } from '../src/error-with-code.js';

const error = Object.assign(new Error('no cluster prod'), { code: 'CLUSTER_NOT_FOUND', hint: 'Create it.' });

test('matches the code, and words of message or hint where some are given', () => {
  expect(error).toEqual(errorWithCode('CLUSTER_NOT_FOUND'));
  expect(error).toEqual(errorWithCode('CLUSTER_NOT_FOUND', 'cluster prod'));
  expect(error).toEqual(errorWithCode('CLUSTER_NOT_FOUND', /^Create/m));
});

test('matches no other code, no other words, and nothing but errors', () => {
  expect(error).not.toEqual(errorWithCode('SERVICE_NOT_FOUND'));
  expect(error).not.toEqual(errorWithCode('CLUSTER_NOT_FOUND', 'cluster test'));
  expect({ code: 'CLUSTER_NOT_FOUND' }).not.toEqual(errorWithCode('CLUSTER_NOT_FOUND'));
});
