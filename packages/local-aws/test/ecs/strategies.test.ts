import { describe, expect, test } from '@jest/globals';
import {
  describeService,
  eventsOf,
  fargateDefinition,
  startEcs,
  startService,
  type TestEcs,
} from './support.js';

const current = (ecs: TestEcs): any => {
  const [newest] = ecs.call('ListServiceDeployments', { service: 'web' }).serviceDeployments;
  return ecs.call('DescribeServiceDeployments', { serviceDeploymentArns: [newest.serviceDeploymentArn] })
    .serviceDeployments[0];
};

/** A service of this configuration with its first deployment done, and an update under way. */
async function startUpdate(
  deploymentConfiguration: object,
  behaviour = 'healthy',
): Promise<{ ecs: TestEcs; oldId: string; newId: string }> {
  const ecs = startEcs();
  const { id: oldId } = await startService(ecs);
  ecs.call('RegisterTaskDefinition', fargateDefinition(behaviour));
  const { service } = ecs.call('UpdateService', {
    service: 'web',
    taskDefinition: 'web:2',
    deploymentConfiguration,
  });
  return { ecs, oldId, newId: service.deployments[0].id };
}

/** The stages seen, each with the production weight of the new revision. */
async function watchStages(ecs: TestEcs, seconds: number): Promise<string[]> {
  const seen: string[] = [];
  for (let second = 0; second < seconds; second += 1) {
    await ecs.advance(1);
    const { lifecycleStage, targetServiceRevision } = current(ecs);
    const words =
      lifecycleStage === undefined
        ? undefined
        : `${lifecycleStage} ${targetServiceRevision.requestedProductionTrafficWeight}`;
    if (words !== undefined && seen.at(-1) !== words) seen.push(words);
  }
  return seen;
}

const pause = (stage: string, more: object = {}): object => ({
  strategy: 'BLUE_GREEN',
  lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: [stage], ...more }],
});

test('blue/green keeps the old tasks until the bake time is over', async () => {
  const { ecs, oldId, newId } = await startUpdate({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 2 });
  expect(await watchStages(ecs, 400)).toEqual([
    'PRE_SCALE_UP 0',
    'SCALE_UP 0',
    'POST_SCALE_UP 0',
    'TEST_TRAFFIC_SHIFT 0',
    'POST_TEST_TRAFFIC_SHIFT 0',
    'PRE_PRODUCTION_TRAFFIC_SHIFT 0',
    'PRODUCTION_TRAFFIC_SHIFT 100',
    'POST_PRODUCTION_TRAFFIC_SHIFT 100',
    'BAKE_TIME 100',
    'CLEAN_UP 100',
  ]);
  expect(current(ecs)).toMatchObject({
    status: 'SUCCESSFUL',
    targetServiceRevision: { requestedProductionTrafficWeight: 100 },
  });
  expect(describeService(ecs).deployments).toMatchObject([
    { id: newId, rolloutState: 'COMPLETED', runningCount: 2 },
  ]);
  expect(oldId).not.toBe(newId);
});

test('both revisions run in full while the new one bakes', async () => {
  const { ecs } = await startUpdate({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 10 });
  await ecs.advance(300);
  expect(current(ecs)).toMatchObject({
    lifecycleStage: 'BAKE_TIME',
    status: 'IN_PROGRESS',
    sourceServiceRevisions: [{ requestedProductionTrafficWeight: 0, runningTaskCount: 2 }],
  });
  expect(describeService(ecs)).toMatchObject({
    runningCount: 4,
    deployments: [{ rolloutState: 'IN_PROGRESS' }, { rolloutState: 'COMPLETED' }],
  });
});

