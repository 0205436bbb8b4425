import { describe, expect, test } from '@jest/globals';
import { describeService, eventsOf, fargateDefinition, NETWORK, startEcs, startService } from './support.js';

const targetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';

describe('CreateService', () => {
  test('answers with defaults, and without members that have no value', () => {
    const ecs = startEcs();
    ecs.call('CreateCluster');
    ecs.call('RegisterTaskDefinition', fargateDefinition());
    const { service } = ecs.call('CreateService', {
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: NETWORK,
    });
    expect(service).toMatchObject({
      serviceArn: 'arn:aws:ecs:us-east-1:123456789012:service/default/web',
      status: 'ACTIVE',
      launchType: 'FARGATE',
      platformVersion: 'LATEST',
      platformFamily: 'Linux',
      schedulingStrategy: 'REPLICA',
      deploymentController: { type: 'ECS' },
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: false, rollback: false },
        maximumPercent: 200,
        minimumHealthyPercent: 100,
        strategy: 'ROLLING',
      },
      networkConfiguration: {
        awsvpcConfiguration: { ...NETWORK.awsvpcConfiguration, assignPublicIp: 'DISABLED' },
      },
      loadBalancers: [],
      serviceRegistries: [],
      placementConstraints: [],
      placementStrategy: [],
      enableECSManagedTags: false,
      enableExecuteCommand: false,
      propagateTags: 'NONE',
      availabilityZoneRebalancing: 'ENABLED',
      events: [],
      deployments: [{ status: 'PRIMARY', platformVersion: '1.4.0', launchType: 'FARGATE' }],
    });
    for (const member of [
      'capacityProviderStrategy',
      'taskSets',
      'healthCheckGracePeriodSeconds',
      'tags',
      'currentServiceDeployment',
    ]) {
      expect(service).not.toHaveProperty(member);
    }
  });

  const refusals: [object, string][] = [
    [{ taskDefinition: undefined }, 'InvalidParameterException: TaskDefinition can not be blank.'],
    [{ taskDefinition: 'nope' }, 'ClientException: TaskDefinition not found.'],
    [{ cluster: 'nope' }, 'ClusterNotFoundException: Cluster not found.'],
    [
      { networkConfiguration: undefined },
      `InvalidParameterException: Network Configuration must be provided when networkMode 'awsvpc' is specified.`,
    ],
    [
      { deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 100 } },
      'InvalidParameterException: Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    ],
    [
      { loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 80 }] },
      'InvalidParameterException: The container web does not exist in the task definition.',
    ],
    [
      { loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 80 }] },
      'InvalidParameterException: The container app did not have a container port 80 defined.',
    ],
    [
      { healthCheckGracePeriodSeconds: 10 },
      'InvalidParameterException: Health check grace period is only valid for services configured to use load balancers',
    ],
    [
      {
        availabilityZoneRebalancing: 'ENABLED',
        deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
      },
      'InvalidParameterException: Availability Zone Rebalancing does not support maximumPercent <= 100%',
    ],
    [
      { capacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }] },
      'InvalidParameterException: Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    ],
  ];
  test.each(refusals)('refuses %j', (more, message) => {
    const ecs = startEcs();
    ecs.call('CreateCluster');
    ecs.call('RegisterTaskDefinition', fargateDefinition());
    const service = {
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: NETWORK,
      ...more,
    };
    expect(ecs.refusal('CreateService', service)).toBe(message);
  });

  test('is answered again for the same client token only', async () => {
    const ecs = startEcs();
    await startService(ecs, { clientToken: 't1' });
    const again = {
      serviceName: 'web',
      taskDefinition: 'web',
      launchType: 'FARGATE',
      networkConfiguration: NETWORK,
    };
    expect(ecs.call('CreateService', { ...again, clientToken: 't1' }).service.runningCount).toBe(2);
    expect(ecs.refusal('CreateService', again)).toBe(
      'InvalidParameterException: Creation of service was not idempotent.',
    );
  });
});

describe('UpdateService makes a new deployment', () => {
  const cases: [string, object, boolean][] = [
    ['for another task definition', { taskDefinition: 'web:2' }, true],
    ['not for the same one', { taskDefinition: 'web:1' }, false],
    ['by force', { forceNewDeployment: true }, true],
    [
      'for another network configuration',
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-2'] } } },
      true,
    ],
    ['not for the same one', { networkConfiguration: NETWORK }, false],
    [
      'for load balancers',
      { loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 8080 }] },
      true,
    ],
    ['for a platform version', { platformVersion: '1.3.0' }, true],
    ['for service connect', { serviceConnectConfiguration: { enabled: true, namespace: 'n' } }, true],
    ['for volumes', { volumeConfigurations: [{ name: 'v' }] }, true],
    ['not for the desired count', { desiredCount: 3 }, false],
    ['not for the deployment configuration', { deploymentConfiguration: { maximumPercent: 150 } }, false],
    [
      'not for tags, exec or grace',
      { enableExecuteCommand: true, propagateTags: 'SERVICE', enableECSManagedTags: true },
      false,
    ],
    ['not for placement', { placementStrategy: [{ type: 'random' }] }, false],
  ];
  test.each(cases)('%s', async (_name, update, expected) => {
    const ecs = startEcs();
    const { id } = await startService(ecs);
    ecs.call('RegisterTaskDefinition', fargateDefinition());
    const { service } = ecs.call('UpdateService', { service: 'web', ...update });
    expect(service.deployments[0].id !== id).toBe(expected);
    await ecs.advance(300);
    expect(describeService(ecs).deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
  });

  test('keeps what is omitted, removes what is an empty list', async () => {
    const ecs = startEcs();
    await startService(ecs, {
      loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 8080 }],
      healthCheckGracePeriodSeconds: 30,
    });
    const { service } = ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
    expect(service).toMatchObject({
      loadBalancers: [{ targetGroupArn }],
      healthCheckGracePeriodSeconds: 30,
      roleArn: expect.stringContaining('AWSServiceRoleForECS'),
    });
    expect(ecs.call('UpdateService', { service: 'web', loadBalancers: [] }).service.loadBalancers).toEqual(
      [],
    );
  });
});

