import { describe, expect, test } from '@jest/globals';
import {
  describeService,
  eventsOf,
  fargateDefinition,
  HEALTH_CHECK,
  startEcs,
  startService,
  type TestEcs,
} from './support.js';

const withBreaker = (rollback: boolean, more: object = {}) => ({
  deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback, ...more } },
});

/** Rolls out a revision of this behaviour; its deployment id. */
function update(ecs: TestEcs, behaviour: string, container: object = {}): string {
  ecs.call('RegisterTaskDefinition', fargateDefinition(behaviour, { container }));
  const { service } = ecs.call('UpdateService', { service: 'web', taskDefinition: 'web' });
  return service.deployments[0].id;
}

/** Advances until the test holds, in steps of five seconds; how long it took. */
async function until(ecs: TestEcs, holds: () => boolean, limitSeconds = 3600): Promise<number> {
  for (let seconds = 0; seconds <= limitSeconds; seconds += 5) {
    if (holds()) return seconds;
    await ecs.advance(5);
  }
  throw new Error(`Not within ${limitSeconds} s`);
}

const newestServiceDeployment = (ecs: TestEcs): any => {
  const [newest] = ecs.call('ListServiceDeployments', { service: 'web' }).serviceDeployments;
  return ecs.call('DescribeServiceDeployments', { serviceDeploymentArns: [newest.serviceDeploymentArn] })
    .serviceDeployments[0];
};

