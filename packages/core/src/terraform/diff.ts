import { diffArrays } from 'diff';
import { writeJson } from '../write-json.js';
import type { Json } from './json.js';
import type { Shape } from './shape.js';
import { SENSITIVE } from './taint.js';

/** What stands in for a value that only the apply will tell. */
export const KNOWN_AFTER_APPLY = '(known after apply)';

/** One side of an attribute, ready to be shown: nothing sensitive is left in it. */
export type ShownValue =
  /** There is no such attribute: not the same as `null`, nor as `""`. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'sensitive' }
  /** In one line, as JSON: `"1"` and `1` differ. */
  | { readonly kind: 'literal'; readonly text: string }
  /** A string of several lines, as it is. */
  | { readonly kind: 'text'; readonly text: string };

export interface AttributeChange {
  /** `container_definitions["app"].environment["PORT"].value`; empty for a value that has no attributes. */
  readonly path: string;
  readonly before: ShownValue;
  readonly after: ShownValue;
  /** This attribute is why the resource has to be replaced. */
  readonly forcesReplacement: boolean;
}

type Step = string | number;

/**
 * The attributes that differ between two shapes, leaf by leaf. Lists of objects with names are compared by name, lists
 * of plain values as sequences, and strings that hold JSON by what they hold. `undefined` stands for no value at all.
 */
export function diffShapes(
  before: Shape | undefined,
  after: Shape | undefined,
  replacePaths: readonly (readonly Json[])[] = [],
): AttributeChange[] {
  const changes: AttributeChange[] = [];

  function compare(left: Shape | undefined, right: Shape | undefined, path: readonly Step[]): void {
    if (left !== undefined && right !== undefined && sameShape(left, right)) return;
    // A whole that appears or goes is told by its parts, a part with no parts by itself.
    if (
      isContainer(left ?? right) &&
      (left === undefined || right === undefined || left.kind === right.kind)
    ) {
      if (compareParts(left, right, path)) return;
    }
    changes.push({
      path: printPath(path),
      before: show(left),
      after: show(right),
      forcesReplacement: replacePaths.some((forcing) => overlaps(forcing, path)),
    });
  }

  /** Returns false if there are no parts to compare. */
  function compareParts(left: Shape | undefined, right: Shape | undefined, path: readonly Step[]): boolean {
    const kind = (left ?? right)?.kind;
    if (kind === 'json') {
      compare(
        left?.kind === 'json' ? left.value : undefined,
        right?.kind === 'json' ? right.value : undefined,
        path,
      );
      return true;
    }
    const pairs =
      kind === 'map'
        ? pairMembers(entriesOf(left), entriesOf(right))
        : pairItems(itemsOf(left), itemsOf(right));
    for (const { step, left, right } of pairs) compare(left, right, [...path, step]);
    return pairs.length > 0;
  }

  compare(before, after, []);
  return changes;
}

interface Pair {
  readonly step: Step;
  readonly left: Shape | undefined;
  readonly right: Shape | undefined;
}

function pairMembers(left: ReadonlyMap<string, Shape>, right: ReadonlyMap<string, Shape>): Pair[] {
  return [...new Set([...left.keys(), ...right.keys()])].map((key) => ({
    step: key,
    left: left.get(key),
    right: right.get(key),
  }));
}

function pairItems(left: readonly Shape[], right: readonly Shape[]): Pair[] {
  const [leftByName, rightByName] = [byName(left), byName(right)];
  if (leftByName !== undefined && rightByName !== undefined) return pairMembers(leftByName, rightByName);
  if ([...left, ...right].every(({ kind }) => kind === 'scalar')) return pairSequence(left, right);
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => ({
    step: index,
    left: left[index],
    right: right[index],
  }));
}

