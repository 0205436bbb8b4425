import type { Node, ParseError } from 'jsonc-parser';
import { parseTree, printParseErrorCode } from 'jsonc-parser';
import { redactText } from '../secrets.js';
import type { ObjectEntries, SourceNode } from './source-node.js';
import type { ReadResult, SyntaxFault } from './syntax.js';
import { MAX_DEPTH, TOO_DEEP } from './syntax.js';

/** Reads JSON with comments and trailing commas. A name given twice is a fault: one value would be lost. */
export function parseJson(text: string): ReadResult {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const faults = errors.map(({ error, offset }) => ({
    offset,
    reason: inWords(printParseErrorCode(error)),
  }));
  if (tree === undefined || faults.length > 0) return { root: undefined, faults };
  const reader = new JsonReader(text);
  return { root: reader.read(tree), faults: reader.faults };
}

/** `CommaExpected` → `comma expected`. */
function inWords(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

class JsonReader {
  readonly faults: SyntaxFault[] = [];
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  read({ type, offset, length, value, children = [] }: Node, depth = 0): SourceNode {
    if (depth > MAX_DEPTH) {
      this.faults.push({ offset, reason: TOO_DEEP });
      return { kind: 'list', offset, items: [] };
    }
    if (type === 'array') {
      return { kind: 'list', offset, items: children.map((child) => this.read(child, depth + 1)) };
    }
    if (type === 'object') return { kind: 'object', offset, entries: this.#entries(children, depth) };
    return { kind: 'scalar', offset, value, literal: this.#text.slice(offset, offset + length) };
  }

  #entries(properties: readonly Node[], depth: number): ObjectEntries {
    const entries: ObjectEntries = new Map();
    for (const property of properties) {
      const [key, value] = property.children ?? [];
      if (key === undefined || value === undefined) continue;
      if (entries.has(key.value)) {
        this.faults.push({
          offset: key.offset,
          reason: `"${redactText(key.value)}" is given twice in one object`,
        });
      }
      entries.set(key.value, { keyOffset: key.offset, value: this.read(value, depth + 1) });
    }
    return entries;
  }
}
