import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  PutClusterCapacityProvidersCommand,
  RegisterTaskDefinitionCommand,
  StopServiceDeploymentCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { errorWithCode } from '@ecs-actions/testkit';
import { circuitBreakerThreshold, planService } from '../../../src/ecs/deploy/plan.js';
import { explainRollout } from '../../../src/ecs/deploy/explain.js';
import { deployServices, summarizeDeployments } from '../../../src/ecs/index.js';
import { describeDeploymentEvent, reportDeployments } from '../../../src/report/index.js';
import {
  breaker,
  first,
  kinds,
  LOG_GROUP,
  openStage,
  serviceDefinition,
  taskDefinition,
  type Stage,
} from './stage.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.stop());

/** Does something while a rollout goes on. */
const after = (seconds: number, act: () => Promise<unknown>) =>
  stage.aws.clock.schedule(seconds * 1000, () => void act());

describe('a deployment that succeeds', () => {
  test('creates a service that is missing and waits for its first deployment', async () => {
    const result = await stage.create('web');
    expect(result).toMatchObject({
      outcome: 'succeeded',
      reason: 'The deployment of web:1 completed.',
      taskDefinitionArn: expect.stringMatching(/task-definition\/web:1$/),
      previousTaskDefinitionArn: undefined,
      deploymentId: expect.stringMatching(/^ecs-svc\/\d{19}$/),
      serviceDeploymentArn: expect.stringContaining(':service-deployment/prod/web/'),
      diagnoses: [],
    });
    expect(kinds(result.events)).toEqual(
      expect.arrayContaining(['service-created', 'task-started', 'deployment-completed']),
    );
    expect((await stage.describe('web')).runningCount).toBe(2);
  });

  test('creates it with the settings of the deployment, which go before its definition', async () => {
    await stage.ecs.send(
      new PutClusterCapacityProvidersCommand({
        cluster: 'prod',
        capacityProviders: ['FARGATE_SPOT'],
        defaultCapacityProviderStrategy: [],
      }),
    );
    await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v1') },
      {
        createIfMissing: serviceDefinition(),
        settings: {
          desiredCount: 3,
          enableExecuteCommand: true,
          propagateTags: 'SERVICE',
          forceNewDeployment: true,
          capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
        },
      },
    );
    expect(await stage.describe('web')).toMatchObject({
      desiredCount: 3,
      enableExecuteCommand: true,
      propagateTags: 'SERVICE',
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    });
  });

  test('rolls a new revision out', async () => {
    await stage.create('web');
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    expect(result).toMatchObject({
      outcome: 'succeeded',
      taskDefinitionArn: expect.stringMatching(/web:2$/),
      previousTaskDefinitionArn: expect.stringMatching(/web:1$/),
    });
    expect((await stage.describe('web')).deployments).toMatchObject([
      { id: result.deploymentId, rolloutState: 'COMPLETED' },
    ]);
  });

  test('deploys a revision that exists, and registers nothing', async () => {
    await stage.create('web');
    await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    const result = await stage.deploy({ service: 'web', taskDefinition: { revision: 'web:1' } });
    expect(result).toMatchObject({
      outcome: 'succeeded',
      taskDefinitionArn: expect.stringMatching(/web:1$/),
    });
    expect(await stage.revisions()).toEqual(['web:1', 'web:2']);
  });

  test('says unchanged where there is nothing to do, and changes nothing', async () => {
    const { deploymentId } = await stage.create('web');
    stage.calls();
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v1') });
    expect(result).toMatchObject({ outcome: 'unchanged', deploymentId });
    expect(stage.calls()).toEqual(['DescribeServices', 'DescribeTaskDefinition']);
    expect(await stage.revisions()).toEqual(['web:1']);
  });

  test('adopts a rollout of the same definition that is under way', async () => {
    await stage.create('web');
    const first = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      { wait: false },
    );
    expect(first).toMatchObject({ outcome: 'started', deploymentId: expect.any(String) });
    const second = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    expect(second).toMatchObject({ outcome: 'succeeded', deploymentId: first.deploymentId });
    expect(kinds(second.events)).toContain('deployment-adopted');
    expect(await stage.revisions()).toEqual(['web:1', 'web:2']);
  });

  test('waits until tasks that are being replaced run again', async () => {
    await stage.create('web');
    await stage.ecs.send(new UpdateServiceCommand({ cluster: 'prod', service: 'web', desiredCount: 4 }));
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v1') });
    expect(result.outcome).toBe('unchanged');
    expect((await stage.describe('web')).runningCount).toBe(4);
  });

  test('waits for all tasks after a change of the desired count alone', async () => {
    const { deploymentId } = await stage.create('web');
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v1') },
      { settings: { desiredCount: 3 } },
    );
    expect(result).toMatchObject({ outcome: 'succeeded', deploymentId });
    expect((await stage.describe('web')).runningCount).toBe(3);
  });

  test.each([{ desiredCount: 3 }, {}])(
    'what failed before the run does not count against it: %j',
    async (settings) => {
      await stage.create('web');
      await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1-10m') });
      await stage.aws.clock.advance(31 * 60_000);
      // Until tasks have just ended, the third pair or a later one, and are being replaced.
      for (let polls = 0; (await stage.describe('web')).runningCount !== 0; polls += 1) {
        if (polls > 300) throw new Error('No task ends.');
        await stage.aws.clock.advance(3_000);
      }
      const result = await stage.deploy(
        { service: 'web', taskDefinition: taskDefinition('exit-1-10m') },
        { settings },
      );
      expect(result).toMatchObject({ outcome: settings.desiredCount === 3 ? 'succeeded' : 'unchanged' });
      expect(kinds(result.events)).not.toContain('task-stopped');
      // That is: it had to wait.
      expect(kinds(result.events)).not.toContain('nothing-to-do');
    },
  );

  test('adopts what ECS is rolling back to, and waits until it is back', async () => {
    await stage.create('web', { deploymentConfiguration: breaker(true) });
    await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1') }, { wait: false });
    const primary = async () => (await stage.describe('web')).deployments?.[0];
    for (let polls = 0; !(await primary())?.taskDefinition?.endsWith('web:1'); polls += 1) {
      if (polls > 200) throw new Error('ECS does not roll back.');
      await stage.aws.clock.advance(3_000);
    }
    expect(await primary()).toMatchObject({ rolloutState: 'IN_PROGRESS' });
    const result = await stage.deploy({ service: 'web', taskDefinition: { revision: 'web:1' } });
    expect(result.outcome).toBe('succeeded');
    expect(await primary()).toMatchObject({ id: result.deploymentId, rolloutState: 'COMPLETED' });
    // What it did before is no news, and nothing against it now.
    const [adopted] = result.events;
    expect(adopted).toMatchObject({ type: 'deployment-adopted' });
    for (const { at } of result.events) expect(at).toBeGreaterThanOrEqual((adopted?.at ?? 0) - 10_000);
  });

  test('forces a deployment of what runs already', async () => {
    const { deploymentId } = await stage.create('web');
    const result = await stage.deploy({ service: 'web' }, { settings: { forceNewDeployment: true } });
    expect(result.outcome).toBe('succeeded');
    expect(result.deploymentId).not.toBe(deploymentId);
  });

  test('scaled to zero, it succeeds and says that no task runs', async () => {
    await stage.create('web');
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      { settings: { desiredCount: 0 } },
    );
    expect(result).toMatchObject({ outcome: 'succeeded', reason: expect.stringContaining('no task runs') });
  });

  test('autoscaling that changes the desired count meanwhile does not confuse it', async () => {
    await stage.create('web');
    after(20, () =>
      stage.ecs.send(new UpdateServiceCommand({ cluster: 'prod', service: 'web', desiredCount: 4 })),
    );
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    expect(result.outcome).toBe('succeeded');
    expect(result.events).toContainEqual(expect.objectContaining({ type: 'desired-count', from: 2, to: 4 }));
  });

  test('sends only settings that differ from what the service has', async () => {
    await stage.create('web', { enableExecuteCommand: true });
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v1') },
      { settings: { enableExecuteCommand: true, desiredCount: 2 } },
    );
    expect(result.outcome).toBe('unchanged');
  });

  test('lists of settings have no order', async () => {
    const network = (...subnets: string[]) => ({
      networkConfiguration: { awsvpcConfiguration: { subnets } },
    });
    await stage.create('web', network('subnet-0a', 'subnet-0b'));
    const deploy = (settings: object) =>
      stage.deploy({ service: 'web', taskDefinition: taskDefinition('v1') }, { settings });
    expect((await deploy(network('subnet-0b', 'subnet-0a'))).outcome).toBe('unchanged');
    const planned = await stage.plan({ service: 'web' }, { settings: network('subnet-0a', 'subnet-0a') });
    expect(planned.reason).toMatch(/^Would update/);
    expect((await deploy(network('subnet-0b', 'subnet-0c'))).outcome).toBe('succeeded');
  });

  test('one that is shorter, or empty, takes something away', () => {
    const deployments = [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' }] as const;
    const loadBalancers = [{ targetGroupArn: 'a' }, { targetGroupArn: 'b' }];
    const plan = (wanted: typeof loadBalancers) =>
      planService({ loadBalancers, deployments: [...deployments] }, undefined, { loadBalancers: wanted });
    expect(plan(loadBalancers).kind).not.toBe('update');
    for (const fewer of [[], [{ targetGroupArn: 'b' }]]) expect(plan(fewer).kind).toBe('update');
  });

  test('but for placement strategies, which are applied one after the other', () => {
    const service = { placementStrategy: [{ type: 'spread' }, { type: 'binpack' }] } as const;
    const deployments = [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' }] as const;
    const found = { placementStrategy: [...service.placementStrategy], deployments: [...deployments] };
    const plan = (placementStrategy: typeof found.placementStrategy) =>
      planService(found, undefined, { placementStrategy });
    expect(plan(found.placementStrategy).kind).not.toBe('update');
    expect(plan(found.placementStrategy.toReversed())).toMatchObject({ kind: 'update' });
  });

  test('deploys the same definition again after it has failed', async () => {
    await stage.create('web', { deploymentConfiguration: breaker(false) });
    const bad = taskDefinition('exit-1');
    expect((await stage.deploy({ service: 'web', taskDefinition: bad })).outcome).toBe('failed');
    const again = await stage.deploy({ service: 'web', taskDefinition: bad }, { wait: false });
    expect(again.outcome).toBe('started');
    expect((await stage.describe('web')).deployments?.[0]).toMatchObject({
      status: 'PRIMARY',
      id: again.deploymentId,
      rolloutState: 'IN_PROGRESS',
    });
  });
});