test('canary shifts a share first', async () => {
  const { ecs } = await startUpdate({
    strategy: 'CANARY',
    canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 1 },
  });
  const stages = await watchStages(ecs, 400);
  expect(stages.filter((stage) => stage.includes('PRODUCTION'))).toEqual([
    'PRE_PRODUCTION_TRAFFIC_SHIFT 0',
    'PRODUCTION_TRAFFIC_SHIFT 20',
    'PRE_PRODUCTION_TRAFFIC_SHIFT 20',
    'PRODUCTION_TRAFFIC_SHIFT 100',
    'POST_PRODUCTION_TRAFFIC_SHIFT 100',
  ]);
});

test('a default linear deployment takes nine steps of six minutes', async () => {
  const { ecs } = await startUpdate({ strategy: 'LINEAR' });
  await ecs.advance(54 * 60);
  expect(current(ecs).status).toBe('IN_PROGRESS');
  await ecs.advance(12 * 60);
  expect(current(ecs).status).toBe('SUCCESSFUL');
});

test('a broken green revision trips the circuit breaker, and blue never stopped', async () => {
  const { ecs, oldId, newId } = await startUpdate(
    { strategy: 'BLUE_GREEN', deploymentCircuitBreaker: { enable: true, rollback: true } },
    'exit:1',
  );
  await ecs.advance(600);
  expect(describeService(ecs).deployments).toMatchObject([
    { id: oldId, rolloutState: 'COMPLETED', runningCount: 2 },
  ]);
  expect(current(ecs)).toMatchObject({
    status: 'ROLLBACK_SUCCESSFUL',
    targetServiceRevision: { arn: expect.stringContaining(newId.slice(8)) },
  });
  expect(eventsOf(describeService(ecs)).join('\n')).not.toContain('has stopped 2 running tasks');
});

describe('a PAUSE hook', () => {
  test('waits for its answer and goes on', async () => {
    const { ecs, newId } = await startUpdate(pause('POST_SCALE_UP'));
    await ecs.advance(3600);
    const paused = current(ecs);
    expect(paused).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: 'POST_SCALE_UP',
      lifecycleHookDetails: [
        {
          targetType: 'PAUSE',
          status: 'AWAITING_ACTION',
          timeoutAction: 'ROLLBACK',
          expiresAt: expect.any(Number),
        },
      ],
    });
    const [{ hookId }] = paused.lifecycleHookDetails;
    const { serviceDeploymentArn } = paused;
    expect(ecs.refusal('ContinueServiceDeployment', { serviceDeploymentArn, hookId: 'nope' })).toMatch(
      /^InvalidParameterException: /,
    );
    ecs.call('ContinueServiceDeployment', { serviceDeploymentArn, hookId });
    expect(ecs.refusal('ContinueServiceDeployment', { serviceDeploymentArn, hookId })).toMatch(
      /^ClientException: /,
    );
    await ecs.advance(300);
    expect(current(ecs)).toMatchObject({
      status: 'SUCCESSFUL',
      lifecycleHookDetails: [{ hookId, status: 'SUCCEEDED' }],
    });
    expect(describeService(ecs).deployments).toMatchObject([{ id: newId }]);
  });

  test.each([
    ['answered with ROLLBACK', {}, true],
    ['that runs out', { timeoutConfiguration: { timeoutInMinutes: 5 } }, false],
  ])('%s rolls back', async (_name, more, answered) => {
    const { ecs, oldId } = await startUpdate(pause('POST_TEST_TRAFFIC_SHIFT', more));
    await ecs.advance(200);
    const { serviceDeploymentArn, lifecycleHookDetails } = current(ecs);
    if (answered)
      ecs.call('ContinueServiceDeployment', {
        serviceDeploymentArn,
        hookId: lifecycleHookDetails[0].hookId,
        action: 'ROLLBACK',
      });
    await ecs.advance(600);
    expect(current(ecs)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: expect.stringContaining('POST_TEST_TRAFFIC_SHIFT lifecycle hook(s) failed'),
    });
    expect(describeService(ecs).deployments).toMatchObject([
      { id: oldId, rolloutState: 'COMPLETED', runningCount: 2 },
    ]);
  });
});

