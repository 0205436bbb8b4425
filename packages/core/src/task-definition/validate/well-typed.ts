import { ExactNumber } from '../../exact-number.js';
import type { Cover } from '../cover.js';
import { isExtensionMember } from '../normalise.js';
import { isRecord } from '../plain-data.js';
import type { DocumentPath } from '../path.js';
import { taskDefinitionShape } from '../shape/members.js';
import type { Shape, StringShape, StructShape } from '../shape/shape.js';
import { memberShape } from '../shape/shape.js';
import { nearestMember } from '../short-forms.js';
import { nearestName, plainName } from '../suggest.js';
import type { Fault, Rule } from './rule.js';

export interface TypeFault extends Fault {
  readonly rule: TypeRuleId;
  /** The place that a slip left empty: nothing more needs saying about it. */
  readonly meant?: DocumentPath;
}

export type TypeRuleId = (typeof typeRules)[number]['id'];

/** What {@link wellTyped} and {@link extensionFaults} report. */
export const typeRules = [
  { id: 'wrong-type', severity: 'error', summary: 'Every member has the type that ECS takes.' },
  { id: 'missing-member', severity: 'error', summary: 'Every member that ECS insists on is there.' },
  {
    id: 'unknown-member',
    severity: 'error',
    summary: 'No member is nearly, but not quite, one that ECS knows.',
  },
  {
    id: 'extension-member',
    severity: 'notice',
    summary: 'No member is $schema or begins with x-: those stay in the file.',
  },
  { id: 'newer-member', severity: 'warning', summary: 'Every member is one that this release knows.' },
  {
    id: 'unknown-value',
    severity: 'error',
    summary: 'Where ECS knows a fixed set of values, the value is one of them.',
  },
  {
    id: 'newer-value',
    severity: 'warning',
    summary: 'Where AWS keeps adding values, the value is one that this release knows.',
  },
] as const satisfies readonly Omit<Rule, 'check'>[];

export interface WellTyped {
  /**
   * The document with every member of a wrong type left out, and every item of a wrong type replaced by
   * an empty one, so that the places of the others stay the same.
   */
  readonly value: unknown;
  readonly faults: readonly TypeFault[];
}

/** What there is to say of the members that were taken off before. */
export function extensionFaults(removed: readonly string[]): TypeFault[] {
  return [...new Set(removed)].filter(isExtensionMember).map((name) => ({
    rule: 'extension-member',
    path: [name],
    reason: `"${name}" is no member of a task definition and is left out of what goes to ECS.`,
    fix: 'Nothing needs doing: it may stay in the file.',
  }));
}

/**
 * Holds a document to the API's own model: names, types, required members and known values. `cover` covers the secrets
 * in what is cut short: afterwards they could not be told any more.
 */
export function wellTyped(document: unknown, cover: Cover, shape: Shape = taskDefinitionShape): WellTyped {
  const faults: TypeFault[] = [];
  return { value: new TypeCheck(faults, cover).value(document, shape, []), faults };
}

/** Where a value cannot be understood, what other rules make of its absence is an echo. */
export function explainedPaths({ rule, path, meant }: TypeFault): readonly DocumentPath[] {
  if (rule === 'wrong-type' || rule === 'unknown-value') return [path];
  return meant === undefined ? [] : [meant];
}

const DROPPED = Symbol('of a wrong type');

const EMPTY_ITEM: Readonly<Record<Shape['kind'], unknown>> = {
  string: '',
  integer: 0,
  number: 0,
  boolean: false,
  list: [],
  map: {},
  struct: {},
  any: {},
};

class TypeCheck {
  readonly #faults: TypeFault[];
  /** The places that slips left empty. */
  readonly #meant = new Set<string>();

  readonly #cover: Cover;

  constructor(faults: TypeFault[], cover: Cover) {
    this.#faults = faults;
    this.#cover = cover;
  }

  value(value: unknown, shape: Shape, path: DocumentPath): unknown {
    switch (shape.kind) {
      case 'struct':
        return isRecord(value) ? this.#struct(value, shape, path) : this.#wrong(value, 'an object', path);
      case 'map':
        return isRecord(value) ? this.#map(value, path) : this.#wrong(value, 'an object of strings', path);
      case 'list':
        return Array.isArray(value)
          ? value.map((item, index) => this.#item(item, shape.item, [...path, index]))
          : this.#wrong(value, 'a list', path);
      case 'string':
        return typeof value === 'string'
          ? this.#known(value, shape, path)
          : this.#wrong(value, 'a string', path);
      case 'integer':
        return isInt32(value) ? value : this.#wrong(value, 'a whole number', path);
      case 'number':
        return isNumber(value) ? value : this.#wrong(value, 'a number', path);
      case 'any':
        return value;
      case 'boolean':
        return typeof value === 'boolean' ? value : this.#wrong(value, 'true or false', path);
    }
  }

  #item(value: unknown, shape: Shape, path: DocumentPath): unknown {
    const checked = this.value(value, shape, path);
    return checked === DROPPED ? EMPTY_ITEM[shape.kind] : checked;
  }

