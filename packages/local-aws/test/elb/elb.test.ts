import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  RemoveTagsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { startLocalAws } from '../../src/index.js';
import type { LocalAws } from '../../src/index.js';
import { clientsOf, errorOf } from '../support/clients.js';

let aws: LocalAws;
let elb: ReturnType<typeof clientsOf>['elb'];

beforeAll(async () => {
  aws = await startLocalAws({ clock: 'manual' });
  elb = clientsOf(aws).elb;
});
afterAll(() => aws.stop());
beforeEach(() => aws.reset());

async function createTargetGroup(name: string): Promise<string> {
  const created = await elb.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      VpcId: 'vpc-1',
    }),
  );
  return created.TargetGroups?.[0]?.TargetGroupArn ?? '';
}

async function createListener(...targetGroupArns: string[]) {
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'front', Subnets: ['subnet-1', 'subnet-2'] }),
  );
  const loadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Port: 443,
      Protocol: 'HTTPS',
      DefaultActions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: targetGroupArns.map((TargetGroupArn, index) => ({
              TargetGroupArn,
              Weight: index === 0 ? 100 : 0,
            })),
          },
        },
      ],
    }),
  );
  return { loadBalancerArn, listenerArn: Listeners?.[0]?.ListenerArn ?? '' };
}

const healthOf = async (targetGroupArn: string) =>
  (
    await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }))
  ).TargetHealthDescriptions?.map(({ Target, TargetHealth }) => [
    `${Target?.Id}:${Target?.Port}`,
    TargetHealth?.State,
    TargetHealth?.Reason,
  ]);

describe('the way of traffic', () => {
  it('goes from a load balancer through listeners and rules to target groups', async () => {
    const blue = await createTargetGroup('blue');
    const green = await createTargetGroup('green');
    const { loadBalancerArn, listenerArn } = await createListener(blue);
    await elb.send(
      new CreateRuleCommand({
        ListenerArn: listenerArn,
        Priority: 10,
        Conditions: [{ Field: 'path-pattern', Values: ['/next/*'] }],
        Actions: [{ Type: 'forward', TargetGroupArn: green }],
      }),
    );

    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ Names: ['front'] }));
    expect(LoadBalancers?.[0]).toMatchObject({
      LoadBalancerArn: loadBalancerArn,
      State: { Code: 'active' },
      AvailabilityZones: [{ SubnetId: 'subnet-1' }, { SubnetId: 'subnet-2' }],
    });
    expect(listenerArn).toMatch(/:listener\/app\/front\/[0-9a-f]{16}\/[0-9a-f]{16}$/);
    const { Rules } = await elb.send(new DescribeRulesCommand({ ListenerArn: listenerArn }));
    expect(Rules).toMatchObject([
      {
        Priority: '10',
        IsDefault: false,
        Conditions: [{ Field: 'path-pattern', Values: ['/next/*'] }],
        Actions: [{ Type: 'forward', TargetGroupArn: green }],
      },
      { Priority: 'default', IsDefault: true, Actions: [{ TargetGroupArn: blue }] },
    ]);
    const { TargetGroups } = await elb.send(
      new DescribeTargetGroupsCommand({ LoadBalancerArn: loadBalancerArn }),
    );
    expect(TargetGroups?.map(({ TargetGroupName }) => TargetGroupName)).toEqual(['blue', 'green']);
    expect(await errorOf(elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: blue })))).toMatchObject({
      name: 'ResourceInUseException',
    });
  });

  it('can be changed', async () => {
    const blue = await createTargetGroup('blue');
    const green = await createTargetGroup('green');
    const { listenerArn } = await createListener(blue, green);
    await elb.send(
      new ModifyListenerCommand({
        ListenerArn: listenerArn,
        DefaultActions: [{ Type: 'forward', TargetGroupArn: green }],
      }),
    );
    const { Listeners } = await elb.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }));
    expect(Listeners?.[0]?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups).toEqual([
      { TargetGroupArn: green, Weight: 1 },
    ]);
  });
});

