import { describe, expect, test } from '@jest/globals';
import {
  explainRefusal,
  type InstanceView,
  type PlacementRequest,
  placeTask,
} from '../../src/ecs/placement.js';
import { evaluateExpression } from '../../src/ecs/placement-expression.js';

const instance = (
  id: string,
  more: Partial<InstanceView> = {},
  attributes: Record<string, string> = {},
): InstanceView => ({
  id,
  arn: `arn:${id}`,
  ec2InstanceId: `i-${id}`,
  agentConnected: true,
  attributes: new Map(Object.entries({ 'ecs.availability-zone': 'us-east-1a', ...attributes })),
  cpu: 1024,
  memory: 2000,
  takenTcpPorts: new Set(),
  takenUdpPorts: new Set(),
  tasks: 0,
  groups: [],
  ...more,
});

const request = (more: Partial<PlacementRequest> = {}): PlacementRequest => ({
  reservation: { cpu: 256, memory: 512, tcpPorts: [80], udpPorts: [] },
  requiredAttributes: [],
  constraints: [],
  strategy: [],
  group: 'service:web',
  ...more,
});

const zone = (letter: string): Record<string, string> => ({ 'ecs.availability-zone': `us-east-1${letter}` });

describe('an instance refuses a task', () => {
  const cases: [string, InstanceView, PlacementRequest, string, string][] = [
    [
      'without its agent',
      instance('a', { agentConnected: false }),
      request(),
      'AGENT',
      `doesn't have the agent connected`,
    ],
    [
      'lacking an attribute',
      instance('a'),
      request({ requiredAttributes: [{ name: 'gpu' }] }),
      'ATTRIBUTE',
      'is missing an attribute required by your task',
    ],
    [
      'of too little CPU',
      instance('a', { cpu: 255 }),
      request(),
      'RESOURCE:CPU',
      'has insufficient CPU units available',
    ],
    [
      'of too little memory',
      instance('a', { memory: 511 }),
      request(),
      'RESOURCE:MEMORY',
      'has insufficient memory available',
    ],
    [
      'whose port is taken',
      instance('a', { takenTcpPorts: new Set([80]) }),
      request(),
      'RESOURCE:PORTS',
      'is already using a port required by your task',
    ],
    [
      'that has one of the group',
      instance('a', { groups: ['service:web'] }),
      request({ constraints: [{ type: 'distinctInstance' }] }),
      'DistinctInstance placement constraint unsatisfied.',
      'does not satisfy the distinctInstance placement constraint',
    ],
    [
      'outside the expression',
      instance('a'),
      request({ constraints: [{ type: 'memberOf', expression: 'attribute:stack == prod' }] }),
      'MemberOf placement constraint unsatisfied.',
      'does not satisfy a memberOf placement constraint',
    ],
  ];
  test.each(cases)('%s', (_name, only, wanted, reason, words) => {
    const placement = placeTask([only], wanted);
    expect(placement).toMatchObject({ kind: 'refused', refusals: [{ reason }] });
    expect(explainRefusal(placement)).toBe(`The closest matching (container-instance a) ${words}.`);
  });

  test('and the closest match is the one that meets most', () => {
    const placement = placeTask([instance('a', { cpu: 0 }), instance('b', { memory: 0 })], request());
    expect(explainRefusal(placement)).toContain('(container-instance b)');
  });

  test('where there is none, the words say so', () => {
    expect(explainRefusal(placeTask([], request()))).toBe(
      'Reason: No Container Instances were found in your cluster.',
    );
  });
});

describe('the strategy picks among instances that fit', () => {
  const fleet = [
    instance('a', { tasks: 1, groups: ['service:web'], memory: 1500 }, zone('a')),
    instance('b', { tasks: 1, groups: ['service:other'], memory: 600 }, zone('a')),
    instance('c', { tasks: 2, groups: ['service:other', 'service:other'], memory: 900 }, zone('b')),
  ];
  test.each([
    ['spread over zones', [{ type: 'spread', field: 'attribute:ecs.availability-zone' }], 'c'],
    ['spread over instances', [{ type: 'spread', field: 'instanceId' }], 'b'],
    ['binpack memory', [{ type: 'binpack', field: 'memory' }], 'b'],
    [
      'zones, then memory',
      [
        { type: 'spread', field: 'attribute:ecs.availability-zone' },
        { type: 'binpack', field: 'memory' },
      ],
      'c',
    ],
    ['random', [{ type: 'random' }], 'a'],
    ['none', [], 'a'],
  ] as const)('%s', (_name, strategy, expected) => {
    expect(placeTask(fleet, request({ strategy: [...strategy] }))).toEqual({
      kind: 'placed',
      instanceId: expected,
    });
  });
});

describe('an expression of the cluster query language', () => {
  const subject = instance(
    'a',
    { tasks: 3, groups: ['service:web'] },
    { 'ecs.instance-type': 't3.medium', stack: 'prod' },
  );
  test.each([
    ['attribute:stack == prod', true],
    ['attribute:stack != prod', false],
    ['attribute:missing != prod', true],
    ['attribute:ecs.instance-type =~ t3.*', true],
    ['attribute:ecs.instance-type =~ t2.*', false],
    ['attribute:ecs.instance-type !=~ t2.*', true],
    ['attribute:ecs.availability-zone in [us-east-1a, us-east-1b]', true],
    ['attribute:ecs.availability-zone not_in [us-east-1a]', false],
    ['attribute:ecs.availability-zone !in [us-east-1b]', true],
    ['attribute:stack exists', true],
    ['attribute:stack !exists', false],
    ['attribute:gpu !exists', true],
    ['not(attribute:stack == prod)', false],
    ['!(attribute:stack == prod)', false],
    ['attribute:stack == prod and attribute:gpu exists', false],
    ['attribute:stack == prod && runningTasksCount >= 3', true],
    ['attribute:gpu exists or (attribute:stack == prod and ec2InstanceId == i-a)', true],
    ['task:group == service:web', true],
    ['task:group == service:api', false],
    ['agentConnected == true', true],
    ['runningTasksCount < 3', false],
  ])('%s', (expression, expected) => {
    expect(evaluateExpression(expression, subject)).toBe(expected);
  });

  test.each([
    'attribute:stack ==',
    'nonsense == 1',
    'attribute:stack == prod and',
    '(attribute:stack == prod',
    'attribute:stack =~ [',
    'attribute:stack == a b',
  ])('%s is refused', (expression) => {
    expect(() => evaluateExpression(expression, subject)).toThrow(`Invalid expression: ${expression}`);
  });
});
