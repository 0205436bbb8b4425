import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Members of the union `ErrorCode`. */
function errorCodes(): string[] {
  const union = /export type ErrorCode =([^;]+);/.exec(read('packages/core/src/errors.ts'))?.[1] ?? '';
  return [...union.matchAll(/\| '([A-Z_]+)'/g)].map(([, code = '']) => code);
}

/** Codes that have a section, with its text. */
function sections(): Map<string, string> {
  const [, ...parts] = read('docs/troubleshooting.md').split(/^### /m);
  return new Map(
    parts.map((part) => {
      const [title = '', ...text] = part.split('\n');
      return [title.replaceAll('`', '').trim(), text.join('\n')];
    }),
  );
}

test('finds the codes at all', () => {
  expect(errorCodes()).toEqual(expect.arrayContaining(['INPUT_INVALID', 'DEPLOYMENT_ROLLED_BACK']));
});

test('every error code has a section, and every section a code', () => {
  const ours = ['INTERNAL_ERROR'];
  expect([...sections().keys()].sort()).toEqual([...errorCodes(), ...ours].sort());
});

test('every section says what to do', () => {
  const silent = [...sections()].filter(([, text]) => !/\*\*Fix\.\*\*/.test(text)).map(([code]) => code);
  expect(silent).toEqual([]);
});
