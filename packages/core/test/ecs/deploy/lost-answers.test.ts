import {
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  type DeploymentLifecycleHookAction,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  continueDeployments,
  deployServices,
  type DeploymentResult,
  type DeployServiceOptions,
} from '../../../src/ecs/index.js';
import { first, openStage, taskDefinition, type Stage } from './stage.js';
import { openLossyEndpoint, whileTimePasses, type Loss, type LossyEndpoint } from './lossy-endpoint.js';

const LOSSES: readonly Loss[] = ['reset', 'silence', 'server-error'];

let stage: Stage;
let lossy: LossyEndpoint;
beforeEach(async () => {
  stage = await openStage();
  lossy = await openLossyEndpoint(stage.aws.endpoint);
  await stage.create('web');
});
afterEach(async () => {
  await lossy.close();
  await stage.stop();
});

/** With a client as the actions have it, retries of the SDK included, that gives up on an answer after `patienceMs`. */
async function deploy(
  behaviour: string,
  {
    patienceMs = 300,
    stepMs,
    ...options
  }: Partial<DeployServiceOptions> & { patienceMs?: number; stepMs?: number } = {},
): Promise<DeploymentResult> {
  const { region, credentials, clock } = stage.aws;
  const requestHandler = { requestTimeout: patienceMs, throwOnRequestTimeout: true };
  const ecs = new ECSClient({ endpoint: lossy.url, region, credentials, requestHandler });
  const services = [{ service: 'web', taskDefinition: taskDefinition(behaviour) }];
  try {
    const deploying = deployServices({ ecs, cluster: stage.cluster, services }, { clock, ...options });
    return first(await whileTimePasses(clock, deploying, stepMs));
  } finally {
    ecs.destroy();
  }
}

/** Of all service deployments, oldest first. */
async function statuses(): Promise<(string | undefined)[]> {
  const list = new ListServiceDeploymentsCommand({ cluster: stage.cluster, service: 'web' });
  const { serviceDeployments = [] } = await stage.ecs.send(list);
  return serviceDeployments.map(({ status }) => status).reverse();
}

describe.each(LOSSES)('a rollback that is asked for, its answer lost (%s)', (loss) => {
  test('is one request, and no update is made on top of it', async () => {
    lossy.lose('StopServiceDeployment', loss);
    stage.calls();
    const { outcome, reason, events } = await deploy('exit-1');
    expect({ outcome, reason }).toMatchObject({
      outcome: 'rolled-back',
      reason: expect.stringMatching(/^Given up: .* rolled back/),
    });
    expect(events).toContainEqual(expect.objectContaining({ how: 'StopServiceDeployment' }));
    expect(stage.calls().filter((one) => one === 'UpdateService')).toHaveLength(1);
    expect(await statuses()).toEqual(['SUCCESSFUL', 'ROLLBACK_SUCCESSFUL']);
  });

  test.each([
    ['cancelled', (cancel: AbortController) => ({ signal: cancel.signal, onCancel: 'rollback' as const })],
    ['timed-out', () => ({ timeoutMs: 40_000, failFastAfter: 0, onFailure: 'rollback' as const })],
  ])('when the run is %s is said to be under way', async (outcome, options) => {
    const cancel = new AbortController();
    lossy.lose('StopServiceDeployment', loss, { times: 9 });
    const result = await deploy('exit-1', {
      patienceMs: 20_000,
      onEvent: ({ type }) => {
        if (type === 'task-stopped') cancel.abort();
      },
      ...options(cancel),
    });
    expect(result).toMatchObject({
      outcome,
      reason: expect.stringMatching(/(?<!goes on in ECS\.) ECS was asked to roll it back and is doing so\.$/),
    });
    expect((await statuses())[1]).toMatch(/^ROLLBACK_/);
  });
});

test('a run that is cancelled while its request for a rollback is unanswered says that ECS was asked', async () => {
  const cancel = new AbortController();
  lossy.lose('StopServiceDeployment', 'silence', { onTaken: () => cancel.abort() });
  const result = await deploy('exit-1', { patienceMs: 20_000, signal: cancel.signal });
  expect(result).toMatchObject({
    outcome: 'cancelled',
    reason: expect.stringMatching(/ ECS was asked to roll it back, but this run was cancelled before/),
  });
});

