import { readNumber } from '../exact-number.js';
import { isRecord, setMember } from './plain-data.js';
import type { DocumentPath } from './path.js';
import { valueAt } from './path.js';
import { taskDefinitionShape } from './shape/members.js';
import type { Shape } from './shape/shape.js';
import { entryShape } from './shape/shape.js';

/** A placeholder without a value. */
export interface UndefinedPlaceholder {
  readonly name: string;
  readonly path: DocumentPath;
}

/** Names of one object that differ only until their placeholders are filled: one of the values would be lost. */
export interface ClashingName {
  readonly name: string;
  readonly path: DocumentPath;
}

export interface FilledPlaceholders<T> {
  readonly value: T;
  readonly undefinedPlaceholders: readonly UndefinedPlaceholder[];
  readonly clashingNames: readonly ClashingName[];
}

type Variables = Readonly<Record<string, string>>;

/** `${NAME}`, or `$${NAME}` for the text itself. `${NAME:-default}` belongs to a shell and is left alone. */
const PLACEHOLDER = /\$?\$\{([A-Za-z_]\w*)\}/g;

/**
 * Fills `${NAME}` placeholders in every string of a document, the names of members too. Where ECS takes a number or
 * a truth value, a filled string that reads as one becomes one: JSON has no other way to write
 * `"containerPort": ${PORT}`.
 */
export function fillPlaceholders<T>(document: T, variables: Variables): FilledPlaceholders<T> {
  const undefinedPlaceholders: UndefinedPlaceholder[] = [];
  const clashingNames: ClashingName[] = [];
  const value = fill(document, taskDefinitionShape, []) as T;
  return { value, undefinedPlaceholders, clashingNames };

  function fill(value: unknown, shape: Shape | undefined, path: DocumentPath): unknown {
    if (typeof value === 'string') {
      const filled = fillAt(value, path);
      return filled === value ? value : readAs(filled, shape);
    }
    if (Array.isArray(value)) {
      const item = shape?.kind === 'list' ? shape.item : undefined;
      return value.map((child, index) => fill(child, item, [...path, index]));
    }
    return isRecord(value) ? fillMembers(value, shape, path) : value;
  }

  function fillMembers(
    value: Record<string, unknown>,
    shape: Shape | undefined,
    path: DocumentPath,
  ): unknown {
    const members: Record<string, unknown> = {};
    for (const [written, child] of Object.entries(value)) {
      const name = fillAt(written, [...path, written]);
      if (Object.hasOwn(members, name)) clashingNames.push({ name, path });
      setMember(members, name, fill(child, entryShape(shape, name, isRecord(child)), [...path, name]));
    }
    return members;
  }

  function fillAt(text: string, path: DocumentPath): string {
    const { filled, missing } = fillText(text, variables);
    undefinedPlaceholders.push(...missing.map((name) => ({ name, path })));
    return filled;
  }
}

/**
 * The path in a document of what stands at `path` once its placeholders are filled: members may be called
 * otherwise there.
 */
export function unfilledPath(path: DocumentPath, document: unknown, variables: Variables): DocumentPath {
  let value = document;
  return path.map((step) => {
    const written =
      typeof step === 'string' && isRecord(value) && !Object.hasOwn(value, step)
        ? Object.keys(value).find((name) => fillText(name, variables).filled === step)
        : undefined;
    value = valueAt(value, [written ?? step]);
    return written ?? step;
  });
}

/** `missing` are the names without a value. */
function fillText(
  text: string,
  variables: Variables,
): { readonly filled: string; readonly missing: readonly string[] } {
  const missing: string[] = [];
  const filled = text.replace(PLACEHOLDER, (match, name: string) => {
    if (match.startsWith('$$')) return match.slice(1);
    if (Object.hasOwn(variables, name)) return variables[name] ?? '';
    missing.push(name);
    return match;
  });
  return { filled, missing };
}

function readAs(text: string, shape: Shape | undefined): unknown {
  if (shape?.kind === 'integer' && /^-?\d+$/.test(text)) return readNumber(text);
  if (shape?.kind === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}
