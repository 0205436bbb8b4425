import { ExactNumber } from '../exact-number.js';
import { writeJson } from '../write-json.js';
import { embeddedJson, isList, isObject, member, type Json, type JsonObject } from './json.js';
import { holdsEnvironment, holdsUrlPassword, isSecretAssignment, secretMembers } from './secret-names.js';
import type { Taint } from './taint.js';

/**
 * A value that is safe to show: whatever is sensitive has been taken out, and two sensitive values can still be told
 * apart (`id` is equal for equal values) without either of them being in here.
 */
export type Shape =
  | { readonly kind: 'scalar'; readonly value: null | boolean | number | string | ExactNumber }
  | { readonly kind: 'sensitive'; readonly id: number }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'list'; readonly items: readonly Shape[] }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Shape> }
  /** A string that holds JSON. */
  | { readonly kind: 'json'; readonly value: Shape };

/** One side of a change, with everything that says which parts of it may not be shown. */
export interface MarkedValue {
  readonly value: Json;
  /** `true` covers everything below. Several marks add up. */
  readonly marks: readonly (Json | undefined)[];
  /** `true` where the value is known after apply. */
  readonly unknown?: Json | undefined;
  /** The value holds environment variables, whose names tell which of them are secret. */
  readonly isEnvironment?: boolean;
}

export type MakeShape = (marked: MarkedValue) => Shape;

/** A function that makes shapes whose sensitive values can be compared with each other. */
export function shapeMaker(taint: Taint): MakeShape {
  const ids = new Map<string, number>();

  function hide(value: Json): Shape {
    const text = writeJson(value);
    const id = ids.get(text) ?? ids.size;
    ids.set(text, id);
    return { kind: 'sensitive', id };
  }

  function shape(marked: MarkedValue): Shape {
    const { value, marks, unknown } = marked;
    if (unknown === true) return { kind: 'unknown' };
    if (marks.includes(true)) return hide(value);
    if (isObject(value)) return shapeOfMap(value, marked);
    if (isList(value)) return shapeOfList(value, marked);
    if (typeof value === 'string') return shapeOfText(value);
    const isNumber = value instanceof ExactNumber || typeof value === 'number';
    return isNumber && taint.covers(writeJson(value)) ? hide(value) : { kind: 'scalar', value };
  }

  function shapeOfMap(value: JsonObject, { marks, unknown, isEnvironment = false }: MarkedValue): Shape {
    const secret = secretMembers(value, isEnvironment);
    const known = Object.entries(value).map(([key, item]): [string, Shape] => [
      taint.clean(key),
      shape({
        value: item,
        marks: secret.has(key) ? [true] : marks.map((mark) => member(mark, key)),
        unknown: member(unknown, key),
        isEnvironment: holdsEnvironment(key),
      }),
    ]);
    const later = Object.entries(isObject(unknown) ? unknown : {})
      .filter(([key]) => !Object.hasOwn(value, key))
      .flatMap(([key, item]): [string, Shape][] => {
        const found = shapeOfUnknown(item);
        return found === undefined ? [] : [[taint.clean(key), found]];
      });
    return { kind: 'map', entries: new Map([...known, ...later]) };
  }

  function shapeOfList(
    items: readonly Json[],
    { marks, unknown, isEnvironment = false }: MarkedValue,
  ): Shape {
    return {
      kind: 'list',
      items: items.map((item, index) =>
        shape({
          value: item,
          marks: isSecretAssignment(item, isEnvironment)
            ? [true]
            : marks.map((mark) => (isList(mark) ? mark[index] : undefined)),
          unknown: isList(unknown) ? unknown[index] : undefined,
        }),
      ),
    };
  }

  function shapeOfText(text: string): Shape {
    const embedded = embeddedJson(text);
    if (embedded === undefined) {
      return taint.covers(text) || holdsUrlPassword(text) ? hide(text) : { kind: 'scalar', value: text };
    }
    if (taint.has(text)) return hide(text);
    const value = shape({ value: embedded, marks: [] });
    // A sensitive text may span several leaves of the document.
    return taint.covers(text) && !holdsSensitive(value) ? hide(text) : { kind: 'json', value };
  }

  return shape;
}

/** What is known only after apply, below an attribute that has no value yet. */
function shapeOfUnknown(unknown: Json | undefined): Shape | undefined {
  if (unknown === true) return { kind: 'unknown' };
  if (!isObject(unknown)) return undefined;
  const entries = Object.entries(unknown).flatMap(([key, item]): [string, Shape][] => {
    const found = shapeOfUnknown(item);
    return found === undefined ? [] : [[key, found]];
  });
  return entries.length === 0 ? undefined : { kind: 'map', entries: new Map(entries) };
}

function holdsSensitive(shape: Shape): boolean {
  switch (shape.kind) {
    case 'sensitive':
      return true;
    case 'list':
      return shape.items.some(holdsSensitive);
    case 'map':
      return [...shape.entries.values()].some(holdsSensitive);
    case 'json':
      return holdsSensitive(shape.value);
    case 'scalar':
    case 'unknown':
      return false;
  }
}
