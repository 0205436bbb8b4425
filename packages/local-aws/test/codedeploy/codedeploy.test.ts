import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  BatchGetDeploymentsCommand,
  ContinueDeploymentCommand,
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  GetDeploymentTargetCommand,
  ListDeploymentTargetsCommand,
  ListDeploymentsCommand,
  ListTagsForResourceCommand,
  StopDeploymentCommand,
  TagResourceCommand,
  UntagResourceCommand,
  waitUntilDeploymentSuccessful,
} from '@aws-sdk/client-codedeploy';
import type {
  CreateDeploymentCommandInput,
  CreateDeploymentGroupCommandInput,
  DeploymentInfo,
} from '@aws-sdk/client-codedeploy';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import type { DeploymentControllerType } from '@aws-sdk/client-ecs';
import { startLocalAws } from '../../src/index.js';
import type { LocalAws } from '../../src/index.js';
import { clientsOf, errorOf } from '../support/clients.js';

const MINUTE = 60_000;
const elsewhere = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
const rollsBack = {
  enabled: true,
  events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'] as const,
};

let aws: LocalAws;
let clients: ReturnType<typeof clientsOf>;

beforeAll(async () => {
  aws = await startLocalAws({ clock: 'manual' });
  clients = clientsOf(aws);
});
afterAll(() => aws.stop());
beforeEach(() => aws.reset());

async function registerTaskDefinition(behaviour: string): Promise<void> {
  await clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'web',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        {
          name: 'app',
          image: 'example.com/app:1',
          portMappings: [{ containerPort: 8080 }],
          dockerLabels: { 'local-aws.behaviour': behaviour },
        },
      ],
    }),
  );
}

/** A steady service `web`, its deployment group, and revision 2 of its task definition. */
async function prepare(
  group: Partial<CreateDeploymentGroupCommandInput> = {},
  {
    behaviour = 'healthy',
    controller = 'CODE_DEPLOY',
    targetGroupArn = elsewhere,
    settleMs = 5 * MINUTE,
  }: {
    behaviour?: string;
    controller?: DeploymentControllerType;
    targetGroupArn?: string;
    settleMs?: number;
  } = {},
): Promise<void> {
  await clients.ecs.send(new CreateClusterCommand({}));
  await registerTaskDefinition('healthy');
  await clients.ecs.send(
    new CreateServiceCommand({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      deploymentController: { type: controller },
      loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 8080 }],
    }),
  );
  await aws.clock.advance(settleMs);
  await registerTaskDefinition(behaviour);
  await clients.codedeploy.send(
    new CreateApplicationCommand({ applicationName: 'AppECS-web', computePlatform: 'ECS' }),
  );
  await clients.codedeploy.send(
    new CreateDeploymentGroupCommand({
      applicationName: 'AppECS-web',
      deploymentGroupName: 'DgpECS-web',
      serviceRoleArn: 'arn:aws:iam::123456789012:role/codedeploy',
      ecsServices: [{ clusterName: 'default', serviceName: 'web' }],
      ...group,
    }),
  );
}

async function deploy({
  taskDefinition = 'web:2',
  hooks = [],
  ...input
}: Partial<CreateDeploymentCommandInput> & {
  taskDefinition?: string;
  hooks?: object[];
} = {}): Promise<string> {
  const content = JSON.stringify({
    version: 1,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: taskDefinition,
            LoadBalancerInfo: { ContainerName: 'app', ContainerPort: 8080 },
          },
        },
      },
    ],
    Hooks: hooks,
  });
  const { deploymentId } = await clients.codedeploy.send(
    new CreateDeploymentCommand({
      applicationName: 'AppECS-web',
      deploymentGroupName: 'DgpECS-web',
      revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
      ...input,
    }),
  );
  return deploymentId ?? '';
}