test('a rollback of which nobody can tell whether it was asked for is not said to have failed', async () => {
  const cancel = new AbortController();
  lossy.lose('StopServiceDeployment', 'reset', { times: 9 });
  const result = await deploy('exit-1', {
    signal: cancel.signal,
    onCancel: 'rollback',
    onEvent: ({ type }) => {
      if (type !== 'task-stopped') return;
      lossy.lose('DescribeServiceDeployments', 'reset', { times: 99 });
      cancel.abort();
    },
  });
  expect(result).toMatchObject({
    outcome: 'cancelled',
    reason: expect.stringMatching(
      /ECS was asked to roll it back and did not answer in time: it may be doing so, or go on with the rollout\.$/,
    ),
  });
});

describe.each(LOSSES)('an update, its answer lost (%s)', (loss) => {
  const updates = () => stage.calls().filter((one) => one === 'UpdateService');

  test.each([
    ['a new revision', { settings: {} }],
    ['a forced deployment', { settings: { forceNewDeployment: true } }],
  ])('starts one deployment of %s', async (_, options) => {
    lossy.lose('UpdateService', loss);
    stage.calls();
    expect(await deploy('v2', options)).toMatchObject({
      outcome: 'succeeded',
      deploymentId: expect.stringMatching(/^ecs-svc/),
      taskDefinitionArn: expect.stringMatching(/web:2$/),
    });
    expect(updates()).toHaveLength(1);
    expect(await statuses()).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
  });

  test.each([
    ['leave', / The rollout of service web goes on in ECS\.$/, 'IN_PROGRESS'],
    ['rollback', / ECS was asked to roll it back and is doing so\.$/, 'ROLLBACK'],
  ] as const)(
    'is found by a run that is cancelled: on-cancel %s decides',
    async (onCancel, reason, status) => {
      const cancel = new AbortController();
      const told: string[] = [];
      lossy.lose('UpdateService', loss, { times: 9, onTaken: () => cancel.abort() });
      const result = await deploy('v2', {
        patienceMs: 20_000,
        stepMs: 10,
        signal: cancel.signal,
        onCancel,
        onEvent: ({ type }) => told.push(type),
      });
      expect(result).toMatchObject({ outcome: 'cancelled', reason: expect.stringMatching(reason) });
      expect(told).toContain('service-updated');
      expect(result.deploymentId).toMatch(/^ecs-svc/);
      expect(status === 'IN_PROGRESS' || (await statuses())[1]?.startsWith(status)).toBe(true);
    },
  );
});

test('an update back, its answer lost, is made once', async () => {
  stage.aws.faults.inject({ service: 'ecs', operation: 'StopServiceDeployment', kind: 'access-denied' });
  stage.calls();
  const result = await deploy('exit-1', {
    onEvent: ({ type }) => {
      if (type === 'service-updated') lossy.lose('UpdateService', 'reset');
    },
  });
  expect(result).toMatchObject({ outcome: 'rolled-back', reason: expect.stringMatching(/back to web:1\.$/) });
  expect(stage.calls().filter((one) => one === 'UpdateService')).toHaveLength(2);
});

test('an update that is throttled is sent again without a look', async () => {
  stage.aws.faults.inject({ service: 'ecs', operation: 'UpdateService', kind: 'throttle', times: 2 });
  stage.calls();
  expect((await deploy('v2')).outcome).toBe('succeeded');
  const calls = stage.calls();
  const begun = calls.slice(calls.indexOf('UpdateService')).slice(0, 3);
  expect(begun).toEqual(['UpdateService', 'UpdateService', 'UpdateService']);
});

test('an update of which nobody can tell whether it was taken is said to go on, perhaps', async () => {
  lossy.lose('UpdateService', 'reset', {
    times: 99,
    onTaken: () => lossy.lose('DescribeServices', 'reset', { times: 999 }),
  });
  expect(await deploy('v3')).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/^Could not update service web .* It may have been done all the same, and/),
    error: { code: 'AWS_UNREACHABLE' },
  });
});

