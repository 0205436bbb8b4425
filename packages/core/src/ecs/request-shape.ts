import { CreateServiceCommand, RunTaskCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  boolean,
  map,
  memberShape,
  sequence,
  string,
  struct,
  type Shape,
} from '../task-definition/shape/shape.js';

/** A request that takes settings of a service or a task. */
export type ShapedRequest = keyof typeof COMMANDS;

/**
 * How the SDK writes down the API: `[0, …, schema]` for a simple shape with a name, `[1, …, item]` for a list,
 * `[3, namespace, name, traits, members, schemas]` for an object, `[4, …]` for a union, numbers for simple shapes and
 * for lists and maps of them; `[schema, traits]` for a member with traits.
 */
type SdkSchema = number | readonly unknown[] | (() => SdkSchema);

const SIMPLE: readonly (Shape | undefined)[] = [string, { kind: 'number' }, boolean];
const [SIMPLE_KIND, LIST_KIND, STRUCT_KIND, UNION_KIND] = [0, 1, 3, 4];
const LIST_OF = 0b100_0000;
const MAP_OF = 0b1000_0000;

const COMMANDS = {
  CreateService: () => new CreateServiceCommand({ serviceName: '' }),
  UpdateService: () => new UpdateServiceCommand({ service: '' }),
  RunTask: () => new RunTaskCommand({ taskDefinition: '' }),
};

const shapes = new Map<ShapedRequest, Shape>();

/**
 * The shape of a request, or of the member in it that `path` leads to, through the items of lists. It is the SDK's own
 * model, without the values that strings may have, and without what is required: ECS says of both what is wrong,
 * whereas it says nothing of a member that it does not know.
 */
export function requestShape(request: ShapedRequest, ...path: readonly string[]): Shape {
  let shape = shapes.get(request) ?? shapeOf(inputOf(request));
  shapes.set(request, shape);
  for (const name of path) {
    const member = memberShape(shape.kind === 'list' ? shape.item : shape, name);
    if (member === undefined) throw new RangeError(`${request} has no ${path.join('.')}`);
    shape = member;
  }
  return shape;
}

/** A command has the schema of its operation: `[9, namespace, name, traits, input, output]`. */
function inputOf(request: ShapedRequest): SdkSchema {
  const [, , , , input] = COMMANDS[request]().schema as readonly unknown[];
  return input as SdkSchema;
}

function shapeOf(schema: SdkSchema): Shape {
  if (typeof schema === 'function') return shapeOf(schema());
  if (typeof schema === 'number') {
    if ((schema & LIST_OF) !== 0) return sequence(shapeOf(schema & ~LIST_OF));
    return (schema & MAP_OF) !== 0 ? map : (SIMPLE[schema] ?? { kind: 'any' });
  }
  // A member with traits.
  if (schema.length === 2) return shapeOf(schema[0] as SdkSchema);
  const [kind, , , , inner, members] = schema;
  if (kind === SIMPLE_KIND) return shapeOf(inner as SdkSchema);
  if (kind === LIST_KIND) return sequence(shapeOf(inner as SdkSchema));
  if (kind !== STRUCT_KIND && kind !== UNION_KIND) return { kind: 'any' };
  const memberSchemas = members as readonly SdkSchema[];
  const entries = (inner as readonly string[]).map((name, index) => [name, shapeOf(memberSchemas[index]!)]);
  return struct(Object.fromEntries(entries) as Record<string, Shape>);
}