const look = async (deploymentId: string): Promise<DeploymentInfo> =>
  (await clients.codedeploy.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo ?? {};

const taskSets = async () =>
  (await clients.ecs.send(new DescribeServicesCommand({ services: ['web'] }))).services?.[0]?.taskSets?.map(
    ({ status, taskDefinition, runningCount }) => [status, taskDefinition?.split('/').at(-1), runningCount],
  );

const lifecycle = async (deploymentId: string) => {
  const { targetIds = [] } = await clients.codedeploy.send(
    new ListDeploymentTargetsCommand({ deploymentId }),
  );
  const { deploymentTarget } = await clients.codedeploy.send(
    new GetDeploymentTargetCommand({ deploymentId, targetId: targetIds[0] }),
  );
  return deploymentTarget?.ecsTarget;
};

describe('a deployment that succeeds', () => {
  it('replaces the task set, shifts the traffic and ends the old tasks after their wait', async () => {
    await prepare({
      blueGreenDeploymentConfiguration: {
        terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 10 },
      },
    });
    const id = await deploy({ description: 'second' });
    expect(id).toMatch(/^d-[A-Z0-9]{9}$/);
    expect(await look(id)).toMatchObject({ status: 'Created', creator: 'user', description: 'second' });

    await aws.clock.advance(60_000);
    expect(await look(id)).toMatchObject({ status: 'InProgress', instanceTerminationWaitTimeStarted: false });
    expect((await lifecycle(id))?.lifecycleEvents?.[1]).toMatchObject({
      lifecycleEventName: 'Install',
      status: 'InProgress',
    });

    await aws.clock.advance(5 * MINUTE);
    expect(await look(id)).toMatchObject({ status: 'InProgress', instanceTerminationWaitTimeStarted: true });
    expect(await lifecycle(id)).toMatchObject({
      targetId: 'default:web',
      taskSetsInfo: [
        { taskSetLabel: 'Green', status: 'PRIMARY', trafficWeight: 100, runningCount: 2 },
        { taskSetLabel: 'Blue', status: 'ACTIVE', trafficWeight: 0, runningCount: 2 },
      ],
    });
    expect(await taskSets()).toEqual([
      ['PRIMARY', 'web:2', 2],
      ['ACTIVE', 'web:1', 2],
    ]);

    await aws.clock.advance(15 * MINUTE);
    const ended = await look(id);
    expect(ended).toMatchObject({ status: 'Succeeded', deploymentOverview: { Succeeded: 1 } });
    expect(ended.errorInformation).toBeUndefined();
    expect(ended.completeTime!.getTime() - ended.createTime!.getTime()).toBeGreaterThan(12 * MINUTE);
    expect((await lifecycle(id))?.lifecycleEvents?.map(({ status }) => status)).toEqual(
      Array(8).fill('Succeeded'),
    );
    expect(await taskSets()).toEqual([['PRIMARY', 'web:2', 2]]);
    const { deploymentGroupInfo } = await clients.codedeploy.send(
      new GetDeploymentGroupCommand({ applicationName: 'AppECS-web', deploymentGroupName: 'DgpECS-web' }),
    );
    expect(deploymentGroupInfo).toMatchObject({
      computePlatform: 'ECS',
      ecsServices: [{ clusterName: 'default', serviceName: 'web' }],
      lastSuccessfulDeployment: { deploymentId: id, status: 'Succeeded' },
    });
  });

  it('shifts a canary first', async () => {
    await prepare({ deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes' });
    const id = await deploy();
    await aws.clock.advance(4 * MINUTE);
    const weights = async () =>
      (await lifecycle(id))?.taskSetsInfo?.map(({ trafficWeight }) => trafficWeight);
    expect(await weights()).toEqual([10, 90]);
    await aws.clock.advance(6 * MINUTE);
    expect(await look(id)).toMatchObject({ status: 'Succeeded' });
  });

  it('is waited for by the waiter of the SDK', async () => {
    await prepare();
    const deploymentId = await deploy();
    await aws.clock.advance(10 * MINUTE);
    const waited = await waitUntilDeploymentSuccessful(
      { client: clients.codedeploy, maxWaitTime: 20 },
      { deploymentId },
    );
    expect(waited.state).toBe('SUCCESS');
  });

  it('waits for somebody to reroute the traffic, where the group says so', async () => {
    const ready = { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 30 } as const;
    await prepare({ blueGreenDeploymentConfiguration: { deploymentReadyOption: ready } });
    const deploymentId = await deploy();
    const early = clients.codedeploy.send(new ContinueDeploymentCommand({ deploymentId }));
    expect((await errorOf(early)).name).toBe('DeploymentIsNotInReadyStateException');
    await aws.clock.advance(5 * MINUTE);
    expect(await look(deploymentId)).toMatchObject({ status: 'Ready', deploymentOverview: { Ready: 1 } });
    await clients.codedeploy.send(
      new ContinueDeploymentCommand({ deploymentId, deploymentWaitType: 'READY_WAIT' }),
    );
    await aws.clock.advance(5 * MINUTE);
    expect(await look(deploymentId)).toMatchObject({ status: 'Succeeded' });
  });

  it('need not wait to end the old tasks', async () => {
    const termination = { action: 'TERMINATE', terminationWaitTimeInMinutes: 600 } as const;
    await prepare({
      blueGreenDeploymentConfiguration: { terminateBlueInstancesOnDeploymentSuccess: termination },
    });
    const deploymentId = await deploy();
    await aws.clock.advance(5 * MINUTE);
    await clients.codedeploy.send(
      new ContinueDeploymentCommand({ deploymentId, deploymentWaitType: 'TERMINATION_WAIT' }),
    );
    await aws.clock.advance(3 * MINUTE);
    expect(await look(deploymentId)).toMatchObject({ status: 'Succeeded' });
  });
});

it('moves a listener from one target group of a pair to the other, and back again with the next', async () => {
  const [blue = '', green = ''] = await Promise.all(
    ['blue', 'green'].map(async (name) => {
      const made = await clients.elb.send(new CreateTargetGroupCommand({ Name: name, TargetType: 'ip' }));
      return made.TargetGroups?.[0]?.TargetGroupArn;
    }),
  );
  const { LoadBalancers } = await clients.elb.send(new CreateLoadBalancerCommand({ Name: 'front' }));
  const { Listeners } = await clients.elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: blue }],
    }),
  );
  const listenerArn = Listeners?.[0]?.ListenerArn ?? '';
  const weights = async () => {
    const found = await clients.elb.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }));
    const groups = found.Listeners?.[0]?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups ?? [];
    return Object.fromEntries(groups.map(({ TargetGroupArn = '', Weight }) => [TargetGroupArn, Weight]));
  };
  await prepare(
    {
      loadBalancerInfo: {
        targetGroupPairInfoList: [
          {
            targetGroups: [{ name: 'blue' }, { name: 'green' }],
            prodTrafficRoute: { listenerArns: [listenerArn] },
          },
        ],
      },
    },
    { targetGroupArn: blue },
  );
  const first = await deploy();
  await aws.clock.advance(10 * MINUTE);
  expect(await look(first)).toMatchObject({ status: 'Succeeded' });
  expect(await weights()).toEqual({ [blue]: 0, [green]: 100 });
  const target = await lifecycle(first);
  expect(target?.taskSetsInfo).toMatchObject([{ targetGroup: { name: 'green' } }]);

  await deploy({ taskDefinition: 'web:1' });
  await aws.clock.advance(10 * MINUTE);
  expect(await weights()).toEqual({ [blue]: 100, [green]: 0 });
});

