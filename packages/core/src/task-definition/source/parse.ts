import { EcsActionsError } from '../../errors.js';
import type { SourcePositions } from '../path.js';
import type { Shape } from '../shape/shape.js';
import { parseJson } from './parse-json.js';
import { readStrictJson } from './strict-json.js';
import type { SourceNode } from './source-node.js';
import { lineStarts, nodeValue, positionAt, positionsOf } from './source-node.js';
import type { ReadResult, SyntaxFault } from './syntax.js';
import { NOTHING, TOO_DEEP } from './syntax.js';

export interface ParsedText {
  /** Its plain value. What stands where `shape` has a string becomes the string that was written. */
  value(shape: Shape): unknown;
  readonly positions: SourcePositions;
}

/** Mistakes after this many are usually echoes of the first ones. */
const MAX_REPORTED_FAULTS = 5;

/**
 * Parses JSON, JSON with comments or YAML; nothing is ever executed. The ending of `file` decides, and
 * without a telling one the text itself.
 *
 * Rejects with `TASK_DEFINITION_UNREADABLE` and the line and column of every mistake.
 */
export async function parseText(text: string, file?: string): Promise<ParsedText> {
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const strict = /\.ya?ml$/i.test(file ?? '') ? undefined : readStrictJson(content);
  if (strict !== undefined) {
    // Where values stand is asked only if something is wrong with them.
    const tree = once(() => parseJson(content).root as SourceNode);
    return {
      value: (shape) => strict.value(shape) ?? nodeValue(tree(), shape),
      positions: positionsOf(tree, content, file),
    };
  }
  const { root, faults } = await read(content, file);
  if (root === undefined || faults.length > 0) throw unreadable(content, file, faults);
  return { value: (shape) => nodeValue(root, shape), positions: positionsOf(() => root, content, file) };
}

async function read(text: string, file: string | undefined): Promise<ReadResult> {
  if (text.trim() === '') return { root: undefined, faults: [{ offset: 0, reason: NOTHING }] };
  try {
    if (/\.ya?ml$/i.test(file ?? '')) return await readYaml(text);
    if (/\.jsonc?$/i.test(file ?? '')) return parseJson(text);
    return await readUnnamed(text);
  } catch (error) {
    // The end of the stack is a RangeError. Whatever a parser says may quote the text, so none of it is said.
    const reason = error instanceof RangeError ? TOO_DEEP : 'this is more than the parser can make sense of';
    return { root: undefined, faults: [{ offset: 0, reason }] };
  }
}

/** What begins like JSON is JSON, or else YAML that looks like it: `{ cpu: 256 }`. */
async function readUnnamed(text: string): Promise<ReadResult> {
  if (!/^[{[]/.test(text.slice(startOf(text)))) return readYaml(text);
  const json = parseJson(text);
  if (json.faults.length === 0) return json;
  const yaml = await readYaml(text);
  return yaml.faults.length === 0 ? yaml : json;
}

/** Most task definitions are JSON, and the YAML parser takes longer to load than all that reads them. */
async function readYaml(text: string): Promise<ReadResult> {
  const { parseYaml } = await import(/* webpackMode: "eager" */ './parse-yaml.js');
  return parseYaml(text);
}

/** Where white space and comments end. */
function startOf(text: string): number {
  const skipped = /(?:\s+|\/\/[^\n]*|\/\*[^]*?\*\/)/y;
  let start = 0;
  while (skipped.test(text)) start = skipped.lastIndex;
  return start;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function unreadable(text: string, file: string | undefined, faults: readonly SyntaxFault[]): EcsActionsError {
  const starts = lineStarts(text);
  const places = faults.slice(0, MAX_REPORTED_FAULTS).map(({ offset, reason }) => {
    const { line, column } = positionAt(starts, offset);
    return `${file === undefined ? '' : `${file}:`}${line}:${column}: ${reason}`;
  });
  const more = faults.length - places.length;
  return new EcsActionsError(
    'TASK_DEFINITION_UNREADABLE',
    `${file ?? 'The task definition'} cannot be read: ${places.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    {
      hint: 'A task definition is JSON (comments and trailing commas are fine) or YAML. Correct the places named.',
    },
  );
}
