import type { DeploymentConfiguration, DeploymentLifecycleHookStage } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import { continueDeployments, rollBackServices, type DeploymentResult } from '../../../src/ecs/index.js';
import { first, kinds, openStage, taskDefinition, type Stage } from './stage.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.stop());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const deploy = (behaviour: string, deploymentConfiguration: DeploymentConfiguration) =>
  stage.deploy(
    { service: 'web', taskDefinition: taskDefinition(behaviour) },
    { settings: { deploymentConfiguration }, timeoutMs: 3 * HOUR },
  );
const goBack = (deploymentConfiguration: DeploymentConfiguration) =>
  stage.aws.clock.runUntil(
    rollBackServices(
      { ecs: stage.ecs, cluster: 'prod', services: ['web'] },
      {
        clock: stage.aws.clock,
        random: () => 0.5,
        settings: { deploymentConfiguration },
        timeoutMs: 3 * HOUR,
      },
    ),
  );
const answer = (action: 'CONTINUE' | 'ROLLBACK') =>
  stage.aws.clock.runUntil(
    continueDeployments(
      { ecs: stage.ecs, cluster: 'prod', services: ['web'], action },
      { clock: stage.aws.clock, random: () => 0.5, timeoutMs: HOUR },
    ),
  );

const STRATEGIES: readonly [string, DeploymentConfiguration][] = [
  ['blue/green', { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 }],
  [
    'canary',
    {
      strategy: 'CANARY',
      bakeTimeInMinutes: 1,
      canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 5 },
    },
  ],
  [
    'linear',
    {
      strategy: 'LINEAR',
      bakeTimeInMinutes: 1,
      linearConfiguration: { stepPercent: 50, stepBakeTimeInMinutes: 3 },
    },
  ],
];
const pausedAt = (lifecycleStage: DeploymentLifecycleHookStage): DeploymentConfiguration => ({
  lifecycleHooks: [
    {
      targetType: 'PAUSE',
      lifecycleStages: [lifecycleStage],
      timeoutConfiguration: { timeoutInMinutes: 60 },
    },
  ],
});

/** Percent of production traffic that the new revision was seen to have, one after the other. */
const trafficOf = ({ events }: DeploymentResult) =>
  events.flatMap((event) => (event.type === 'traffic-shifted' ? [event.production] : []));

describe('deployments that shift traffic', () => {
  beforeEach(() => stage.create('web'));

  test.each(STRATEGIES)(
    '%s: waits to the end of the bake time, tells stages and traffic',
    async (_, configuration) => {
      const result = await deploy('v2', configuration);
      expect(result.outcome).toBe('succeeded');
      const stages = result.events.flatMap((event) => (event.type === 'lifecycle-stage' ? [event.to] : []));
      expect(stages).toEqual(expect.arrayContaining(['PRODUCTION_TRAFFIC_SHIFT', 'BAKE_TIME']));
      const traffic = trafficOf(result);
      expect(traffic.at(-1)).toBe(100);
      if (configuration.strategy !== 'BLUE_GREEN')
        expect(traffic).toContain(configuration.strategy === 'CANARY' ? 10 : 50);
      const bake = (configuration.bakeTimeInMinutes ?? 0) * MINUTE;
      expect(result.endedAt - result.startedAt).toBeGreaterThan(bake);
    },
  );

  test('a hook that fails rolls back', async () => {
    const result = await deploy('v2', {
      strategy: 'BLUE_GREEN',
      bakeTimeInMinutes: 0,
      lifecycleHooks: [
        {
          targetType: 'AWS_LAMBDA',
          hookTargetArn: 'arn:aws:lambda:us-east-1:123456789012:function:check-fails',
          roleArn: 'arn:aws:iam::123456789012:role/hooks',
          lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
        },
      ],
    });
    expect(result).toMatchObject({ outcome: 'rolled-back', reason: expect.stringContaining('hook') });
  });
});