describe('a deployment that does not succeed', () => {
  it('times out after an hour if its tasks never get healthy, and is rolled back', async () => {
    await prepare(
      { autoRollbackConfiguration: { ...rollsBack, events: [...rollsBack.events] } },
      { behaviour: 'exit:1' },
    );
    const id = await deploy();
    await aws.clock.advance(59 * MINUTE);
    expect(await look(id)).toMatchObject({ status: 'InProgress' });
    await aws.clock.advance(10 * MINUTE);
    const failed = await look(id);
    expect(failed).toMatchObject({
      status: 'Failed',
      errorInformation: {
        code: 'TIMEOUT',
        message: expect.stringContaining('waiting for the replacement task set to become healthy'),
      },
      rollbackInfo: { rollbackDeploymentId: expect.stringMatching(/^d-/) },
    });
    expect(await look(failed.rollbackInfo?.rollbackDeploymentId ?? '')).toMatchObject({
      status: 'Succeeded',
      creator: 'codeDeployRollback',
      rollbackInfo: { rollbackTriggeringDeploymentId: id },
    });
    expect(await taskSets()).toEqual([['PRIMARY', 'web:1', 2]]);
  });

  it('fails with the function of a hook', async () => {
    await prepare();
    const id = await deploy({ hooks: [{ AfterAllowTestTraffic: 'verify-fails' }] });
    await aws.clock.advance(10 * MINUTE);
    const failed = await look(id);
    expect(failed).toMatchObject({
      status: 'Failed',
      errorInformation: {
        code: 'HOOK_EXECUTION_FAILURE',
        message: expect.stringContaining('AfterAllowTestTraffic'),
      },
    });
    expect(failed.rollbackInfo).toBeUndefined();
    expect((await lifecycle(id))?.lifecycleEvents?.map(({ status }) => status).slice(3)).toEqual([
      'Succeeded',
      'Failed',
      'Skipped',
      'Skipped',
      'Skipped',
    ]);
    expect(await taskSets()).toEqual([['PRIMARY', 'web:1', 2]]);
  });

  it('is stopped by an alarm', async () => {
    await clients.cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: '5xx',
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
      }),
    );
    await prepare({ alarmConfiguration: { enabled: true, alarms: [{ name: '5xx' }] } });
    const id = await deploy();
    await aws.clock.advance(60_000);
    await clients.cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName: '5xx', StateValue: 'ALARM', StateReason: 'a test' }),
    );
    await aws.clock.advance(10_000);
    expect(await look(id)).toMatchObject({
      status: 'Stopped',
      errorInformation: { code: 'ALARM_ACTIVE', message: expect.stringContaining('<5xx>') },
    });
  });

  it('has nothing to go back to before the service was ever steady', async () => {
    await prepare({}, { settleMs: 0 });
    const deploymentId = await deploy();
    await aws.clock.advance(10_000);
    await clients.codedeploy.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }));
    await aws.clock.advance(MINUTE);
    const { rollbackInfo } = await look(deploymentId);
    expect(await look(rollbackInfo?.rollbackDeploymentId ?? '')).toMatchObject({ status: 'Failed' });
  });

  it('is stopped by somebody, and rolled back on request', async () => {
    await prepare();
    const deploymentId = await deploy();
    await aws.clock.advance(60_000);
    await clients.codedeploy.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }));
    const stopped = await look(deploymentId);
    expect(stopped).toMatchObject({ status: 'Stopped', errorInformation: { code: 'MANUAL_STOP' } });
    const again = clients.codedeploy.send(new StopDeploymentCommand({ deploymentId }));
    expect((await errorOf(again)).name).toBe('DeploymentAlreadyCompletedException');
    await aws.clock.advance(5 * MINUTE);
    const { deployments = [] } = await clients.codedeploy.send(
      new ListDeploymentsCommand({ applicationName: 'AppECS-web', deploymentGroupName: 'DgpECS-web' }),
    );
    expect(deployments).toEqual([stopped.rollbackInfo?.rollbackDeploymentId, deploymentId]);
    const { deploymentsInfo } = await clients.codedeploy.send(
      new BatchGetDeploymentsCommand({ deploymentIds: deployments }),
    );
    expect(deploymentsInfo?.map(({ status }) => status)).toEqual(['Succeeded', 'Stopped']);
  });

  it('fails if ECS refuses the replacement task set', async () => {
    await prepare();
    const id = await deploy({ taskDefinition: 'web:99' });
    await aws.clock.advance(10_000);
    expect(await look(id)).toMatchObject({
      status: 'Failed',
      errorInformation: {
        code: 'ECS_UPDATE_ERROR',
        message: expect.stringMatching(/Service: AmazonECS; Status Code: 400; Error Code: ClientException/),
      },
    });
  });
});

