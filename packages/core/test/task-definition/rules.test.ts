import { describe, expect, test } from '@jest/globals';
import { taskDefinitionRules, validateTaskDefinition } from '../../src/task-definition/index.js';
import { taskDefinitionShape } from '../../src/task-definition/shape/members.js';
import type { Shape, StructShape } from '../../src/task-definition/shape/shape.js';
import { nearestMember, SHORT_FORMS } from '../../src/task-definition/short-forms.js';
import { nearestName } from '../../src/task-definition/suggest.js';
import { breaking, satisfying } from './rule-examples.js';
import { validDocument } from './stage.js';

const rulesBroken = (document: Parameters<typeof validateTaskDefinition>[0]) => [
  ...new Set(validateTaskDefinition(document).map(({ rule }) => rule)),
];

describe('every rule', () => {
  test.each(breaking)('$rule: $what', ({ rule, document, at }) => {
    const findings = validateTaskDefinition(document);
    expect(findings).toEqual([expect.objectContaining({ rule })]);
    if (at !== undefined) expect(findings[0]?.path).toBe(at);
    expect(findings[0]?.severity).toBe(taskDefinitionRules.find(({ id }) => id === rule)?.severity);
    for (const text of [findings[0]?.reason, findings[0]?.fix]) expect(text).toMatch(/^[A-Z"$].*[.?]$/s);
  });

  test.each(satisfying)('$rule is satisfied: $what', ({ document }) => {
    expect(rulesBroken(document)).toEqual([]);
  });

  test('is broken by one of these documents, and just satisfied by another', () => {
    const all = taskDefinitionRules.map(({ id }) => id).sort();
    expect([...new Set(breaking.map(({ rule }) => rule))].sort()).toEqual(all);
    expect([...new Set(satisfying.map(({ rule }) => rule))].sort()).toEqual(all);
  });
});

test.each(['__proto__', 'constructor', 'toString'])('%j is a launch type like any unknown one', (name) => {
  const document = validDocument({ requiresCompatibilities: ['FARGATE', name] });
  expect(rulesBroken(document)).toEqual(['newer-value']);
});

test('a port of a wrong type is one mistake, not two', () => {
  const document = validDocument({}, { portMappings: [{ containerPort: '80' }] });
  expect(rulesBroken(document)).toEqual(['wrong-type']);
});

test('thousands of mistakes are all found', () => {
  const containers = Array.from({ length: 3000 }, () => ({ enviroment: [], imag: 'a:1' }));
  const findings = validateTaskDefinition(validDocument({ containerDefinitions: containers }));
  expect(findings.filter(({ rule }) => rule === 'unknown-member')).toHaveLength(6000);
  expect(findings.filter(({ rule }) => rule === 'missing-member')).toHaveLength(3000);
});

test.each([22, 2375, 2376, 51_678, 51_679, 51_680])('host port %i is reserved', (hostPort) => {
  const bridge = { networkMode: 'bridge', requiresCompatibilities: ['EC2'] };
  const document = validDocument(bridge, { portMappings: [{ containerPort: 80, hostPort }] });
  expect(rulesBroken(document)).toEqual(['port-host-reserved']);
  const host = { networkMode: 'host', requiresCompatibilities: ['EC2'] };
  const ofContainer = validDocument(host, { portMappings: [{ containerPort: hostPort }] });
  expect(rulesBroken(ofContainer)).toEqual(['port-host-reserved']);
});

test.each<[number, readonly number[]]>([
  [256, [512, 1024, 2048]],
  [512, [1024, 2048, 3072, 4096]],
  [1024, range(2048, 8192, 1024)],
  [2048, range(4096, 16_384, 1024)],
  [4096, range(8192, 30_720, 1024)],
  [8192, range(16_384, 61_440, 4096)],
  [16_384, range(32_768, 122_880, 8192)],
  [32_768, [61_440, 122_880, 249_856]],
])('on Fargate, %i CPU units go with just these amounts of memory', (cpu, amounts) => {
  const all = [...range(512, 131_072, 512), 249_856];
  const fits = (memory: number) =>
    rulesBroken(validDocument({ cpu: String(cpu), memory: String(memory) })).length === 0;
  expect(all.filter(fits)).toEqual(amounts);
});

function range(first: number, last: number, step: number): number[] {
  return Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step);
}

test('a memory of 0 is not given, and so not below the reservation', () => {
  const document = validDocument({ requiresCompatibilities: ['EC2'] }, { memory: 0, memoryReservation: 10 });
  expect(rulesBroken(document)).toEqual([]);
});

test.each([
  [{ healthCheck: { command: ['CMD', 'a'], retry: 3 } }, 'retries'],
  [{ linuxParameters: { capability: {} } }, 'capabilities'],
  [{ linuxParameters: { shmSize: 1 } }, 'sharedMemorySize'],
  [{ restartPolicies: {} }, 'restartPolicy'],
  [{ imageUri: 'a:1' }, 'image'],
  [{ containerName: 'a' }, 'name'],
  [{ loggingConfiguration: {} }, 'logConfiguration'],
  [{ memoryHardLimit: 1 }, 'memory'],
  [{ loging: {} }, 'logConfiguration'],
  [{ volumesMounts: [] }, 'mountPoints'],
  [{ pseudoTTY: true }, 'pseudoTerminal'],
  [{ environment: [{ name: 'A', valueFrom: 'arn:a' }] }, '"secrets"'],
])('%j is a slip', (container, meant) => {
  const [slip] = validateTaskDefinition(validDocument({}, container)).filter(
    ({ rule }) => rule === 'unknown-member',
  );
  expect(slip?.fix).toContain(meant);
});

describe('a short form', () => {
  const suggestions = (document: Parameters<typeof validateTaskDefinition>[0]) =>
    validateTaskDefinition(document).flatMap(({ rule, path, fix }) =>
      rule === 'unknown-member' ? [`${path}: ${fix}`] : [],
    );

  test.each([
    ['env', 'environment'],
    ['env_vars', 'environment'],
    ['cmd', 'command'],
    ['args', 'command'],
    ['labels', 'dockerLabels'],
    ['envFiles', 'environmentFiles'],
    ['logConfig', 'logConfiguration'],
    ['logging', 'logConfiguration'],
    ['ports', 'portMappings'],
    ['mounts', 'mountPoints'],
    ['tty', 'pseudoTerminal'],
    ['mem', 'memory'],
  ])('%s in a container is taken for a slip of %s', (short, member) => {
    expect(suggestions(validDocument({}, { [short]: [] }))).toEqual([
      `$.containerDefinitions[0].${short}: Did you mean "${member}"?`,
    ]);
  });

  test.each([
    ['containers', 'containerDefinitions'],
    ['launchType', 'requiresCompatibilities'],
    ['taskExecutionRoleArn', 'executionRoleArn'],
    ['platform', 'runtimePlatform'],
    ['name', 'family'],
  ])('%s in a task is taken for a slip of %s', (short, member) => {
    expect(suggestions(validDocument({ [short]: [] }))).toEqual([`$.${short}: Did you mean "${member}"?`]);
  });

  test('of what stands in lists is one, too, and the member it is meant for is not missing', () => {
    const document = validDocument(
      { tags: [{ name: 'team', value: 'a' }] },
      {
        environment: [{ key: 'A', val: 'b' }],
        secrets: [{ name: 'B', arn: 'c' }],
        healthCheck: { test: [] },
      },
    );
    expect(suggestions(document)).toEqual([
      '$.containerDefinitions[0].environment[0].key: Did you mean "name"?',
      '$.containerDefinitions[0].environment[0].val: Did you mean "value"?',
      '$.containerDefinitions[0].secrets[0].arn: Did you mean "valueFrom"?',
      '$.containerDefinitions[0].healthCheck.test: Did you mean "command"?',
      '$.tags[0].name: Did you mean "key"?',
    ]);
    expect(rulesBroken(document)).toEqual(['unknown-member']);
  });

  test.each(Object.entries(SHORT_FORMS))('is known of a member that there is: %s', (member, forms) => {
    const structs = structsOf(taskDefinitionShape).filter(({ members }) => Object.hasOwn(members, member));
    expect(structs).not.toEqual([]);
    for (const form of forms) {
      const names = structs.map(({ members }) => Object.keys(members));
      expect(names.map((candidates) => nearestMember(form, candidates))).toContain(member);
      // It would say nothing that the letters do not.
      expect(names.filter((candidates) => nearestName(form, candidates) !== undefined)).toEqual([]);
    }
  });
});

/** Every object that a shape knows. */
function structsOf(shape: Shape): StructShape[] {
  if (shape.kind === 'list') return structsOf(shape.item);
  return shape.kind === 'struct' ? [shape, ...Object.values(shape.members).flatMap(structsOf)] : [];
}
