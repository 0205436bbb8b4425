import { describe, expect, test } from '@jest/globals';
import { describeService, eventsOf, startEcs, type TestEcs } from './support.js';

const definition = (container: object = {}, more: object = {}): object => ({
  family: 'web',
  containerDefinitions: [{ name: 'app', image: 'example.com/app:1', memory: 512, ...container }],
  ...more,
});

/** A cluster `default` with `count` container instances and the definition `web:1`. */
function startFleet(count: number, container: object = {}, more: object = {}): TestEcs {
  const ecs = startEcs();
  ecs.ecs.addContainerInstances('default', count);
  ecs.call('RegisterTaskDefinition', definition(container, more));
  return ecs;
}

const create = (ecs: TestEcs, more: object = {}): any =>
  ecs.call('CreateService', { serviceName: 'web', taskDefinition: 'web', desiredCount: 1, ...more });

const instances = (ecs: TestEcs): any[] => {
  const { containerInstanceArns } = ecs.call('ListContainerInstances');
  return ecs.call('DescribeContainerInstances', { containerInstances: containerInstanceArns })
    .containerInstances;
};

const remaining = (instance: any, name: string): unknown =>
  instance.remainingResources.find((resource: any) => resource.name === name).integerValue;

describe('a service on container instances', () => {
  test('takes their resources while its tasks run, and gives them back', async () => {
    const ecs = startFleet(1, { cpu: 256, portMappings: [{ containerPort: 80, hostPort: 8080 }] });
    create(ecs);
    await ecs.advance(120);
    const [busy] = instances(ecs);
    expect(busy).toMatchObject({
      runningTasksCount: 1,
      pendingTasksCount: 0,
      status: 'ACTIVE',
      agentConnected: true,
    });
    expect([remaining(busy, 'CPU'), remaining(busy, 'MEMORY')]).toEqual([2048 - 256, 3884 - 512]);
    expect(
      busy.remainingResources.find((resource: any) => resource.name === 'PORTS').stringSetValue,
    ).toContain('8080');
    const { tasks } = ecs.call('DescribeTasks', { tasks: ecs.call('ListTasks').taskArns });
    expect(tasks[0]).toMatchObject({
      launchType: 'EC2',
      containerInstanceArn: busy.containerInstanceArn,
      attachments: [],
      containers: [
        { networkBindings: [{ bindIP: '0.0.0.0', containerPort: 80, hostPort: 8080, protocol: 'tcp' }] },
      ],
    });
    ecs.call('UpdateService', { service: 'web', desiredCount: 0 });
    await ecs.advance(120);
    expect(remaining(instances(ecs)[0], 'MEMORY')).toBe(3884);
  });

  test.each([
    ['memory', { memory: 5000 }, 'has insufficient memory available'],
    ['CPU', { cpu: 4096 }, 'has insufficient CPU units available'],
  ])(
    'says why nothing has enough %s, and places the task once something has',
    async (_what, container, words) => {
      const ecs = startFleet(1, container);
      create(ecs);
      await ecs.advance(120);
      expect(eventsOf(describeService(ecs))).toEqual([
        expect.stringMatching(
          new RegExp(
            `^\\(service web\\) was unable to place a task because no container instance met all of its requirements\\. The closest matching \\(container-instance [0-9a-f]{32}\\) ${words}\\. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide\\.$`,
          ),
        ),
      ]);
      ecs.call('RegisterContainerInstance', {
        totalResources: [
          { name: 'CPU', type: 'INTEGER', integerValue: 8192 },
          { name: 'MEMORY', type: 'INTEGER', integerValue: 16_000 },
        ],
      });
      await ecs.advance(1200);
      expect(describeService(ecs)).toMatchObject({
        runningCount: 1,
        deployments: [{ rolloutState: 'COMPLETED', failedTasks: 0 }],
      });
    },
  );

  test('in an empty cluster says that there are no instances', async () => {
    const ecs = startFleet(0);
    create(ecs);
    await ecs.advance(30);
    expect(eventsOf(describeService(ecs))[0]).toContain(
      'Reason: No Container Instances were found in your cluster.',
    );
  });

  test('with a fixed port and one instance needs room below 100 %', async () => {
    const ecs = startFleet(1, { portMappings: [{ containerPort: 80, hostPort: 80 }] });
    create(ecs, { deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 } });
    await ecs.advance(120);
    ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
    await ecs.advance(120);
    const service = describeService(ecs);
    expect(service.deployments).toMatchObject([{ rolloutState: 'COMPLETED', runningCount: 1 }]);
    expect(eventsOf(service).join('\n')).not.toContain('unable');
  });

  test('and at 100 % says that the port is taken', async () => {
    const ecs = startFleet(1, { portMappings: [{ containerPort: 80, hostPort: 80 }] });
    create(ecs);
    await ecs.advance(120);
    ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
    await ecs.advance(60);
    expect(eventsOf(describeService(ecs)).at(-1)).toMatch(/is already using a port required by your task/);
  });

  test('whose percentages allow neither start nor stop says so once', async () => {
    const ecs = startFleet(1);
    create(ecs, { deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 150 } });
    await ecs.advance(120);
    ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
    await ecs.advance(1200);
    const deadlocks = eventsOf(describeService(ecs)).filter((text) =>
      text.includes('because of the service deployment configuration'),
    );
    expect(deadlocks).toHaveLength(1);
    expect(describeService(ecs).deployments[0]).toMatchObject({
      rolloutState: 'IN_PROGRESS',
      runningCount: 0,
    });
  });

  test('that cannot be placed trips the circuit breaker', async () => {
    const ecs = startFleet(1);
    create(ecs, { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } });
    await ecs.advance(120);
    ecs.call('RegisterTaskDefinition', definition({ memory: 50_000 }));
    ecs.call('UpdateService', { service: 'web', taskDefinition: 'web:2' });
    await ecs.advance(600);
    expect(describeService(ecs)).toMatchObject({
      taskDefinition: expect.stringMatching(/web:1$/),
      runningCount: 1,
    });
    expect(ecs.call('ListServiceDeployments', { service: 'web' }).serviceDeployments[0].status).toBe(
      'ROLLBACK_SUCCESSFUL',
    );
  });

  test('spreads over zones and respects distinctInstance', async () => {
    const ecs = startFleet(3);
    create(ecs, {
      desiredCount: 4,
      placementConstraints: [{ type: 'distinctInstance' }],
      placementStrategy: [{ type: 'spread', field: 'attribute:ecs.availability-zone' }],
    });
    await ecs.advance(60);
    const { tasks } = ecs.call('DescribeTasks', { tasks: ecs.call('ListTasks').taskArns });
    expect(tasks.map((task: any) => task.availabilityZone).toSorted()).toEqual([
      'us-east-1a',
      'us-east-1b',
      'us-east-1c',
    ]);
    expect(eventsOf(describeService(ecs)).join('\n')).toContain('distinctInstance');
  });

  test('leaves an instance that is draining', async () => {
    const ecs = startFleet(2);
    create(ecs, { desiredCount: 2 });
    await ecs.advance(120);
    const [first] = instances(ecs);
    ecs.call('UpdateContainerInstancesState', {
      containerInstances: [first.containerInstanceArn],
      status: 'DRAINING',
    });
    await ecs.advance(180);
    const [drained, other] = instances(ecs);
    expect([drained.runningTasksCount, drained.status]).toEqual([0, 'DRAINING']);
    expect(other.runningTasksCount).toBe(2);
    expect(describeService(ecs)).toMatchObject({
      runningCount: 2,
      deployments: [{ rolloutState: 'COMPLETED' }],
    });
  });
});

