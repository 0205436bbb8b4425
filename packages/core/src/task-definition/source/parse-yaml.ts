import type { Alias, Document } from 'yaml';
import { isAlias, isMap, isNode, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { ObjectEntries, SourceNode } from './source-node.js';
import type { ReadResult, SyntaxFault } from './syntax.js';
import { MAX_DEPTH } from './syntax.js';

/** More values than any task definition has: what aliases of aliases of aliases would unfold to. */
const MAX_NODES = 50_000;

/** Reads one YAML 1.2 document. Anchors, aliases and merge keys are resolved; unknown tags are faults. */
export function parseYaml(text: string): ReadResult {
  const parsed = parseAllDocuments(text, { merge: true, prettyErrors: false });
  const documents: Document.Parsed[] = Array.isArray(parsed) ? parsed : [];
  const faults = documents
    .flatMap(({ errors, warnings }) => [...errors, ...warnings])
    .map(({ pos, message }) => ({ offset: pos[0], reason: message }));
  const [document, second] = documents;
  if (second !== undefined) {
    faults.push({ offset: second.range[0], reason: 'a second YAML document begins here' });
  }
  if (faults.length > 0 || document === undefined) return { root: undefined, faults };
  const reader = new YamlReader(document);
  return { root: reader.read(document.contents), faults: reader.faults };
}

class YamlReader {
  readonly faults: SyntaxFault[] = [];
  readonly #document: Document.Parsed;
  readonly #targets = new Map<Alias, unknown>();
  #count = 0;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  /** `parentOffset` is the place of a value that the text leaves out, as in `key:`. */
  read(node: unknown, parentOffset = 0, depth = 0): SourceNode {
    const offset = isNode(node) ? (node.range?.[0] ?? parentOffset) : parentOffset;
    this.#count += 1;
    if (depth > MAX_DEPTH || this.#count > MAX_NODES) {
      return this.#fault(offset, 'values are nested too deep, or aliases unfold to too many');
    }
    if (isAlias(node)) {
      const target = this.#resolve(node);
      if (target === undefined) return this.#fault(offset, `there is no anchor &${node.source}`);
      // The place of the alias is the telling one: that is where the value is used.
      return { ...this.read(target, offset, depth + 1), offset };
    }
    if (isSeq(node)) {
      return { kind: 'list', offset, items: node.items.map((item) => this.read(item, offset, depth + 1)) };
    }
    if (isMap(node)) return { kind: 'object', offset, entries: this.#entries(node.items, offset, depth) };
    return scalarNode(node, offset);
  }

  /** An alias is met as often as the aliases around it unfold; each look-up goes through the document. */
  #resolve(alias: Alias): unknown {
    if (!this.#targets.has(alias)) this.#targets.set(alias, alias.resolve(this.#document));
    return this.#targets.get(alias);
  }

  #entries(
    pairs: readonly { readonly key: unknown; readonly value: unknown }[],
    offset: number,
    depth: number,
  ): ObjectEntries {
    const own: ObjectEntries = new Map();
    const merged: ObjectEntries = new Map();
    for (const { key, value } of pairs) {
      const keyOffset = isNode(key) ? (key.range?.[0] ?? offset) : offset;
      const read = this.read(value, keyOffset, depth + 1);
      if (!isScalar(key)) this.#fault(keyOffset, 'a name must be a string');
      else if (key.type === 'PLAIN' && key.source === '<<') this.#merge(merged, read);
      else own.set(key.source ?? String(key.value), { keyOffset, value: read });
    }
    return new Map([...merged, ...own]);
  }

  /** What stands beside `<<` wins over what is merged, and an earlier source over a later one. */
  #merge(merged: ObjectEntries, node: SourceNode): void {
    for (const source of node.kind === 'list' ? node.items : [node]) {
      if (source.kind !== 'object') {
        this.#fault(source.offset, '<< takes a mapping or a list of mappings');
        continue;
      }
      for (const [name, entry] of source.entries) if (!merged.has(name)) merged.set(name, entry);
    }
  }

  #fault(offset: number, reason: string): SourceNode {
    this.faults.push({ offset, reason });
    return { kind: 'scalar', offset, value: null, literal: '' };
  }
}

function scalarNode(node: unknown, offset: number): SourceNode {
  const { value, source } = isScalar(node) ? node : { value: null, source: undefined };
  const known = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
  return { kind: 'scalar', offset, value: known ? value : null, literal: source ?? String(value) };
}
