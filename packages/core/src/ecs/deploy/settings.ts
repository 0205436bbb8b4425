import { EcsActionsError } from '../../errors.js';
import { conform } from '../../task-definition/normalise.js';
import type { Shape } from '../../task-definition/shape/shape.js';
import { parseYaml } from '../../task-definition/source/parse-yaml.js';
import {
  lineStarts,
  nodeValue,
  positionAt,
  type SourceNode,
} from '../../task-definition/source/source-node.js';

/**
 * Reads a structure in the form of the API, JSON or YAML: an object or a list, as `shape` is. The list
 * members of a wrapping object with just that one member are taken out of it, so that
 * `{"loadBalancers": […]}` and `[…]` mean the same. A number that stands where the API takes a string
 * becomes the string that was written; nulls are left out. Members that `shape` does not have stay.
 *
 * Throws `INPUT_INVALID` saying where the text stops making sense, never what stands there.
 */
export function parseStructure(text: string, shape: Shape): unknown {
  const { root, faults } = parseYaml(text);
  const [fault] = faults;
  if (root === undefined || fault !== undefined) {
    const { line, column } = positionAt(lineStarts(text), fault?.offset ?? 0);
    throw new EcsActionsError('INPUT_INVALID', `is neither JSON nor YAML (line ${line}, column ${column}).`);
  }
  const isList = shape.kind === 'list';
  const node = isList ? (onlyMember(root) ?? root) : root;
  if (node.kind === (isList ? 'list' : 'object')) return conform(nodeValue(node, shape), shape);
  throw new EcsActionsError('INPUT_INVALID', `is no ${isList ? 'list' : 'object'} in the form of the API.`);
}

function onlyMember(node: SourceNode): SourceNode | undefined {
  if (node.kind !== 'object' || node.entries.size !== 1) return undefined;
  const [member] = node.entries.values();
  return member?.value;
}
