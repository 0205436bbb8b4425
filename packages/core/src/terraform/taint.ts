import { ExactNumber } from '../exact-number.js';
import { writeJson } from '../write-json.js';
import { embeddedJson, isList, isObject, member, type Json } from './json.js';
import type { Plan, ValueChange } from './plan.js';
import { holdsEnvironment, secretMembers } from './secret-names.js';

/** What stands in for a value that must not be shown. */
export const SENSITIVE = '(sensitive value)';

/** A shorter text is too common to look for inside other values. */
const SHORTEST_TAINT = 4;
/** Words that are sensitive in one place and mean nothing in all the others. */
const EMPTY_WORDS = new Set(['true', 'false', 'null', 'none']);
/** What is sensitive by its name, or as a part of a sensitive document, is an ordinary word more often than not. */
const SHORTEST_GUESSED_TAINT = 8;

/**
 * Every text that a plan calls sensitive somewhere. Terraform loses the mark when a provider copies a value into a
 * computed attribute, and then prints it: only its content tells.
 */
export interface Taint {
  /** True if the text is a sensitive one as it stands. */
  readonly has: (text: string) => boolean;
  /** True if the text holds a sensitive one, as it is or encoded. */
  readonly covers: (text: string) => boolean;
  /** The text with every sensitive part of it replaced by {@link SENSITIVE}. */
  readonly clean: (text: string) => string;
}

/** Collects what is sensitive in a plan, in everything that it holds, and in `secrets` known from elsewhere. */
export function collectTaint(plan: Plan | undefined, secrets: readonly string[] = []): Taint {
  const found = new Set<string>();
  const add = (text: string, shortest = SHORTEST_TAINT) => {
    if (text.trim().length >= shortest && !EMPTY_WORDS.has(text.trim().toLowerCase())) found.add(text);
  };
  for (const secret of secrets) add(secret);
  if (plan !== undefined) {
    for (const leaf of markedLeaves(plan)) {
      add(leaf);
      const embedded = embeddedJson(leaf);
      if (embedded !== undefined) {
        for (const inner of leaves(embedded)) add(inner, SHORTEST_GUESSED_TAINT);
      }
    }
    for (const leaf of namedLeaves(plan)) add(leaf, SHORTEST_GUESSED_TAINT);
  }
  const index = indexByStart([...found].flatMap(encodings));
  const covers = (text: string) => positionOfAny(index, text) !== undefined;
  return {
    has: (text) => found.has(text),
    covers,
    clean: (text) => (covers(text) ? replaceAny(index, text) : text),
  };
}

/**
 * Needles by their first characters, then by length, longest first: a plan may hold thousands of them, many with the
 * same beginning, and asks about each of its values.
 */
type Index = ReadonlyMap<string, ReadonlyMap<number, ReadonlySet<string>>>;

function indexByStart(needles: readonly string[]): Index {
  const index = new Map<string, Map<number, Set<string>>>();
  for (const needle of needles.toSorted((a, b) => b.length - a.length)) {
    const start = needle.slice(0, SHORTEST_TAINT);
    const lengths = index.get(start) ?? new Map<number, Set<string>>();
    index.set(start, lengths.set(needle.length, (lengths.get(needle.length) ?? new Set()).add(needle)));
  }
  return index;
}

/** The first place from `from` on where one of the needles stands. */
function positionOfAny(
  index: Index,
  text: string,
  from = 0,
): { readonly at: number; readonly length: number } | undefined {
  for (let at = from; at <= text.length - SHORTEST_TAINT; at += 1) {
    for (const [length, needles] of index.get(text.slice(at, at + SHORTEST_TAINT)) ?? []) {
      if (needles.has(text.slice(at, at + length))) return { at, length };
    }
  }
  return undefined;
}

function replaceAny(index: Index, text: string): string {
  let cleaned = '';
  let from = 0;
  for (let hit = positionOfAny(index, text); hit !== undefined; hit = positionOfAny(index, text, from)) {
    cleaned += `${text.slice(from, hit.at)}${SENSITIVE}`;
    from = hit.at + hit.length;
  }
  return cleaned + text.slice(from);
}