test('behind a load balancer the events tell of targets and draining', async () => {
  const ecs = startEcs();
  const { id: oldId } = await startService(ecs, {
    desiredCount: 1,
    loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 8080 }],
  });
  const { service } = ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
  const { id } = service.deployments[0];
  await ecs.advance(300);
  expect(eventsOf(describeService(ecs)).slice(4)).toEqual([
    '(service web) has started 1 tasks: (task T).',
    `(service web) registered 1 targets in (target-group ${targetGroupArn})`,
    '(service web) has stopped 1 running tasks: (task T).',
    `(service web) deregistered 1 targets in (target-group ${targetGroupArn})`,
    `(service web, taskSet ${oldId}) has begun draining connections on 1 tasks.`,
    `(service web) (deployment ${id}) deployment completed.`,
    '(service web) has reached a steady state.',
  ]);
});

test('a steady service replaces a task whose check fails, and says so', async () => {
  const ecs = startEcs();
  await startService(
    ecs,
    { desiredCount: 1 },
    fargateDefinition('unhealthy@10m', {
      container: { healthCheck: { command: ['CMD', 'true'], interval: 10 } },
    }),
  );
  await ecs.advance(700);
  const events = eventsOf(describeService(ecs));
  expect(events).toContain('(service web) (task T) failed container health checks.');
  expect(events).toContain(
    '(service web) has started 1 tasks: (task T). Amazon ECS replaced 1 tasks due to an unhealthy status.',
  );
  expect(describeService(ecs)).toMatchObject({
    runningCount: 1,
    deployments: [{ rolloutState: 'COMPLETED' }],
  });
});

test('a stopped task of a service is replaced', async () => {
  const ecs = startEcs();
  await startService(ecs, { desiredCount: 1 });
  const [task] = ecs.call('ListTasks', { serviceName: 'web' }).taskArns;
  ecs.call('StopTask', { task });
  await ecs.advance(120);
  const { taskArns } = ecs.call('ListTasks', { serviceName: 'web' });
  expect(taskArns).toHaveLength(1);
  expect(taskArns).not.toContain(task);
});

test('services are listed, and described in failures where they are missing', async () => {
  const ecs = startEcs();
  await startService(ecs);
  expect(ecs.call('ListServices', { launchType: 'FARGATE' }).serviceArns).toHaveLength(1);
  expect(ecs.call('ListServices', { launchType: 'EC2' }).serviceArns).toEqual([]);
  expect(ecs.call('DescribeServices', { services: ['nope'] })).toEqual({
    services: [],
    failures: [{ arn: 'arn:aws:ecs:us-east-1:123456789012:service/default/nope', reason: 'MISSING' }],
  });
  expect(ecs.refusal('DescribeServices', { services: [] })).toBe(
    'InvalidParameterException: Services cannot be empty.',
  );
  expect(ecs.refusal('UpdateService', { service: 'nope' })).toBe(
    'ServiceNotFoundException: Service not found.',
  );
});

test('a service revision says what really runs', async () => {
  const ecs = startEcs();
  const image = '127.0.0.1:5000/app:1';
  ecs.images.set(image, { kind: 'found', digest: 'sha256:abc', labels: {}, platforms: [] });
  await startService(ecs, {}, fargateDefinition('healthy', { container: { image } }));
  const [{ arn }] = describeService(ecs).currentServiceRevisions;
  const { serviceRevisions, failures } = ecs.call('DescribeServiceRevisions', {
    serviceRevisionArns: [arn, `${arn}9`],
  });
  expect(serviceRevisions).toMatchObject([
    {
      serviceRevisionArn: arn,
      containerImages: [{ containerName: 'app', image, imageDigest: 'sha256:abc' }],
    },
  ]);
  expect(failures).toEqual([{ arn: `${arn}9`, reason: 'MISSING' }]);
});

test('at most a hundred events are kept, the newest first', async () => {
  const ecs = startEcs();
  await startService(ecs, { desiredCount: 1 }, fargateDefinition('exit:1'));
  await ecs.advance(4 * 3600);
  const { events } = describeService(ecs);
  expect(events).toHaveLength(100);
  expect(events[0].createdAt).toBeGreaterThan(events[99].createdAt);
});