describe('a newer deployment overtakes one that shifts traffic', () => {
  const stay = { timeoutConfiguration: { timeoutInMinutes: 600 } };
  const linear = { strategy: 'LINEAR', linearConfiguration: { stepPercent: 50, stepBakeTimeInMinutes: 10 } };
  const canary = {
    strategy: 'CANARY',
    canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 10 },
  };

  /** Updates the service without hooks; returns the new deployment's id. */
  function overtake(ecs: TestEcs, more: object = {}): string {
    ecs.call('RegisterTaskDefinition', fargateDefinition());
    const { service } = ecs.call('UpdateService', {
      service: 'web',
      taskDefinition: 'web',
      deploymentConfiguration: { lifecycleHooks: [] },
      ...more,
    });
    return service.deployments[0].id;
  }
  const statuses = (ecs: TestEcs): string[] =>
    ecs.call('ListServiceDeployments', { service: 'web' }).serviceDeployments.map((each: any) => each.status);

  test.each<[string, object, string, number, string]>([
    ['while it scales up', { strategy: 'BLUE_GREEN' }, 'slow:30m', 200, 'SCALE_UP 0'],
    ['a paused blue/green', pause('POST_SCALE_UP', stay), 'healthy', 300, 'POST_SCALE_UP 0'],
    [
      'a paused canary',
      { ...canary, ...pause('POST_TEST_TRAFFIC_SHIFT', stay), strategy: 'CANARY' },
      'healthy',
      300,
      'POST_TEST_TRAFFIC_SHIFT 0',
    ],
    [
      'a paused linear',
      { ...linear, ...pause('PRE_PRODUCTION_TRAFFIC_SHIFT', stay), strategy: 'LINEAR' },
      'healthy',
      300,
      'PRE_PRODUCTION_TRAFFIC_SHIFT 0',
    ],
    ['a canary with some traffic', canary, 'healthy', 300, 'PRODUCTION_TRAFFIC_SHIFT 20'],
    ['a linear with half of it', linear, 'healthy', 300, 'PRODUCTION_TRAFFIC_SHIFT 50'],
    [
      'a blue/green with all of it',
      { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 10 },
      'healthy',
      300,
      'BAKE_TIME 100',
    ],
  ])('%s', async (_name, configuration, behaviour, seconds, reached) => {
    const { ecs, oldId, newId: overtakenId } = await startUpdate(configuration, behaviour);
    await ecs.advance(seconds);
    const { lifecycleStage, targetServiceRevision } = current(ecs);
    expect(`${lifecycleStage} ${targetServiceRevision.requestedProductionTrafficWeight}`).toBe(reached);

    const newId = overtake(ecs);
    await ecs.advance(5);
    expect(current(ecs)).toMatchObject({
      lifecycleStage: 'RECONCILE_SERVICE',
      sourceServiceRevisions: [
        { arn: expect.stringContaining(overtakenId.slice(8)), requestedProductionTrafficWeight: 0 },
        { arn: expect.stringContaining(oldId.slice(8)), requestedProductionTrafficWeight: 100 },
      ],
    });
    for (let second = 0; second < 120 && current(ecs).lifecycleStage !== 'SCALE_UP'; second += 1)
      await ecs.advance(1);
    expect(describeService(ecs).deployments).toMatchObject([
      { id: newId, rolloutState: 'IN_PROGRESS' },
      { id: oldId, rolloutState: 'COMPLETED', runningCount: 2 },
    ]);

    await ecs.advance(3600);
    expect(describeService(ecs).deployments).toMatchObject([
      { id: newId, rolloutState: 'COMPLETED', runningCount: 2 },
    ]);
    expect(statuses(ecs)).toEqual(['SUCCESSFUL', 'STOPPED', 'SUCCESSFUL']);
  });

  test('and is rolled back to what completed before both', async () => {
    const { ecs, oldId } = await startUpdate(pause('POST_SCALE_UP', stay));
    await ecs.advance(300);
    overtake(ecs, { taskDefinition: 'web:2', forceNewDeployment: true });
    await ecs.advance(120);
    ecs.call('StopServiceDeployment', { serviceDeploymentArn: current(ecs).serviceDeploymentArn });
    await ecs.advance(300);
    expect(current(ecs)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      rollback: { serviceRevisionArn: expect.stringContaining(oldId.slice(8)) },
    });
    expect(describeService(ecs).deployments).toMatchObject([{ id: oldId, runningCount: 2 }]);
  });

  test('once it is past its bake time, which is what the newer one starts from', async () => {
    const { ecs, newId: overtakenId } = await startUpdate({ strategy: 'BLUE_GREEN' });
    for (let second = 0; second < 300 && current(ecs).lifecycleStage !== 'CLEAN_UP'; second += 1)
      await ecs.advance(1);
    const newId = overtake(ecs);
    await ecs.advance(5);
    expect(current(ecs).sourceServiceRevisions).toMatchObject([
      { arn: expect.stringContaining(overtakenId.slice(8)), requestedProductionTrafficWeight: 100 },
      { requestedProductionTrafficWeight: 0 },
    ]);
    for (let second = 0; second < 300 && current(ecs).lifecycleStage !== 'POST_SCALE_UP'; second += 1)
      await ecs.advance(1);
    expect(describeService(ecs).deployments).toMatchObject([
      { id: newId, runningCount: 2 },
      { id: overtakenId, runningCount: 2 },
    ]);
    await ecs.advance(300);
    expect(describeService(ecs).deployments).toMatchObject([{ id: newId, rolloutState: 'COMPLETED' }]);
  });

  test('and another one overtakes that, before any has completed', async () => {
    const ecs = startEcs();
    const { id: firstId } = await startService(ecs, {
      deploymentConfiguration: pause('POST_SCALE_UP', stay),
    });
    overtake(ecs, { deploymentConfiguration: pause('POST_SCALE_UP', stay) });
    await ecs.advance(300);
    expect(describeService(ecs).runningCount).toBe(4);
    const newId = overtake(ecs);
    await ecs.advance(120);
    expect(describeService(ecs).deployments).toMatchObject([{ id: newId }, { id: firstId, runningCount: 2 }]);
    await ecs.advance(300);
    expect(statuses(ecs)).toEqual(['SUCCESSFUL', 'STOPPED', 'STOPPED']);
  });

  test('with fewer tasks than there are', async () => {
    const { ecs } = await startUpdate(pause('POST_SCALE_UP', stay));
    await ecs.advance(300);
    const newId = overtake(ecs, { desiredCount: 1 });
    await ecs.advance(600);
    expect(describeService(ecs).deployments).toMatchObject([
      { id: newId, rolloutState: 'COMPLETED', runningCount: 1 },
    ]);
  });
});

