import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isEcsActionsError } from '../../src/errors.js';
import { reportFindings, reportTaskDefinitionDiff } from '../../src/report/index.js';
import {
  diffTaskDefinitions,
  isSameTaskDefinition,
  normaliseTaskDefinition,
  parseTaskDefinition,
  patchTaskDefinition,
  renderTaskDefinition,
  secretsInEdits,
  taskDefinitionRules,
  validateTaskDefinition,
  writeTaskDefinition,
  type TaskDefinitionDocument,
} from '../../src/task-definition/index.js';
import { taskDefinitionShape } from '../../src/task-definition/shape/members.js';
import { itemKey } from '../../src/task-definition/comparable.js';
import type { ListShape, Shape } from '../../src/task-definition/shape/shape.js';
import { memberShape, pairMember } from '../../src/task-definition/shape/shape.js';
import { malformedDocuments, wellTypedDocuments } from './arbitrary-document.js';

/** Equality without the text that a comparison by jest would build for every document. */
function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

/** What `run` gives, or nothing if it throws a typed error; anything else that it throws fails the test. */
function orTypedError<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (isEcsActionsError(error)) return undefined;
    throw error;
  }
}

const ruleIds = new Set(taskDefinitionRules.map(({ id }) => id));

describe('any document', () => {
  test('is normalised once, rendered to itself, read as it was written, equal to itself, and validated', async () => {
    await fc.assert(
      fc.asyncProperty(malformedDocuments, async (given) => {
        const { document } = normaliseTaskDefinition(given);
        same(normaliseTaskDefinition(document).document, document);
        same(renderTaskDefinition(document), document);
        const text = writeTaskDefinition(document);
        const read = await parseTaskDefinition(text, 'td.json');
        same(read.document, document);
        expect(writeTaskDefinition(read.document)).toBe(text);
        same(diffTaskDefinitions(document, document), { changed: false, changes: [] });
        for (const { rule, line = 0, column = 0 } of validateTaskDefinition(document, { source: read })) {
          if (!ruleIds.has(rule) || line < 1 || column < 1) throw new Error(`${rule} at ${line}:${column}`);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('and any edit of it throws typed errors alone', () => {
    const strings = fc.dictionary(fc.constantFrom('app', 'sidecar', 'TAG', ''), fc.string(), { maxKeys: 2 });
    const edits = fc.record(
      {
        variables: strings,
        images: strings,
        containers: fc.array(
          fc.record({
            names: fc.subarray(['app', 'sidecar', 'data']),
            environment: strings,
            secrets: strings,
            dockerLabels: strings,
            logOptions: strings,
            command: fc.array(fc.string(), { maxLength: 2 }),
          }),
          { maxLength: 2 },
        ),
        patch: malformedDocuments,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(malformedDocuments, edits, (given, edit) => {
        const rendered = orTypedError(() => renderTaskDefinition(given, edit));
        if (rendered !== undefined) validateTaskDefinition(rendered);
      }),
      { numRuns: 1500 },
    );
  });

  test('and any other is compared, in either direction', () => {
    fc.assert(
      fc.property(malformedDocuments, malformedDocuments, (a, b) => {
        const { changed } = diffTaskDefinitions(a, b);
        expect(changed).toBe(!isSameTaskDefinition(a, b));
        expect(diffTaskDefinitions(b, a).changed).toBe(changed);
        expect(diffTaskDefinitions(undefined, a).changed).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('any text', () => {
  test('is read or refused with a typed error', async () => {
    const torn = fc
      .tuple(
        malformedDocuments,
        fc.nat(),
        fc.nat(40),
        fc.constantFrom('', '{', ']', '"', ':', '*a', '&a', '- ', '\n', '\t', '#', '!!x'),
      )
      .map(([document, at, length, filler]) => {
        const text = JSON.stringify(document, null, 1);
        const start = at % text.length;
        return text.slice(0, start) + filler + text.slice(start + length);
      });
    const files = fc.constantFrom('td.json', 'td.yaml', undefined);
    await fc.assert(
      fc.asyncProperty(fc.oneof(torn, fc.string({ unit: 'grapheme' })), files, async (text, file) => {
        const error = await parseTaskDefinition(text, file).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined && !isEcsActionsError(error)) throw error;
      }),
      { numRuns: 2500 },
    );
  });
});

describe('what no stack holds, or is no value', () => {
  const deep = Array.from({ length: 100_000 }).reduce((inner) => ({ a: inner }), {});
  const chain = Array.from({ length: 8000 }, (_, index) => ({
    name: `c${index}`,
    image: 'a:1',
    dependsOn: [{ containerName: `c${index + 1}`, condition: 'START' }],
  }));
  const odd: readonly (readonly [string, unknown])[] = [
    ['a date that is none', { family: 'web', tags: [{ key: 'a', value: new Date(Number.NaN) }] }],
    ['depth', { family: 'web', containerDefinitions: [], deep }],
    [
      'wrappers in wrappers',
      Array.from({ length: 100_000 }).reduce((taskDefinition) => ({ taskDefinition }), {}),
    ],
  ];

  test.each(odd)('is read or refused with a typed error: %s', (_, given) => {
    const document = given as TaskDefinitionDocument;
    const small = { family: 'web', containerDefinitions: [] };
    for (const run of [
      () => validateTaskDefinition(document),
      () => writeTaskDefinition(document),
      () => renderTaskDefinition(document, { variables: { A: '1' } }),
      () => renderTaskDefinition(small, { patch: document, variables: { DB_PASSWORD: '1' } }),
      () => patchTaskDefinition(small, document),
      () => diffTaskDefinitions(small, document),
    ])
      orTypedError<unknown>(run);
  });

  test('a long chain of dependencies is no cycle, unless it ends where it began', () => {
    const straight = { family: 'web', containerDefinitions: chain } as TaskDefinitionDocument;
    expect(validateTaskDefinition(straight).map(({ rule }) => rule)).not.toContain('depends-on-cycle');
    const cycle = chain.with(chain.length - 1, {
      ...chain.at(-1)!,
      dependsOn: [{ containerName: 'c0', condition: 'START' }],
    });
    const document = { family: 'web', containerDefinitions: cycle } as TaskDefinitionDocument;
    expect(validateTaskDefinition(document).map(({ rule }) => rule)).toContain('depends-on-cycle');
  });
});

describe('a difference is empty', () => {
  test('between a document and what ECS makes of it', () => {
    fc.assert(
      fc.property(wellTypedDocuments, fc.integer(), (document, seed) => {
        const described = asEcsDescribes(document, seed);
        same(diffTaskDefinitions(document, described).changes, []);
        same(diffTaskDefinitions(described, document).changes, []);
      }),
      { numRuns: 1000 },
    );
  });

  test('never after a value has changed', () => {
    fc.assert(
      fc.property(wellTypedDocuments, fc.nat(), (given, at) => {
        const { document } = normaliseTaskDefinition(given);
        const leaves = [...leavesOf(document, [])];
        const leaf = leaves[at % leaves.length];
        fc.pre(leaf !== undefined);
        const changed = setAt(document, leaf, changedValue);
        const { changes } = diffTaskDefinitions(document, changed as TaskDefinitionDocument);
        if (changes.length === 0) throw new Error(`A change of ${leaf.join('.')} goes unnoticed.`);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('no output', () => {
  const SECRET = 'hunter2-do-not-show';
  const secretNames = fc.constantFrom(
    'DB_PASSWORD',
    'apiToken',
    'STRIPE_SECRET_KEY',
    'PGPASSWORD',
    'credentials',
  );

  /** Where it may stand a second time. */
  const places = fc.record(
    {
      image: fc.constant(`app:${SECRET}`),
      workingDirectory: fc.constant(`/srv/${SECRET}`),
      user: fc.constant(SECRET),
      dependsOn: fc.constant([{ containerName: SECRET, condition: SECRET }]),
      extraHosts: fc.constant([{ hostname: SECRET, ipAddress: SECRET }]),
      links: fc.constant([SECRET]),
      ulimits: fc.constant([{ name: SECRET, softLimit: 2, hardLimit: 1 }]),
      healthCheck: fc.constant({ command: ['CMD', 'probe', SECRET], retries: SECRET }),
      futures: fc.constant({ [SECRET]: [SECRET] }),
    },
    { requiredKeys: [] },
  );

  test('holds the value of a variable, option or label whose name means a secret', () => {
    fc.assert(
      fc.property(
        malformedDocuments,
        secretNames,
        fc.boolean(),
        places,
        (document, name, inNew, elsewhere) => {
          const secret = {
            containerDefinitions: {
              app: {
                environment: { [name]: SECRET },
                dockerLabels: { [name]: SECRET },
                logConfiguration: { logDriver: 'splunk', options: { [`splunk-${name}`]: SECRET } },
                command: ['sh', '-c', `run --${name}=${SECRET}`, `--${name}`, SECRET],
                futureMember: { [name]: { deep: [SECRET] } },
                ...elsewhere,
              },
            },
          };
          const withSecret = patchTaskDefinition(document, secret);
          const [before, after] = inNew ? [document, withSecret] : [withSecret, document];
          const diff = diffTaskDefinitions(before, after);
          const findings = validateTaskDefinition(withSecret);
          const outputs = [
            JSON.stringify(diff),
            reportTaskDefinitionDiff(diff),
            JSON.stringify(findings),
            reportFindings(findings),
          ];
          if (outputs.some((output) => output.includes(SECRET))) throw new Error(outputs.join('\n'));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('holds the value of a placeholder whose name means a secret, wherever it is filled in', () => {
    fc.assert(
      fc.property(
        malformedDocuments,
        secretNames,
        places,
        fc.boolean(),
        (document, name, somewhere, stray) => {
          const text = JSON.stringify(somewhere).replaceAll(SECRET, `\${${name}}`);
          const containers = { app: JSON.parse(text) as object };
          const edits = {
            variables: { [name]: SECRET },
            patch: { family: `web-\${${name}}`, containerDefinitions: containers },
            images: stray ? { [SECRET]: 'a:1' } : {},
          };
          const outputs: unknown[] = [];
          try {
            const rendered = renderTaskDefinition(document, edits);
            const secrets = secretsInEdits(edits);
            const diff = diffTaskDefinitions(document, rendered, { secrets });
            outputs.push(diff, validateTaskDefinition(rendered, { secrets }), reportTaskDefinitionDiff(diff));
          } catch (error) {
            if (!isEcsActionsError(error)) throw error;
            outputs.push(error.message, error.hint);
          }
          const shown = JSON.stringify(outputs);
          if (shown.includes(SECRET)) throw new Error(shown);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** What ECS returns of a registration: defaults filled in, lists in an order of its own. */
function asEcsDescribes(document: TaskDefinitionDocument, seed: number): TaskDefinitionDocument {
  const networkMode = document.networkMode;
  const isFixed = networkMode === 'awsvpc' || networkMode === 'host';
  const shuffled = shuffle(structuredClone(document), taskDefinitionShape, seed) as any;
  for (const container of shuffled.containerDefinitions ?? []) {
    container.cpu ??= 0;
    container.essential ??= true;
    for (const member of ['environment', 'mountPoints', 'volumesFrom', 'systemControls', 'portMappings'])
      container[member] ??= [];
    for (const mapping of container.portMappings) {
      mapping.protocol ??= 'tcp';
      if (isFixed && mapping.containerPort !== undefined) mapping.hostPort ||= mapping.containerPort;
      else if (!isFixed && mapping.containerPortRange === undefined) mapping.hostPort ??= 0;
    }
    if (container.healthCheck) {
      container.healthCheck = { interval: 30, timeout: 5, retries: 3, ...container.healthCheck };
    }
  }
  shuffled.volumes ??= [];
  for (const volume of shuffled.volumes) {
    if (volume.efsVolumeConfiguration) volume.efsVolumeConfiguration.rootDirectory ??= '/';
  }
  shuffled.placementConstraints ??= [];
  if (shuffled.cpu === '1 vCPU') shuffled.cpu = '1024';
  if (shuffled.memory === '2 GB') shuffled.memory = '2048';
  return { ...shuffled, status: 'ACTIVE', revision: 7, requiresAttributes: [] };
}

/** Members in another order, and items too where their order means nothing. */
function shuffle(value: unknown, shape: Shape | undefined, seed: number): unknown {
  const order = <T>(items: T[]): T[] =>
    seed % 2 === 0 ? items.reverse() : [...items.slice(1), ...items.slice(0, 1)];
  if (Array.isArray(value)) {
    const item = shape?.kind === 'list' ? shape.item : undefined;
    const items = value.map((child) => shuffle(child, item, seed + 1));
    return shape?.kind === 'list' && shape.unordered ? keepRepeats(order([...items]), items, shape) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, child]) => [
    name,
    shuffle(child, memberShape(shape, name), seed + 1),
  ]);
  return Object.fromEntries(order(entries));
}

/** Of several values of one name the last one counts: these keep their order. */
function keepRepeats(shuffled: unknown[], items: readonly unknown[], shape: ListShape): unknown[] {
  if (pairMember(shape) === undefined) return shuffled;
  const left = [...items];
  return shuffled.map((item) => {
    const next = left.findIndex((other) => itemKey(other, shape) === itemKey(item, shape));
    return left.splice(next, 1)[0];
  });
}

type Leaf = readonly (string | number)[];

function* leavesOf(value: unknown, path: Leaf): Iterable<Leaf> {
  if (typeof value !== 'object' || value === null) return yield path;
  for (const [name, child] of Object.entries(value)) {
    yield* leavesOf(child, [...path, Array.isArray(value) ? Number(name) : name]);
  }
}

function setAt(value: unknown, [step, ...rest]: Leaf, change: (value: unknown) => unknown): unknown {
  if (step === undefined) return change(value);
  if (Array.isArray(value)) return value.with(Number(step), setAt(value[Number(step)], rest, change));
  const members = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(members).map(([name, child]) => [
      name,
      name === step ? setAt(child, rest, change) : child,
    ]),
  );
}

function changedValue(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  return typeof value === 'boolean' ? !value : `${String(value)}!`;
}
