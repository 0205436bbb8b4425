import { EcsActionsError } from '../errors.js';
import { readNumber } from '../exact-number.js';
import { isDeeper, isEmpty, isRecord } from './plain-data.js';
import { taskDefinitionShape } from './shape/members.js';
import type { ListShape, Shape } from './shape/shape.js';
import { memberShape, pairMember } from './shape/shape.js';
import { parseText } from './source/parse.js';
import { MAX_DEPTH } from './source/syntax.js';
import { asText } from '../write-json.js';

type Members = Readonly<Record<string, unknown>>;

/**
 * Merges `patch` into `document`, both plain data.
 *
 * - Objects are merged member by member; `null` removes a member.
 * - Lists whose items ECS tells apart are merged by what tells them apart: containers, environment
 *   variables, secrets, volumes and ulimits by name, ports by container port and protocol, mount points by
 *   container path, tags by key. Such a list can also be written as an object, where `null` removes an
 *   item: `environment: { LOG_LEVEL: debug, OLD: null }`; there a port goes by its number alone. Of a
 *   variable that stands twice, both are removed, or the last one changed: that is the one that counts.
 * - Any other list, such as a command, is replaced, and an empty list empties any.
 *
 * Throws `TASK_DEFINITION_UNREADABLE` if the patch is nested too deep.
 */
export function patchTaskDefinition<T>(document: T, patch: unknown): T {
  requireShallow(patch);
  return merge(document, patch, taskDefinitionShape) as T;
}

/** Throws `TASK_DEFINITION_UNREADABLE` for a patch that no stack would hold. */
export function requireShallow(patch: unknown): void {
  if (!isDeeper(patch, MAX_DEPTH)) return;
  throw new EcsActionsError(
    'TASK_DEFINITION_UNREADABLE',
    `The values of the patch are nested more than ${MAX_DEPTH} deep.`,
  );
}

/**
 * Reads a patch from JSON, JSON with comments or YAML; `file` names it in messages.
 * Rejects with `TASK_DEFINITION_UNREADABLE` and line and column.
 */
export async function parseTaskDefinitionPatch(text: string, file?: string): Promise<unknown> {
  return (await parseText(text, file)).value(taskDefinitionShape);
}

function merge(base: unknown, patch: unknown, shape: Shape | undefined): unknown {
  const changes = shape?.kind === 'list' ? itemChanges(patch, shape) : undefined;
  if (shape?.kind === 'list' && changes !== undefined) {
    const items: readonly unknown[] = Array.isArray(base) ? base : [];
    return changes.reduce<readonly unknown[]>((merged, change) => mergeItem(merged, change, shape), items);
  }
  return isRecord(patch) ? mergeMembers(isRecord(base) ? base : {}, patch, shape) : patch;
}

function mergeMembers(base: Members, patch: Members, shape: Shape | undefined): Members {
  const merged = new Map(Object.entries(base));
  for (const [name, value] of Object.entries(patch)) {
    const member = merge(merged.get(name), value, memberShape(shape, name));
    // Where there was nothing, what only removes leaves nothing.
    if (value === null || (isEmpty(member) && !isEmpty(value) && !merged.has(name))) merged.delete(name);
    else merged.set(name, member);
  }
  return Object.fromEntries(merged);
}

interface ItemChange {
  readonly item: unknown;
  readonly remove: boolean;
  /** True where it is written as a member, of which only the name tells what is meant. */
  readonly byName: boolean;
}

/** What a patch says about the items of a keyed list; `undefined` if it just replaces the list. */
function itemChanges(patch: unknown, shape: ListShape): readonly ItemChange[] | undefined {
  const [key] = shape.key ?? [];
  if (key === undefined) return undefined;
  const pair = pairMember(shape);
  // An empty list says that nothing is to be in it.
  if (Array.isArray(patch) && patch.length > 0) {
    // In a list of pairs, a name whose value is null is a name that goes.
    const clears = (item: unknown) => pair !== undefined && isRecord(item) && item[pair] === null;
    return patch.map((item) => ({ item, remove: clears(item), byName: false }));
  }
  if (!isRecord(patch)) return undefined;
  return Object.entries(patch).map(([name, value]) => {
    const identity = identityOf(name, shape);
    if (value === null) return { item: identity, remove: true, byName: true };
    if (isRecord(value)) return { item: { ...identity, ...value }, remove: false, byName: true };
    const item = pair === undefined ? value : { ...identity, [pair]: value };
    return { item, remove: false, byName: true };
  });
}

/** What the name of an item says about it: `80` is a container port, `90-95` a range of them. */
function identityOf(name: string, { item, key = [] }: ListShape): Members {
  const isNumber = /^\d+$/.test(name);
  const fits = (member: string) => isNumber || memberShape(item, member)?.kind !== 'integer';
  const member = key.find(fits) ?? '';
  return { [member]: memberShape(item, member)?.kind === 'integer' ? readNumber(name) : name };
}

function mergeItem(
  items: readonly unknown[],
  { item, remove, byName }: ItemChange,
  shape: ListShape,
): readonly unknown[] {
  if (remove) return items.filter((candidate) => !isNamed(candidate, item, shape));
  const same = indexOfSame(item, items, shape);
  // By its name a UDP port is found, too, if there is no TCP port of that number.
  const index = same < 0 && byName ? items.findIndex((other) => isNamed(other, item, shape)) : same;
  return index < 0
    ? [...items, merge(undefined, item, shape.item)]
    : items.with(index, merge(items[index], item, shape.item));
}

/** Of several values of one name the last one counts. */
function indexOfSame(wanted: unknown, items: readonly unknown[], shape: ListShape): number {
  const isSame = (item: unknown) => isSameItem(item, wanted, shape);
  return pairMember(shape) === undefined ? items.findIndex(isSame) : items.findLastIndex(isSame);
}

/** True if every key member of the two is the same. */
function isSameItem(item: unknown, wanted: unknown, shape: ListShape): boolean {
  return isNamed(item, wanted, shape) && isNamed(wanted, item, shape);
}

/** True if `wanted` names `item`: every key member that it gives is the item's. */
function isNamed(item: unknown, wanted: unknown, { key = [] }: ListShape): boolean {
  if (!isRecord(item) || !isRecord(wanted)) return false;
  const given = key.filter((name) => wanted[name] !== undefined);
  return given.length > 0 && given.every((name) => keyPart(item, name) === keyPart(wanted, name));
}

/** What an item has where it does not say it: a port is a TCP port, a device is where it is on the host. */
function keyDefault(item: Members, name: string): unknown {
  if (name === 'protocol') return 'tcp';
  return name === 'containerPath' ? item.hostPath : undefined;
}

/** Numbers written as text are the same port. */
function keyPart(item: Members, name: string): string {
  return asText(item[name] ?? keyDefault(item, name) ?? '');
}
