import { readNumber } from '../../exact-number.js';
import type { DocumentPath, SourcePosition, SourcePositions } from '../path.js';
import type { Shape } from '../shape/shape.js';
import { entryShape } from '../shape/shape.js';

/** A parsed text, whatever its syntax: values with the place where each begins. */
export type SourceNode = ScalarNode | ListNode | ObjectNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly offset: number;
  readonly value: string | number | boolean | null;
  /** As written: `1.10` is the number 1.1, but as a string it must stay `1.10`. */
  readonly literal: string;
}

export interface ListNode {
  readonly kind: 'list';
  readonly offset: number;
  readonly items: readonly SourceNode[];
}

export interface ObjectNode {
  readonly kind: 'object';
  readonly offset: number;
  readonly entries: Readonly<ObjectEntries>;
}

export type ObjectEntries = Map<string, { readonly keyOffset: number; readonly value: SourceNode }>;

/**
 * The plain value of a node. A number or a truth value that stands where ECS takes a string becomes
 * the string that was written.
 */
export function nodeValue(node: SourceNode, shape: Shape | undefined): unknown {
  switch (node.kind) {
    case 'scalar':
      return scalarValue(node, shape?.kind === 'string');
    case 'list': {
      const item = shape?.kind === 'list' ? shape.item : undefined;
      return node.items.map((child) => nodeValue(child, item));
    }
    case 'object':
      return Object.fromEntries(
        [...node.entries].map(([name, { value }]) => [
          name,
          nodeValue(value, entryShape(shape, name, value.kind === 'object')),
        ]),
      );
  }
}

function scalarValue({ value, literal }: ScalarNode, asString: boolean): unknown {
  if (value === null || typeof value === 'string') return value;
  if (asString) return literal;
  if (typeof value !== 'number') return value;
  if (Number(literal) === value) return readNumber(literal);
  // YAML has .inf and .nan, which are nothing to JSON, and YAML 1.1 other ways to write a number: 1_000.
  return Number.isFinite(value) ? value : literal;
}

/** Where the values below `root` stand in `text`. A member is found at its name, an item at its value. */
export function positionsOf(root: () => SourceNode, text: string, file: string | undefined): SourcePositions {
  let lines: readonly number[] | undefined;
  return {
    file,
    locate: (path) => positionAt((lines ??= lineStarts(text)), offsetOf(root(), path)),
  };
}

/** The positions of the value at `prefix`, as if it were the root. */
export function positionsBelow(positions: SourcePositions, prefix: DocumentPath): SourcePositions {
  return { file: positions.file, locate: (path) => positions.locate([...prefix, ...path]) };
}

function offsetOf(root: SourceNode, path: DocumentPath): number {
  let node = root;
  let offset = root.offset;
  for (const step of path) {
    if (node.kind === 'object') {
      const entry = node.entries.get(String(step));
      if (entry === undefined) break;
      offset = entry.keyOffset;
      node = entry.value;
    } else {
      const item = node.kind === 'list' ? presentItems(node)[Number(step)] : undefined;
      if (item === undefined) break;
      offset = item.offset;
      node = item;
    }
  }
  return offset;
}

/** A document has no nulls: what was read counts its items without them. */
function presentItems({ items }: ListNode): readonly SourceNode[] {
  return items.filter((item) => item.kind !== 'scalar' || item.value !== null);
}

/** The offsets at which the lines of a text begin. */
export function lineStarts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((match) => match.index + match[0].length)];
}

/** The line and column of an offset, given {@link lineStarts}. */
export function positionAt(starts: readonly number[], offset: number): SourcePosition {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
