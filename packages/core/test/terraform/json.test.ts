import { describe, expect, test } from '@jest/globals';
import { ExactNumber, writeJson } from '../../src/index.js';
import { embeddedJson, member, parseExactJson } from '../../src/terraform/json.js';

describe('numbers keep their digits', () => {
  test.each([
    '9007199254740993',
    '0.10000000000000000001',
    '1.5e300',
    '-0',
    '[1,2,9007199254740993]',
    '{"a":{"b":123456789012345678901234567890}}',
    '{"text":"9007199254740993 \\" 9007199254740993","n":9007199254740993}',
  ])('%s', (text) => {
    expect(writeJson(parseExactJson(text))).toBe(text);
  });

  test('an ordinary number stays a number', () => {
    expect(parseExactJson('[0, 1, -7, 2.5, 9007199254740991]')).toEqual([0, 1, -7, 2.5, 9007199254740991]);
  });

  test('a document cannot pass an object off as a number', () => {
    expect(parseExactJson('{"exact":"1","n":9007199254740993}')).toEqual({
      exact: '1',
      n: new ExactNumber('9007199254740993'),
    });
  });
});

test('a key named like a property of every object is an own member or none', () => {
  const parsed = parseExactJson('{"__proto__": {"a": 1}}');
  expect(member(parsed, '__proto__')).toEqual({ a: 1 });
  expect(member(parsed, 'toString')).toBeUndefined();
});

test.each([
  ['{"a": 1}', { a: 1 }],
  [' [1]', [1]],
  ['"text"', undefined],
  ['12', undefined],
  ['{not json}', undefined],
  ['', undefined],
])('%j holds %j', (text, held) => {
  expect(embeddedJson(text)).toEqual(held);
});