  #struct(value: Readonly<Record<string, unknown>>, shape: StructShape, path: DocumentPath): unknown {
    const members: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      if (value[name] === undefined) continue;
      const known = memberShape(shape, name);
      if (known === undefined) this.#unknownMember(name, value, shape, path);
      else {
        const member = this.value(value[name], known, [...path, name]);
        if (member !== DROPPED) members[name] = member;
      }
    }
    for (const name of shape.required) {
      const isMeant = this.#meant.has(JSON.stringify([...path, name]));
      if (value[name] === undefined && !isMeant) this.#missing(name, path);
    }
    return members;
  }

  #map(value: Readonly<Record<string, unknown>>, path: DocumentPath): unknown {
    return Object.fromEntries(
      Object.entries(value).filter(
        ([name, member]) =>
          typeof member === 'string' || this.#wrong(member, 'a string', [...path, name]) !== DROPPED,
      ),
    );
  }

  #known(value: string, { values, growing }: StringShape, path: DocumentPath): string {
    if (values === undefined || values.includes(value)) return value;
    const nearest = nearestName(value, values);
    // The beginning of several is a slip, too, such as WINDOWS; which of them is meant, only its writer knows.
    const begun = values.filter((known) => plainName(known).startsWith(plainName(value)));
    const isNew = growing === true && nearest === undefined && begun.length === 0;
    this.#faults.push({
      rule: isNew ? 'newer-value' : 'unknown-value',
      path,
      reason: `"${this.#cover(value).slice(0, 60)}" is none of the values that ${isNew ? 'this release' : 'ECS'} knows here.`,
      fix:
        nearest !== undefined
          ? `Did you mean "${nearest}"?`
          : `${isNew ? 'It is sent to ECS as it is. If it is a slip, write' : 'Write'} one of ${(begun.length > 0 ? begun : values).join(', ')}.`,
    });
    return value;
  }

  #wrong(value: unknown, wanted: string, path: DocumentPath): typeof DROPPED {
    this.#faults.push({
      rule: 'wrong-type',
      path,
      reason: `${path.length === 0 ? 'The task definition' : `"${String(path.at(-1))}"`} is ${kindOf(value)}, where ECS takes ${wanted}.`,
      fix: unquoted(value, wanted) ?? `Write ${wanted}.`,
    });
    return DROPPED;
  }

  #unknownMember(
    name: string,
    siblings: Readonly<Record<string, unknown>>,
    shape: StructShape,
    path: DocumentPath,
  ): void {
    const nearest = nearestMember(name, Object.keys(shape.members));
    if (nearest === undefined) {
      this.#faults.push({
        rule: 'newer-member',
        path: [...path, name],
        reason: `"${name}" is no member that this release knows.`,
        fix: 'It is sent to ECS as it is. If it is a slip, correct or remove it.',
      });
      return;
    }
    const meant = siblings[nearest] === undefined ? [...path, nearest] : undefined;
    if (meant !== undefined) this.#meant.add(JSON.stringify(meant));
    this.#faults.push({
      rule: 'unknown-member',
      path: [...path, name],
      reason: `ECS knows no member "${name}" here.`,
      fix: `Did you mean "${nearest}"?${name === 'valueFrom' ? ' What refers to a secret stands in "secrets".' : ''}`,
      ...(meant !== undefined && { meant }),
    });
  }

  #missing(name: string, path: DocumentPath): void {
    this.#faults.push({
      rule: 'missing-member',
      path: [...path, name],
      reason: `"${name}" is required and missing.`,
      fix: `Add "${name}".`,
    });
  }
}

/** Source: the API model, in which every number of a task definition is an `Integer`. */
function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= -(2 ** 31) && (value as number) < 2 ** 31;
}

function isNumber(value: unknown): boolean {
  return value instanceof ExactNumber || (typeof value === 'number' && Number.isFinite(value));
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'a fraction';
  if (value instanceof ExactNumber || (typeof value === 'number' && !isInt32(value)))
    return 'a number of too many digits';
  return { object: 'an object', string: 'a string', number: 'a number', boolean: 'true or false' }[
    typeof value as 'object' | 'string' | 'number' | 'boolean'
  ];
}

/** ECS refuses a number in quotes (`STRING_VALUE cannot be converted to Integer`). */
function unquoted(value: unknown, wanted: string): string | undefined {
  if (typeof value !== 'string') return undefined;
  const fits = {
    'a whole number': /^-?\d{1,10}$/,
    'a number': /^-?\d{1,10}(\.\d{1,10})?$/,
    'true or false': /^(true|false)$/,
  }[wanted];
  return fits?.test(value) ? `Write ${value} without quotes.` : undefined;
}