describe('a deployment that fails', () => {
  test('rolled back by the circuit breaker: says so, why, and what the container wrote last', async () => {
    await stage.create('web', { deploymentConfiguration: breaker(true) });
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1') });
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      reason:
        'The deployment was rolled back to web:1: Service deployment rolled back because the circuit breaker threshold was exceeded.',
    });
    expect(result.diagnoses[0]).toMatchObject({
      id: 'application-exited',
      containers: [{ name: 'app', exitCode: 1 }],
      logTail: {
        kind: 'lines',
        containerName: 'app',
        lines: expect.arrayContaining(['Error: app cannot go on', 'exiting with code 1']),
      },
    });
    expect(result.diagnoses[0]?.count).toBeGreaterThanOrEqual(3);
    expect(kinds(result.events)).toEqual(
      expect.arrayContaining(['task-stopped', 'rollback-started', 'rolled-back']),
    );
    expect((await stage.describe('web')).deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
  });

  test('rolled back on the same revision: a forced deployment of what has stopped working', async () => {
    const { taskDefinitionArn } = await stage.create('web', { deploymentConfiguration: breaker(true) });
    await stage.logs.send(new DeleteLogGroupCommand({ logGroupName: LOG_GROUP }));
    const result = await stage.deploy({ service: 'web' }, { settings: { forceNewDeployment: true } });
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      taskDefinitionArn,
      previousTaskDefinitionArn: taskDefinitionArn,
    });
  });

  test('failed: a circuit breaker without rollback means leave', async () => {
    await stage.create('web', { deploymentConfiguration: breaker(false) });
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1') });
    expect(result).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('ECS did not roll it back'),
    });
    expect(kinds(result.events)).not.toContain('rollback-requested');
  });

  test('a circuit breaker without rollback, and an explicit wish for one', async () => {
    const { taskDefinitionArn } = await stage.create('web', { deploymentConfiguration: breaker(false) });
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('exit-1') },
      { onFailure: 'rollback' },
    );
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      reason: expect.stringContaining('brought back to web:1'),
    });
    expect(result.events).toContainEqual(
      expect.objectContaining({ type: 'rollback-requested', how: 'UpdateService' }),
    );
    expect((await stage.describe('web')).deployments).toMatchObject([
      { taskDefinition: taskDefinitionArn, rolloutState: 'COMPLETED' },
    ]);
    expect(result.diagnoses[0]).toMatchObject({ id: 'application-exited' });
  });

  test.each([
    ['ECS was told to leave it', breaker(false)],
    ['ECS may not be asked', {}],
  ])('an update back takes settings back too, as ECS would (%s)', async (_, deploymentConfiguration) => {
    await stage.create('web', { deploymentConfiguration });
    const operation = 'StopServiceDeployment';
    stage.aws.faults.inject({ service: 'ecs', operation, kind: 'access-denied', times: 9 });
    const awsvpcConfiguration = { subnets: ['subnet-0bad0bad0bad0bad0'] };
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('exit-1') },
      {
        onFailure: 'rollback',
        settings: { desiredCount: 3, networkConfiguration: { awsvpcConfiguration } },
      },
    );
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      reason: expect.stringMatching(
        / The service was brought back to web:1, its networkConfiguration too\.$/,
      ),
    });
    expect(await stage.describe('web')).toMatchObject({
      desiredCount: 3,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0123456789abcdef0'] } },
    });
  });

  test('a rollback by ECS that never succeeds is given up, too', async () => {
    await stage.create('web');
    await stage.logs.send(new DeleteLogGroupCommand({ logGroupName: LOG_GROUP }));
    const { taskArns = [] } = await stage.ecs.send(new ListTasksCommand({ cluster: stage.cluster }));
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      {
        onEvent: ({ type }) => {
          if (type !== 'rollback-requested') return;
          for (const task of taskArns)
            void stage.ecs.send(new StopTaskCommand({ cluster: stage.cluster, task }));
        },
      },
    );
    expect(result).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^Given up: .* The rollback to web:1 does not succeed either: \d+ tasks/),
    });
  });

  test('an update back that fails is told apart from what it takes back', async () => {
    await stage.create('web');
    await stage.logs.send(new DeleteLogGroupCommand({ logGroupName: LOG_GROUP }));
    const operation = 'StopServiceDeployment';
    stage.aws.faults.inject({ service: 'ecs', operation, kind: 'access-denied', times: 9 });
    const awsvpcConfiguration = { subnets: ['subnet-0bad0bad0bad0bad0'] };
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      { settings: { desiredCount: 4, networkConfiguration: { awsvpcConfiguration } } },
    );
    expect(result).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^Given up: .* Going back to web:1 failed, too\. Given up: /),
    });
  });

  test('a rollback that is not allowed: the deployment has failed, and the missing statement is named', async () => {
    await stage.create('web', { deploymentConfiguration: breaker(false) });
    stage.aws.faults.inject({
      service: 'ecs',
      operation: 'UpdateService',
      kind: 'access-denied',
      times: 9,
      after: 1,
    });
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('exit-1') },
      { onFailure: 'rollback' },
    );
    expect(result).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/could not be rolled back: .*"Action":"ecs:UpdateService"/),
    });
    expect(result.diagnoses[0]).toMatchObject({ id: 'application-exited' });
  });

  test('how it ended stands, also where the logs cannot be read any more', async () => {
    await stage.create('web', { deploymentConfiguration: breaker(true) });
    stage.aws.faults.inject({ service: 'logs', kind: 'expired-token', times: 9 });
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1') });
    expect(result).toMatchObject({ outcome: 'rolled-back', error: undefined });
  });

  test('more tasks of a definition that has stopped working: given up, and nothing is taken back', async () => {
    await stage.create('web');
    await stage.logs.send(new DeleteLogGroupCommand({ logGroupName: LOG_GROUP }));
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v1') },
      { settings: { desiredCount: 6 } },
    );
    expect(result).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/^Given up/) });
    expect(kinds(result.events)).not.toContain('rollback-requested');
    expect(result.diagnoses[0]).toMatchObject({ id: 'log-group-missing' });
  });

  test('without a circuit breaker: given up after three equal failures, and rolled back by us', async () => {
    const { taskDefinitionArn } = await stage.create('web');
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1') });
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      reason: expect.stringMatching(
        /^Given up: \d tasks .* no circuit breaker\. The deployment was rolled back to web:1/,
      ),
    });
    expect(result.events).toContainEqual(
      expect.objectContaining({ type: 'rollback-requested', how: 'StopServiceDeployment' }),
    );
    expect((await stage.describe('web')).deployments).toMatchObject([
      { taskDefinition: taskDefinitionArn, rolloutState: 'COMPLETED' },
    ]);
    expect(result.diagnoses[0]?.logTail).toMatchObject({ kind: 'lines' });
  });

  test.each([
    [5, 3],
    [25, 13],
    [399, 200],
    [1_000, 200],
  ])(
    'of %d tasks, %d equal failures are enough, as they are for the circuit breaker',
    (desired, failures) => {
      expect(circuitBreakerThreshold(desired)).toBe(failures);
    },
  );

  test('of many tasks, more than three have to fail', async () => {
    await stage.create('web', { desiredCount: 10 });
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1') });
    expect(result.outcome).toBe('rolled-back');
    const failures = /^Given up: (\d+) tasks/.exec(result.reason)?.[1];
    expect(Number(failures)).toBeGreaterThanOrEqual(5);
  });

  test('without a circuit breaker, left as it is on request', async () => {
    await stage.create('web');
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('exit-1') },
      { onFailure: 'leave' },
    );
    expect(result).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/^Given up/) });
    expect((await stage.describe('web')).deployments).toHaveLength(2);
  });

  test('fail-fast turned off: the whole budget is used', async () => {
    await stage.create('web');
    const before = stage.aws.clock.now();
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('exit-1') },
      { failFastAfter: 0, timeoutMs: 10 * 60_000 },
    );
    expect(result).toMatchObject({
      outcome: 'timed-out',
      reason: expect.stringContaining('It goes on in ECS'),
    });
    expect(stage.aws.clock.now() - before).toBeGreaterThanOrEqual(600_000);
    expect(stage.aws.clock.now() - before).toBeLessThan(601_000);
    expect(result.diagnoses[0]).toMatchObject({ id: 'application-exited' });
  });

  test('among more stopped tasks of others than one page holds', async () => {
    await stage.create('web', { desiredCount: 120, deploymentConfiguration: breaker(true) });
    await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1') });
    expect(result.outcome).toBe('rolled-back');
    expect(kinds(result.events)).toContain('task-stopped');
    expect(result.diagnoses[0]).toMatchObject({ id: 'application-exited' });
  });

  test('what tasks of the deployment before failed of is not held against this one', async () => {
    await stage.create('web');
    await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-7-10m') });
    await stage.aws.clock.advance(25 * 60_000);
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1') });
    expect(result.outcome).toBe('rolled-back');
    expect(JSON.stringify(result.diagnoses)).toContain('"exitCode":1');
    expect(JSON.stringify(result.diagnoses)).not.toContain('"exitCode":7');
  });

  test('nor what they fail of while it goes on', async () => {
    await stage.create('web');
    await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-7-10m') });
    // Its tasks end within the next minute, and those of the new deployment at once.
    await stage.aws.clock.advance(9 * 60_000);
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1') });
    expect(result.outcome).toBe('rolled-back');
    expect(JSON.stringify([result.diagnoses, result.events])).toContain('"exitCode":1');
    expect(JSON.stringify([result.diagnoses, result.events])).not.toContain('"exitCode":7');
  });

  test('one that comes while ECS goes back from another has something to go back to', async () => {
    const { taskDefinitionArn } = await stage.create('web', { deploymentConfiguration: breaker(true) });
    await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1') }, { wait: false });
    for (let polls = 0; (await stage.describe('web')).taskDefinition !== taskDefinitionArn; polls += 1) {
      if (polls > 200) throw new Error('ECS does not roll back.');
      await stage.aws.clock.advance(3_000);
    }
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('exit-2') },
      {
        settings: {
          deploymentConfiguration: { deploymentCircuitBreaker: { enable: false, rollback: false } },
        },
      },
    );
    expect(result).toMatchObject({ outcome: 'rolled-back', previousTaskDefinitionArn: taskDefinitionArn });
  });

  test.each([
    ['no circuit breaker', {}, 'rolled-back'],
    ['a circuit breaker, which counts nothing', breaker(true), 'rolled-back'],
    ['a circuit breaker whose failures are to stay', breaker(false), 'failed'],
  ])(
    'percentages that leave no room, also where ECS does not say so again: %s',
    async (_, settings, outcome) => {
      await stage.create('web', { desiredCount: 1 });
      await stage.ecs.send(
        new UpdateServiceCommand({
          cluster: 'prod',
          service: 'web',
          deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100, ...settings },
        }),
      );
      for (const [version, again] of [
        ['v2', false],
        ['v3', true],
      ] as const) {
        const before = stage.aws.clock.now();
        const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition(version) });
        expect(result).toMatchObject({
          outcome,
          reason: expect.stringMatching(/^Given up: minimumHealthyPercent 50 and maximumPercent 100 leave/),
          diagnoses: [{ id: 'deployment-deadlocked', count: 1 }],
        });
        const told = result.events.filter(({ type }) => type === 'impeded');
        expect(told).toHaveLength(again ? 0 : 1);
        expect(stage.aws.clock.now() - before).toBeLessThan(5 * 60_000);
      }
    },
  );

  test('what we concluded explains it where nothing that ECS says does', async () => {
    const { deploymentId = '', taskDefinitionArn = '' } = await stage.create('web');
    const createdAt = stage.aws.clock.now();
    const rollout = { cluster: 'prod', service: 'web', deploymentId, createdAt, taskDefinitionArn };
    const reason =
      'Given up: minimumHealthyPercent 100 and maximumPercent 100 leave ECS no room to replace even one of 2 tasks.';
    const { diagnoses } = await explainRollout({ ecs: stage.ecs, rollout, snapshot: undefined, reason });
    expect(diagnoses).toMatchObject([{ id: 'deployment-deadlocked', reason }]);
  });

  test('what ECS complained of before explains no tasks that fail by themselves', async () => {
    await stage.create('web', { desiredCount: 1 });
    const set = (minimumHealthyPercent: number, maximumPercent: number) =>
      stage.ecs.send(
        new UpdateServiceCommand({
          cluster: 'prod',
          service: 'web',
          deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
        }),
      );
    await set(50, 100);
    await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    await set(100, 200);
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('exit-1') });
    expect(result.diagnoses.map(({ id }) => id)).toEqual(['application-exited']);
  });

  test('an image that is not there', async () => {
    await stage.create('web', { deploymentConfiguration: breaker(true) });
    const missing = taskDefinition('v2');
    const app = first(missing.document.containerDefinitions);
    app.image = `${stage.aws.host}/web:v9`;
    const result = await stage.deploy({ service: 'web', taskDefinition: missing });
    expect(result.outcome).toBe('rolled-back');
    expect(result.diagnoses[0]).toMatchObject({ id: 'image-not-found', weight: 'cause' });
    expect(result.diagnoses[0]?.logTail).toBeUndefined();
  });

  test.each([
    ['document', 'exit-1'],
    ['revision', 'pull-error'],
  ])('a reason that quotes a secret of the task definition, given as %s (%s)', async (given, behaviour) => {
    await stage.create('web');
    const bad = taskDefinition(behaviour);
    const app = first(bad.document.containerDefinitions);
    app.environment = [
      { name: 'DB_PASSWORD', value: 'hunter2hunter2' },
      { name: 'TENANT', value: 'acme-corp' },
    ];
    app.dockerLabels = { 'local-aws.reason': 'login hunter2hunter2 of acme-corp refused: the very end' };
    if (given === 'revision') await stage.ecs.send(new RegisterTaskDefinitionCommand(bad.document));
    const seen: unknown[] = [];
    const result = await stage.deploy(
      { service: 'web', taskDefinition: given === 'revision' ? { revision: 'web:2' } : bad },
      { redact: ['TENANT'], onEvent: (event) => seen.push(describeDeploymentEvent(event, 0)) },
    );
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      diagnoses: [
        {
          reason: expect.stringMatching(/login \(redacted\) of \(redacted\) refused: the very end$/),
        },
      ],
    });
    const shown = [
      reportDeployments([{ ...result, diff: undefined }]),
      seen,
      summarizeDeployments([result]),
      result.events,
    ];
    expect(JSON.stringify(shown)).toContain('refused: the very end');
    expect(JSON.stringify(shown)).not.toMatch(/hunter2|acme-corp/);
  });

  test('a reason that quotes a secret of what the service goes back to', async () => {
    const old = taskDefinition('v1');
    first(old.document.containerDefinitions).environment = [{ name: 'DB_PASSWORD', value: 'hunter2hunter2' }];
    const create = { createIfMissing: serviceDefinition({ deploymentConfiguration: breaker(false) }) };
    await stage.deploy({ service: 'web', taskDefinition: old }, create);
    const stopAll = async () => {
      const { taskArns = [] } = await stage.ecs.send(new ListTasksCommand({ cluster: 'prod' }));
      const reason = 'cannot log in with hunter2hunter2';
      for (const task of taskArns)
        await stage.ecs.send(new StopTaskCommand({ cluster: 'prod', task, reason }));
    };
    const seen: string[] = [];
    await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('exit-1') },
      {
        onFailure: 'rollback',
        onEvent: (event) => {
          seen.push(describeDeploymentEvent(event, 0).text);
          if (event.type === 'rollback-requested') after(10, stopAll);
        },
      },
    );
    expect(seen.join('\n')).toContain('cannot log in with (redacted)');
    expect(seen.join('\n')).not.toContain('hunter2');
  });

  test('a log group that is not there', async () => {
    await stage.create('web', { deploymentConfiguration: breaker(true) });
    const unlogged = taskDefinition('v2');
    const app = first(unlogged.document.containerDefinitions);
    app.logConfiguration!.options!['awslogs-group'] = '/ecs/nowhere';
    const result = await stage.deploy({ service: 'web', taskDefinition: unlogged });
    expect(result.outcome).toBe('rolled-back');
    expect(result.diagnoses[0]).toMatchObject({ id: 'log-group-missing' });
  });

  test('a first deployment that fails has nothing to go back to', async () => {
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('exit-1') },
      { createIfMissing: serviceDefinition({ deploymentConfiguration: breaker(true) }) },
    );
    expect(result).toMatchObject({ outcome: 'failed' });
    expect(result.diagnoses[0]).toMatchObject({ id: 'application-exited' });
  });

  test('a first deployment without a circuit breaker is given up too', async () => {
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('exit-1') },
      { createIfMissing: serviceDefinition() },
    );
    expect(result).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/^Given up/) });
    expect(kinds(result.events)).not.toContain('rollback-requested');
  });
});

