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
 * Parses JSON, JSON with comments or YAML; nothing is ever executed. The ending of `file` decides,
 * and without a telling one a text that begins with `{` or `[` is JSON.
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
    return isJson(text, file) ? parseJson(text) : parseYaml(text);
  } catch (error) {
    // What makes a parser give up altogether: values nested thousands of levels deep.
    const reason = error instanceof Error ? error.message : String(error);
    return { root: undefined, faults: [{ offset: 0, reason }] };
  }
}

function isJson(text: string, file: string | undefined): boolean {
  if (file !== undefined && /\.ya?ml$/i.test(file)) return false;
  if (file !== undefined && /\.jsonc?$/i.test(file)) return true;
  return /^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*[{[]/.test(text);
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
