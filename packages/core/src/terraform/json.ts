import { ExactNumber } from '../exact-number.js';

/**
 * JSON whose numbers keep the digits that they were written with. Terraform's numbers are arbitrary precision: two that
 * differ beyond 2^53 are the same after `JSON.parse`, and the change between them would disappear.
 */

export type Json = null | boolean | number | string | ExactNumber | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Parses JSON; a number that does not survive the way through a JavaScript number becomes an {@link ExactNumber}.
 *
 * @throws SyntaxError if `text` is not JSON.
 */
export function parseExactJson(text: string): Json {
  let marker = 'exact';
  while (text.includes(marker)) marker += '.';
  let found = false;
  const marked = text.replace(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"') || String(Number(token)) === token) return token;
    found = true;
    return `{"${marker}":"${token}"}`;
  });
  if (!found) return JSON.parse(text) as Json;
  return JSON.parse(marked, (_key, value: Json) => {
    const digits = isObject(value) ? value[marker] : undefined;
    return typeof digits === 'string' ? new ExactNumber(digits) : value;
  }) as Json;
}

/** True for an object, and for nothing else. */
export function isObject(value: Json | undefined): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}

/** True for a list, and for nothing else. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** An own member of an object; `undefined` if there is none, or if `value` is no object. */
export function member(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The object or list that a string holds as JSON; `undefined` for every other string. */
export function embeddedJson(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}
