import { parse } from 'yaml';
import { EcsActionsError } from '../../errors.js';

/**
 * Reads a structure in the form of the API, JSON or YAML. The list members of a wrapping object with
 * just that one member are taken out of it, so that `{"loadBalancers": […]}` and `[…]` mean the same.
 *
 * Throws `INPUT_INVALID` saying where the text stops making sense, never what stands there.
 */
export function parseStructure(text: string, kind: 'object' | 'array'): unknown {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    const { linePos } = error as { linePos?: readonly { line: number; col: number }[] };
    const [place] = linePos ?? [];
    const where = place === undefined ? '' : ` (line ${place.line}, column ${place.col})`;
    throw new EcsActionsError('INPUT_INVALID', `is neither JSON nor YAML${where}.`, { cause: error });
  }
  if (kind === 'array') {
    const list = onlyMember(value) ?? value;
    if (Array.isArray(list)) return list;
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new EcsActionsError(
    'INPUT_INVALID',
    `is no ${kind === 'array' ? 'list' : 'object'} in the form of the API.`,
  );
}

function onlyMember(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members = Object.values(value);
  return members.length === 1 ? members[0] : undefined;
}
