import { describe, expect, test } from '@jest/globals';
import { readKeyValueFile } from '../src/key-value-file.js';

describe('readKeyValueFile', () => {
  test.each<[what: string, text: string, values: Record<string, string>]>([
    ['nothing', '', {}],
    ['a line', 'name=value\n', { name: 'value' }],
    ['everything after the first =', 'name=a=b=\n', { name: 'a=b=' }],
    ['an empty value', 'name=\n', { name: '' }],
    ['<< within a value', 'name=a<<b\n', { name: 'a<<b' }],
    ['a block', 'name<<END\none\ntwo\nEND\n', { name: 'one\ntwo' }],
    ['an empty block', 'name<<END\nEND\n', { name: '' }],
    ['a block with an empty last line', 'name<<END\none\n\nEND\n', { name: 'one\n' }],
    ['a block whose text looks like lines', 'a<<END\nb=1\nc<<D\nEND\nd=2\n', { a: 'b=1\nc<<D', d: '2' }],
    ['carriage returns', 'a=1\r\nb<<END\r\none\r\ntwo\r\nEND\r\n', { a: '1', b: 'one\r\ntwo' }],
    ['the last value of a name', 'a=1\na=2\n', { a: '2' }],
  ])('reads %s', (_what, text, values) => {
    expect(readKeyValueFile(text)).toEqual(values);
  });

  test.each([
    ['neither form', 'just words\n', 'just words'],
    ['no name', '=value\n', '=value'],
    ['a block without an end', 'name<<END\nvalue\n', 'name never ends: no line END'],
  ])('refuses %s, as the runner does', (_what, text, message) => {
    expect(() => readKeyValueFile(text)).toThrow(message);
  });
});
