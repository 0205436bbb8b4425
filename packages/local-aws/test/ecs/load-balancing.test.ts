import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  ContinueServiceDeploymentCommand,
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import type { CreateServiceCommandInput, ServiceDeployment } from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { startLocalAws } from '../../src/index.js';
import type { LocalAws } from '../../src/index.js';
import { clientsOf, errorOf } from '../support/clients.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

let aws: LocalAws;
let clients: ReturnType<typeof clientsOf>;

beforeAll(async () => {
  aws = await startLocalAws({ clock: 'manual' });
  clients = clientsOf(aws);
});
afterAll(() => aws.stop());
beforeEach(async () => {
  await aws.reset();
  await clients.ecs.send(new CreateClusterCommand({}));
});

async function createTargetGroup(name: string, targetType: 'ip' | 'instance' = 'ip'): Promise<string> {
  const { TargetGroups } = await clients.elb.send(
    new CreateTargetGroupCommand({ Name: name, Protocol: 'HTTP', Port: 80, TargetType: targetType }),
  );
  return TargetGroups?.[0]?.TargetGroupArn ?? '';
}

/** A load balancer whose rule leads to the target groups. */
async function createRule(...targetGroupArns: string[]): Promise<string> {
  const { LoadBalancers } = await clients.elb.send(new CreateLoadBalancerCommand({ Name: 'front' }));
  const forward = [
    {
      Type: 'forward' as const,
      ForwardConfig: {
        TargetGroups: targetGroupArns.map((TargetGroupArn) => ({ TargetGroupArn, Weight: 1 })),
      },
    },
  ];
  const { Listeners } = await clients.elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Port: 80,
      DefaultActions: forward,
    }),
  );
  const { Rules } = await clients.elb.send(
    new CreateRuleCommand({
      ListenerArn: Listeners?.[0]?.ListenerArn,
      Priority: 1,
      Conditions: [],
      Actions: forward,
    }),
  );
  return Rules?.[0]?.RuleArn ?? '';
}

async function registerTaskDefinition(dockerLabels: Record<string, string> = {}): Promise<void> {
  await clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'web',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        { name: 'app', image: 'example.com/app:1', portMappings: [{ containerPort: 8080 }], dockerLabels },
      ],
    }),
  );
}

async function createService(input: Partial<CreateServiceCommandInput>): Promise<void> {
  await registerTaskDefinition();
  await clients.ecs.send(
    new CreateServiceCommand({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      ...input,
    }),
  );
  await aws.clock.advance(5 * MINUTE);
}

const update = () => clients.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition: 'web:2' }));

async function currentDeployment(): Promise<ServiceDeployment> {
  const { serviceDeployments = [] } = await clients.ecs.send(
    new ListServiceDeploymentsCommand({ service: 'web' }),
  );
  const arn = serviceDeployments[0]?.serviceDeploymentArn ?? '';
  const described = await clients.ecs.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }),
  );
  return described.serviceDeployments?.[0] ?? {};
}

const events = async () =>
  (await clients.ecs.send(new DescribeServicesCommand({ services: ['web'] }))).services?.[0]?.events?.map(
    ({ message = '' }) => message,
  );

const healthOf = async (targetGroupArn: string) =>
  (
    await clients.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }))
  ).TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth);

const targetsIn = async (targetGroupArn: string) =>
  (
    await clients.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }))
  ).TargetHealthDescriptions?.map(({ Target }) => Target?.Id) ?? [];

const loadBalancer = (targetGroupArn: string) => ({
  targetGroupArn,
  containerName: 'app',
  containerPort: 8080,
});

