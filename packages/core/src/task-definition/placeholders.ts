import { readNumber } from '../exact-number.js';
import { isRecord } from './plain-data.js';
import type { DocumentPath } from './path.js';
import { taskDefinitionShape } from './shape/members.js';
import type { Shape } from './shape/shape.js';
import { memberShape } from './shape/shape.js';

/** A placeholder without a value. */
export interface UndefinedPlaceholder {
  readonly name: string;
  readonly path: DocumentPath;
}

export interface FilledPlaceholders<T> {
  readonly value: T;
  readonly undefinedPlaceholders: readonly UndefinedPlaceholder[];
}

/** `${NAME}`, or `$${NAME}` for the text itself. `${NAME:-default}` belongs to a shell and is left alone. */
const PLACEHOLDER = /\$?\$\{([A-Za-z_]\w*)\}/g;

/**
 * Fills `${NAME}` placeholders in every string of a document. Where ECS takes a number or a truth value,
 * a filled string that reads as one becomes one: JSON has no other way to write `"containerPort": ${PORT}`.
 */
export function fillPlaceholders<T>(
  document: T,
  variables: Readonly<Record<string, string>>,
): FilledPlaceholders<T> {
  const undefinedPlaceholders: UndefinedPlaceholder[] = [];
  const value = fill(document, taskDefinitionShape, []) as T;
  return { value, undefinedPlaceholders };

  function fill(value: unknown, shape: Shape | undefined, path: DocumentPath): unknown {
    if (typeof value === 'string') return fillText(value, shape, path);
    if (Array.isArray(value)) {
      const item = shape?.kind === 'list' ? shape.item : undefined;
      return value.map((child, index) => fill(child, item, [...path, index]));
    }
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => [
        name,
        fill(child, memberShape(shape, name), [...path, name]),
      ]),
    );
  }

  function fillText(text: string, shape: Shape | undefined, path: DocumentPath): unknown {
    const filled = text.replace(PLACEHOLDER, (match, name: string) => {
      if (match.startsWith('$$')) return match.slice(1);
      if (Object.hasOwn(variables, name)) return variables[name] ?? '';
      undefinedPlaceholders.push({ name, path });
      return match;
    });
    return filled === text ? text : readAs(filled, shape);
  }
}

function readAs(text: string, shape: Shape | undefined): unknown {
  if (shape?.kind === 'integer' && /^-?\d+$/.test(text)) return readNumber(text);
  if (shape?.kind === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}
