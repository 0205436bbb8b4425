import { ECSClient, type DeploymentConfiguration } from '@aws-sdk/client-ecs';
import type { FaultKind } from '@ecs-actions/local-aws';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isEcsActionsError } from '../../../src/errors.js';
import {
  deployService,
  deployServices,
  type DeploymentResult,
  type DeployServiceOptions,
} from '../../../src/ecs/index.js';
import { deploymentFailure } from '../../../src/ecs/deploy/failure.js';
import { openLossyEndpoint } from './lossy-endpoint.js';
import { breaker, openStage, taskDefinition, type Stage } from './stage.js';

let stage: Stage;
beforeEach(async () => {
  // The SDK waits for its retries on the wall's clock; ours go by the manual one.
  stage = await openStage({}, { maxAttempts: 1 });
  await stage.create('web', { deploymentConfiguration: breaker(true) });
});
afterEach(() => stage.stop());

/** Every operation that a deployment calls, the good and the bad one. */
const OPERATIONS = [
  'DescribeServices',
  'DescribeTaskDefinition',
  'RegisterTaskDefinition',
  'UpdateService',
  'ListServiceDeployments',
  'DescribeServiceDeployments',
  'ListTasks',
  'DescribeTasks',
] as const;
const PASSING: readonly FaultKind[] = ['throttle', 'server-error', 'reset'];

const TIMES = 4;

const deploy = (behaviour: string) =>
  stage.deploy({ service: 'web', taskDefinition: taskDefinition(behaviour) });

describe.each(PASSING)('%s', (kind) => {
  test.each(OPERATIONS)('in %s costs patience, nothing else', async (operation) => {
    for (const [behaviour, outcome] of [
      ['v2', 'succeeded'],
      ['exit-1', 'rolled-back'],
    ] as const) {
      stage.aws.faults.inject({ service: 'ecs', operation, kind, times: TIMES });
      const result = await deploy(behaviour);
      stage.aws.faults.clear();
      expect(result.outcome).toBe(outcome);
    }
    // No lost and no second revision.
    expect(await stage.revisions()).toEqual(['web:1', 'web:2', 'web:3']);
  });

  test.each([2, 5, 9])('in any call, from the %ith on', async (after) => {
    stage.aws.faults.inject({ service: 'ecs', kind, times: TIMES, after });
    expect((await deploy('v2')).outcome).toBe('succeeded');
    expect(await stage.revisions()).toEqual(['web:1', 'web:2']);
  });
});

describe('a service deployment that answers at first and not any more', () => {
  const PATIENCE_MS = 45_000;
  const steps = { bakeTimeInMinutes: 1, ...breaker(true) };
  const strategies: readonly [string, DeploymentConfiguration][] = [
    ['rolling', breaker(true)],
    ['blue/green', { ...steps, strategy: 'BLUE_GREEN' }],
    [
      'canary',
      {
        ...steps,
        strategy: 'CANARY',
        canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 1 },
      },
    ],
    [
      'linear',
      { ...steps, strategy: 'LINEAR', linearConfiguration: { stepPercent: 50, stepBakeTimeInMinutes: 1 } },
    ],
  ];
  const faults: readonly [FaultKind, number][] = [
    ['access-denied', 1],
    ['throttle', 2],
  ];
  const cases = faults.flatMap(([kind, after]) =>
    strategies.map(([name, configuration]) => ({ kind, after, name, configuration })),
  );

  test.each(cases)('$kind after $after: $name', async ({ kind, after, configuration }) => {
    const run = (behaviour: string) =>
      stage.deploy(
        { service: 'web', taskDefinition: taskDefinition(behaviour) },
        { settings: { deploymentConfiguration: configuration } },
      );
    for (const [good, faulty, expected] of [
      ['v2', 'v3', { outcome: 'succeeded' }],
      ['exit-1', 'exit-2', { outcome: 'rolled-back', reason: expect.stringMatching(/tasks failed|breaker/) }],
    ] as const) {
      const plain = await timed(() => run(good));
      const operation = 'DescribeServiceDeployments';
      stage.aws.faults.inject({ service: 'ecs', operation, kind, times: 9_999, after });
      const { result, ms } = await timed(() => run(faulty));
      stage.aws.faults.clear();
      expect(result).toMatchObject(expected);
      expect(ms - plain.ms).toBeLessThanOrEqual(PATIENCE_MS);
    }
  });

  test.each(faults)('%s after %i: a rollback that we asked for', async (kind, after) => {
    await stage.create('worker');
    const operation = 'DescribeServiceDeployments';
    stage.aws.faults.inject({ service: 'ecs', operation, kind, times: 9_999, after });
    const subject = { service: 'worker', taskDefinition: taskDefinition('exit-1') };
    const { result, ms } = await timed(() => stage.deploy(subject));
    expect(result).toMatchObject({
      outcome: 'rolled-back',
      reason: expect.stringMatching(/^Given up: /),
    });
    expect(ms).toBeLessThan(5 * 60_000);
  });

  const timed = async (run: () => Promise<DeploymentResult>) => {
    const before = stage.aws.clock.now();
    const result = await run();
    return { result, ms: stage.aws.clock.now() - before };
  };
});

