import { isRecord } from './plain-data.js';
import { isSecretName, REDACTED, redactText } from './secrets.js';
import type { Shape } from './shape/shape.js';
import { memberShape, pairMember } from './shape/shape.js';

/**
 * A part of a task definition that can be shown. What is hidden: values of variables, options, labels
 * and tags whose name usually means a secret, and texts that look like one wherever they stand. What
 * `secrets` refer to is not hidden: that is an ARN.
 *
 * `name` is what the value is called where names are free, e.g. that of an environment variable.
 */
export function redactValue(value: unknown, shape: Shape | undefined, name?: string): unknown {
  if (Array.isArray(value)) return redactItems(value, shape, name);
  if (isRecord(value)) return redactMembers(value, shape, name);
  const isHidden = name !== undefined && isSecretName(name) && value !== '' && value !== undefined;
  if (isHidden) return REDACTED;
  return typeof value === 'string' ? redactText(value) : value;
}

function redactMembers(
  members: Readonly<Record<string, unknown>>,
  shape: Shape | undefined,
  name: string | undefined,
): unknown {
  return Object.fromEntries(
    Object.entries(members).map(([member, value]) => {
      const known = memberShape(shape, member);
      return [member, redactValue(value, known, freeName(shape, member, name))];
    }),
  );
}

/**
 * What a member is called, where names are free. In an object that the API does not know, a secret's
 * name covers all that is in it.
 */
export function freeName(
  shape: Shape | undefined,
  member: string,
  parent: string | undefined,
): string | undefined {
  if (shape?.kind !== 'map' && memberShape(shape, member) !== undefined) return undefined;
  return parent !== undefined && isSecretName(parent) ? parent : member;
}

function redactItems(items: readonly unknown[], shape: Shape | undefined, name: string | undefined): unknown {
  if (shape?.kind !== 'list') return items.map((item) => redactValue(item, undefined, name));
  if (shape.item.kind === 'string') return items.map((word, index) => redactWord(word, items[index - 1]));
  const [key = ''] = shape.key ?? [];
  return items.map((item) => {
    if (pairMember(shape) !== 'value' || !isRecord(item)) return redactValue(item, shape.item);
    const { [key]: label, value, ...rest } = item;
    return {
      [key]: label,
      ...(value !== undefined && { value: redactValue(value, undefined, asName(label)) }),
      ...(redactValue(rest, shape.item) as object),
    };
  });
}

/** `--password hunter2` gives a secret away in two words. */
function redactWord(word: unknown, previous: unknown): unknown {
  const flag = typeof previous === 'string' ? /^--?([\w.-]+)$/.exec(previous)?.[1] : undefined;
  return redactValue(word, undefined, flag);
}

function asName(label: unknown): string | undefined {
  return typeof label === 'string' ? label : undefined;
}
