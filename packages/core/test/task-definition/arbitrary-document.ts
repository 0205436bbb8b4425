import * as fc from 'fast-check';
import { ExactNumber } from '../../src/exact-number.js';
import type { TaskDefinitionDocument } from '../../src/task-definition/index.js';
import { taskDefinitionShape } from '../../src/task-definition/shape/members.js';
import type { Shape, StructShape } from '../../src/task-definition/shape/shape.js';

/** Few names, so that containers, volumes and variables meet. */
const WORDS = [
  'app',
  'sidecar',
  'data',
  'LOG_LEVEL',
  'DB_PASSWORD',
  '',
  '256',
  '512',
  '1 vCPU',
  '2 GB',
  '80-90',
  'a:latest',
  'registry.example.com/app:1.0',
  'arn:aws:iam::123456789012:role/app',
  'arn:aws:secretsmanager:us-east-1:123456789012:secret:token-a1b2c3',
  '/data',
  'CMD',
  'net.core.somaxconn',
  '${TAG}',
  'a=b\n"c"',
  '\u2028\u0000é😀',
];

const words = fc.constantFrom(...WORDS);
const names = fc.constantFrom('enviroment', 'Family', 'futureMember', '__proto__', 'constructor', '1', '');
const junk = fc.oneof(
  fc.constantFrom(new ExactNumber('12345678901234567890'), 2 ** 60, '(exact number)'),
  fc.constantFrom(null, -1, 0.5, 80, true, '80', 'true', 'x', '__proto__', 'constructor'),
  fc.constantFrom<unknown>([], {}, [[]], [null], { a: null }, { a: [{}] }, [{ name: 'app' }], {
    toString: 2,
  }),
);

function valueOf(shape: Shape, faulty: boolean): fc.Arbitrary<unknown> {
  const proper = properValue(shape, faulty);
  return faulty ? fc.oneof({ weight: 15, arbitrary: proper }, { weight: 1, arbitrary: junk }) : proper;
}

function properValue(shape: Shape, faulty: boolean): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'string':
      return shape.values === undefined ? words : fc.constantFrom(...shape.values);
    case 'any':
      return junk;
    case 'integer':
    case 'number':
      return fc.constantFrom(0, 1, 6, 30, 80, 128, 512, 65_535);
    case 'boolean':
      return fc.boolean();
    case 'map':
      return fc.dictionary(words, words, { maxKeys: 3 });
    case 'list':
      return fc.array(valueOf(shape.item, faulty), { maxLength: 3 });
    case 'struct':
      return structOf(shape, faulty);
  }
}

/** A few of the members, and those that ECS insists on most of the time. */
function structOf(shape: StructShape, faulty: boolean): fc.Arbitrary<unknown> {
  const entries = Object.entries(shape.members).map(([name, member]) =>
    fc.tuple(fc.constant(name), valueOf(member, faulty)),
  );
  const required = entries.filter((_, index) =>
    shape.required.includes(Object.keys(shape.members)[index] ?? ''),
  );
  const foreign = fc.tuple(names, junk);
  const some = fc.array(
    faulty
      ? fc.oneof({ weight: 15, arbitrary: fc.oneof(...entries) }, { weight: 1, arbitrary: foreign })
      : fc.oneof(...entries),
    { maxLength: 5 },
  );
  return fc
    .tuple(some, fc.tuple(...required))
    .map(([optional, always]) => Object.fromEntries<unknown>([...always, ...optional]));
}

/** Documents whose members have the right types, though they may break every other rule. */
export const wellTypedDocuments = structOf(
  taskDefinitionShape,
  false,
) as fc.Arbitrary<TaskDefinitionDocument>;

/** A document in the wrapper of a description, or in several; or beside what is like one. */
const wrap = (document: unknown, depth: number, beside: object) =>
  Array.from({ length: depth }).reduce((inner) => ({ ...beside, taskDefinition: inner }), document);
const wrappers = fc.record({
  depth: fc.constantFrom(0, 0, 0, 0, 1, 2, 3),
  beside: fc.constantFrom<object>(
    {},
    { tags: [{ key: 'a' }] },
    { containerDefinitions: null },
    { family: 'q', containerDefinitions: null },
    { family: null },
    { taskDefinition: null, revision: 1 },
  ),
});

/** Documents with anything anywhere. */
export const malformedDocuments = fc
  .tuple(structOf(taskDefinitionShape, true), wrappers)
  .map(([document, { depth, beside }]) =>
    wrap(document, depth, beside),
  ) as fc.Arbitrary<TaskDefinitionDocument>;
