import { split } from 'shlex';
import { EcsActionsError } from '../errors.js';

/**
 * Reads `NAME=value` lines. The value is everything after the first `=`; white space around a line and
 * around the name counts for nothing, and empty lines are skipped. A value of several lines is written
 * as in GitHub's own environment files:
 *
 * ```text
 * CERTIFICATE<<END
 * -----BEGIN CERTIFICATE-----
 * …
 * END
 * ```
 *
 * Throws `INPUT_INVALID` naming `input` and the lines, never what stands in them.
 */
export function parseKeyValues(text: string, input: string): Record<string, string> {
  const lines = text.split(/\r?\n/);
  const values = new Map<string, string>();
  const faults: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]?.trim() ?? '';
    if (line === '') continue;
    const heredoc = /^([^=\s]+?)<<(\S+)$/.exec(line);
    const [, name, marker] = heredoc ?? /^([^=]+)=/.exec(line) ?? [];
    if (name === undefined || name.trim() === '') {
      faults.push(`line ${index + 1} is not NAME=value`);
    } else if (marker === undefined) {
      values.set(name.trim(), line.slice(line.indexOf('=') + 1));
    } else {
      const end = lines.findIndex((candidate, at) => at > index && candidate.trim() === marker);
      if (end < 0) faults.push(`line ${index + 1} opens a value that ${marker} never closes`);
      else values.set(name.trim(), lines.slice(index + 1, end).join('\n'));
      index = end < 0 ? lines.length : end;
    }
  }
  if (faults.length === 0) return Object.fromEntries(values);
  throw new EcsActionsError('INPUT_INVALID', `Input ${input}: ${faults.join('; ')}.`, {
    hint: 'Write one NAME=value per line; a value may hold further = signs.',
  });
}

/**
 * The words of a command: a JSON list of strings as it is, anything else split as a shell would, with
 * quotes and backslashes but without expanding anything. Throws `INPUT_INVALID` for an unclosed quote.
 */
export function parseCommand(text: string, input: string): string[] {
  const words = /^\s*\[/.test(text) ? jsonWords(text) : undefined;
  if (words !== undefined) return words;
  try {
    return split(text);
  } catch (error) {
    throw new EcsActionsError(
      'INPUT_INVALID',
      `Input ${input} has a quote or backslash that nothing closes.`,
      {
        hint: 'Close the quote, or write the words as JSON: ["sh", "-c", "…"].',
        cause: error,
      },
    );
  }
}

function jsonWords(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((word) => typeof word === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}