describe('a daemon service', () => {
  test('runs one task on every instance, new ones included', async () => {
    const ecs = startFleet(2);
    const { service } = create(ecs, { desiredCount: undefined, schedulingStrategy: 'DAEMON' });
    expect(service.deploymentConfiguration).toMatchObject({ minimumHealthyPercent: 0, maximumPercent: 100 });
    await ecs.advance(120);
    expect(describeService(ecs)).toMatchObject({ desiredCount: 2, runningCount: 2 });
    ecs.ecs.addContainerInstances('default', 1);
    await ecs.advance(120);
    expect(describeService(ecs)).toMatchObject({ desiredCount: 3, runningCount: 3 });
    expect(instances(ecs).map((instance) => instance.runningTasksCount)).toEqual([1, 1, 1]);
  });

  test('replaces its tasks instance by instance', async () => {
    const ecs = startFleet(2, { portMappings: [{ containerPort: 80, hostPort: 80 }] });
    create(ecs, { desiredCount: undefined, schedulingStrategy: 'DAEMON' });
    await ecs.advance(120);
    ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
    await ecs.advance(240);
    expect(describeService(ecs).deployments).toMatchObject([{ rolloutState: 'COMPLETED', runningCount: 2 }]);
    expect(instances(ecs).map((instance) => instance.runningTasksCount)).toEqual([1, 1]);
  });

  test('keeps to the instances its constraints allow', async () => {
    const ecs = startFleet(2);
    const [first] = instances(ecs);
    ecs.call('PutAttributes', {
      attributes: [{ name: 'role', value: 'edge', targetId: first.containerInstanceArn }],
    });
    create(ecs, {
      desiredCount: undefined,
      schedulingStrategy: 'DAEMON',
      placementConstraints: [{ type: 'memberOf', expression: 'attribute:role == edge' }],
    });
    await ecs.advance(120);
    expect(instances(ecs).map((instance) => instance.runningTasksCount)).toEqual([1, 0]);
  });

  test('takes no desired count and no Fargate', () => {
    const ecs = startFleet(1);
    const service = { serviceName: 'web', taskDefinition: 'web', schedulingStrategy: 'DAEMON' };
    expect(ecs.refusal('CreateService', { ...service, desiredCount: 1 })).toBe(
      'InvalidParameterException: The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again.',
    );
  });
});