describe('a deployment that others interfere with', () => {
  test('superseded by a newer one', async () => {
    await stage.create('web');
    await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    after(20, () =>
      stage.ecs.send(new UpdateServiceCommand({ cluster: 'prod', service: 'web', taskDefinition: 'web:1' })),
    );
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v3') });
    expect(result).toMatchObject({ outcome: 'superseded', reason: expect.stringContaining('with web:1') });
    expect(kinds(result.events)).toContain('superseded');
  });

  test('stopped by somebody', async () => {
    await stage.create('web');
    after(20, async () => {
      const { serviceDeployments = [] } = await stage.ecs.send(
        new ListServiceDeploymentsCommand({ cluster: 'prod', service: 'web', status: ['IN_PROGRESS'] }),
      );
      const { serviceDeploymentArn } = first(serviceDeployments);
      await stage.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ABORT' }));
    });
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    expect(result.outcome).toBe('stopped');
  });

  test('the service is deleted', async () => {
    await stage.create('web');
    after(20, () =>
      stage.ecs.send(new DeleteServiceCommand({ cluster: 'prod', service: 'web', force: true })),
    );
    const result = await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    expect(result).toMatchObject({ outcome: 'stopped', reason: expect.stringContaining('deleted') });
  });

  test('cancelled: the rollout goes on', async () => {
    await stage.create('web');
    const cancel = new AbortController();
    after(20, async () => cancel.abort(new Error('cancelled')));
    const before = stage.aws.clock.now();
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      { signal: cancel.signal },
    );
    expect(result).toMatchObject({ outcome: 'cancelled', reason: expect.stringContaining('goes on in ECS') });
    expect(stage.aws.clock.now() - before).toBeLessThan(21_000);
    expect((await stage.describe('web')).deployments?.[0]).toMatchObject({
      id: result.deploymentId,
      rolloutState: 'IN_PROGRESS',
    });
  });

  test('cancelled with on-cancel rollback: ECS is asked to go back', async () => {
    const { taskDefinitionArn } = await stage.create('web');
    const cancel = new AbortController();
    after(20, async () => cancel.abort(new Error('cancelled')));
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      { signal: cancel.signal, onCancel: 'rollback' },
    );
    expect(result).toMatchObject({
      outcome: 'cancelled',
      reason: 'This run was cancelled. ECS was asked to roll it back and is doing so.',
    });
    await stage.aws.clock.advance(300_000);
    expect((await stage.describe('web')).deployments).toMatchObject([{ taskDefinition: taskDefinitionArn }]);
  });

  test('cancelled while more tasks of the same start: there is nothing to go back to', async () => {
    await stage.create('web');
    const cancel = new AbortController();
    after(8, async () => cancel.abort(new Error('cancelled')));
    stage.calls();
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v1') },
      { settings: { desiredCount: 4 }, signal: cancel.signal, onCancel: 'rollback' },
    );
    expect(result).toMatchObject({
      outcome: 'cancelled',
      reason: expect.stringMatching(/goes on in ECS\. It was not rolled back: nothing was deployed\.$/),
    });
    expect(stage.calls()).not.toContain('StopServiceDeployment');
  });

  test.each([
    ['cancelled', 'ends', (signal: AbortSignal) => ({ signal, onCancel: 'rollback' as const })],
    ['timed-out', 'ends', () => ({ timeoutMs: 8_000, onFailure: 'rollback' as const })],
    ['failed', 'exit-1', () => ({})],
  ])(
    '%s while the service is created: says why it was not rolled back',
    async (outcome, behaviour, options) => {
      const cancel = new AbortController();
      after(8, async () => cancel.abort(new Error('cancelled')));
      const result = await stage.deploy(
        { service: 'web', taskDefinition: taskDefinition(behaviour) },
        { createIfMissing: serviceDefinition(), ...options(cancel.signal) },
      );
      expect(result).toMatchObject({
        outcome,
        reason: expect.stringMatching(
          / It was not rolled back: the service has no earlier deployment that completed\.$/,
        ),
      });
    },
  );

  test('not waited for, while tasks are being replaced: nothing was started', async () => {
    await stage.create('web');
    const { taskArns } = await stage.ecs.send(
      new ListTasksCommand({ cluster: stage.cluster, serviceName: 'web' }),
    );
    await stage.ecs.send(new StopTaskCommand({ cluster: stage.cluster, task: first(taskArns) }));
    await stage.aws.clock.advance(3_000);
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v1') },
      { wait: false },
    );
    expect(result).toMatchObject({ outcome: 'unchanged', reason: expect.stringContaining('nothing to do') });
  });

  test('cancelled while ECS does not answer the update back: says that it may have been made', async () => {
    await stage.create('web', { deploymentConfiguration: breaker(false) });
    stage.aws.faults.inject({
      service: 'ecs',
      operation: 'UpdateService',
      kind: 'delay',
      delayMs: 6_000,
      after: 1,
    });
    let updates = 0;
    const cancel = new AbortController();
    stage.ecs.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          const answer = next(args);
          if (commandName === 'UpdateServiceCommand') updates += 1;
          if (updates === 2) setImmediate(() => cancel.abort(new Error('cancelled')));
          return answer;
        },
      { step: 'deserialize', name: 'cancel' },
    );
    const result = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('exit-1') },
      { signal: cancel.signal, onFailure: 'rollback' },
    );
    expect(result).toMatchObject({
      outcome: 'cancelled',
      reason: expect.stringMatching(
        /^The deployment failed, and ECS did not roll it back.*it may have been done/,
      ),
    });
  });

  /** Cancels as soon as a request of this name has been sent. */
  const cancelDuring = (command: string): AbortSignal => {
    const cancel = new AbortController();
    stage.ecs.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          const answer = next(args);
          if (commandName === command) setImmediate(() => cancel.abort(new Error('cancelled')));
          return answer;
        },
      { step: 'deserialize', name: 'cancel' },
    );
    return cancel.signal;
  };

  test.each(['leave', 'rollback'] as const)(
    'cancelled while ECS takes the update: it is known what was started (on-cancel: %s)',
    async (onCancel) => {
      const { taskDefinitionArn } = await stage.create('web');
      stage.aws.faults.inject({ service: 'ecs', operation: 'UpdateService', kind: 'delay', delayMs: 200 });
      const result = await stage.deploy(
        { service: 'web', taskDefinition: taskDefinition('v2') },
        { signal: cancelDuring('UpdateServiceCommand'), onCancel },
      );
      expect(result).toMatchObject({
        outcome: 'cancelled',
        reason: expect.stringContaining(onCancel === 'leave' ? 'goes on in ECS' : 'asked to roll it back'),
        deploymentId: expect.stringMatching(/^ecs-svc/),
      });
      await stage.aws.clock.advance(300_000);
      const [primary] = (await stage.describe('web')).deployments ?? [];
      expect(primary?.taskDefinition === taskDefinitionArn).toBe(onCancel === 'rollback');
    },
  );

  test('cancelled while ECS does not answer the update: says that it may have been made', async () => {
    await stage.create('web');
    stage.aws.faults.inject({ service: 'ecs', operation: 'UpdateService', kind: 'delay', delayMs: 6_000 });
    const signal = cancelDuring('UpdateServiceCommand');
    const [result] = await stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: [{ service: 'web', taskDefinition: taskDefinition('v2') }],
        },
        { clock: stage.aws.clock, signal },
      ),
    );
    expect(result).toMatchObject({
      outcome: 'cancelled',
      reason: expect.stringContaining('may have been done'),
      error: { code: 'DEPLOYMENT_CANCELLED' },
    });
  });

  test('cancelled while the service is read: that is said, and nothing was changed', async () => {
    await stage.create('web');
    stage.aws.faults.inject({ service: 'ecs', operation: 'DescribeServices', kind: 'delay', delayMs: 200 });
    const deploying = stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      { signal: cancelDuring('DescribeServicesCommand') },
    );
    await expect(deploying).rejects.toEqual(errorWithCode('CANCELLED', 'before it changed a service'));
    expect(await stage.revisions()).toEqual(['web:1']);
  });

  test('cancelled before the service was updated: nothing was changed', async () => {
    await stage.create('web');
    const deploying = stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      { signal: AbortSignal.abort(new Error('cancelled')) },
    );
    await expect(deploying).rejects.toThrow();
    expect((await stage.describe('web')).deployments).toHaveLength(1);
  });

  test('cancelled while one of two has not been started: the other is still known, and goes back', async () => {
    await stage.stop();
    stage = await openStage({}, { maxAttempts: 1 });
    await stage.create('web');
    await stage.create('worker');
    stage.aws.faults.inject({
      service: 'ecs',
      operation: 'UpdateService',
      kind: 'throttle',
    });
    const cancel = new AbortController();
    const results = await stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: ['web', 'worker'].map((service) => ({ service, taskDefinition: taskDefinition('v2') })),
        },
        {
          clock: stage.aws.clock,
          signal: cancel.signal,
          onCancel: 'rollback',
          onEvent: ({ type }) => {
            if (type === 'service-updated') cancel.abort(new Error('cancelled'));
          },
        },
      ),
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled']);
    const started = results.filter(({ deploymentId }) => deploymentId !== undefined);
    expect(started).toMatchObject([{ reason: expect.stringContaining('asked to roll it back') }]);
  });
});

