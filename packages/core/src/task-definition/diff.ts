import { comparableTaskDefinition, CONTAINER_DEFAULTS, itemKey } from './comparable.js';
import type { Cover } from './cover.js';
import type { TaskDefinitionDocument } from './document.js';
import { isRecord, isSameData } from './plain-data.js';
import { conform } from './normalise.js';
import type { CoveringName } from './redact.js';
import { coveringName, freeName, redactValue, shownShape, shownStep } from './redact.js';
import { coverDocuments } from './secrets-in.js';
import { redactText } from './secrets.js';
import { containerDefinitionShape, taskDefinitionShape } from './shape/members.js';
import type { ListShape, Shape } from './shape/shape.js';
import { memberShape, pairMember } from './shape/shape.js';
import { asText } from '../write-json.js';

/** One difference between two task definitions, ready to be shown: secrets are redacted. */
export interface TaskDefinitionChange {
  readonly kind: 'added' | 'removed' | 'changed';
  /**
   * Where, in words that survive a new order of lists: member names, and in brackets what tells an item
   * apart, e.g. `containerDefinitions[web].environment[LOG_LEVEL]`.
   */
  readonly path: string;
  /** Absent for what was added. */
  readonly before?: unknown;
  /** Absent for what was removed. */
  readonly after?: unknown;
  /** True if a value is not shown, or not as a whole, since it looks like a secret or is known to be one. */
  readonly redacted: boolean;
}

/** What would change, and whether anything would. */
export interface TaskDefinitionDiff {
  readonly changed: boolean;
  /** In the order of the API's members, then by name. */
  readonly changes: readonly TaskDefinitionChange[];
}

/**
 * What would change for ECS from `before` to `after`. ECS's defaults are filled in on both sides, lists
 * whose order means nothing are matched by what tells their items apart, sizes are compared as numbers.
 * There is no change if and only if the two are the same to ECS. Without a `before` everything is new.
 *
 * Values of variables, labels, options and tags whose names mean a secret show nowhere, not even where they
 * stand a second time, such as in a command; nor do `secrets`, which are known from elsewhere
 * ({@link secretsInEdits}).
 */
export function diffTaskDefinitions(
  before: TaskDefinitionDocument | undefined,
  after: TaskDefinitionDocument,
  { secrets }: { readonly secrets?: readonly string[] | undefined } = {},
): TaskDefinitionDiff {
  const left = before === undefined ? {} : comparableTaskDefinition(before);
  const right = comparableTaskDefinition(after);
  const cover = coverDocuments([before, after], secrets);
  const changes = [...compare(left, right, { path: '', shape: taskDefinitionShape, cover })].map(shown);
  return { changed: changes.length > 0, changes };
}

type Members = Readonly<Record<string, unknown>>;

/** A difference with its values as they are. */
interface RawChange {
  readonly kind: TaskDefinitionChange['kind'];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly place: Place;
}

interface Place {
  readonly path: string;
  readonly shape: Shape | undefined;
  /** The name of the value, where names are free. */
  readonly name?: string | undefined;
  readonly cover: Cover;
}

function* compare(before: unknown, after: unknown, place: Place): Iterable<RawChange> {
  if (isSameData(before, after)) return;
  const { shape } = place;
  if (shape?.kind === 'list' && shape.unordered && isListOrAbsent(before) && isListOrAbsent(after)) {
    yield* compareItems(before ?? [], after ?? [], place, shape);
  } else if (before === undefined) yield { kind: 'added', after, place };
  else if (after === undefined) yield { kind: 'removed', before, place };
  else if (isRecord(before) && isRecord(after)) yield* compareMembers(before, after, place);
  else yield { kind: 'changed', before, after, place };
}

function isListOrAbsent(value: unknown): value is readonly unknown[] | undefined {
  return value === undefined || Array.isArray(value);
}

