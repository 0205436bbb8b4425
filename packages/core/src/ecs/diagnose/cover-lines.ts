import type { Cover } from '../../task-definition/cover.js';
import { REDACTED } from '../../task-definition/redacted.js';
import { isPlaintextSecret, isSecretValue } from '../../task-definition/secrets.js';

/**
 * Covers also what a container writes by itself: a whole line that gives a secret away by its looks, and what it
 * assigns to a secret's name, such as in its own command line. Prose stays: `token: unexpected end`,
 * `password authentication failed`.
 */
export function coverLines(cover: Cover): Cover {
  return (line) => {
    const covered = cover(line);
    return isSecretValue(covered) ? REDACTED : coverAssigned(covered);
  };
}

/** A name, and what assigns to it: `--token=`, `"token": ` before a string; quotes may be escaped. */
const ASSIGNMENT = /(?<![\w.-])([\w.-]{1,200})(?:=|\\{0,8}["']\s{0,9}:\s{0,9}(?=\\{0,8}["']))/g;
/** A value in quotes, or up to white space. */
const VALUE = /(\\{0,8}["'])((?:(?!(?<!\\)\1)[^])*)|()((?:(?:Bearer|Basic)\s)?(?:(?!\\{0,8}["'])\S)+)/iy;
/** A key alone says which of many things is meant, such as that of a cache. */
const KEY = /^-*keys?$/i;
/** Stands for any value that could be a secret. */
const SOME_SECRET = 'secret';

function coverAssigned(line: string): string {
  let shown = '';
  let shownTo = 0;
  let end = 0;
  for (const { 0: all, 1: name = '', index } of line.matchAll(ASSIGNMENT)) {
    if (index < end || !isSecret(name, SOME_SECRET)) continue;
    VALUE.lastIndex = index + all.length;
    const [, quote = '', quoted = '', , plain = ''] = VALUE.exec(line) ?? [];
    const start = index + all.length + quote.length;
    end = start + quoted.length + plain.length;
    if (!isSecret(name, quoted + plain)) continue;
    shown += line.slice(shownTo, start) + REDACTED;
    shownTo = end;
  }
  return shown + line.slice(shownTo);
}

function isSecret(name: string, value: string): boolean {
  return !KEY.test(name) && isPlaintextSecret(name.replaceAll(/[.-]+/g, '_'), value);
}
