import type { Alias, CST, Document, ErrorCode } from 'yaml';
import { Composer, isAlias, isMap, isNode, isScalar, isSeq, Parser } from 'yaml';
import type { ObjectEntries, SourceNode } from './source-node.js';
import type { ReadResult, SyntaxFault } from './syntax.js';
import { MAX_DEPTH, NOTHING, TOO_DEEP } from './syntax.js';

/** More values than any task definition has: what aliases of aliases of aliases would unfold to. */
const MAX_NODES = 50_000;

const QUOTE = 'a value that is meant to begin with it is put in quotes';

/**
 * The parser's own words quote the text, and what stands there may be a password that somebody forgot to put in
 * quotes. These never do; the place tells the rest.
 */
const FAULTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  ALIAS_PROPS: 'an alias takes neither an anchor nor a tag',
  BAD_ALIAS: `* makes this an alias, and there is no anchor of that name; ${QUOTE}`,
  BAD_COLLECTION_TYPE: `! makes this a tag, which does not fit the value; ${QUOTE}`,
  BAD_DIRECTIVE: '% makes this a directive, and it is none that YAML knows',
  BAD_DQ_ESCAPE: 'a backslash in double quotes is followed by something that it does not escape',
  BAD_INDENT: 'the indentation does not fit what stands above it',
  BAD_PROP_ORDER: 'anchors and tags stand before the indicators of a block',
  BAD_SCALAR_START: `this character begins no plain value; ${QUOTE}`,
  BLOCK_AS_IMPLICIT_KEY:
    'a list or mapping begins on the line of another one; a value with ": " in it is put in quotes',
  BLOCK_IN_FLOW: 'a block cannot stand inside [] or {}',
  DUPLICATE_KEY: 'the same name stands twice in one mapping',
  KEY_OVER_1024_CHARS: 'a name has over 1024 characters',
  MISSING_CHAR:
    'something is missing here, such as a closing quote or bracket, a comma, or the space after a colon',
  MULTILINE_IMPLICIT_KEY: 'a name goes on over the end of its line',
  MULTIPLE_ANCHORS: 'a value takes one anchor',
  MULTIPLE_TAGS: 'a value takes one tag',
  NON_STRING_KEY: 'a name must be a string',
  TAB_AS_INDENT: 'tabs do not indent YAML: use spaces',
  TAG_RESOLVE_FAILED: `! makes this a tag, and it is none that is known; ${QUOTE}`,
  UNEXPECTED_TOKEN: `this does not belong here; a value that is meant to begin with an indicator such as | or > is put in quotes`,
};

/** What JSON has. The parser knows more, such as `!!binary` and `!!set`, of which nothing would be left. */
const PLAIN_TAG = /^(?:!|tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq|merge))$/;

/**
 * Reads one YAML 1.2 document. Anchors, aliases and merge keys are resolved; tags of what JSON does not have are
 * faults.
 */
export function parseYaml(text: string): ReadResult {
  const tokens = [...new Parser().parse(text)];
  const deep = tooDeepAt(tokens);
  if (deep !== undefined) return { root: undefined, faults: [{ offset: deep, reason: TOO_DEEP }] };
  const documents = [...new Composer({ merge: true, prettyErrors: false }).compose(tokens)];
  const faults = documents
    .flatMap(({ errors, warnings }) => [...errors, ...warnings])
    .map(({ pos, code }) => ({ offset: pos[0], reason: FAULTS[code] ?? 'this is not YAML' }));
  const [document, second] = documents;
  if (second !== undefined) {
    faults.push({ offset: second.range[0], reason: 'a second YAML document begins here' });
  }
  if (document === undefined) faults.push({ offset: 0, reason: NOTHING });
  if (faults.length > 0 || document === undefined) return { root: undefined, faults };
  const reader = new YamlReader(document);
  return { root: reader.read(document.contents), faults: reader.faults };
}

/**
 * Where values are nested too deep. The parser has a stack of its own, but what composes values from its
 * tokens uses the program's, whose end is the end of the process.
 */
function tooDeepAt(tokens: readonly CST.Token[]): number | undefined {
  let level: readonly CST.Token[] = tokens;
  // A document is a level, too.
  for (let depth = 0; depth <= MAX_DEPTH + 1; depth += 1) level = level.flatMap(tokensIn);
  return level[0]?.offset;
}

function tokensIn(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  const items = 'items' in token ? token.items : [];
  return items.flatMap(({ key, value }) =>
    [key, value].filter((part) => part !== undefined && part !== null),
  );
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
    if (isNode(node) && !isAlias(node) && !PLAIN_TAG.test(node.tag ?? '!')) {
      return this.#fault(offset, '! makes this a tag, and its values are none that JSON has');
    }
    if (isAlias(node)) {
      const target = this.#resolve(node);
      if (target === undefined) return this.#fault(offset, FAULTS.BAD_ALIAS ?? '');
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
      else {
        const name = key.source ?? String(key.value);
        // The parser tells `1` from `"1"`; JSON does not.
        if (own.has(name)) this.#fault(keyOffset, FAULTS.DUPLICATE_KEY ?? '');
        own.set(name, { keyOffset, value: read });
      }
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
  const literal = source ?? String(value);
  const isPlain = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
  // YAML 1.1 makes dates of some texts, which JSON does not have.
  return { kind: 'scalar', offset, value: isPlain || value === null ? value : literal, literal };
}
