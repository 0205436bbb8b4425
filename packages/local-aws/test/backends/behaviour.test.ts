import { expect, test } from '@jest/globals';
import { chooseBehaviour, parseBehaviour } from '../../src/backends/behaviour.js';

test.each([
  ['healthy', { kind: 'healthy' }],
  ['exit:0', { kind: 'exit', exitCode: 0, afterMs: 3_000 }],
  ['exit:1@20s', { kind: 'exit', exitCode: 1, afterMs: 20_000 }],
  ['exit-2', { kind: 'exit', exitCode: 2, afterMs: 3_000 }],
  ['exit-2-1m', { kind: 'exit', exitCode: 2, afterMs: 60_000 }],
  ['crash', { kind: 'crash', afterMs: 6_000 }],
  ['oom@500ms', { kind: 'oom', afterMs: 500 }],
  ['never-healthy', { kind: 'never-healthy' }],
  ['unhealthy@2m', { kind: 'unhealthy', afterMs: 120_000 }],
  ['pull-error', { kind: 'pull-error' }],
  ['no-capacity', { kind: 'no-capacity' }],
  ['slow', { kind: 'slow', startMs: 120_000 }],
  ['slow:90s', { kind: 'slow', startMs: 90_000 }],
  ['slow-90s', { kind: 'slow', startMs: 90_000 }],
])('%s is %j', (text, expected) => {
  expect(parseBehaviour(text)).toEqual(expected);
});

test.each(['', 'latest', 'exit', 'exit:abc', 'exit:1@soon', 'healthy:1', '1.2.3', 'crash:1', undefined])(
  '%s is none',
  (text) => {
    expect(parseBehaviour(text)).toBeUndefined();
  },
);

test.each([
  ['127.0.0.1:5000/team/app:crash', 'crash'],
  ['app:oom', 'oom'],
  ['127.0.0.1:5000/app', 'healthy'],
  ['registry.example.com:5000/crash', 'healthy'],
  ['example.com/app:crash@sha256:abc', 'crash'],
])('the tag of %s makes it %s', (image, kind) => {
  expect(chooseBehaviour({ image, dockerLabels: {}, imageLabels: {} }).kind).toBe(kind);
});
