import { createScriptedBackend } from '../../src/backends/scripted.js';
import { createEcs, type Ecs } from '../../src/ecs/ecs.js';
import { createLogs, type Logs } from '../../src/logs/logs.js';
import type { AwsError } from '../../src/protocol/service.js';
import { Activity } from '../../src/world/activity.js';
import { ManualClock } from '../../src/world/manual-clock.js';
import type { ImageLookup } from '../../src/world/ports.js';
import type { World } from '../../src/world/world.js';
import { faultsOfAnswer } from './schema.js';

export const START = Date.parse('2026-03-01T12:00:00Z');

const CONTEXT = {
  accountId: '123456789012',
  region: 'us-east-1',
  principalArn: 'arn:aws:sts::123456789012:assumed-role/deployer/test',
  requestId: 'test',
};

export const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] } };

export interface TestEcs {
  readonly ecs: Ecs;
  readonly clock: ManualClock;
  readonly logs: Logs;
  /** Images of the local registry; others are external unless named under `127.0.0.1:5000/`. */
  readonly images: Map<string, ImageLookup>;
  /** Calls an operation; fails where the answer does not fit the SDK's schema. */
  call(operation: string, input?: object): any;
  /** The error an operation refuses with, as `Code: message`. */
  refusal(operation: string, input?: object): string;
  advance(seconds: number): Promise<void>;
}

export function startEcs(): TestEcs {
  const clock = new ManualClock(START, new Activity());
  const world: World = {
    clock,
    accountId: CONTEXT.accountId,
    region: CONTEXT.region,
    host: () => '127.0.0.1:5000',
  };
  const images = new Map<string, ImageLookup>();
  const findImage = (image: string): ImageLookup =>
    images.get(image) ??
    (image.startsWith('127.0.0.1:5000/')
      ? { kind: 'missing', message: `failed to resolve ref ${image}: ${image}: not found` }
      : { kind: 'external' });
  const logs = createLogs(world);
  const backend = createScriptedBackend(world, { findImage, logs: logs.sink });
  const ecs = createEcs(world, { findImage, logs: logs.sink, backend });

  const invoke = (operation: string, input: object): unknown => {
    const act = ecs.service.operations[operation];
    if (act === undefined) throw new Error(`No operation ${operation}`);
    // As over the wire: members without a value are not sent.
    return act(JSON.parse(JSON.stringify(input)), CONTEXT);
  };
  return {
    ecs,
    clock,
    logs,
    images,
    call(operation, input = {}) {
      const answer = invoke(operation, input);
      const faults = faultsOfAnswer(operation, answer);
      if (faults.length > 0) throw new Error(`${operation} answers badly:\n${faults.join('\n')}`);
      return structuredClone(answer);
    },
    refusal(operation, input = {}) {
      try {
        invoke(operation, input);
      } catch (error) {
        const { code, message } = error as AwsError;
        return `${code}: ${message}`;
      }
      throw new Error(`${operation} was not refused`);
    },
    advance: (seconds) => clock.advance(seconds * 1000),
  };
}

/** A Fargate definition of one container, whose behaviour is given as a label. */
export function fargateDefinition(
  behaviour = 'healthy',
  { family = 'web', container = {} }: { family?: string; container?: object } = {},
): object {
  return {
    family,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    containerDefinitions: [
      {
        name: 'app',
        image: 'example.com/app:1',
        portMappings: [{ containerPort: 8080 }],
        dockerLabels: { 'local-aws.behaviour': behaviour },
        ...container,
      },
    ],
  };
}

export const HEALTH_CHECK = {
  command: ['CMD-SHELL', 'curl -f http://localhost:8080/ || exit 1'],
  interval: 10,
  retries: 2,
};

/** A cluster `default` with the service `web` on Fargate, rolled out to the end. */
export async function startService(
  test: TestEcs,
  service: object = {},
  definition: object = fargateDefinition(),
): Promise<{ id: string }> {
  test.call('CreateCluster');
  test.call('RegisterTaskDefinition', definition);
  const created = test.call('CreateService', {
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 2,
    launchType: 'FARGATE',
    networkConfiguration: NETWORK,
    ...service,
  });
  await test.advance(300);
  return { id: created.service.deployments[0]?.id ?? '' };
}

export const describeService = (test: TestEcs): any =>
  test.call('DescribeServices', { services: ['web'] }).services[0];

/** Event texts, oldest first, with ids blotted out. */
export const eventsOf = (service: { events: { message: string }[] }): string[] =>
  service.events.map(({ message }) => message.replaceAll(/\(task [0-9a-f]+\)/g, '(task T)')).toReversed();
