import { expect, test } from '@jest/globals';
import { describeService, eventsOf, fargateDefinition, startEcs, startService } from './support.js';

test('a first deployment starts its tasks, completes and reaches a steady state', async () => {
  const ecs = startEcs();
  const { id } = await startService(ecs);
  const service = describeService(ecs);
  expect(service).toMatchObject({ status: 'ACTIVE', desiredCount: 2, runningCount: 2, pendingCount: 0 });
  expect(service.deployments).toEqual([
    expect.objectContaining({
      id,
      status: 'PRIMARY',
      rolloutState: 'COMPLETED',
      rolloutStateReason: `ECS deployment ${id} completed.`,
      desiredCount: 2,
      runningCount: 2,
      failedTasks: 0,
    }),
  ]);
  expect(eventsOf(service)).toEqual([
    '(service web) has started 2 tasks: (task T) (task T).',
    `(service web) (deployment ${id}) deployment completed.`,
    '(service web) has reached a steady state.',
  ]);
});

test('an update is visible as a new PRIMARY at once, and the old deployment leaves at the end', async () => {
  const ecs = startEcs();
  const { id: oldId } = await startService(ecs);
  ecs.call('RegisterTaskDefinition', fargateDefinition());
  const { service: updated } = ecs.call('UpdateService', { service: 'web', taskDefinition: 'web:2' });
  expect(updated).toMatchObject({ runningCount: 2, desiredCount: 2 });
  expect(updated).not.toHaveProperty('currentServiceDeployment');
  const newId = updated.deployments[0].id;
  expect(updated.deployments).toMatchObject([
    {
      status: 'PRIMARY',
      desiredCount: 0,
      runningCount: 0,
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: `ECS deployment ${newId} in progress.`,
    },
    { id: oldId, status: 'ACTIVE', desiredCount: 2, runningCount: 2, rolloutState: 'COMPLETED' },
  ]);
  expect(updated.currentServiceRevisions[0].arn.split('/').at(-1)).toBe(newId.slice('ecs-svc/'.length));

  await ecs.advance(60);
  const rolling = describeService(ecs);
  expect(rolling.runningCount).toBe(4);
  const [current] = ecs.call('DescribeServiceDeployments', {
    serviceDeploymentArns: [rolling.currentServiceDeployment],
  }).serviceDeployments;
  expect(current).toMatchObject({
    status: 'IN_PROGRESS',
    targetServiceRevision: {
      arn: rolling.currentServiceRevisions[0].arn,
      requestedTaskCount: 2,
      runningTaskCount: 2,
    },
    deploymentCircuitBreaker: { status: 'DISABLED', failureCount: 0, threshold: 3 },
  });

  await ecs.advance(240);
  const done = describeService(ecs);
  expect(done.deployments).toMatchObject([{ id: newId, rolloutState: 'COMPLETED', runningCount: 2 }]);
  expect(eventsOf(done).slice(3)).toEqual([
    '(service web) has started 2 tasks: (task T) (task T).',
    '(service web) has stopped 2 running tasks: (task T) (task T).',
    `(service web) (deployment ${newId}) deployment completed.`,
    '(service web) has reached a steady state.',
  ]);
  expect(
    ecs.call('ListServiceDeployments', { service: 'web' }).serviceDeployments.map((each: any) => each.status),
  ).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
});