it('keeps the tags of applications and deployment groups', async () => {
  await prepare({ tags: [{ Key: 'team', Value: 'shop' }] });
  const ResourceArn = 'arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:AppECS-web/DgpECS-web';
  await clients.codedeploy.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'a', Value: 'b' }] }));
  await clients.codedeploy.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['team'] }));
  const { Tags } = await clients.codedeploy.send(new ListTagsForResourceCommand({ ResourceArn }));
  expect(Tags).toEqual([{ Key: 'a', Value: 'b' }]);
});

describe('what is refused', () => {
  it('is a second deployment while one is active', async () => {
    await prepare();
    const id = await deploy();
    expect(await errorOf(deploy())).toMatchObject({
      name: 'DeploymentLimitExceededException',
      message: `The Deployment Group 'DgpECS-web' already has an active Deployment '${id}'`,
    });
  });

  it('is what does not exist', async () => {
    const group = (applicationName: string) =>
      clients.codedeploy.send(
        new GetDeploymentGroupCommand({ applicationName, deploymentGroupName: 'nothing' }),
      );
    expect(await errorOf(group('nothing'))).toMatchObject({
      name: 'ApplicationDoesNotExistException',
      message: 'No application found for name: nothing',
    });
    await prepare();
    expect((await errorOf(group('AppECS-web'))).name).toBe('DeploymentGroupDoesNotExistException');
    expect((await errorOf(look('d-ABCDEFGHI'))).name).toBe('DeploymentDoesNotExistException');
    expect((await errorOf(look('42'))).name).toBe('InvalidDeploymentIdException');
    expect((await errorOf(deploy({ revision: undefined }))).name).toBe('RevisionRequiredException');
  });

  it('is a group for a service that ECS deploys itself', async () => {
    expect(await errorOf(prepare({}, { controller: 'ECS' }))).toMatchObject({
      name: 'InvalidECSServiceException',
      message: `Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.`,
    });
  });

  it('is a caller without permission', async () => {
    await prepare();
    const keys = aws.createUserKeys({
      name: 'deployer',
      policies: [
        {
          Statement: {
            Effect: 'Allow',
            Action: ['codedeploy:GetDeploymentGroup', 'codedeploy:GetDeployment'],
            Resource: 'arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:AppECS-web/DgpECS-web',
          },
        },
      ],
    });
    const { codedeploy } = clientsOf(aws, { credentials: keys });
    const group = { applicationName: 'AppECS-web', deploymentGroupName: 'DgpECS-web' };
    const deploymentId = await deploy();
    await codedeploy.send(new GetDeploymentGroupCommand(group));
    await codedeploy.send(new GetDeploymentCommand({ deploymentId }));
    const refused = codedeploy.send(new StopDeploymentCommand({ deploymentId }));
    expect((await errorOf(refused)).message).toContain('perform: codedeploy:StopDeployment');
  });
});