describe('RunTask and StartTask', () => {
  test('RunTask in a cluster without instances is refused', () => {
    const ecs = startFleet(0);
    expect(ecs.refusal('RunTask', { taskDefinition: 'web' })).toBe(
      'InvalidParameterException: No Container Instances were found in your cluster.',
    );
  });

  test.each([
    ['RESOURCE:MEMORY', { memory: 5000 }],
    ['RESOURCE:CPU', { cpu: 4096 }],
    ['RESOURCE:PORTS', { portMappings: [{ containerPort: 22, hostPort: 22 }] }],
  ])('RunTask fails with %s', (reason, container) => {
    const ecs = startFleet(1, container);
    const { tasks, failures } = ecs.call('RunTask', { taskDefinition: 'web' });
    expect(tasks).toEqual([]);
    expect(failures).toEqual([{ arn: instances(ecs)[0].containerInstanceArn, reason }]);
  });

  test('RunTask fails with ATTRIBUTE where no agent has the capability', () => {
    const ecs = startFleet(1, { logConfiguration: { logDriver: 'sumologic' } });
    expect(ecs.call('RunTask', { taskDefinition: 'web' }).failures[0].reason).toBe('ATTRIBUTE');
  });

  test('StartTask runs on the instance named', async () => {
    const ecs = startFleet(2);
    const [, second] = instances(ecs);
    const { tasks } = ecs.call('StartTask', {
      taskDefinition: 'web',
      containerInstances: [second.containerInstanceArn],
    });
    expect(tasks[0]).toMatchObject({
      containerInstanceArn: second.containerInstanceArn,
      group: 'family:web',
    });
    await ecs.advance(30);
    expect(ecs.call('ListTasks', { containerInstance: second.containerInstanceArn }).taskArns).toHaveLength(
      1,
    );
    expect(
      ecs.call('StartTask', { taskDefinition: 'web', containerInstances: ['nope'] }).failures[0].reason,
    ).toBe('MISSING');
  });
});

test('an instance with tasks is deregistered by force only, and its tasks stop', async () => {
  const ecs = startFleet(1);
  create(ecs);
  await ecs.advance(60);
  const [{ containerInstanceArn }] = instances(ecs);
  expect(ecs.refusal('DeregisterContainerInstance', { containerInstance: containerInstanceArn })).toBe(
    'InvalidParameterException: Found running tasks on the instance.',
  );
  ecs.call('DeregisterContainerInstance', { containerInstance: containerInstanceArn, force: true });
  await ecs.advance(60);
  expect(describeService(ecs).runningCount).toBe(0);
  expect(instances).toThrow();
});