describe('what cannot be deployed is found before anything is registered', () => {
  test('a mistyped service', async () => {
    await stage.create('web');
    const deploying = stage.deploy({ service: 'wbe', taskDefinition: taskDefinition('v2') });
    await expect(deploying).rejects.toEqual(errorWithCode('SERVICE_NOT_FOUND', 'wbe in cluster prod'));
    expect(await stage.revisions()).toEqual(['web:1']);
  });

  test('a mistyped cluster', async () => {
    const deploying = stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prdo',
          services: [{ service: 'web', taskDefinition: taskDefinition('v1') }],
        },
        { clock: stage.aws.clock },
      ),
    );
    await expect(deploying).rejects.toEqual(errorWithCode('CLUSTER_NOT_FOUND', 'prdo'));
    expect(await stage.revisions()).toEqual([]);
  });

  test('a service that is being deleted', async () => {
    await stage.create('web');
    await stage.ecs.send(new DeleteServiceCommand({ cluster: 'prod', service: 'web', force: true }));
    const deploying = stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    await expect(deploying).rejects.toEqual(errorWithCode('SERVICE_NOT_ACTIVE', 'DRAINING'));
    await stage.aws.clock.advance(600_000);
    const later = stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    await expect(later).rejects.toEqual(errorWithCode('SERVICE_NOT_ACTIVE', 'INACTIVE'));
    expect(await stage.revisions()).toEqual(['web:1']);
    expect((await stage.create('web')).outcome).toBe('succeeded');
  });

  test('controllers that are not ours', async () => {
    await stage.create('web');
    await stage.ecs.send(
      new CreateServiceCommand({
        cluster: 'prod',
        serviceName: 'external',
        desiredCount: 1,
        deploymentController: { type: 'EXTERNAL' },
      }),
    );
    const deploying = stage.deploy({ service: 'external', taskDefinition: taskDefinition('v2') });
    await expect(deploying).rejects.toEqual(errorWithCode('SERVICE_CONTROLLER_UNSUPPORTED', 'EXTERNAL'));
    expect(await stage.revisions()).toEqual(['web:1']);
  });

  test('a revision that was deregistered, or never was', async () => {
    await stage.create('web');
    await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    await stage.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:1' }));
    for (const revision of ['web:1', 'web:99', 'nothing'])
      await expect(stage.deploy({ service: 'web', taskDefinition: { revision } })).rejects.toEqual(
        errorWithCode('TASK_DEFINITION_NOT_FOUND'),
      );
  });

  test('a revision that is not there, before another is registered', async () => {
    await stage.create('web');
    await stage.create('worker');
    const deploying = stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: [
            { service: 'web', taskDefinition: taskDefinition('v2') },
            { service: 'worker', taskDefinition: { revision: 'web:99' } },
          ],
        },
        { clock: stage.aws.clock },
      ),
    );
    await expect(deploying).rejects.toEqual(errorWithCode('TASK_DEFINITION_NOT_FOUND', 'web:99'));
    expect(await stage.revisions()).toEqual(['web:1']);
  });

  test('a service that is to be created for another controller', async () => {
    const deploymentController = { type: 'CODE_DEPLOY' as const };
    const creating = stage.create('web', { deploymentController });
    await expect(creating).rejects.toEqual(
      errorWithCode('SERVICE_CONTROLLER_UNSUPPORTED', /web is not there.*CODE_DEPLOY/),
    );
    expect(await stage.revisions()).toEqual([]);
  });

  test('several services: all faults at once', async () => {
    await stage.create('web');
    const deploying = stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: ['web', 'wroker', 'cron'].map((service) => ({
            service,
            taskDefinition: taskDefinition('v2'),
          })),
        },
        { clock: stage.aws.clock },
      ),
    );
    await expect(deploying).rejects.toEqual(errorWithCode('SERVICE_NOT_FOUND', /wroker[^]*cron/));
    expect(await stage.revisions()).toEqual(['web:1']);
  });
});