describe('a PAUSE hook that is answered', () => {
  const ACTIONS: readonly DeploymentLifecycleHookAction[] = ['CONTINUE', 'ROLLBACK'];
  const outcomes = { CONTINUE: 'succeeded', ROLLBACK: 'rolled-back' } as const;
  /** The deployment that waits. */
  let serviceDeploymentArn: string;
  let hookId: string;
  beforeEach(async () => {
    const deploymentConfiguration = {
      strategy: 'BLUE_GREEN' as const,
      bakeTimeInMinutes: 1,
      lifecycleHooks: [{ targetType: 'PAUSE' as const, lifecycleStages: ['POST_SCALE_UP' as const] }],
    };
    const paused = await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      { settings: { deploymentConfiguration } },
    );
    serviceDeploymentArn = paused.serviceDeploymentArn ?? '';
    hookId = paused.events.flatMap((event) => (event.type === 'paused' ? (event.hookId ?? []) : []))[0] ?? '';
  });

  async function answer(
    action: DeploymentLifecycleHookAction,
    options: {
      patienceMs?: number;
      stepMs?: number;
      signal?: AbortSignal;
      meanwhile?: () => Promise<unknown>;
    },
  ): Promise<DeploymentResult> {
    const { region, credentials, clock } = stage.aws;
    const { patienceMs = 300, stepMs, signal, meanwhile } = options;
    const requestHandler = { requestTimeout: patienceMs, throwOnRequestTimeout: true };
    const ecs = new ECSClient({ endpoint: lossy.url, region, credentials, requestHandler });
    ecs.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'ContinueServiceDeploymentCommand') await meanwhile?.();
          return next(args);
        },
      { step: 'initialize' },
    );
    const answering = continueDeployments(
      { ecs, cluster: stage.cluster, services: ['web'], action },
      { clock, random: () => 0.5, signal },
    );
    try {
      return first(await whileTimePasses(clock, answering, stepMs));
    } finally {
      ecs.destroy();
    }
  }

  const answerElsewhere = (action: DeploymentLifecycleHookAction) =>
    stage.ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action }));
  const cases = LOSSES.flatMap((loss) => ACTIONS.map((action) => ({ loss, action })));

  test.each(cases)('$action, its answer lost ($loss), is taken', async ({ loss, action }) => {
    lossy.lose('ContinueServiceDeployment', loss);
    const result = await answer(action, {});
    expect(result).toMatchObject({ outcome: outcomes[action], error: undefined });
    expect(result.events).toContainEqual(expect.objectContaining({ type: 'pause-answered', action }));
  });

  test.each(ACTIONS)('%s, also if no answer ever comes', async (action) => {
    lossy.lose('ContinueServiceDeployment', 'reset', { times: 99 });
    expect((await answer(action, {})).outcome).toBe(outcomes[action]);
  });

  test.each(ACTIONS)('%s, also if somebody else answers the same meanwhile', async (action) => {
    const meanwhile = () => answerElsewhere(action);
    expect((await answer(action, { meanwhile })).outcome).toBe(outcomes[action]);
  });

  test.each([
    ['CONTINUE', 'ROLLBACK', 'rolls back'],
    ['ROLLBACK', 'CONTINUE', 'goes on'],
  ] as const)('%s, while somebody else answers %s: says so', async (action, other, words) => {
    const meanwhile = () => answerElsewhere(other);
    expect(await answer(action, { meanwhile })).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining(words),
      error: { code: 'DEPLOYMENT_NOT_PAUSED' },
    });
  });

  test('without a look at it, is said to have been answered, perhaps', async () => {
    lossy.lose('ContinueServiceDeployment', 'reset', {
      times: 99,
      onTaken: () => lossy.lose('DescribeServiceDeployments', 'reset', { times: 999 }),
    });
    expect(await answer('CONTINUE', {})).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/It may have been answered all the same\.$/),
      error: { code: 'AWS_UNREACHABLE' },
    });
  });

  test('of a run that is cancelled then, is followed to no end and said to go on', async () => {
    const cancel = new AbortController();
    lossy.lose('ContinueServiceDeployment', 'silence', { times: 9, onTaken: () => cancel.abort() });
    const result = await answer('CONTINUE', { patienceMs: 20_000, stepMs: 10, signal: cancel.signal });
    expect(result).toMatchObject({
      outcome: 'cancelled',
      reason: expect.stringMatching(/ The rollout of service web goes on in ECS\.$/),
    });
    const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn] });
    const [found] = (await stage.ecs.send(command)).serviceDeployments ?? [];
    expect(found?.lifecycleHookDetails).toContainEqual(expect.objectContaining({ status: 'SUCCEEDED' }));
  });
});