test('a Lambda hook that fails rolls back in the words of ECS', async () => {
  const hookTargetArn = 'arn:aws:lambda:us-east-1:123456789012:function:smoke-test-fails';
  const { ecs, newId } = await startUpdate({
    strategy: 'BLUE_GREEN',
    lifecycleHooks: [
      { hookTargetArn, roleArn: 'arn:aws:iam::123456789012:role/hook', lifecycleStages: ['PRE_SCALE_UP'] },
    ],
  });
  await ecs.advance(120);
  const reason = `Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target ${hookTargetArn} returned FAILED status.`;
  expect(current(ecs)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL', statusReason: reason });
  expect(eventsOf(describeService(ecs))).toContain(
    `(service web) (deployment ${newId}) deployment failed: hook execution failure(s) detected.`,
  );
});

describe('alarms', () => {
  const alarms = { alarmNames: ['errors'], enable: true, rollback: true };

  test('end a deployment and roll it back', async () => {
    const { ecs, oldId, newId } = await startUpdate({ alarms });
    await ecs.advance(40);
    ecs.ecs.setAlarmState('errors', 'ALARM');
    await ecs.advance(10);
    expect(current(ecs)).toMatchObject({
      status: 'ROLLBACK_IN_PROGRESS',
      alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['errors'] },
    });
    await ecs.advance(200);
    expect(current(ecs).status).toBe('ROLLBACK_SUCCESSFUL');
    expect(describeService(ecs).deployments).toMatchObject([{ id: oldId, rolloutState: 'COMPLETED' }]);
    expect(eventsOf(describeService(ecs))).toContain(
      `(service web) (deployment ${newId}) deployment failed: alarm detected.`,
    );
  });

  test('count during the bake time, and not if they were on before', async () => {
    const { ecs } = await startUpdate({ alarms, bakeTimeInMinutes: 10 });
    await ecs.advance(300);
    expect(current(ecs).status).toBe('IN_PROGRESS');
    ecs.ecs.setAlarmState('errors', 'ALARM');
    await ecs.advance(200);
    expect(current(ecs).status).toBe('ROLLBACK_SUCCESSFUL');
    ecs.call('UpdateService', {
      service: 'web',
      taskDefinition: 'web:2',
      deploymentConfiguration: { bakeTimeInMinutes: 0 },
    });
    await ecs.advance(300);
    expect(current(ecs)).toMatchObject({ status: 'SUCCESSFUL', alarms: { status: 'MONITORING_COMPLETE' } });
  });
});

