import { shellWords } from './shell-words.js';

/** What a text says, and what is wrong with it. Faults complete a sentence that begins "The text …". */
export interface ParsedInput<T> {
  readonly value: T;
  readonly faults: readonly string[];
}

/**
 * Reads `NAME=value` lines. The value is everything after the first `=`; white space around a line and
 * around the name counts for nothing, empty lines are skipped, and the last of several lines for one
 * name wins. A value of several lines is written as in GitHub's own environment files:
 *
 * ```text
 * CERTIFICATE<<END
 * -----BEGIN CERTIFICATE-----
 * …
 * END
 * ```
 *
 * Faults name lines, never what stands in them.
 */
export function parseKeyValues(text: string): ParsedInput<Record<string, string>> {
  const lines = text.split(/\r?\n/);
  const values = new Map<string, string>();
  const faults: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]?.trim() ?? '';
    if (line === '') continue;
    const [, opened, marker] = /^([^=\s]+?)<<([^=\s]+)$/.exec(line) ?? [];
    const equals = line.indexOf('=');
    if (opened !== undefined) {
      const end = lines.findIndex((candidate, at) => at > index && candidate.trim() === marker);
      if (end < 0) faults.push(`opens a value in line ${index + 1} that it never closes`);
      else values.set(opened, lines.slice(index + 1, end).join('\n'));
      index = end < 0 ? lines.length : end;
    } else if (equals > 0) {
      values.set(line.slice(0, equals).trim(), line.slice(equals + 1));
    } else {
      faults.push(`has a line ${index + 1} that is not NAME=value`);
    }
  }
  return { value: Object.fromEntries(values), faults };
}

/**
 * The words of a command: a JSON list of strings as it is, anything else split as a shell would, with
 * quotes and backslashes but without expanding anything. What begins like such a list has to be one.
 */
export function parseCommand(text: string): ParsedInput<string[]> {
  if (/^\s*\[\s*["\]]/.test(text)) {
    const words = jsonWords(text);
    return words === undefined
      ? { value: [], faults: ['begins like a JSON list of words, but is none'] }
      : { value: words, faults: [] };
  }
  const words = shellWords(text);
  return words === undefined
    ? { value: [], faults: ['has a quote or backslash that nothing closes'] }
    : { value: words, faults: [] };
}

function jsonWords(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** True for a family, `family:revision` or an ARN, as opposed to a path: a family has neither dots nor slashes. */
export function isTaskDefinitionReference(text: string): boolean {
  return text.startsWith('arn:') || /^[A-Za-z0-9_-]{1,255}(?::\d+)?$/.test(text);
}
