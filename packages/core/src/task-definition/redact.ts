import type { Cover } from './cover.js';
import { readJsonText } from './json-text.js';
import { isRecord, isSameData, scalarText } from './plain-data.js';
import { REDACTED } from './redacted.js';
import { secretEnds } from './secret-words.js';
import { isSecretName } from './secret-names.js';
import { isSecretReference, redactText } from './secrets.js';
import { secretReference } from './shape/members.js';
import type { Shape } from './shape/shape.js';
import { memberShape } from './shape/shape.js';

type Members = Readonly<Record<string, unknown>>;

/** How a value is shown. */
export interface Showing {
  readonly shape: Shape | undefined;
  /** What the value is called where names are free, e.g. that of an environment variable. */
  readonly name?: string | undefined;
  /** What covers the secrets that are known from elsewhere. */
  readonly cover: Cover;
  /** True for what is no part of the document's own, such as JSON in a variable: objects there are seldom misspelt. */
  readonly foreign?: true;
}

/**
 * A part of a task definition that can be shown. What is hidden: all that belongs to a variable, option,
 * label or tag whose name usually means a secret, texts that look like one wherever they stand, and what is
 * known to be one. What `secrets` refer to is not hidden, if it is an ARN or may be the name of a parameter.
 */
export function redactValue(value: unknown, showing: Showing): unknown {
  const { shape, name, cover } = showing;
  if (Array.isArray(value)) return redactItems(value, showing);
  if (isRecord(value)) return redactMembers(value, showing);
  if (value === '' || value === undefined || value === null) return value;
  if (name !== undefined && isSecretName(name)) return REDACTED;
  if (typeof value !== 'string') {
    const text = scalarText(value) ?? '';
    return cover(text) === text ? value : REDACTED;
  }
  if (shape === secretReference && !isSecretReference(value)) return REDACTED;
  return redactJson(value, cover) ?? redactText(cover(value));
}

function redactMembers(members: Members, { shape, name, cover, foreign }: Showing): unknown {
  const covering = foreign ? pairName(members, shape, name) : coveringName(members, shape, name);
  return Object.fromEntries(
    Object.entries(members).map(([member, value]) => [
      shownStep(shape, member, cover),
      redactValue(value, {
        shape: shownShape(shape, member),
        name: freeName(shape, member, covering),
        cover,
        ...(foreign && { foreign }),
      }),
    ]),
  );
}

function redactItems(items: readonly unknown[], { shape, ...showing }: Showing): unknown {
  const item = { ...showing, shape: shape?.kind === 'list' ? shape.item : undefined };
  const ends = secretEnds(items);
  return items.map((value, index) => {
    const end = ends[index] ?? '';
    const isCovered = showing.name !== undefined && isSecretName(showing.name);
    if (typeof value !== 'string' || end === '' || isCovered) return redactValue(value, item);
    return redactText(showing.cover(value.slice(0, -end.length))) + REDACTED;
  });
}

/** What can be shown of JSON in a text; `undefined` where it is none, or has nothing to hide. */
function redactJson(text: string, cover: Cover): string | undefined {
  const value = readJsonText(text);
  if (value === undefined) return undefined;
  const shown = redactValue(value, { shape: undefined, cover, foreign: true });
  return isSameData(shown, value) ? undefined : JSON.stringify(shown);
}

/** A step of a path: the names of the API are no secrets, whatever is called like one. */
export function shownStep(shape: Shape | undefined, step: string, cover: Cover): string {
  const isKnown = shape?.kind === 'struct' && Object.hasOwn(shape.members, step);
  return isKnown ? step : redactText(cover(step));
}

/** What a member is shown as: a reference is one also where the API knows none. */
export function shownShape(shape: Shape | undefined, member: string): Shape | undefined {
  return memberShape(shape, member) ?? (member === 'valueFrom' ? secretReference : undefined);
}

/** The name of a secret that covers the members of an object. */
export interface CoveringName {
  readonly name: string;
  /** Members that may be seen all the same: what the object is called, and where its value comes from. */
  readonly except?: RegExp;
}

const LABEL = /^(?:name|key|namespace)$/i;
const VALUE = /^value$/i;
const LABEL_OR_REFERENCE = /^(?:name|key|namespace|valueFrom)$/i;

/**
 * What covers the members of an object: a secret's name around it (`name`), or its own, if it is a
 * variable or anything else that the API gives a free name, or no object that the API knows. One that
 * has a secret's name but not where names stand is hidden as a whole.
 */
export function coveringName(
  members: Members,
  shape: Shape | undefined,
  name?: string,
): CoveringName | undefined {
  if (name !== undefined && isSecretName(name)) return { name };
  if (!mayBeNamed(shape)) return undefined;
  const texts = textsOf(members);
  const labels = texts.filter(([member]) => LABEL.test(member));
  const [, secret] = (labels.length > 0 ? labels : texts).find(([, text]) => isNameOfSecret(text)) ?? [];
  if (secret === undefined) return undefined;
  return labels.length > 0 ? { name: secret, except: LABEL_OR_REFERENCE } : { name: secret };
}

/** {@link coveringName} without any guess: around the object, or in a pair of a name and a value. */
export function pairName(
  members: Members,
  shape: Shape | undefined,
  name?: string,
): CoveringName | undefined {
  if (name !== undefined && isSecretName(name)) return { name };
  if (!mayBeNamed(shape)) return undefined;
  const labels = Object.keys(members);
  if (!labels.some((member) => VALUE.test(member))) return undefined;
  for (const label of labels) {
    const text = members[label];
    if (typeof text !== 'string' || !LABEL.test(label) || !isNameOfSecret(text)) continue;
    return { name: text, except: LABEL_OR_REFERENCE };
  }
  return undefined;
}

/** What the API knows has a free name only where it is a value with a name. */
function mayBeNamed(shape: Shape | undefined): boolean {
  return shape?.kind === 'struct' ? isNamedValue(shape.members) : shape?.kind !== 'map';
}

function textsOf(members: Members): readonly (readonly [string, string])[] {
  return Object.entries(members).flatMap(([member, value]) =>
    typeof value === 'string' ? [[member, value] as const] : [],
  );
}

/** An address or a sentence that speaks of secrets is no name. */
function isNameOfSecret(text: string): boolean {
  return isSecretName(text) && /^[\w.-]+(?:\s*=.*)?$/.test(text);
}

/** True for variables, secrets, tags and whatever else is a value with a name of somebody's choice. */
function isNamedValue(known: Members): boolean {
  return Object.hasOwn(known, 'value') || Object.hasOwn(known, 'valueFrom');
}

/** What a member is called, where names are free. */
export function freeName(
  shape: Shape | undefined,
  member: string,
  covering: CoveringName | undefined,
): string | undefined {
  if (covering !== undefined) return covering.except?.test(member) === true ? undefined : covering.name;
  return shape?.kind !== 'map' && memberShape(shape, member) !== undefined ? undefined : member;
}