describe('a rollback that is throttled', () => {
  const TIMEOUT_MS = 150_000;
  /** A deployment that is given up shortly before the time to wait is over. */
  const giveUp = async (options: Partial<DeployServiceOptions> = {}) => {
    await stage.create('worker');
    const before = stage.aws.clock.now();
    const result = await stage.deploy(
      { service: 'worker', taskDefinition: taskDefinition('exit-1') },
      { timeoutMs: TIMEOUT_MS, ...options },
    );
    return { result, tookMs: stage.aws.clock.now() - before };
  };
  const throttle = (operation: string, after = 0) =>
    stage.aws.faults.inject({ service: 'ecs', operation, kind: 'throttle', times: 999, after });

  test('uses no more than the time to wait', async () => {
    throttle('StopServiceDeployment');
    throttle('UpdateService', 1);
    const { result, tookMs } = await giveUp();
    expect(result).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^Given up: .* It could not be rolled back: .*ThrottlingException/),
    });
    expect(tookMs).toBeGreaterThan(TIMEOUT_MS - 40_000);
    expect(tookMs).toBeLessThanOrEqual(TIMEOUT_MS + 1_000);
  });

  test('is made the other way, and said not to have ended yet', async () => {
    throttle('StopServiceDeployment');
    const { result, tookMs } = await giveUp();
    expect(result).toMatchObject({
      outcome: 'timed-out',
      reason: expect.stringMatching(
        /^Given up: .* ECS was asked to go back to web:1, which had not ended when the time to wait was over\. It goes on in ECS\.$/,
      ),
    });
    expect(tookMs).toBeLessThanOrEqual(TIMEOUT_MS + 1_000);
  });

  test('is asked for once more when the time is over, but not for long', async () => {
    throttle('StopServiceDeployment');
    const { result, tookMs } = await giveUp({ failFastAfter: 0, onFailure: 'rollback' });
    expect(result).toMatchObject({
      outcome: 'timed-out',
      reason: expect.stringMatching(/could not be rolled back and goes on in ECS: .*ThrottlingException/),
    });
    expect(tookMs).toBeLessThanOrEqual(TIMEOUT_MS + 5_000);
  });

  test('gives way to a job that is cancelled: on-cancel decides', async () => {
    const cancel = new AbortController();
    throttle('StopServiceDeployment');
    stage.aws.clock.schedule(240_000, () => {
      stage.aws.faults.clear();
      cancel.abort(new Error('cancelled'));
    });
    const { result } = await giveUp({ timeoutMs: 600_000, signal: cancel.signal, onCancel: 'rollback' });
    expect(result).toMatchObject({
      outcome: 'cancelled',
      reason: expect.stringMatching(
        /^Given up: .* This run was cancelled before it was rolled back\. ECS was asked to roll it back and is doing so\.$/,
      ),
    });
  });
});

describe('an answer that is lost', () => {
  test.each(['RegisterTaskDefinition', 'UpdateService'])(
    'of %s is neither registered nor deployed twice',
    async (operation) => {
      const { region, credentials } = stage.aws;
      const lossy = await openLossyEndpoint(stage.aws.endpoint);
      lossy.lose(operation, 'reset');
      const ecs = new ECSClient({ endpoint: lossy.url, region, credentials, maxAttempts: 1 });
      stage.calls();
      const result = await stage.aws.clock.runUntil(
        deployService(
          { ecs, cluster: 'prod', service: 'web', taskDefinition: taskDefinition('v2') },
          { clock: stage.aws.clock },
        ),
      );
      ecs.destroy();
      await lossy.close();
      expect(result).toMatchObject({
        outcome: 'succeeded',
        taskDefinitionArn: expect.stringMatching(/web:2$/),
      });
      const changes = stage.calls().filter((one) => /^(Register|Update)/.test(one));
      expect(changes).toEqual(['RegisterTaskDefinition', 'UpdateService']);
      expect(await stage.revisions()).toEqual(['web:1', 'web:2']);
    },
  );
});

