import { DeregisterTaskDefinitionCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import { planRollback, rollBackServices } from '../../../src/ecs/index.js';
import { breaker, openStage, taskDefinition, type Stage } from './stage.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  await stage.create('web', { deploymentConfiguration: breaker(true) });
});
afterEach(() => stage.stop());

const deploy = (behaviour: string) =>
  stage.deploy({ service: 'web', taskDefinition: taskDefinition(behaviour) });
const goBack = (to?: string) =>
  stage.aws.clock.runUntil(
    rollBackServices(
      { ecs: stage.ecs, cluster: 'prod', services: ['web'], to },
      { clock: stage.aws.clock, wait: false },
    ),
  );

describe('a rollback on request', () => {
  test('goes back to what completed before, and waits for it', async () => {
    await deploy('v2');
    const [result] = await goBack();
    expect(result).toMatchObject({
      outcome: 'succeeded',
      taskDefinitionArn: expect.stringMatching(/web:1$/),
      previousTaskDefinitionArn: expect.stringMatching(/web:2$/),
    });
    expect((await stage.describe('web')).deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
  });

  test('a dry run says where it would go back to, and what that changes', async () => {
    await deploy('v2');
    stage.calls();
    const { ecs, aws } = stage;
    const [planned] = await aws.clock.runUntil(
      planRollback({ ecs, cluster: 'prod', services: ['web'] }, { clock: aws.clock }),
    );
    expect(planned).toMatchObject({
      outcome: 'planned',
      reason: 'Would update the service to web:1.',
      previousTaskDefinitionArn: expect.stringMatching(/web:2$/),
      diff: { changed: true },
    });
    expect(stage.calls().filter((operation) => !/^(Describe|List)/.test(operation))).toEqual([]);
  });

  test('passes over a revision that never completed', async () => {
    await deploy('v2');
    expect((await deploy('exit-1')).outcome).toBe('rolled-back');
    await deploy('v4');
    const [result] = await goBack();
    expect(result).toMatchObject({
      outcome: 'succeeded',
      taskDefinitionArn: expect.stringMatching(/web:2$/),
    });
  });

  test('after a rollback by the circuit breaker it goes back further, not to what failed', async () => {
    await deploy('v2');
    expect((await deploy('exit-1')).outcome).toBe('rolled-back');
    const [result] = await goBack();
    expect(result?.taskDefinitionArn).toMatch(/web:1$/);
  });

  test('passes over a revision that was deregistered', async () => {
    await deploy('v2');
    await deploy('v3');
    await stage.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:2' }));
    const [result] = await goBack();
    expect(result?.taskDefinitionArn).toMatch(/web:1$/);
  });

  test('goes back to an older commit although the order of deployments is guarded', async () => {
    const release = { commit: 'a'.repeat(40), repository: 'octo-org/octo-app' };
    const order = { release, compareCommits: async () => 'behind' as const };
    const newer = { release: { ...release, commit: 'b'.repeat(40) } };
    await stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') }, { order: newer });
    const { ecs, aws } = stage;
    const [result] = await aws.clock.runUntil(
      rollBackServices({ ecs, cluster: 'prod', services: ['web'] }, { clock: aws.clock, order }),
    );
    expect(result).toMatchObject({
      outcome: 'succeeded',
      taskDefinitionArn: expect.stringMatching(/web:1$/),
    });
  });

  test('finds it beyond the first page of the history', async () => {
    await deploy('v2');
    for (let more = 0; more < 100; more += 1) {
      await stage.ecs.send(
        new UpdateServiceCommand({ cluster: 'prod', service: 'web', forceNewDeployment: true }),
      );
      await stage.aws.clock.advance(5 * 60_000);
    }
    const [result] = await goBack();
    expect(result?.taskDefinitionArn).toMatch(/web:1$/);
  });

  test('goes back to the revision that is named', async () => {
    await deploy('v2');
    await deploy('v3');
    const [result] = await goBack('web:1');
    expect(result).toMatchObject({
      outcome: 'succeeded',
      taskDefinitionArn: expect.stringMatching(/web:1$/),
    });
  });

  test('says so where there is nothing to go back to, and changes nothing', async () => {
    const { deploymentId } = await deploy('v1');
    await expect(goBack()).rejects.toEqual(errorWithCode('ROLLBACK_CANDIDATE_MISSING', 'web'));
    expect((await stage.describe('web')).deployments).toMatchObject([{ id: deploymentId }]);
  });
});
