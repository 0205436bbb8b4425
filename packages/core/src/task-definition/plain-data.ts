import { ExactNumber, isSameNumber } from '../exact-number.js';

/** A JSON object, as opposed to a list, a scalar (a date is written as a text) or nothing. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || Array.isArray(value)) return false;
  return !(value instanceof ExactNumber || value instanceof Date);
}

/** True for a list or object with nothing in it. */
export function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0;
}

/** Sets a member of an object of our own, also one called `__proto__`, which an assignment would not make. */
export function setMember(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[name] = value;
  }
}

/** Whether two pieces of plain data are equal. Several times as fast as `isDeepStrictEqual`, which looks at more than data. */
export function isSameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isSameData(item, b[index]));
  }
  if (Array.isArray(b)) return false;
  if (a instanceof ExactNumber || b instanceof ExactNumber) {
    return a instanceof ExactNumber && b instanceof ExactNumber && isSameNumber(a, b);
  }
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSameData(memberOf(a, name), memberOf(b, name)))
  );
}

/** A text, number or truth value as text; `undefined` for anything else. */
export function scalarText(value: unknown): string | undefined {
  if (value instanceof ExactNumber) return value.digits;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** True for data with lists and objects nested more than `limit` deep. Looks no deeper than that. */
export function isDeeper(value: unknown, limit: number): boolean {
  if (!Array.isArray(value) && !isRecord(value)) return false;
  return limit === 0 || Object.values(value).some((child) => isDeeper(child, limit - 1));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function memberOf(members: object, name: string): unknown {
  return (members as Record<string, unknown>)[name];
}
