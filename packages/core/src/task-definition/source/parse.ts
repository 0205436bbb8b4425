import { EcsActionsError } from '../../errors.js';
import type { SourcePositions } from '../path.js';
import { parseJson } from './parse-json.js';
import { parseYaml } from './parse-yaml.js';
import type { SourceNode } from './source-node.js';
import { lineStarts, positionAt, positionsOf } from './source-node.js';
import type { ReadResult, SyntaxFault } from './syntax.js';

export interface ParsedText {
  readonly root: SourceNode;
  readonly positions: SourcePositions;
}

/** Mistakes after this many are usually echoes of the first ones. */
const MAX_REPORTED_FAULTS = 5;

/**
 * Parses JSON, JSON with comments or YAML; nothing is ever executed. The ending of `file` decides, and
 * without a telling one the text itself.
 *
 * Throws `TASK_DEFINITION_UNREADABLE` with the line and column of every mistake.
 */
export function parseText(text: string, file?: string): ParsedText {
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const { root, faults } = read(content, file);
  if (root === undefined || faults.length > 0) throw unreadable(content, file, faults);
  return { root, positions: positionsOf(root, content, file) };
}

function read(text: string, file: string | undefined): ReadResult {
  if (text.trim() === '')
    return { root: undefined, faults: [{ offset: 0, reason: 'there is nothing in it' }] };
  try {
    if (/\.ya?ml$/i.test(file ?? '')) return parseYaml(text);
    if (/\.jsonc?$/i.test(file ?? '')) return parseJson(text);
    return readUnnamed(text);
  } catch (error) {
    // What makes a parser give up altogether: values nested thousands of levels deep.
    const reason = error instanceof Error ? error.message : String(error);
    return { root: undefined, faults: [{ offset: 0, reason }] };
  }
}

/** What begins like JSON is JSON, or else YAML that looks like it: `{ cpu: 256 }`. */
function readUnnamed(text: string): ReadResult {
  if (!/^[{[]/.test(text.slice(startOf(text)))) return parseYaml(text);
  const json = parseJson(text);
  if (json.faults.length === 0) return json;
  const yaml = parseYaml(text);
  return yaml.faults.length === 0 ? yaml : json;
}

/** Where white space and comments end. */
function startOf(text: string): number {
  const skipped = /(?:\s+|\/\/[^\n]*|\/\*[^]*?\*\/)/y;
  let start = 0;
  while (skipped.test(text)) start = skipped.lastIndex;
  return start;
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
