import { member, parseExactJson, type Json } from './json.js';

/**
 * Reads one line of the machine-readable UI (`plan -json`) as the message that it is. A line that is not of it (a
 * wrapper's, a provider's) reads as `undefined`.
 */
export function readUiLine(line: string): Json | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const message = parseExactJson(line);
    return textOf(message, 'type') === undefined ? undefined : message;
  } catch {
    return undefined;
  }
}

/** A member that is a string. */
export function textOf(value: Json | undefined, key: string): string | undefined {
  const found = member(value, key);
  return typeof found === 'string' ? found : undefined;
}
