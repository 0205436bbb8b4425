import { readNumber } from '../../exact-number.js';
import { isRecord } from '../plain-data.js';
import type { Shape } from '../shape/shape.js';
import { entryShape } from '../shape/shape.js';
import { MAX_DEPTH } from './syntax.js';

/** What the platform's own parser makes of a text, several times as fast as one that keeps places. */
export interface StrictJson {
  /**
   * The value, unless it holds a number where `shape` has a string: only the text knows whether that was
   * `1.1` or `1.10`. Then `undefined`.
   */
  value(shape: Shape): unknown;
}

/**
 * Reads strict JSON without faults. `undefined` for anything else: other syntax, a name given twice in
 * one object, values nested too deep, numbers that would lose digits.
 */
export function readStrictJson(text: string): StrictJson | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const kept = countNames(value, 0);
  if (kept === undefined || kept !== namesIn(text)) return undefined;
  return { value: (shape) => (needsText(value, shape) ? undefined : value) };
}

/** How many names the objects of a value have; `undefined` if they are nested too deep. */
function countNames(value: unknown, depth: number): number | undefined {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAX_DEPTH) return undefined;
  let count = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const child of Object.values(value)) {
    const below = countNames(child, depth + 1);
    if (below === undefined) return undefined;
    count += below;
  }
  return count;
}

/**
 * How many names a JSON text has: a name that is given twice counts twice. `undefined` if it has a number that
 * JavaScript does not hold.
 */
function namesIn(text: string): number | undefined {
  let count = 0;
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[-\d][-+.\de]*/gi)) {
    if (colon !== undefined) count += 1;
    else if (!token.startsWith('"') && typeof readNumber(token) !== 'number') return undefined;
  }
  return count;
}

function needsText(value: unknown, shape: Shape | undefined): boolean {
  if (typeof value === 'number') return shape?.kind === 'string';
  if (Array.isArray(value)) {
    const item = shape?.kind === 'list' ? shape.item : undefined;
    return value.some((child) => needsText(child, item));
  }
  if (!isRecord(value)) return false;
  return Object.keys(value).some((name) =>
    needsText(value[name], entryShape(shape, name, isRecord(value[name]))),
  );
}