describe('expired credentials', () => {
  test.each(OPERATIONS)('in %s end it at once', async (operation) => {
    stage.aws.faults.inject({ service: 'ecs', operation, kind: 'expired-token', times: 99 });
    const before = stage.aws.clock.now();
    const end = await deploy('exit-1').catch((error: unknown) => error);
    expect(isEcsActionsError(end) ? end.code : (end as DeploymentResult).outcome).toBe('CREDENTIALS_EXPIRED');
    // Before anything has stopped, nobody asks for stopped tasks' details.
    if (operation !== 'DescribeTasks') expect(stage.aws.clock.now() - before).toBeLessThan(15_000);
  });
});

describe('what was collected is explained also where nothing can be read any more', () => {
  test.each([
    ['expired-token', 'of the rollback', 'StopServiceDeployment'],
    ['expired-token', 'of the watch', 'DescribeServices'],
    ['access-denied', 'of the watch', 'DescribeServices'],
  ] as const)('%s %s', async (kind, _, operation) => {
    await stage.create('worker');
    const results = await stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: [{ service: 'worker', taskDefinition: taskDefinition('exit-1') }],
        },
        {
          clock: stage.aws.clock,
          onEvent: ({ type }) => {
            if (type === 'task-stopped')
              stage.aws.faults.inject({ service: 'ecs', operation, kind, times: 99 });
          },
        },
      ),
    );
    expect(results).toMatchObject([
      {
        outcome: 'failed',
        error: { code: kind === 'expired-token' ? 'CREDENTIALS_EXPIRED' : 'ACCESS_DENIED' },
        diagnoses: [{ containers: [{ exitCode: 1 }] }],
      },
    ]);
  });

  test('when the credentials run out at the very end', async () => {
    const result = await stage.aws.clock.runUntil(
      deployService(
        { ecs: stage.ecs, cluster: 'prod', service: 'web', taskDefinition: taskDefinition('exit-1') },
        { clock: stage.aws.clock, logs: () => expired() },
      ),
    );
    expect(result).toMatchObject({ outcome: 'rolled-back', diagnoses: [{ containers: [{ exitCode: 1 }] }] });
    expect(result.events).toContainEqual(expect.objectContaining({ type: 'read-denied' }));
  });

  const expired = () => {
    stage.aws.faults.inject({ service: 'logs', kind: 'expired-token', times: 99 });
    return stage.logs;
  };
});

describe('access denied', () => {
  test.each([
    ['DescribeServices', 'ecs:DescribeServices'],
    ['RegisterTaskDefinition', 'ecs:RegisterTaskDefinition'],
    ['UpdateService', 'ecs:UpdateService'],
  ])('in %s ends it at once with the missing statement', async (operation, action) => {
    stage.aws.faults.inject({ service: 'ecs', operation, kind: 'access-denied', times: 99 });
    const before = stage.aws.clock.now();
    await expect(deploy('v2')).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      hint: expect.stringContaining(`"Action":"${action}"`),
    });
    expect(stage.aws.clock.now() - before).toBeLessThan(1_000);
  });

  test('while it waits: ends at once too, and the revision is known', async () => {
    stage.aws.faults.inject({
      service: 'ecs',
      operation: 'DescribeServices',
      kind: 'access-denied',
      times: 99,
      after: 3,
    });
    await expect(deploy('v2')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  test.each([
    ['access-denied', 'ACCESS_DENIED', '"Action":"ecs:DescribeServices"'],
    ['expired-token', 'CREDENTIALS_EXPIRED', 'role-to-assume'],
  ] as const)('%s while it waits: failed, and the text says that it goes on', async (kind, code, hint) => {
    stage.aws.faults.inject({ service: 'ecs', operation: 'DescribeServices', kind, times: 99, after: 3 });
    const results = await stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: [{ service: 'web', taskDefinition: taskDefinition('v2') }],
        },
        { clock: stage.aws.clock },
      ),
    );
    expect(results).toMatchObject([
      {
        outcome: 'failed',
        reason: expect.stringMatching(
          /^ECS goes on with the rollout of web:2, but how that ends is not known/,
        ),
        taskDefinitionArn: expect.stringMatching(/web:2$/),
        deploymentId: expect.stringMatching(/^ecs-svc/),
        serviceDeploymentArn: expect.stringContaining('service-deployment/prod/web/'),
        error: { code },
      },
    ]);
    expect(deploymentFailure(results)).toMatchObject({
      code,
      message: expect.stringMatching(/^Service web in cluster prod: ECS goes on with the rollout of web:2/),
      hint: expect.stringContaining(hint),
    });
  });

  test('to look for what is to be rolled back: it was found before', async () => {
    await stage.create('worker');
    const { events, outcome } = await stage.deploy(
      { service: 'worker', taskDefinition: taskDefinition('exit-1') },
      {
        onEvent: ({ type }) => {
          const operation = 'ListServiceDeployments';
          if (type === 'task-stopped')
            stage.aws.faults.inject({ service: 'ecs', operation, kind: 'access-denied', times: 99 });
        },
      },
    );
    expect(outcome).toBe('rolled-back');
    expect(events).toContainEqual(expect.objectContaining({ how: 'StopServiceDeployment' }));
  });

  test('while it waits for the rollback that it asked for: says so', async () => {
    await stage.create('worker');
    const result = await stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: [{ service: 'worker', taskDefinition: taskDefinition('exit-1') }],
        },
        {
          clock: stage.aws.clock,
          onEvent: ({ type }) => {
            if (type === 'rollback-requested')
              stage.aws.faults.inject({
                service: 'ecs',
                operation: 'DescribeServices',
                kind: 'access-denied',
                times: 99,
              });
          },
        },
      ),
    );
    expect(result).toMatchObject([
      {
        outcome: 'failed',
        reason: expect.stringMatching(
          /^Given up: .* ECS was asked to roll it back, but how that ends is not known/,
        ),
        error: { code: 'ACCESS_DENIED' },
      },
    ]);
  });

  test.each(['ListServiceDeployments', 'DescribeServiceDeployments', 'ListTasks', 'DescribeTasks'])(
    'in %s, which only adds evidence, is told once and gone without: the outcome is right',
    async (operation) => {
      stage.aws.faults.inject({ service: 'ecs', operation, kind: 'access-denied', times: 99 });
      const good = await deploy('v2');
      expect(good.outcome).toBe('succeeded');
      const bad = await deploy('exit-1');
      expect(bad).toMatchObject({
        outcome: 'rolled-back',
        reason: expect.stringMatching(
          /^The deployment was rolled back to web:2: .*(tasks failed to start|circuit breaker)/,
        ),
      });
      const denied = bad.events.filter(({ type }) => type === 'read-denied');
      expect(denied).toMatchObject([{ hint: expect.stringContaining('"Effect":"Allow"') }]);
    },
  );
});

