import { isRecord } from './plain-data.js';
import { redactPasswordWords } from './password-flags.js';
import { REDACTED } from './redacted.js';
import { isSecretName, isSecretReference, redactText, redactWord } from './secrets.js';
import { secretReference } from './shape/members.js';
import type { Shape } from './shape/shape.js';
import { memberShape } from './shape/shape.js';

type Members = Readonly<Record<string, unknown>>;

/**
 * A part of a task definition that can be shown. What is hidden: all that belongs to a variable, option,
 * label or tag whose name usually means a secret, and texts that look like one wherever they stand. What
 * `secrets` refer to is not hidden, if it is an ARN or may be the name of a parameter.
 *
 * `name` is what the value is called where names are free, e.g. that of an environment variable.
 */
export function redactValue(value: unknown, shape: Shape | undefined, name?: string): unknown {
  if (Array.isArray(value)) return redactItems(value, shape, name);
  if (isRecord(value)) return redactMembers(value, shape, name);
  const isHidden = name !== undefined && isSecretName(name) && value !== '' && value !== undefined;
  if (isHidden) return REDACTED;
  if (typeof value !== 'string') return value;
  return shape === secretReference && !isSecretReference(value) ? REDACTED : redactText(value);
}

function redactMembers(members: Members, shape: Shape | undefined, name: string | undefined): unknown {
  const cover = coverOf(members, shape, name);
  return Object.fromEntries(
    Object.entries(members).map(([member, value]) => [
      redactText(member),
      redactValue(value, shownShape(shape, member), freeName(shape, member, cover)),
    ]),
  );
}

function redactItems(items: readonly unknown[], shape: Shape | undefined, name: string | undefined): unknown {
  const item = shape?.kind === 'list' ? shape.item : undefined;
  const isCovered = name !== undefined && isSecretName(name);
  return redactPasswordWords(items).map((value, index) => {
    const previous: unknown = items[index - 1];
    const isWord = !isCovered && typeof value === 'string' && typeof previous === 'string';
    return isWord ? redactWord(value, previous) : redactValue(value, item, name);
  });
}

/** What a member is shown as: a reference is one also where the API knows none. */
export function shownShape(shape: Shape | undefined, member: string): Shape | undefined {
  return memberShape(shape, member) ?? (member === 'valueFrom' ? secretReference : undefined);
}

/** The name of a secret that covers the members of an object. */
export interface Cover {
  readonly name: string;
  /** Members that may be seen all the same: what the object is called, and where its value comes from. */
  readonly except?: RegExp;
}

const LABEL = /^(?:name|key|namespace)$/i;
const LABEL_OR_REFERENCE = /^(?:name|key|namespace|valueFrom)$/i;

/**
 * What covers the members of an object: a secret's name around it (`name`), or its own, if it is a
 * variable or anything else that the API gives a free name, or no object that the API knows. One that
 * has a secret's name but not where names stand is hidden as a whole.
 */
export function coverOf(members: Members, shape: Shape | undefined, name?: string): Cover | undefined {
  if (name !== undefined && isSecretName(name)) return { name };
  if (shape?.kind === 'map' || (shape?.kind === 'struct' && !isNamedValue(shape.members))) return undefined;
  const texts = Object.entries(members).filter(([, value]) => typeof value === 'string') as [
    string,
    string,
  ][];
  const labels = texts.filter(([member]) => LABEL.test(member));
  const [, secret] = (labels.length > 0 ? labels : texts).find(([, text]) => isNameOfSecret(text)) ?? [];
  if (secret === undefined) return undefined;
  return labels.length > 0 ? { name: secret, except: LABEL_OR_REFERENCE } : { name: secret };
}

/** An address or a sentence that speaks of secrets is no name. */
function isNameOfSecret(text: string): boolean {
  return /^[\w.-]+(?:\s*=.*)?$/.test(text) && isSecretName(text);
}

/** True for variables, secrets, tags and whatever else is a value with a name of somebody's choice. */
function isNamedValue(known: Members): boolean {
  return Object.hasOwn(known, 'value') || Object.hasOwn(known, 'valueFrom');
}

/** What a member is called, where names are free. */
export function freeName(
  shape: Shape | undefined,
  member: string,
  cover: Cover | undefined,
): string | undefined {
  if (cover !== undefined) return cover.except?.test(member) === true ? undefined : cover.name;
  return shape?.kind !== 'map' && memberShape(shape, member) !== undefined ? undefined : member;
}
