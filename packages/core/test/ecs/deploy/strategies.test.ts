import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import { continueDeployments } from '../../../src/ecs/index.js';
import { kinds, openStage, taskDefinition, type Stage } from './stage.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.stop());

const HOUR = 60 * 60_000;
const deploy = (behaviour: string, deploymentConfiguration: DeploymentConfiguration) =>
  stage.deploy(
    { service: 'web', taskDefinition: taskDefinition(behaviour) },
    { settings: { deploymentConfiguration }, timeoutMs: 3 * HOUR },
  );
const answer = (action: 'CONTINUE' | 'ROLLBACK') =>
  stage.aws.clock.runUntil(
    continueDeployments(
      { ecs: stage.ecs, cluster: 'prod', services: ['web'], action },
      { clock: stage.aws.clock, random: () => 0.5, timeoutMs: HOUR },
    ),
  );

describe('deployments that shift traffic', () => {
  beforeEach(() => stage.create('web'));

  test.each<[string, DeploymentConfiguration]>([
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
  ])('%s: waits to the end of the bake time, tells stages and traffic', async (_, configuration) => {
    const result = await deploy('v2', configuration);
    expect(result.outcome).toBe('succeeded');
    const stages = result.events.flatMap((event) => (event.type === 'lifecycle-stage' ? [event.to] : []));
    expect(stages).toEqual(expect.arrayContaining(['PRODUCTION_TRAFFIC_SHIFT', 'BAKE_TIME']));
    const traffic = result.events.flatMap((event) =>
      event.type === 'traffic-shifted' ? [event.production] : [],
    );
    expect(traffic.at(-1)).toBe(100);
    if (configuration.strategy !== 'BLUE_GREEN')
      expect(traffic).toContain(configuration.strategy === 'CANARY' ? 10 : 50);
    const bake = (configuration.bakeTimeInMinutes ?? 0) * 60_000;
    expect(result.endedAt - result.startedAt).toBeGreaterThan(bake);
  });

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

describe('a PAUSE hook', () => {
  const paused: DeploymentConfiguration = {
    strategy: 'BLUE_GREEN',
    bakeTimeInMinutes: 0,
    lifecycleHooks: [
      {
        targetType: 'PAUSE',
        lifecycleStages: ['POST_SCALE_UP'],
        timeoutConfiguration: { timeoutInMinutes: 60 },
      },
    ],
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