describe('answers that are out of date', () => {
  test.each([1, 3, 6])('from the %ith read of the service on', async (after) => {
    stage.aws.faults.inject({
      service: 'ecs',
      operation: 'DescribeServices',
      kind: 'stale-read',
      times: 2,
      after,
    });
    const result = await deploy('v2');
    expect(result.outcome).toBe('succeeded');
    stage.aws.faults.inject({
      service: 'ecs',
      operation: 'DescribeServices',
      kind: 'stale-read',
      times: 2,
      after,
    });
    expect((await deploy('exit-1')).outcome).toBe('rolled-back');
  });
});

describe('calls', () => {
  const blueGreen = { strategy: 'BLUE_GREEN' as const, bakeTimeInMinutes: 5 };
  test.each([
    ['many tasks fail', 'exit-1', { desiredCount: 20 }, 0],
    ['traffic is shifted', 'v2', { deploymentConfiguration: blueGreen }, 0],
    [
      'traffic is shifted and the service deployment does not answer',
      'v2',
      { deploymentConfiguration: blueGreen },
      9_999,
    ],
  ])('no more than 20 a minute for a service while %s', async (_, behaviour, settings, times) => {
    const operation = 'DescribeServiceDeployments';
    stage.aws.faults.inject({ service: 'ecs', operation, kind: 'throttle', times, after: 1 });
    const before = stage.aws.clock.now();
    await stage.deploy(
      { service: 'web', taskDefinition: taskDefinition(behaviour) },
      { settings, random: () => 0.99 },
    );
    const waiting =
      /^(DescribeServices|ListServiceDeployments|DescribeServiceDeployments|ListTasks|DescribeTasks)$/;
    const made = stage.aws.requests
      .filter(({ service, operation, at }) => service === 'ecs' && at > before && waiting.test(operation))
      .map(({ at }) => at);
    const busiest = Math.max(
      ...made.map((start) => made.filter((at) => at >= start && at < start + 60_000).length),
    );
    expect(made.length).toBeGreaterThan(10);
    expect(busiest).toBeLessThanOrEqual(20);
  });

  test('several services cost little more than one: they are read together', async () => {
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) await stage.create(name);
    stage.calls();
    await stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: names.map((service) => ({ service, taskDefinition: taskDefinition('v2') })),
        },
        { clock: stage.aws.clock },
      ),
    );
    const together = stage.calls().filter((operation) => operation === 'DescribeServices').length;
    await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') });
    const alone = stage.calls().filter((operation) => operation === 'DescribeServices').length;
    expect(together).toBeLessThan(alone * 2);
  });
});