describe('a broken update under a circuit breaker with rollback', () => {
  test('goes back to the old deployment under its old id', async () => {
    const ecs = startEcs();
    const { id: oldId } = await startService(ecs, { ...withBreaker(true), desiredCount: 1 });
    const newId = update(ecs, 'exit:1');
    await until(ecs, () => describeService(ecs).deployments[0].id === oldId, 600);

    const rollingBack = describeService(ecs);
    expect(rollingBack.deployments).toMatchObject([
      {
        id: oldId,
        status: 'PRIMARY',
        rolloutState: 'IN_PROGRESS',
        rolloutStateReason: `ECS deployment circuit breaker: rolling back to deploymentId ${oldId}.`,
        taskDefinition: expect.stringMatching(/web:1$/),
      },
      {
        id: newId,
        status: 'ACTIVE',
        rolloutState: 'FAILED',
        rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
        failedTasks: 3,
      },
    ]);
    expect(rollingBack.taskDefinition).toMatch(/web:1$/);
    const deployment = newestServiceDeployment(ecs);
    expect(rollingBack.currentServiceDeployment).toBe(deployment.serviceDeploymentArn);
    expect(deployment).toMatchObject({
      status: 'ROLLBACK_IN_PROGRESS',
      rollback: {
        reason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
        serviceRevisionArn: expect.stringContaining(oldId.slice('ecs-svc/'.length)),
      },
      deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 },
    });

    await until(ecs, () => describeService(ecs).deployments.length === 1, 600);
    const done = describeService(ecs);
    expect(done.deployments).toMatchObject([
      { id: oldId, status: 'PRIMARY', rolloutState: 'COMPLETED', runningCount: 1 },
    ]);
    expect(newestServiceDeployment(ecs)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
      targetServiceRevision: { arn: expect.stringContaining(newId.slice('ecs-svc/'.length)) },
    });
    expect(eventsOf(done).slice(3)).toEqual([
      '(service web) has started 1 tasks: (task T).',
      '(service web) has started 1 tasks: (task T).',
      '(service web) has started 1 tasks: (task T).',
      `(service web) (deployment ${newId}) deployment failed: tasks failed to start.`,
      `(service web) rolling back to deployment ${oldId}.`,
      `(service web) (deployment ${oldId}) deployment completed.`,
      '(service web) has reached a steady state.',
    ]);
  });

  test.each([
    ['crash', {}, 'EssentialContainerExited', 'Essential container in task exited', { exitCode: 139 }],
    [
      'oom',
      {},
      'EssentialContainerExited',
      'Essential container in task exited',
      { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
    ],
    [
      'pull-error',
      {},
      'TaskFailedToStart',
      expect.stringMatching(/^CannotPullContainerError: .* not found$/),
      {},
    ],
    [
      'never-healthy',
      { healthCheck: HEALTH_CHECK },
      'ServiceSchedulerInitiated',
      'Task failed container health checks',
      {},
    ],
  ])(
    'fails on %s with the reason on its tasks',
    async (behaviour, container, stopCode, stoppedReason, stopped) => {
      const ecs = startEcs();
      await startService(ecs, { ...withBreaker(true), desiredCount: 1 });
      const newId = update(ecs, behaviour, container);
      await until(ecs, () => newestServiceDeployment(ecs).status === 'ROLLBACK_SUCCESSFUL', 1200);
      const { taskArns } = ecs.call('ListTasks', { serviceName: 'web', desiredStatus: 'STOPPED' });
      const { tasks } = ecs.call('DescribeTasks', { tasks: taskArns });
      const ours = tasks.filter(
        (task: any) => task.startedBy === newId && task.stoppedReason.startsWith('Scaling') === false,
      );
      expect(ours).toHaveLength(3);
      for (const task of ours) {
        expect(task).toMatchObject({
          stopCode,
          stoppedReason,
          desiredStatus: 'STOPPED',
          containers: [stopped],
        });
      }
    },
  );

  test('fails on a target group whose checks never pass', async () => {
    const ecs = startEcs();
    const targetGroupArn =
      'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
    await startService(ecs, {
      ...withBreaker(true),
      desiredCount: 1,
      loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 8080 }],
    });
    update(ecs, 'never-healthy');
    await until(ecs, () => newestServiceDeployment(ecs).status === 'ROLLBACK_SUCCESSFUL', 1800);
    const events = eventsOf(describeService(ecs));
    expect(events).toContain(
      `(service web) (task T) (port 8080) is unhealthy in (target-group ${targetGroupArn}) due to (reason Health checks failed with these codes: [503]).`,
    );
    expect(events).toContain(`(service web) registered 1 targets in (target-group ${targetGroupArn})`);
    const { taskArns } = ecs.call('ListTasks', { serviceName: 'web', desiredStatus: 'STOPPED' });
    const { tasks } = ecs.call('DescribeTasks', { tasks: taskArns });
    expect(tasks.map((task: any) => task.stoppedReason)).toContain(
      `Task failed ELB health checks in (target-group ${targetGroupArn})`,
    );
  });

  test('counts up to the threshold of its own configuration', async () => {
    const ecs = startEcs();
    await startService(ecs, {
      ...withBreaker(true, { thresholdConfiguration: { type: 'COUNT', value: 5 } }),
      desiredCount: 1,
    });
    update(ecs, 'exit:1');
    await until(ecs, () => newestServiceDeployment(ecs).status === 'ROLLBACK_SUCCESSFUL', 1800);
    expect(newestServiceDeployment(ecs).deploymentCircuitBreaker).toEqual({
      status: 'TRIGGERED',
      failureCount: 5,
      threshold: 5,
    });
  });

  test.each([
    [true, 'IN_PROGRESS'],
    [false, 'ROLLBACK_SUCCESSFUL'],
  ])('with resetOnHealthyTask %s a service that flaps ends up %s', async (resetOnHealthyTask, status) => {
    const ecs = startEcs();
    const { deploymentConfiguration } = withBreaker(true, { resetOnHealthyTask });
    await startService(ecs, { deploymentConfiguration: { ...deploymentConfiguration, maximumPercent: 150 } });
    update(ecs, 'unhealthy@1s', { healthCheck: HEALTH_CHECK });
    await ecs.advance(3 * 3600);
    expect(newestServiceDeployment(ecs).status).toBe(status);
  });
});

