import type { TaskDefinitionDocument } from '../../task-definition/document.js';
import { isRecord } from '../../task-definition/plain-data.js';
import { taskDefinitionShape } from '../../task-definition/shape/members.js';
import { memberShape, type Shape, type StructShape } from '../../task-definition/shape/shape.js';

/** Members that are empty on purpose: the value of a variable, of a tag, of a proxy's property. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['value']);

/**
 * A document without members of the API that are empty (`""`, `[]`, `{}`, or made of such): ECS takes
 * many of them for something that was meant, and refuses it. What stands under a free name (labels,
 * options of a log driver), as a word in a list, or under a name in `keep` stays; a variable without a
 * value has an empty one, and one that is empty as a whole is none.
 */
export function leaveOutEmpties(
  document: TaskDefinitionDocument,
  keep: readonly string[] = [],
): TaskDefinitionDocument {
  return clean(document, taskDefinitionShape, new Set([...MAY_BE_EMPTY, ...keep])) as TaskDefinitionDocument;
}

function clean(value: unknown, shape: Shape, keep: ReadonlySet<string>): unknown {
  if (shape.kind === 'list' && Array.isArray(value)) {
    const items = value.map((item) => clean(item, shape.item, keep));
    return items.filter((item) => !isRecord(item) || !isEmpty(item));
  }
  if (shape.kind !== 'struct' || !isRecord(value)) return value;
  const members = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    const known = memberShape(shape, name);
    if (known === undefined) return [[name, member]];
    const cleaned = clean(member, known, keep);
    return isEmpty(cleaned) && !keep.has(name) ? [] : [[name, cleaned]];
  });
  if (members.every(([name, member]) => name === 'value' && member === '')) return {};
  return Object.fromEntries(isVariable(shape) ? [['value', ''], ...members] : members);
}

/** A variable of the environment, or a property of a proxy. */
function isVariable({ members }: StructShape): boolean {
  return Object.keys(members).join() === 'name,value';
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) ? Object.keys(value).length === 0 : value === '';
}