describe('a service behind a target group', () => {
  it('has its tasks there, by their own addresses', async () => {
    const group = await createTargetGroup('web');
    await createRule(group);
    await createService({ loadBalancers: [loadBalancer(group)] });
    const { TargetHealthDescriptions } = await clients.elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: group }),
    );
    const { taskArns } = await clients.ecs.send(new ListTasksCommand({}));
    const { tasks } = await clients.ecs.send(new DescribeTasksCommand({ tasks: taskArns }));
    expect(TargetHealthDescriptions).toEqual([
      expect.objectContaining({
        Target: {
          Id: tasks?.[0]?.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address,
          Port: 8080,
          AvailabilityZone: tasks?.[0]?.availabilityZone,
        },
        TargetHealth: { State: 'healthy' },
      }),
    ]);
    expect(await events()).toContain(`(service web) registered 1 targets in (target-group ${group})`);
  });

  it.each([
    ['Request timed out', 'Target.Timeout'],
    ['Health checks failed with these codes: [502]', 'Target.ResponseCodeMismatch'],
  ])('says why new ones fail their checks: %s', async (reason, code) => {
    const group = await createTargetGroup('web');
    await createRule(group);
    await createService({
      loadBalancers: [loadBalancer(group)],
      healthCheckGracePeriodSeconds: 120,
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    });
    await registerTaskDefinition({ 'local-aws.behaviour': 'never-healthy', 'local-aws.reason': reason });
    await update();
    await aws.clock.advance(90 * SECOND);
    expect(await healthOf(group)).toContainEqual({ State: 'unhealthy', Reason: code, Description: reason });
    const unhealthy = `is unhealthy in (target-group ${group}) due to (reason ${reason})`;
    expect((await events())?.join('\n')).not.toContain(unhealthy);
    await aws.clock.advance(2 * MINUTE);
    expect((await events())?.join('\n')).toContain(unhealthy);
    await aws.clock.advance(20 * MINUTE);
    expect(await currentDeployment()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      deploymentCircuitBreaker: { status: 'TRIGGERED' },
    });
  });

  it('waits for old targets for as long as the target group says', async () => {
    const group = await createTargetGroup('web');
    await createRule(group);
    await clients.elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: group,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '900' }],
      }),
    );
    await createService({ loadBalancers: [loadBalancer(group)] });
    await registerTaskDefinition();
    await update();
    await aws.clock.advance(10 * MINUTE);
    expect((await healthOf(group))?.map((health) => health?.State)).toEqual(['draining', 'healthy']);
    expect(await currentDeployment()).toMatchObject({ status: 'IN_PROGRESS' });
    await aws.clock.advance(10 * MINUTE);
    expect(await currentDeployment()).toMatchObject({ status: 'SUCCESSFUL' });
  });

  it('may be called a success while they drain', async () => {
    const group = await createTargetGroup('web');
    await createRule(group);
    await clients.elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: group,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '900' }],
      }),
    );
    await createService({
      loadBalancers: [loadBalancer(group)],
      deploymentConfiguration: {
        earlySuccessCriteria: { enable: true, healthyPercent: 100, sourceServiceRevisionCleanup: 'DEFERRED' },
      },
    });
    await registerTaskDefinition();
    await update();
    await aws.clock.advance(5 * MINUTE);
    expect(await currentDeployment()).toMatchObject({ status: 'SUCCESSFUL' });
    expect((await healthOf(group))?.map((health) => health?.State)).toEqual(['draining', 'healthy']);
    await aws.clock.advance(15 * MINUTE);
    expect((await healthOf(group))?.map((health) => health?.State)).toEqual(['healthy']);
  });

  it('is refused where tasks could not be put there', async () => {
    const unused = await createTargetGroup('unused');
    expect(await errorOf(createService({ loadBalancers: [loadBalancer(unused)] }))).toMatchObject({
      name: 'InvalidParameterException',
      message: `The target group with targetGroupArn ${unused} does not have an associated load balancer.`,
    });
    const instances = await createTargetGroup('instances', 'instance');
    await createRule(instances);
    expect((await errorOf(createService({ loadBalancers: [loadBalancer(instances)] }))).message).toContain(
      'has target type instance, which is incompatible with the awsvpc network mode',
    );
  });
});

