import { isDeeper } from './plain-data.js';
import { MAX_DEPTH } from './source/syntax.js';

/**
 * What a text that is a JSON object or list means: many configure a program by JSON in a variable. `undefined` for
 * any other text, and for values that are nested too deep.
 */
export function readJsonText(text: string): unknown {
  if (!/^\s*(?:\{\s*"|\[\s*[{["])/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isDeeper(value, MAX_DEPTH) ? undefined : value;
  } catch {
    return undefined;
  }
}
