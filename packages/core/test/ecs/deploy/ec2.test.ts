import {
  DeleteServiceCommand,
  DescribeContainerInstancesCommand,
  ListContainerInstancesCommand,
  UpdateContainerInstancesStateCommand,
  UpdateServiceCommand,
  type DeploymentConfiguration,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { continueDeployments, registerOnly } from '../../../src/ecs/index.js';
import type { Finding, TaskDefinitionDocument } from '../../../src/task-definition/index.js';
import { breaker, openStage, type Stage } from './stage.js';

/** Container instances of the cluster. */
const INSTANCES = 2;
const MINUTE = 60_000;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ instances: INSTANCES });
});
afterEach(() => stage.stop());

type Container = NonNullable<TaskDefinitionDocument['containerDefinitions']>[number];

/** A task definition for container instances; the image's tag says how its container behaves. */
function onInstances(
  behaviour: string,
  container: Partial<Container> = {},
  more: Partial<TaskDefinitionDocument> = {},
) {
  const document: TaskDefinitionDocument = {
    family: 'web',
    networkMode: 'bridge',
    requiresCompatibilities: ['EC2'],
    containerDefinitions: [
      {
        name: 'app',
        image: `public.ecr.aws/acme/web:${behaviour}`,
        memory: 128,
        cpu: 128,
        essential: true,
        ...container,
      },
    ],
    ...more,
  };
  return { document };
}

const create = (deploymentConfiguration: DeploymentConfiguration = {}, container: Partial<Container> = {}) =>
  stage.deploy(
    { service: 'web', taskDefinition: onInstances('v1', container) },
    { createIfMissing: { desiredCount: 2, launchType: 'EC2', deploymentConfiguration } },
  );
const deploy = (taskDefinition: ReturnType<typeof onInstances>, options = {}) =>
  stage.deploy({ service: 'web', taskDefinition }, options);

const instances = async () => {
  const { cluster } = stage;
  const { containerInstanceArns } = await stage.ecs.send(new ListContainerInstancesCommand({ cluster }));
  return { cluster, containerInstances: containerInstanceArns };
};
const drain = async () =>
  stage.ecs.send(new UpdateContainerInstancesStateCommand({ ...(await instances()), status: 'DRAINING' }));

describe('on container instances', () => {
  test('succeeded, unchanged', async () => {
    expect((await create()).outcome).toBe('succeeded');
    expect((await deploy(onInstances('v2'))).outcome).toBe('succeeded');
    expect((await deploy(onInstances('v2'))).outcome).toBe('unchanged');
  });

  test('rolled back by the circuit breaker', async () => {
    await create(breaker(true));
    const result = await deploy(onInstances('exit-1'));
    expect(result).toMatchObject({ outcome: 'rolled-back', diagnoses: [{ id: 'application-exited' }] });
  });

  test('failed where the circuit breaker does not roll back, and rolled back by us without one', async () => {
    await create(breaker(false));
    expect((await deploy(onInstances('exit-1'))).outcome).toBe('failed');
    const given = {
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: false, rollback: false } },
    };
    const result = await deploy(onInstances('exit-2'), { settings: given });
    expect(result).toMatchObject({ outcome: 'rolled-back', reason: expect.stringMatching(/^Given up/) });
  });

  test('started, registered and planned, where nothing is waited for', async () => {
    await create();
    expect((await deploy(onInstances('v2'), { wait: false })).outcome).toBe('started');
    const { ecs, cluster } = stage;
    const [registered] = await registerOnly(
      { ecs, cluster, taskDefinition: onInstances('v3') },
      { clock: stage.aws.clock },
    );
    expect(registered?.outcome).toBe('registered');
    const planned = await stage.plan({ service: 'web', taskDefinition: onInstances('v4') });
    expect(planned.outcome).toBe('planned');
  });

  test('paused at a hook, and going on', async () => {
    await create();
    const deploymentConfiguration: DeploymentConfiguration = {
      strategy: 'BLUE_GREEN',
      bakeTimeInMinutes: 0,
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] }],
    };
    const paused = await deploy(onInstances('v2'), { settings: { deploymentConfiguration } });
    expect(paused.outcome).toBe('paused');
    const { ecs, cluster, aws } = stage;
    const [ended] = await aws.clock.runUntil(
      continueDeployments({ ecs, cluster, services: ['web'], action: 'CONTINUE' }, { clock: aws.clock }),
    );
    expect(ended).toMatchObject({ outcome: 'succeeded', deploymentId: paused.deploymentId });
  });

  test('failed where the rollback cannot be placed either: the instances are drained meanwhile', async () => {
    await create({ ...breaker(true), minimumHealthyPercent: 0, maximumPercent: 100 });
    stage.aws.clock.schedule(10_000, () => void drain());
    const result = await deploy(onInstances('exit-1'));
    expect(result).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/rollback failed/i) });
  });

  test('a daemon service rolls out to every instance', async () => {
    const daemon = await stage.deploy(
      { service: 'agent', taskDefinition: onInstances('v1') },
      { createIfMissing: { schedulingStrategy: 'DAEMON', launchType: 'EC2' } },
    );
    expect(daemon.outcome).toBe('succeeded');
    expect((await stage.describe('agent')).runningCount).toBe(INSTANCES);
    const onFindings = (found: readonly Finding[]) => findings.push(...found);
    const findings: Finding[] = [];
    const next = { service: 'agent', taskDefinition: onInstances('v2') };
    const updated = await stage.deploy(next, { onFindings });
    expect(updated.outcome).toBe('succeeded');
    expect(findings).toEqual([]);
    await expect(stage.deploy(next, { settings: { desiredCount: 2 } })).rejects.toMatchObject({
      code: 'SERVICE_DEFINITION_INVALID',
      message: expect.stringContaining('A daemon service has no desired count'),
    });
  });
});