describe('a service with a pair of target groups', () => {
  async function createPair(deploymentConfiguration: CreateServiceCommandInput['deploymentConfiguration']) {
    const blue = await createTargetGroup('blue');
    const green = await createTargetGroup('green');
    const rule = await createRule(blue, green);
    await createService({
      loadBalancers: [
        {
          ...loadBalancer(blue),
          advancedConfiguration: {
            alternateTargetGroupArn: green,
            productionListenerRule: rule,
            roleArn: 'arn:aws:iam::123456789012:role/ecs-load-balancing',
          },
        },
      ],
      deploymentConfiguration,
    });
    const weights = async () => {
      const { Rules } = await clients.elb.send(new DescribeRulesCommand({ RuleArns: [rule] }));
      const groups = Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
      return Object.fromEntries(
        groups.map(({ TargetGroupArn, Weight }) => [TargetGroupArn === blue ? 'blue' : 'green', Weight]),
      );
    };
    return { blue, green, rule, weights };
  }

  it('shifts its traffic from one to the other', async () => {
    const { blue, green, rule, weights } = await createPair({
      strategy: 'CANARY',
      canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 10 },
    });
    expect(await weights()).toEqual({ blue: 100 });
    await registerTaskDefinition();
    await update();
    await aws.clock.advance(5 * MINUTE);
    expect(await weights()).toEqual({ blue: 80, green: 20 });
    expect(await healthOf(green)).toEqual([{ State: 'healthy' }]);
    expect(await healthOf(blue)).toEqual([{ State: 'healthy' }]);
    await aws.clock.advance(15 * MINUTE);
    const { status, targetServiceRevision } = await currentDeployment();
    expect(status).toBe('SUCCESSFUL');
    expect(await weights()).toEqual({ blue: 0, green: 100 });
    expect(await healthOf(blue)).toEqual([]);
    const { serviceRevisions } = await clients.ecs.send(
      new DescribeServiceRevisionsCommand({ serviceRevisionArns: [targetServiceRevision?.arn ?? ''] }),
    );
    expect(serviceRevisions?.[0]?.resolvedConfiguration?.loadBalancers).toEqual([
      { targetGroupArn: green, productionListenerRule: rule },
    ]);
  });

  it('gives it back when a newer deployment comes, which gets the target group of the overtaken one', async () => {
    const { green, weights } = await createPair({
      strategy: 'CANARY',
      canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 10 },
    });
    await registerTaskDefinition();
    await update();
    await aws.clock.advance(5 * MINUTE);
    expect(await weights()).toEqual({ blue: 80, green: 20 });
    const [overtaken] = await targetsIn(green);
    await clients.ecs.send(
      new UpdateServiceCommand({ service: 'web', taskDefinition: 'web:1', forceNewDeployment: true }),
    );
    await aws.clock.advance(30 * SECOND);
    expect(await currentDeployment()).toMatchObject({ lifecycleStage: 'RECONCILE_SERVICE' });
    expect(await weights()).toEqual({ blue: 100, green: 0 });
    await aws.clock.advance(5 * MINUTE);
    expect(await weights()).toEqual({ blue: 80, green: 20 });
    const inGreen = await targetsIn(green);
    expect(inGreen).toHaveLength(1);
    expect(inGreen).not.toContain(overtaken);
    await aws.clock.advance(15 * MINUTE);
    expect(await currentDeployment()).toMatchObject({ status: 'SUCCESSFUL' });
    expect(await weights()).toEqual({ blue: 0, green: 100 });
  });

  it('gives it back when an alarm goes off', async () => {
    await clients.cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: '5xx',
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
      }),
    );
    const { green, weights } = await createPair({
      strategy: 'BLUE_GREEN',
      bakeTimeInMinutes: 30,
      alarms: { alarmNames: ['5xx'], enable: true, rollback: true },
    });
    // The first deployment bakes, too.
    await aws.clock.advance(40 * MINUTE);
    await registerTaskDefinition();
    await update();
    await aws.clock.advance(10 * MINUTE);
    expect(await currentDeployment()).toMatchObject({ lifecycleStage: 'BAKE_TIME' });
    expect(await weights()).toEqual({ blue: 0, green: 100 });
    await clients.cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName: '5xx', StateValue: 'ALARM', StateReason: 'a test' }),
    );
    await aws.clock.advance(10 * MINUTE);
    expect(await currentDeployment()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['5xx'] },
    });
    expect(await weights()).toEqual({ blue: 100, green: 0 });
    expect(await healthOf(green)).toEqual([]);
  });

  it('waits where it is told to', async () => {
    const { weights } = await createPair({
      strategy: 'BLUE_GREEN',
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'] }],
    });
    const first = await currentDeployment();
    expect(first).toMatchObject({ lifecycleHookDetails: [{ status: 'AWAITING_ACTION' }] });
    await clients.ecs.send(
      new ContinueServiceDeploymentCommand({
        serviceDeploymentArn: first.serviceDeploymentArn,
        hookId: first.lifecycleHookDetails?.[0]?.hookId,
      }),
    );
    await aws.clock.advance(10 * MINUTE);
    expect(await currentDeployment()).toMatchObject({ status: 'SUCCESSFUL' });
    expect(await weights()).toEqual({ blue: 100 });
  });
});