/** A text as it may stand inside another one. */
function encodings(text: string): string[] {
  const bytes = Buffer.from(text);
  // Through bytes: half a surrogate pair has no URL form.
  const url = encodeURIComponent(bytes.toString());
  const form = url.replace(/[!'()*]/g, percent).replaceAll('%20', '+');
  const json = JSON.stringify(text).slice(1, -1);
  const htmlSafeJson = json.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026');
  return [text, json, htmlSafeJson, url, form, ...base64Forms(bytes)].filter(
    (encoded) => encoded.length >= SHORTEST_TAINT,
  );
}

/** Part of a Base64 text that belongs to this one alone, wherever in the encoded bytes it stands. */
function base64Forms(bytes: Buffer): string[] {
  const whole = bytes.toString('base64').replace(/=+$/, '');
  if (bytes.length < SHORTEST_GUESSED_TAINT) return [whole];
  const shifted = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(Math.ceil((offset * 8) / 6), end);
  });
  return [whole, ...shifted];
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function markedLeaves(plan: Plan): string[] {
  const { source } = plan;
  const planned = member(source, 'planned_values');
  const prior = member(member(source, 'prior_state'), 'values');
  const configuration = member(member(source, 'configuration'), 'root_module');
  return [
    // A mark on either side is about both: the value may have become sensitive, or have ceased to be.
    ...changesOf(plan).flatMap(({ before, beforeSensitive, after, afterSensitive }) =>
      [before, after].flatMap((value) => [
        ...marked(value, beforeSensitive),
        ...marked(value, afterSensitive),
      ]),
    ),
    ...[planned, prior].flatMap((values) => [
      ...markedOutputs(values, 'value'),
      ...markedInModule(member(values, 'root_module')),
    ]),
    ...sensitiveVariables(source, configuration),
    ...markedInConfiguration(configuration),
  ];
}

function changesOf(plan: Plan): ValueChange[] {
  const resources = [...plan.resources, ...plan.drift, ...plan.deferred.map(({ resource }) => resource)];
  return [...resources, ...plan.outputs].map(({ change }) => change);
}

/** What nothing but a name gives away, wherever it stands. */
function namedLeaves(plan: Plan): string[] {
  return changesOf(plan).flatMap(({ before, after }) => [...named(before), ...named(after)]);
}

function named(value: Json, isEnvironment = false): string[] {
  if (typeof value === 'string') {
    const embedded = embeddedJson(value);
    return embedded === undefined ? [] : named(embedded);
  }
  if (isList(value)) return value.flatMap((item) => named(item));
  if (!isObject(value)) return [];
  const secret = secretMembers(value, isEnvironment);
  return Object.entries(value).flatMap(([key, item]) =>
    secret.has(key) ? leaves(item) : named(item, holdsEnvironment(key)),
  );
}

/** The leaves of `value` that `marks` covers. */
function marked(value: Json | undefined, marks: Json | undefined): string[] {
  if (value === undefined || marks === undefined) return [];
  if (marks === true) return leaves(value);
  if (isList(value) && isList(marks)) return value.flatMap((item, index) => marked(item, marks[index]));
  if (isObject(value) && isObject(marks)) {
    return Object.entries(value).flatMap(([key, item]) => marked(item, member(marks, key)));
  }
  return [];
}

function markedInModule(module: Json | undefined): string[] {
  const resources = member(module, 'resources');
  const children = member(module, 'child_modules');
  return [
    ...(isList(resources) ? resources : []).flatMap((resource) =>
      marked(member(resource, 'values'), member(resource, 'sensitive_values')),
    ),
    ...(isList(children) ? children : []).flatMap(markedInModule),
  ];
}

function markedOutputs(holder: Json | undefined, key: string): string[] {
  const outputs = member(holder, 'outputs');
  return Object.values(isObject(outputs) ? outputs : {}).flatMap((output) =>
    marked(member(output, key), member(output, 'sensitive')),
  );
}

function sensitiveVariables(source: Json, configuration: Json | undefined): string[] {
  const declared = member(configuration, 'variables');
  return Object.entries(isObject(declared) ? declared : {}).flatMap(([name, variable]) =>
    marked(member(member(member(source, 'variables'), name), 'value'), member(variable, 'sensitive')),
  );
}

/** Defaults of sensitive variables and constants of sensitive outputs, in every module. */
function markedInConfiguration(module: Json | undefined): string[] {
  const variables = member(module, 'variables');
  const outputs = member(module, 'outputs');
  const calls = member(module, 'module_calls');
  return [
    ...Object.values(isObject(variables) ? variables : {}).flatMap((variable) =>
      marked(member(variable, 'default'), member(variable, 'sensitive')),
    ),
    ...Object.values(isObject(outputs) ? outputs : {}).flatMap((output) =>
      marked(member(member(output, 'expression'), 'constant_value'), member(output, 'sensitive')),
    ),
    ...Object.values(isObject(calls) ? calls : {}).flatMap((call) =>
      markedInConfiguration(member(call, 'module')),
    ),
  ];
}

function leaves(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || value instanceof ExactNumber) return [writeJson(value)];
  if (isList(value)) return value.flatMap(leaves);
  if (isObject(value)) return Object.values(value).flatMap(leaves);
  return [];
}