/** Pairs what was removed with what was added at the same place; everything else stayed. */
function pairSequence(left: readonly Shape[], right: readonly Shape[]): Pair[] {
  const pairs: Pair[] = [];
  let [leftIndex, rightIndex] = [0, 0];
  let removed: number[] = [];
  const flush = () => {
    for (const index of removed) pairs.push({ step: index, left: left[index], right: undefined });
    removed = [];
  };
  for (const part of diffArrays(left.map(printShape), right.map(printShape))) {
    if (part.removed) {
      flush();
      removed = part.value.map((_, offset) => leftIndex + offset);
      leftIndex += part.value.length;
    } else if (part.added) {
      for (const _ of part.value) {
        const replaced = removed.shift();
        pairs.push({
          step: rightIndex,
          left: replaced === undefined ? undefined : left[replaced],
          right: right[rightIndex],
        });
        rightIndex += 1;
      }
      flush();
    } else {
      flush();
      leftIndex += part.value.length;
      rightIndex += part.value.length;
    }
  }
  flush();
  return pairs;
}

/** The items by their `name`, if every one of them is an object with a name of its own. */
function byName(items: readonly Shape[]): ReadonlyMap<string, Shape> | undefined {
  const named = new Map<string, Shape>();
  for (const item of items) {
    const name = item.kind === 'map' ? item.entries.get('name') : undefined;
    if (name?.kind !== 'scalar' || typeof name.value !== 'string' || named.has(name.value)) return undefined;
    named.set(name.value, item);
  }
  return named;
}

function isContainer(shape: Shape | undefined): boolean {
  return shape?.kind === 'map' || shape?.kind === 'list' || shape?.kind === 'json';
}

function entriesOf(shape: Shape | undefined): ReadonlyMap<string, Shape> {
  return shape?.kind === 'map' ? shape.entries : new Map<string, Shape>();
}

function itemsOf(shape: Shape | undefined): readonly Shape[] {
  return shape?.kind === 'list' ? shape.items : [];
}

/** True if two shapes are certain to be equal. */
export function sameShape(left: Shape, right: Shape): boolean {
  if (left.kind === 'sensitive' && right.kind === 'sensitive') return left.id === right.id;
  // What is not known yet may turn out the same, but nobody can say so now.
  if (left.kind === 'unknown' || right.kind === 'unknown') return false;
  if (left.kind === 'json' && right.kind === 'json') return sameShape(left.value, right.value);
  if (left.kind === 'list' && right.kind === 'list') {
    return (
      left.items.length === right.items.length &&
      left.items.every((item, index) => sameShape(item, right.items[index] as Shape))
    );
  }
  if (left.kind === 'map' && right.kind === 'map') {
    return (
      left.entries.size === right.entries.size &&
      [...left.entries].every(([key, item]) => {
        const other = right.entries.get(key);
        return other !== undefined && sameShape(item, other);
      })
    );
  }
  return left.kind === 'scalar' && right.kind === 'scalar' && printShape(left) === printShape(right);
}

function show(shape: Shape | undefined): ShownValue {
  if (shape === undefined) return { kind: 'absent' };
  if (shape.kind === 'unknown' || shape.kind === 'sensitive') return { kind: shape.kind };
  if (shape.kind === 'scalar' && typeof shape.value === 'string' && /\n./s.test(shape.value)) {
    return { kind: 'text', text: shape.value };
  }
  return { kind: 'literal', text: printShape(shape) };
}

/** A shape in one line. */
function printShape(shape: Shape): string {
  switch (shape.kind) {
    case 'scalar':
      return writeJson(shape.value);
    case 'sensitive':
      return SENSITIVE;
    case 'unknown':
      return KNOWN_AFTER_APPLY;
    case 'list':
      return `[${shape.items.map(printShape).join(', ')}]`;
    case 'map':
      return `{${[...shape.entries].map(([key, item]) => `${JSON.stringify(key)}: ${printShape(item)}`).join(', ')}}`;
    case 'json':
      return printShape(shape.value);
  }
}

/** `a.b[0]["odd key"]`. */
export function printPath(path: readonly Step[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

function overlaps(forcing: readonly Json[], path: readonly Step[]): boolean {
  const common = Math.min(forcing.length, path.length);
  for (let index = 0; index < common; index += 1) if (forcing[index] !== path[index]) return false;
  return true;
}