test('without rollback the failed deployment stays PRIMARY and the old tasks run on', async () => {
  const ecs = startEcs();
  const { id: oldId } = await startService(ecs, withBreaker(false));
  const newId = update(ecs, 'exit:1');
  await until(ecs, () => describeService(ecs).deployments[0].rolloutState === 'FAILED', 600);
  await ecs.advance(3600);
  const service = describeService(ecs);
  expect(service.deployments).toMatchObject([
    { id: newId, status: 'PRIMARY', rolloutState: 'FAILED' },
    { id: oldId, status: 'ACTIVE', rolloutState: 'COMPLETED', runningCount: 2 },
  ]);
  expect(service).not.toHaveProperty('currentServiceDeployment');
  expect(newestServiceDeployment(ecs)).toMatchObject({ status: 'STOPPED', stoppedAt: expect.any(Number) });
});

test('a first deployment has nothing to go back to', async () => {
  const ecs = startEcs();
  const { id } = await startService(
    ecs,
    { ...withBreaker(true), desiredCount: 1 },
    fargateDefinition('exit:1'),
  );
  await until(ecs, () => describeService(ecs).deployments[0].rolloutState === 'FAILED', 600);
  expect(describeService(ecs).deployments).toMatchObject([{ id, status: 'PRIMARY', rolloutState: 'FAILED' }]);
  expect(newestServiceDeployment(ecs)).toMatchObject({
    status: 'ROLLBACK_FAILED',
    statusReason: 'No rollback candidate was found to run the rollback.',
  });
});

test('without a circuit breaker it retries for ever, with growing gaps, and never says FAILED', async () => {
  const ecs = startEcs();
  await startService(ecs, { desiredCount: 1 });
  const newId = update(ecs, 'pull-error');
  await ecs.advance(4 * 3600);
  const service = describeService(ecs);
  expect(service.deployments[0]).toMatchObject({ id: newId, rolloutState: 'IN_PROGRESS' });
  expect(service.deployments[1]).toMatchObject({ status: 'ACTIVE', runningCount: 1 });
  const starts = service.events
    .filter(({ message }: any) => message.includes('has started'))
    .map(({ createdAt }: any) => createdAt)
    .toReversed()
    .slice(1);
  const gaps = starts.slice(1).map((at: number, index: number) => at - starts[index]);
  expect(gaps.length).toBeGreaterThan(8);
  expect(gaps.at(-1)).toBeGreaterThan(900);
  for (const [index, gap] of gaps.entries())
    if (index > 0) expect(gap).toBeGreaterThanOrEqual(gaps[index - 1]);
  expect(
    eventsOf(service).filter((text) => text.includes('is unable to consistently start tasks')),
  ).toHaveLength(1);
});

