import { EcsActionsError } from '../errors.js';
import type { TaskDefinitionDocument } from './document.js';
import { ExactNumber, readNumber } from '../exact-number.js';
import { isRecord, setMember } from './plain-data.js';
import { RESPONSE_ONLY_MEMBERS, taskDefinitionShape } from './shape/members.js';
import type { Shape } from './shape/shape.js';
import { entryShape } from './shape/shape.js';
import { MAX_DEPTH } from './source/syntax.js';

/** A document in the shape of a registration. */
export interface NormalisedTaskDefinition {
  readonly document: TaskDefinitionDocument;
  /** The members of other use than registration that were taken off, e.g. `revision` and `x-common`. */
  readonly removed: readonly string[];
}

/**
 * Brings what a file, `DescribeTaskDefinition` or a program gave into the shape of a registration:
 * takes off a `{"taskDefinition": …, "tags": …}` wrapper, the nine response-only members, and those that
 * are for readers of the file alone ({@link isExtensionMember}); leaves out nulls, as the SDK would; turns a number or truth value that stands where ECS takes a string into
 * that string; puts members into the order of the API and those it does not know, and free names such
 * as labels, into alphabetical order after them. Deliberate empties (`""`, `[]`, `{}`) and unknown
 * members stay. Normalising twice is normalising once.
 *
 * Throws `TASK_DEFINITION_UNREADABLE` if `value` is not an object, is nested too deep, or holds what JSON does not have,
 * such as `NaN`, a function, or a date that is none.
 */
export function normaliseTaskDefinition(value: unknown): NormalisedTaskDefinition {
  const members = unwrap(value);
  if (!isRecord(members)) {
    throw new EcsActionsError(
      'TASK_DEFINITION_UNREADABLE',
      `A task definition is an object with members such as family and containerDefinitions, not ${kindOf(members)}.`,
      { hint: 'Pass the task definition itself, as register-task-definition takes it.' },
    );
  }
  const removed = [
    ...RESPONSE_ONLY_MEMBERS.filter((name) => Object.hasOwn(members, name)),
    ...Object.keys(members).filter(isExtensionMember),
  ];
  const kept = Object.fromEntries(Object.entries(members).filter(([name]) => !removed.includes(name)));
  return { document: conform(kept, taskDefinitionShape) as TaskDefinitionDocument, removed };
}

/**
 * True for a member of the whole that is for editors and readers of a file: `$schema`, and `x-…`, which holds
 * YAML anchors as in a Compose file. No member of the API has such a name.
 */
export function isExtensionMember(name: string): boolean {
  return name === '$schema' || name.startsWith('x-');
}

/**
 * True for what `aws ecs describe-task-definition` prints, as opposed to a task definition itself. Nulls count for
 * nothing, here as everywhere.
 */
export function isWrapped(members: Readonly<Record<string, unknown>>): boolean {
  const { taskDefinition, family, containerDefinitions } = members;
  return isRecord(taskDefinition) && !isPresent(family) && !isPresent(containerDefinitions);
}

/** Whatever stays is no wrapper, so that it is not taken for one the next time. */
function unwrap(value: unknown): unknown {
  let inner = value;
  for (let depth = 0; isRecord(inner) && isWrapped(inner) && depth <= MAX_DEPTH; depth += 1) {
    const { taskDefinition, tags } = inner;
    const members = taskDefinition as Record<string, unknown>;
    inner = !isPresent(tags) || isPresent(members.tags) ? members : { ...members, tags };
  }
  return inner;
}

/**
 * A part of a document in the form that {@link normaliseTaskDefinition} gives to the whole. `depth` is
 * how deep it lies.
 */
export function conform(value: unknown, shape: Shape | undefined, depth = 0): unknown {
  if (depth > MAX_DEPTH) {
    throw new EcsActionsError(
      'TASK_DEFINITION_UNREADABLE',
      `The values of the task definition are nested more than ${MAX_DEPTH} deep.`,
    );
  }
  if (Array.isArray(value)) return conformList(value, shape?.kind === 'list' ? shape.item : undefined, depth);
  if (value instanceof Date) return dateText(value);
  if (isRecord(value)) return conformMembers(value, shape, depth);
  if (typeof value === 'bigint') return conform(readNumber(String(value)), shape, depth);
  if (!isJsonScalar(value)) throw unfit(typeof value === 'number' ? String(value) : `a ${typeof value}`);
  const isScalar = typeof value === 'number' || typeof value === 'boolean' || value instanceof ExactNumber;
  return isScalar && shape?.kind === 'string' ? String(value) : value;
}

function dateText(date: Date): string {
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw unfit('a date that is none');
}

function isJsonScalar(value: unknown): boolean {
  return typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value !== 'symbol' && typeof value !== 'function';
}

/** What a program may put into a document, and no file. */
function unfit(what: string): EcsActionsError {
  return new EcsActionsError(
    'TASK_DEFINITION_UNREADABLE',
    `The task definition holds ${what}, which JSON does not have.`,
    { hint: 'Pass plain data: objects, lists, strings, numbers, true, false and null.' },
  );
}

function conformList(list: readonly unknown[], item: Shape | undefined, depth: number): unknown[] {
  const items: unknown[] = [];
  for (const value of list) if (isPresent(value)) items.push(conform(value, item, depth + 1));
  return items;
}

function conformMembers(value: Record<string, unknown>, shape: Shape | undefined, depth: number): unknown {
  const members: Record<string, unknown> = {};
  for (const name of orderedNames(value, shape)) {
    const member = value[name];
    if (isPresent(member))
      setMember(members, name, conform(member, entryShape(shape, name, isRecord(member)), depth + 1));
  }
  return members;
}

/** Members that the API knows in its order, all others after them by name. */
function orderedNames(value: Record<string, unknown>, shape: Shape | undefined): readonly string[] {
  const names = Object.keys(value);
  if (shape?.kind !== 'struct') return names.sort();
  const known = Object.keys(shape.members).filter((name) => Object.hasOwn(value, name));
  if (known.length === names.length) return known;
  return [...known, ...names.filter((name) => !Object.hasOwn(shape.members, name)).sort()];
}

function isPresent(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'this' : `a ${typeof value}`;
}