describe('a target', () => {
  it('is registered, checked, drained and forgotten', async () => {
    const group = await createTargetGroup('web');
    await createListener(group);
    const target = { TargetGroupArn: group, Targets: [{ Id: '10.0.0.7' }] };
    await elb.send(new RegisterTargetsCommand(target));
    expect(await healthOf(group)).toEqual([['10.0.0.7:80', 'initial', 'Elb.RegistrationInProgress']]);
    await aws.clock.advance(15_000);
    expect(await healthOf(group)).toEqual([['10.0.0.7:80', 'healthy', undefined]]);
    await elb.send(new DeregisterTargetsCommand(target));
    expect(await healthOf(group)).toEqual([['10.0.0.7:80', 'draining', 'Target.DeregistrationInProgress']]);
    await aws.clock.advance(50_000);
    expect(await healthOf(group)).toEqual([]);
  });

  it('drains for as long as the group says', async () => {
    const group = await createTargetGroup('web');
    await elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: group,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '120' }],
      }),
    );
    const { Attributes } = await elb.send(
      new DescribeTargetGroupAttributesCommand({ TargetGroupArn: group }),
    );
    expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '120' });
    const target = { TargetGroupArn: group, Targets: [{ Id: '10.0.0.7', Port: 8080 }] };
    await elb.send(new RegisterTargetsCommand(target));
    await elb.send(new DeregisterTargetsCommand(target));
    await aws.clock.advance(119_000);
    expect(await healthOf(group)).toHaveLength(1);
    await aws.clock.advance(1_000);
    expect(await healthOf(group)).toEqual([]);
  });

  it('is unused where nothing leads to its group, or where it is not registered', async () => {
    const group = await createTargetGroup('web');
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: '10.0.0.7' }] }));
    expect(await healthOf(group)).toEqual([['10.0.0.7:80', 'unused', 'Target.NotInUse']]);
    const { TargetHealthDescriptions } = await elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: group, Targets: [{ Id: '10.0.0.9' }] }),
    );
    expect(TargetHealthDescriptions?.[0]?.TargetHealth?.Reason).toBe('Target.NotRegistered');
  });
});

it('keeps tags and attributes of what there is', async () => {
  const group = await createTargetGroup('web');
  const { loadBalancerArn } = await createListener(group);
  const ResourceArns = [group];
  const tags = async () =>
    (await elb.send(new DescribeTagsCommand({ ResourceArns }))).TagDescriptions?.[0]?.Tags;
  expect(await tags()).toEqual([]);
  await elb.send(new AddTagsCommand({ ResourceArns, Tags: [{ Key: 'team', Value: 'shop' }, { Key: 'x' }] }));
  await elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ['x'] }));
  expect(await tags()).toEqual([{ Key: 'team', Value: 'shop' }]);

  const LoadBalancerArn = loadBalancerArn;
  const idle = { Key: 'idle_timeout.timeout_seconds', Value: '120' };
  await elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: [idle] }));
  const described = await elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
  expect(described.Attributes).toContainEqual(idle);
  expect(described.Attributes).toContainEqual({ Key: 'routing.http2.enabled', Value: 'true' });
  const gone = elb.send(
    new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: `${loadBalancerArn}0` }),
  );
  expect((await errorOf(gone)).name).toBe('LoadBalancerNotFoundException');
});

it('checks as often as a target group is told later on', async () => {
  const group = await createTargetGroup('web');
  await createListener(group);
  await elb.send(
    new ModifyTargetGroupCommand({
      TargetGroupArn: group,
      HealthCheckIntervalSeconds: 60,
      HealthCheckPath: '/up',
    }),
  );
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [group] }));
  expect(TargetGroups?.[0]).toMatchObject({ HealthCheckPath: '/up', HealthCheckTimeoutSeconds: 5 });
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: '10.0.0.7' }] }));
  await aws.clock.advance(29_000);
  expect((await healthOf(group))?.[0]?.[1]).toBe('initial');
  await aws.clock.advance(1_000);
  expect((await healthOf(group))?.[0]?.[1]).toBe('healthy');
});

it('refuses what is not there, names that are taken, and callers that it does not know', async () => {
  const absent = `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/x/0123456789abcdef`;
  const asked = elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: absent }));
  expect(await errorOf(asked)).toMatchObject({ name: 'TargetGroupNotFoundException', status: 400 });
  await createTargetGroup('web');
  expect((await errorOf(createTargetGroup('web'))).name).toBe('DuplicateTargetGroupNameException');
  const stranger = clientsOf(aws, { credentials: { ...aws.credentials, secretAccessKey: 'x' } });
  const strange = stranger.elb.send(new DescribeTargetGroupsCommand({}));
  expect(await errorOf(strange)).toMatchObject({ name: 'SignatureDoesNotMatch', status: 403 });
  aws.faults.inject({ service: 'elasticloadbalancing', kind: 'throttle' });
  expect((await errorOf(elb.send(new DescribeTargetGroupsCommand({})))).name).toBe('Throttling');
  expect(aws.requests.at(-1)).toMatchObject({ service: 'elasticloadbalancing', error: 'Throttling' });
});
