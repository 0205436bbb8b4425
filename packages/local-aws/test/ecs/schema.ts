import * as sdk from '@aws-sdk/client-ecs';

/**
 * Holds answers to the schemas that the SDK carries: no unknown member, no null, no value of a
 * wrong type. Schemas are tuples: `[kind, namespace, name, traits, …]`, simple types are numbers.
 */

type Schema = number | readonly unknown[] | (() => Schema);

const LIST = 1;
const MAP = 2;
const STRUCTURE = 3;
const OPERATION = 9;
const NUMBER = 1;
const BOOLEAN = 2;
const TIMESTAMP = 4;
const LIST_OF = 64;
const MAP_OF = 128;

/** Every fault of an answer to the operation, as `path: fault`. */
export function faultsOfAnswer(operation: string, answer: unknown): string[] {
  const schema = (sdk as unknown as Record<string, Schema>)[`${operation}$`];
  if (!Array.isArray(schema) || schema[0] !== OPERATION) return [`${operation}: not an operation of ECS`];
  return [...faults(schema[5] as Schema, answer, operation)];
}

function* faults(lazy: Schema, value: unknown, path: string): Generator<string> {
  const schema = resolve(lazy);
  if (value === null) {
    yield `${path}: null`;
  } else if (value === undefined) {
    yield `${path}: present but undefined`;
  } else if (typeof schema === 'number') {
    yield* simpleFaults(schema, value, path);
  } else if (schema[0] === LIST) {
    yield* listFaults(schema[4] as Schema, value, path);
  } else if (schema[0] === MAP) {
    yield* mapFaults(schema[5] as Schema, value, path);
  } else if (schema[0] === STRUCTURE) {
    yield* structureFaults(schema, value, path);
  }
}

function resolve(schema: Schema): number | readonly unknown[] {
  return typeof schema === 'function' ? resolve(schema()) : schema;
}

function* simpleFaults(schema: number, value: unknown, path: string): Generator<string> {
  if (schema >= MAP_OF) {
    yield* mapFaults(schema - MAP_OF, value, path);
  } else if (schema >= LIST_OF) {
    yield* listFaults(schema - LIST_OF, value, path);
  } else {
    const wanted =
      schema === NUMBER || schema === TIMESTAMP ? 'number' : schema === BOOLEAN ? 'boolean' : 'string';
    if (typeof value !== wanted) yield `${path}: ${JSON.stringify(value)} is no ${wanted}`;
    if (schema === TIMESTAMP && Number(value) > 1e11)
      yield `${path}: ${JSON.stringify(value)} is not in seconds`;
  }
}

function* listFaults(item: Schema, value: unknown, path: string): Generator<string> {
  if (!Array.isArray(value)) yield `${path}: no list`;
  else for (const [index, element] of value.entries()) yield* faults(item, element, `${path}[${index}]`);
}

function* mapFaults(item: Schema, value: unknown, path: string): Generator<string> {
  if (typeof value !== 'object') yield `${path}: no map`;
  else
    for (const [key, element] of Object.entries(value as object))
      yield* faults(item, element, `${path}.${key}`);
}

function* structureFaults(schema: readonly unknown[], value: unknown, path: string): Generator<string> {
  if (typeof value !== 'object' || Array.isArray(value)) {
    yield `${path}: no structure`;
    return;
  }
  const names = schema[4] as string[];
  const members = schema[5] as Schema[];
  const entries = Object.entries(value as object);
  if (entries.length === 0 && path.includes('.')) yield `${path}: an empty structure`;
  for (const [name, member] of entries) {
    const index = names.indexOf(name);
    if (index === -1) yield `${path}.${name}: unknown member`;
    else yield* faults(members[index] ?? 0, member, `${path}.${name}`);
  }
}