describe('what happens during a rollout', () => {
  test('a newer deployment overtakes it', async () => {
    const ecs = startEcs();
    await startService(ecs);
    const overtaken = update(ecs, 'slow:10m');
    await ecs.advance(30);
    const newest = update(ecs, 'healthy');
    expect(describeService(ecs).deployments.map((each: any) => [each.id, each.status])).toEqual([
      [newest, 'PRIMARY'],
      [overtaken, 'ACTIVE'],
      [expect.any(String), 'ACTIVE'],
    ]);
    await ecs.advance(600);
    expect(describeService(ecs).deployments).toMatchObject([{ id: newest, rolloutState: 'COMPLETED' }]);
    const { serviceDeployments } = ecs.call('ListServiceDeployments', { service: 'web' });
    expect(serviceDeployments.map((each: any) => each.status)).toEqual([
      'SUCCESSFUL',
      'STOPPED',
      'SUCCESSFUL',
    ]);
  });

  test('a rollback skips the deployment that was overtaken', async () => {
    const ecs = startEcs();
    const { id: oldId } = await startService(ecs, withBreaker(true));
    update(ecs, 'slow:10m');
    await ecs.advance(30);
    update(ecs, 'exit:1');
    await ecs.advance(900);
    expect(describeService(ecs).deployments).toMatchObject([{ id: oldId, rolloutState: 'COMPLETED' }]);
  });

  test.each([
    ['ROLLBACK', 'ROLLBACK_REQUESTED', 'ROLLBACK_SUCCESSFUL'],
    ['ABORT', 'STOP_REQUESTED', 'STOPPED'],
  ])('StopServiceDeployment with %s', async (stopType, requested, ended) => {
    const ecs = startEcs();
    const { id: oldId } = await startService(ecs);
    const newId = update(ecs, 'slow:10m');
    await ecs.advance(30);
    const { serviceDeploymentArn } = newestServiceDeployment(ecs);
    ecs.call('StopServiceDeployment', { serviceDeploymentArn, stopType });
    expect(newestServiceDeployment(ecs).status).toBe(requested);
    expect(ecs.refusal('StopServiceDeployment', { serviceDeploymentArn })).toMatch(/^ConflictException: /);
    await ecs.advance(300);
    expect(newestServiceDeployment(ecs).status).toBe(ended);
    expect(describeService(ecs).deployments[0].id).toBe(stopType === 'ROLLBACK' ? oldId : newId);
  });

  test('the desired count goes up and down', async () => {
    const ecs = startEcs();
    await startService(ecs);
    const newId = update(ecs, 'healthy');
    await ecs.advance(30);
    ecs.call('UpdateService', { service: 'web', desiredCount: 5 });
    await ecs.advance(600);
    expect(describeService(ecs)).toMatchObject({
      runningCount: 5,
      deployments: [{ id: newId, rolloutState: 'COMPLETED', desiredCount: 5 }],
    });
    ecs.call('UpdateService', { service: 'web', desiredCount: 0 });
    await ecs.advance(300);
    expect(describeService(ecs)).toMatchObject({
      runningCount: 0,
      deployments: [{ id: newId, rolloutState: 'COMPLETED', desiredCount: 0 }],
    });
  });

  test('the service is deleted', async () => {
    const ecs = startEcs();
    await startService(ecs);
    update(ecs, 'slow:10m');
    await ecs.advance(30);
    expect(ecs.refusal('DeleteService', { service: 'web' })).toBe(
      'InvalidParameterException: The service cannot be stopped while it is scaled above 0.',
    );
    expect(ecs.call('DeleteService', { service: 'web', force: true }).service.status).toBe('DRAINING');
    expect(ecs.refusal('CreateService', { serviceName: 'web', taskDefinition: 'web' })).toBe(
      'InvalidParameterException: Unable to Start a service that is still Draining.',
    );
    await ecs.advance(300);
    expect(describeService(ecs)).toMatchObject({ status: 'INACTIVE', runningCount: 0, deployments: [] });
    expect(ecs.refusal('UpdateService', { service: 'web', desiredCount: 1 })).toBe(
      'ServiceNotActiveException: Service was not ACTIVE.',
    );
    expect(newestServiceDeployment(ecs).status).toBe('STOPPED');
  });
});

test('a rollback whose own tasks fail is ROLLBACK_FAILED', async () => {
  const ecs = startEcs();
  const image = '127.0.0.1:5000/app:1';
  ecs.images.set(image, { kind: 'found', digest: 'sha256:1', labels: {}, platforms: ['linux/amd64'] });
  await startService(
    ecs,
    {
      desiredCount: 1,
      deploymentConfiguration: {
        minimumHealthyPercent: 0,
        maximumPercent: 100,
        deploymentCircuitBreaker: { enable: true, rollback: true },
      },
    },
    fargateDefinition('healthy', { container: { image } }),
  );
  ecs.images.delete(image);
  update(ecs, 'exit:1');
  await ecs.advance(3600);
  expect(newestServiceDeployment(ecs).status).toBe('ROLLBACK_FAILED');
  expect(describeService(ecs).deployments[0]).toMatchObject({ rolloutState: 'FAILED', runningCount: 0 });
});