function* compareMembers(before: Members, after: Members, place: Place): Iterable<RawChange> {
  const present = new Set([...Object.keys(before), ...Object.keys(after)]);
  const known = place.shape?.kind === 'struct' ? Object.keys(place.shape.members) : [];
  const ordered = new Set([...known.filter((name) => present.has(name)), ...[...present].sort()]);
  const covering =
    coveringName(before, place.shape, place.name) ?? coveringName(after, place.shape, place.name);
  for (const name of ordered) {
    yield* compare(ownMember(before, name), ownMember(after, name), memberPlace(place, name, covering));
  }
}

function ownMember(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

function memberPlace({ path, shape, cover }: Place, name: string, covering: CoveringName | undefined): Place {
  const shownName = shownStep(shape, name, cover);
  const below = shape?.kind === 'map' ? `[${shownName}]` : `${path === '' ? '' : '.'}${shownName}`;
  return { path: path + below, shape: shownShape(shape, name), name: freeName(shape, name, covering), cover };
}

function* compareItems(
  before: readonly unknown[],
  after: readonly unknown[],
  { path, cover }: Place,
  shape: ListShape,
): Iterable<RawChange> {
  const left = itemsByLabel(before, shape, cover);
  const right = itemsByLabel(after, shape, cover);
  const shown = new Map<string, number>();
  for (const label of new Set([...left.keys(), ...right.keys()])) {
    // Labels that differ may be the same once their secrets are covered.
    const free = redactText(cover(label));
    const count = (shown.get(free) ?? 0) + 1;
    shown.set(free, count);
    const place = { path: `${path}[${free}${count === 1 ? '' : ` #${count}`}]`, shape: shape.item, cover };
    yield* compareItem(left.get(label), right.get(label), place, shape);
  }
}

/** An item that is a name and a value differs in its value. */
function* compareItem(before: unknown, after: unknown, place: Place, list: ListShape): Iterable<RawChange> {
  const pair = pairMember(list);
  if (pair === undefined || !isPair(before, pair, list) || !isPair(after, pair, list)) {
    yield* compare(before, after, place);
    return;
  }
  const item = before ?? after;
  const name = pair === 'value' ? itemKey(item, list) : undefined;
  const [left, right] = [before, after].map((side) => (isRecord(side) ? side[pair] : undefined));
  yield* compare(left, right, { ...place, shape: memberShape(list.item, pair), name });
}

function isPair(item: unknown, valueMember: string, list: ListShape): boolean {
  if (item === undefined) return true;
  const isNamed = itemKey(item, list) !== undefined;
  return isNamed && isRecord(item) && Object.hasOwn(item, valueMember) && Object.keys(item).length === 2;
}

/** Items by what tells them apart. Repetitions are numbered, so that none gets lost. */
function itemsByLabel(
  items: readonly unknown[],
  shape: ListShape,
  cover: Cover,
): ReadonlyMap<string, unknown> {
  const labelled = new Map<string, unknown>();
  for (const item of items) {
    const label = itemKey(item, shape) ?? asText(redactValue(item, { shape: shape.item, cover }));
    let unique = label;
    for (let count = 2; labelled.has(unique); count += 1) unique = `${label} #${count}`;
    labelled.set(unique, item);
  }
  return labelled;
}

function shown({ kind, before, after, place }: RawChange): TaskDefinitionChange {
  const show = (value: unknown) => redactValue(value, place);
  const present = (value: unknown) => conform(withoutDefaults(value, place.shape), place.shape);
  const [left, right] = [show(before), show(after)];
  return {
    kind,
    path: place.path,
    ...(before !== undefined && { before: present(left) }),
    ...(after !== undefined && { after: present(right) }),
    redacted: !isSameData([left, right], [before, after]),
  };
}

/** Of a whole container, what somebody has written. */
function withoutDefaults(value: unknown, shape: Shape | undefined): unknown {
  if (shape !== containerDefinitionShape || !isRecord(value)) return value;
  const said = Object.entries(value).filter(([name, member]) => member !== CONTAINER_DEFAULTS[name]);
  return Object.fromEntries(said);
}