describe('early success', () => {
  const early = (sourceServiceRevisionCleanup: string, healthyPercent = 50): object => ({
    minimumHealthyPercent: 50,
    maximumPercent: 150,
    earlySuccessCriteria: { enable: true, healthyPercent, sourceServiceRevisionCleanup },
  });

  test('DEFERRED is a success with old tasks still running', async () => {
    const { ecs, newId } = await startUpdate(early('DEFERRED'));
    for (let second = 0; second < 300 && current(ecs).status !== 'SUCCESSFUL'; second += 1)
      await ecs.advance(1);
    const service = describeService(ecs);
    expect(service.deployments).toMatchObject([
      { id: newId, rolloutState: 'COMPLETED' },
      { status: 'ACTIVE' },
    ]);
    expect(ecs.call('ListTasks', { serviceName: 'web', desiredStatus: 'STOPPED' }).taskArns).not.toEqual([]);
    expect(eventsOf(service).at(-1)).toContain('deployment completed');
    await ecs.advance(300);
    expect(describeService(ecs).deployments).toMatchObject([{ id: newId, runningCount: 2 }]);
  });

  test('BLOCKING waits for them to go', async () => {
    const { ecs } = await startUpdate(early('BLOCKING'));
    await ecs.advance(300);
    expect(current(ecs).status).toBe('SUCCESSFUL');
    expect(describeService(ecs).deployments).toHaveLength(1);
  });
});

test.each([
  [
    {
      strategy: 'BLUE_GREEN',
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['TEST_TRAFFIC_SHIFT'] }],
    },
    'Lifecycle hooks of type PAUSE are not supported at the TEST_TRAFFIC_SHIFT stage.',
  ],
  [
    { strategy: 'BLUE_GREEN', lifecycleHooks: [{ lifecycleStages: ['PRE_SCALE_UP'] }] },
    'hookTargetArn is required for lifecycle hooks of type AWS_LAMBDA.',
  ],
  [
    { linearConfiguration: { stepPercent: 10 } },
    'linearConfiguration is only valid for the LINEAR deployment strategy.',
  ],
  [
    { strategy: 'LINEAR', canaryConfiguration: {} },
    'canaryConfiguration is only valid for the CANARY deployment strategy.',
  ],
  [
    { earlySuccessCriteria: { enable: true, healthyPercent: 50, sourceServiceRevisionCleanup: 'BLOCKING' } },
    'healthyPercent cannot be smaller than minimumHealthyPercent.',
  ],
])('%j is refused', async (deploymentConfiguration, message) => {
  const ecs = startEcs();
  await startService(ecs);
  expect(ecs.refusal('UpdateService', { service: 'web', deploymentConfiguration })).toBe(
    `InvalidParameterException: ${message}`,
  );
});
