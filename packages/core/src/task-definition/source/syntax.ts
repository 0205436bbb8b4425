import type { SourceNode } from './source-node.js';

/** A mistake in the syntax of a text. */
export interface SyntaxFault {
  readonly offset: number;
  readonly reason: string;
}

export interface ReadResult {
  /** Absent where the text could not be read to its end. */
  readonly root: SourceNode | undefined;
  readonly faults: readonly SyntaxFault[];
}

/** Values nested deeper than this are no task definition, and would exhaust the stack further on. */
export const MAX_DEPTH = 64;

/** What to say about such. */
export const TOO_DEEP = `values are nested more than ${MAX_DEPTH} deep`;

/** What to say about a text without a value. */
export const NOTHING = 'there is nothing in it';