describe('several services', () => {
  test('share one registration, roll out together, and each tells its own end', async () => {
    await stage.create('web', { deploymentConfiguration: breaker(true) });
    await stage.create('worker', { deploymentConfiguration: breaker(true) });
    stage.calls();
    const seen: string[] = [];
    const results = await stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: [
            { service: 'web', taskDefinition: taskDefinition('v2') },
            { service: 'worker', taskDefinition: taskDefinition('v2') },
          ],
        },
        { clock: stage.aws.clock, random: () => 0, onEvent: (_, service) => seen.push(service) },
      ),
    );
    expect(results.map(({ service, outcome }) => [service, outcome])).toEqual([
      ['web', 'succeeded'],
      ['worker', 'succeeded'],
    ]);
    expect(new Set(seen)).toEqual(new Set(['web', 'worker']));
    const calls = stage.calls();
    expect(calls.filter((operation) => operation === 'RegisterTaskDefinition')).toHaveLength(1);
    // Polled together: about as many reads of services as one service needs.
    expect(calls.filter((operation) => operation === 'DescribeServices').length).toBeLessThan(25);
  });

  test('read ten services and twenty service deployments a call', async () => {
    const services = Array.from({ length: 12 }, (_, index) => ({ service: `web-${index}` }));
    for (const { service } of services) await stage.create(service);
    stage.calls();
    const deploymentConfiguration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 } as const;
    const results = await stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: services.map((one) => ({ ...one, taskDefinition: taskDefinition('v2') })),
        },
        { clock: stage.aws.clock, random: () => 0.5, settings: { deploymentConfiguration } },
      ),
    );
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['succeeded']));
    const calls = stage.calls();
    const minutes = (first(results).endedAt - first(results).startedAt) / 60_000;
    const count = (operation: string) => calls.filter((one) => one === operation).length;
    expect(count('DescribeServiceDeployments')).toBeLessThanOrEqual(20 * minutes);
    expect(count('DescribeServices')).toBeLessThanOrEqual(2 * 20 * minutes);
  });

  test('one that is refused does not keep the others from being followed', async () => {
    await stage.create('web');
    await stage.create('worker');
    const results = await stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: [
            { service: 'web', taskDefinition: taskDefinition('v2') },
            {
              service: 'worker',
              taskDefinition: {
                document: {
                  ...taskDefinition('v2').document,
                  family: 'ec2',
                  requiresCompatibilities: ['EC2'],
                  networkMode: 'bridge',
                },
              },
            },
          ],
        },
        { clock: stage.aws.clock, random: () => 0, validate: 'off' },
      ),
    );
    expect(results).toMatchObject([
      { service: 'web', outcome: 'succeeded' },
      { service: 'worker', outcome: 'failed', error: { code: 'SERVICE_UPDATE_REFUSED' } },
    ]);
  });
});
