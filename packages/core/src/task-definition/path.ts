/** Where a value stands in a document: member names and list indices from the root. */
export type DocumentPath = readonly (string | number)[];

/** A place in a text. Both count from 1. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** Where the values of a loaded document stand in the text they were read from. */
export interface SourcePositions {
  /** The file as it was named by whoever asked for it. */
  readonly file: string | undefined;
  /** The place of the value at `path`, or else of its nearest ancestor that the text has. */
  locate(path: DocumentPath): SourcePosition;
}

/**
 * A path as a JSON path (RFC 9535), e.g. `$.containerDefinitions[0].image`; a member whose name is no
 * plain identifier is quoted: `$.containerDefinitions[0].dockerLabels['com.example/team']`.
 */
export function formatPath(path: DocumentPath): string {
  return path.reduce<string>((text, step) => text + formatStep(step), '$');
}

function formatStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  if (/^[A-Za-z_]\w*$/.test(step)) return `.${step}`;
  return `['${step.replace(/[\\']/g, '\\$&').replace(/\p{Cc}/gu, escapeControl)}']`;
}

/** A control character in a name must not break the line that a path is printed on. */
function escapeControl(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The value at `path`, or `undefined` if there is none. */
export function valueAt(root: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    return (value as Record<string | number, unknown>)[step];
  }, root);
}