describe('what cannot be placed', () => {
  const tooMuch = async (resource: 'MEMORY' | 'CPU') => {
    const { containerInstances = [] } = await stage.ecs.send(
      new DescribeContainerInstancesCommand(await instances()),
    );
    const registered = containerInstances[0]?.registeredResources?.find(({ name }) => name === resource);
    return (registered?.integerValue ?? 0) + 128;
  };
  const place = (taskDefinition: ReturnType<typeof onInstances>) =>
    deploy(taskDefinition, { timeoutMs: 10 * MINUTE });

  test('memory', async () => {
    await create();
    const result = await place(onInstances('v2', { memory: await tooMuch('MEMORY') }));
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      diagnoses: [{ id: 'insufficient-memory', source: 'event' }],
    });
  });

  test('CPU', async () => {
    await create();
    const result = await place(onInstances('v2', { cpu: await tooMuch('CPU') }));
    expect(result).toMatchObject({ outcome: 'rolled-back', diagnoses: [{ id: 'insufficient-cpu' }] });
  });

  test('attributes', async () => {
    await create();
    const placementConstraints = [{ type: 'memberOf' as const, expression: 'attribute:disk == nvme' }];
    const result = await place(onInstances('v2', {}, { placementConstraints }));
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      diagnoses: [{ id: expect.stringMatching(/^placement-/) }],
    });
  });

  test('host ports that the old tasks hold', async () => {
    const port = { portMappings: [{ containerPort: 8080, hostPort: 8080 }] };
    await create({}, port);
    const result = await place(onInstances('v2', port));
    expect(result).toMatchObject({ outcome: 'rolled-back', diagnoses: [{ id: 'port-in-use' }] });
  });

  test('a message from before the deployment still explains it: ECS does not repeat itself', async () => {
    await create();
    const memory = await tooMuch('MEMORY');
    await place(onInstances('v2', { memory }));
    const again = await place(onInstances('v3', { memory }));
    expect(again).toMatchObject({ outcome: 'rolled-back', diagnoses: [{ id: 'insufficient-memory' }] });
  });

  test('is given up after three attempts, and rolled back', async () => {
    await create();
    const result = await place(onInstances('v2', { memory: await tooMuch('MEMORY') }));
    expect(result.reason).toMatch(/^Given up: \d tasks in a row could not be started/);
    expect((await stage.describe('web')).deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
  });

  test('is waited for where somebody adds instances: the whole budget with fail-fast turned off', async () => {
    await create();
    const result = await deploy(onInstances('v2', { memory: await tooMuch('MEMORY') }), {
      timeoutMs: 10 * MINUTE,
      failFastAfter: 0,
    });
    expect(result).toMatchObject({ outcome: 'timed-out', diagnoses: [{ id: 'insufficient-memory' }] });
  });

  test('with a circuit breaker, ECS ends it', async () => {
    await create(breaker(true));
    const result = await deploy(onInstances('v2', { memory: await tooMuch('MEMORY') }));
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      reason: expect.stringContaining('circuit breaker'),
      diagnoses: [{ id: 'insufficient-memory' }],
    });
  });

  test('superseded, stopped and cancelled are what they are on Fargate', async () => {
    await create();
    const unplaceable = onInstances('v2', { memory: await tooMuch('MEMORY') });
    const during = (act: () => Promise<unknown>) => stage.aws.clock.schedule(10_000, () => void act());
    during(() =>
      stage.ecs.send(
        new UpdateServiceCommand({ service: 'web', forceNewDeployment: true, taskDefinition: 'web:1' }),
      ),
    );
    expect((await deploy(unplaceable)).outcome).toBe('superseded');
    await stage.aws.clock.advance(10 * MINUTE);
    const cancel = new AbortController();
    during(async () => cancel.abort(new Error('cancelled')));
    expect((await deploy(unplaceable, { signal: cancel.signal })).outcome).toBe('cancelled');
    during(() => stage.ecs.send(new DeleteServiceCommand({ service: 'web', force: true })));
    expect((await deploy(onInstances('v3'))).outcome).toBe('stopped');
  });
});
