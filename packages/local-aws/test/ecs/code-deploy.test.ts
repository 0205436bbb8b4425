import { describe, expect, test } from '@jest/globals';
import type { TaskSetHandle } from '../../src/ecs/task-sets.js';
import {
  describeService,
  eventsOf,
  fargateDefinition,
  startEcs,
  startService,
  type TestEcs,
} from './support.js';

const scope = { accountId: '123456789012', region: 'us-east-1' };
const targetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';

async function startUnderCodeDeploy(): Promise<TestEcs> {
  const ecs = startEcs();
  await startService(ecs, {
    deploymentController: { type: 'CODE_DEPLOY' },
    loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 8080 }],
  });
  return ecs;
}

const shift = (ecs: TestEcs, behaviour = 'healthy'): TaskSetHandle => {
  ecs.call('RegisterTaskDefinition', fargateDefinition(behaviour));
  return ecs.ecs.taskSets.start(
    {
      clusterName: 'default',
      serviceName: 'web',
      taskDefinition: 'web:2',
      configuration: {
        strategy: 'CANARY',
        canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 5 },
        bakeTimeInMinutes: 5,
      },
      externalId: 'd-ABCDEF123',
    },
    scope,
  );
};

describe('a service that CodeDeploy deploys', () => {
  test('has task sets and no deployments', async () => {
    const ecs = startEcs();
    ecs.call('CreateCluster');
    ecs.call('RegisterTaskDefinition', fargateDefinition());
    ecs.call('CreateService', {
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      deploymentController: { type: 'CODE_DEPLOY' },
    });
    await ecs.advance(300);
    const service = describeService(ecs);
    expect(service).toMatchObject({
      runningCount: 2,
      deployments: [],
      taskSets: [
        {
          status: 'PRIMARY',
          startedBy: 'CODE_DEPLOY',
          runningCount: 2,
          stabilityStatus: 'STEADY_STATE',
          scale: { value: 100, unit: 'PERCENT' },
        },
      ],
    });
    expect(service).not.toHaveProperty('currentServiceRevisions');
    expect(eventsOf(service)).toEqual([
      '(service web) has started 2 tasks: (task T) (task T).',
      '(service web) has reached a steady state.',
    ]);
    expect(ecs.call('ListServiceDeployments', { service: 'web' }).serviceDeployments).toEqual([]);
    expect(ecs.refusal('UpdateService', { service: 'web', taskDefinition: 'web:1' })).toBe(
      'InvalidParameterException: Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.',
    );
    expect(ecs.call('UpdateService', { service: 'web', desiredCount: 3 }).service.desiredCount).toBe(3);
  });

  test('gets a replacement task set, which is PRIMARY once it has the traffic', async () => {
    const ecs = await startUnderCodeDeploy();
    const handle = shift(ecs);
    await ecs.advance(240);
    expect(handle.look()).toMatchObject({ status: 'IN_PROGRESS', productionWeight: 10 });
    const during = describeService(ecs).taskSets;
    expect(during).toMatchObject([
      { status: 'ACTIVE', externalId: 'd-ABCDEF123', taskSetArn: handle.taskSetArn, runningCount: 2 },
      { status: 'PRIMARY', runningCount: 2 },
    ]);
    await ecs.advance(900);
    expect(handle.look()).toMatchObject({
      status: 'SUCCESSFUL',
      productionWeight: 100,
      finishedAt: expect.any(Number),
    });
    expect(describeService(ecs).taskSets).toMatchObject([{ status: 'PRIMARY', externalId: 'd-ABCDEF123' }]);
  });

  test('keeps the old task set when the replacement is stopped', async () => {
    const ecs = await startUnderCodeDeploy();
    const [{ taskSetArn }] = describeService(ecs).taskSets;
    const handle = shift(ecs, 'exit:1');
    await ecs.advance(600);
    expect(handle.look()).toMatchObject({ status: 'IN_PROGRESS', stage: 'SCALE_UP', productionWeight: 0 });
    handle.stop();
    await ecs.advance(120);
    expect(handle.look().status).toBe('ROLLBACK_SUCCESSFUL');
    expect(describeService(ecs).taskSets).toMatchObject([{ taskSetArn, status: 'PRIMARY', runningCount: 2 }]);
  });
});

test('targets of a group, from registration to draining', async () => {
  const ecs = startEcs();
  await startService(ecs, {
    desiredCount: 1,
    loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 8080 }],
  });
  const [healthy] = ecs.ecs.targetsOf(targetGroupArn);
  const [task] = ecs.call('DescribeTasks', { tasks: ecs.call('ListTasks').taskArns }).tasks;
  expect(healthy).toMatchObject({
    id: task.containers[0].networkInterfaces[0].privateIpv4Address,
    port: 8080,
    state: 'healthy',
  });
  ecs.call('UpdateService', { service: 'web', desiredCount: 0 });
  await ecs.advance(10);
  expect(ecs.ecs.targetsOf(targetGroupArn)).toMatchObject([{ state: 'draining' }]);
  await ecs.advance(120);
  expect(ecs.ecs.targetsOf(targetGroupArn)).toEqual([]);
});