describe('a deployment that shifts traffic is overtaken', () => {
  const PAUSED = pausedAt('POST_TEST_TRAFFIC_SHIFT');
  const GOING_ON: DeploymentConfiguration = { lifecycleHooks: [] };
  const [, canary] = first(STRATEGIES.filter(([name]) => name === 'canary'));
  beforeEach(() => stage.create('web'));

  /** Deploys a newer revision in the middle of the deployment that is watched. */
  const deployMeanwhile = (configuration: DeploymentConfiguration) =>
    new Promise<DeploymentResult>((resolve, reject) => {
      stage.aws.clock.schedule(4 * MINUTE, () => void deploy('v3', configuration).then(resolve, reject));
    });

  /** The service runs this revision and nothing else. */
  async function expectRunning(revision: RegExp): Promise<void> {
    const service = await stage.describe('web');
    expect(service).toMatchObject({ runningCount: 2, pendingCount: 0 });
    expect(service.deployments).toMatchObject([
      { taskDefinition: expect.stringMatching(revision), rolloutState: 'COMPLETED' },
    ]);
  }

  test.each(STRATEGIES)('%s, while it is paused', async (_, configuration) => {
    expect((await deploy('v2', { ...configuration, ...PAUSED })).outcome).toBe('paused');
    const newer = await deploy('v3', { ...configuration, ...GOING_ON });
    expect(newer).toMatchObject({
      outcome: 'succeeded',
      previousTaskDefinitionArn: expect.stringMatching(/web:1$/),
    });
    await expectRunning(/web:3$/);
  });

  test.each(STRATEGIES)('%s, while it is watched and has traffic', async (_, configuration) => {
    const meanwhile = deployMeanwhile(configuration);
    const overtaken = await deploy('v2', configuration);
    expect(overtaken).toMatchObject({
      outcome: 'superseded',
      reason: expect.stringContaining('with web:3'),
    });
    expect(trafficOf(overtaken).at(-1)).toBeGreaterThan(0);
    expect((await meanwhile).outcome).toBe('succeeded');
    await expectRunning(/web:3$/);
  });

  test('after its pause was answered', async () => {
    await deploy('v2', { ...canary, ...PAUSED });
    const meanwhile = deployMeanwhile({ ...canary, ...GOING_ON });
    expect(await answer('CONTINUE')).toMatchObject([{ outcome: 'superseded' }]);
    expect((await meanwhile).outcome).toBe('succeeded');
  });

  test('by a rollback on request, while it is paused', async () => {
    await deploy('v2', { ...canary, ...PAUSED });
    expect(await goBack(GOING_ON)).toMatchObject([
      { outcome: 'succeeded', taskDefinitionArn: expect.stringMatching(/web:1$/) },
    ]);
    await expectRunning(/web:1$/);
  });

  test('by a rollback on request that the same hook pauses', async () => {
    await deploy('v2', { ...canary, ...PAUSED });
    expect(await goBack({})).toMatchObject([{ outcome: 'paused' }]);
    expect(await answer('CONTINUE')).toMatchObject([{ outcome: 'succeeded' }]);
    await expectRunning(/web:1$/);
  });
});

describe('a PAUSE hook', () => {
  const paused: DeploymentConfiguration = {
    strategy: 'BLUE_GREEN',
    bakeTimeInMinutes: 0,
    ...pausedAt('POST_SCALE_UP'),
  };
  beforeEach(() => stage.create('web'));

  test('ends the wait as paused; continue lets the deployment go on to its end', async () => {
    const first = await deploy('v2', paused);
    expect(first).toMatchObject({ outcome: 'paused', reason: expect.stringContaining('POST_SCALE_UP') });
    expect(kinds(first.events)).toContain('paused');
    const [second] = await answer('CONTINUE');
    expect(second).toMatchObject({
      outcome: 'succeeded',
      deploymentId: first.deploymentId,
      taskDefinitionArn: first.taskDefinitionArn,
    });
  });

  test('continue: rollback rolls it back', async () => {
    await deploy('v2', paused);
    const [result] = await answer('ROLLBACK');
    expect(result).toMatchObject({ outcome: 'rolled-back' });
    expect((await stage.describe('web')).deployments?.[0]?.taskDefinition).toMatch(/web:1$/);
  });

  test('nothing waits: says so and answers nothing', async () => {
    await expect(answer('CONTINUE')).rejects.toEqual(errorWithCode('DEPLOYMENT_NOT_PAUSED', 'web'));
  });

  test('deploying the same again adopts the paused deployment, and says that it is paused', async () => {
    const first = await deploy('v2', paused);
    const again = await deploy('v2', paused);
    expect(again).toMatchObject({ outcome: 'paused', deploymentId: first.deploymentId });
  });
});
