import { describe, expect, test } from '@jest/globals';
import { fargateDefinition, NETWORK, START, startEcs, startService, type TestEcs } from './support.js';

function start(behaviour = 'healthy', container: object = {}, more: object = {}): TestEcs {
  const ecs = startEcs();
  ecs.call('CreateCluster');
  ecs.call('RegisterTaskDefinition', {
    ...fargateDefinition(behaviour, { family: 'job', container }),
    ...more,
  });
  return ecs;
}

const run = (ecs: TestEcs, more: object = {}): any =>
  ecs.call('RunTask', {
    taskDefinition: 'job',
    launchType: 'FARGATE',
    networkConfiguration: NETWORK,
    ...more,
  });

const describeTask = (ecs: TestEcs, taskArn: string): any =>
  ecs.call('DescribeTasks', { tasks: [taskArn], include: ['TAGS'] }).tasks[0];

const linesOf = (ecs: TestEcs, stream: string): string[] => {
  const context = { accountId: '123456789012', region: 'us-east-1', principalArn: '', requestId: '' };
  const input = { logGroupName: 'jobs', logStreamName: stream, startFromHead: true };
  const answer = ecs.logs.service.operations['GetLogEvents']?.(input, context);
  return (answer as { events: { message: string }[] }).events.map(({ message }) => message);
};

const awslogs = (options: object = {}): object => ({
  logConfiguration: {
    logDriver: 'awslogs',
    options: {
      'awslogs-group': 'jobs',
      'awslogs-region': 'us-east-1',
      'awslogs-stream-prefix': 'run',
      ...options,
    },
  },
});
const withLogs = { executionRoleArn: 'arn:aws:iam::123456789012:role/exec' };

describe('the life of a Fargate task', () => {
  test('goes through every state, with its times', async () => {
    const ecs = start();
    const [task] = run(ecs).tasks;
    expect(task).toMatchObject({
      lastStatus: 'PROVISIONING',
      desiredStatus: 'RUNNING',
      group: 'family:job',
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      platformFamily: 'Linux',
      cpu: '256',
      memory: '512',
      createdAt: START / 1000,
      attachments: [{ type: 'ElasticNetworkInterface', status: 'PRECREATED' }],
      ephemeralStorage: { sizeInGiB: 20 },
    });
    const seen: string[] = [];
    const watch = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 1) {
        const { lastStatus } = describeTask(ecs, task.taskArn);
        if (seen.at(-1) !== lastStatus) seen.push(lastStatus);
        await ecs.advance(1);
      }
    };
    await watch(60);
    const running = describeTask(ecs, task.taskArn);
    const address = running.containers[0].networkInterfaces[0].privateIpv4Address;
    expect(running.attachments[0]).toMatchObject({ status: 'ATTACHED' });
    expect(running.attachments[0].details).toContainEqual({ name: 'privateIPv4Address', value: address });
    expect(running).toMatchObject({ lastStatus: 'RUNNING', connectivity: 'CONNECTED' });
    expect(running.pullStartedAt).toBeLessThan(running.pullStoppedAt);
    expect(running.startedAt).toBeGreaterThanOrEqual(running.pullStoppedAt);

    expect(ecs.call('StopTask', { task: task.taskArn, reason: 'enough' }).task).toMatchObject({
      desiredStatus: 'STOPPED',
      stopCode: 'UserInitiated',
      stoppedReason: 'enough',
    });
    await watch(60);
    expect(seen).toEqual(['PROVISIONING', 'PENDING', 'RUNNING', 'STOPPING', 'DEPROVISIONING', 'STOPPED']);
    const stopped = describeTask(ecs, task.taskArn);
    expect(stopped.stoppingAt).toBeLessThan(stopped.executionStoppedAt);
    expect(stopped.executionStoppedAt).toBeLessThan(stopped.stoppedAt);
    expect(stopped.containers[0]).toMatchObject({ lastStatus: 'STOPPED', exitCode: 0 });

    await ecs.advance(3000);
    expect(ecs.call('DescribeTasks', { tasks: [task.taskArn] }).tasks).toHaveLength(1);
    await ecs.advance(700);
    expect(ecs.call('DescribeTasks', { tasks: [task.taskArn] })).toEqual({
      tasks: [],
      failures: [{ arn: task.taskArn, reason: 'MISSING' }],
    });
  });

  test('ends by itself after a few seconds with exit:0, and says so in its log', async () => {
    const ecs = start('exit:0', awslogs({ 'awslogs-create-group': 'true' }), withLogs);
    const [{ taskArn }] = run(ecs).tasks;
    await ecs.advance(90);
    expect(describeTask(ecs, taskArn)).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 0 }],
    });
    expect(linesOf(ecs, `run/app/${taskArn.split('/').at(-1)}`)).toEqual([
      'app starting (example.com/app:1)',
      'listening on port 8080',
      'app finished',
    ]);
  });

  test('leaves its own words in its log', async () => {
    const ecs = start(
      'exit:3@20s',
      {
        ...awslogs({ 'awslogs-create-group': 'true' }),
        dockerLabels: {
          'local-aws.behaviour': 'exit:3@20s',
          'local-aws.log': 'migrating\nno such table: users',
        },
      },
      withLogs,
    );
    const [{ taskArn }] = run(ecs).tasks;
    await ecs.advance(40);
    expect(describeTask(ecs, taskArn).lastStatus).toBe('RUNNING');
    await ecs.advance(60);
    expect(describeTask(ecs, taskArn).containers[0].exitCode).toBe(3);
    expect(linesOf(ecs, `run/app/${taskArn.split('/').at(-1)}`)).toEqual([
      'migrating',
      'no such table: users',
    ]);
  });

  test('cannot start where its log group is missing', async () => {
    const ecs = start('healthy', awslogs(), withLogs);
    const [{ taskArn }] = run(ecs).tasks;
    await ecs.advance(90);
    expect(describeTask(ecs, taskArn)).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedReason:
        'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1',
    });
  });

  test('stopped before it started has no exit code', async () => {
    const ecs = start();
    const [{ taskArn }] = run(ecs).tasks;
    await ecs.advance(5);
    ecs.call('StopTask', { task: taskArn });
    await ecs.advance(60);
    const task = describeTask(ecs, taskArn);
    expect(task).toMatchObject({ lastStatus: 'STOPPED', stoppedReason: 'Task stopped by user' });
    expect(task.containers[0]).not.toHaveProperty('exitCode');
    expect(task).not.toHaveProperty('startedAt');
  });
});

describe('the image decides', () => {
  const image = '127.0.0.1:5000/app';
  const found = (labels: Record<string, string>) =>
    ({ kind: 'found', digest: `sha256:${'a'.repeat(64)}`, labels, platforms: ['linux/amd64'] }) as const;

  test.each([
    [
      'a label of the container',
      { 'local-aws.behaviour': 'exit:1' },
      { 'local-aws.behaviour': 'exit:2' },
      'exit-3',
      1,
    ],
    ['else a label of the image', {}, { 'local-aws.behaviour': 'exit:2' }, 'exit-3', 2],
    ['else its tag', {}, {}, 'exit-3', 3],
  ])('%s', async (_name, dockerLabels, imageLabels, tag, exitCode) => {
    const ecs = start('healthy', { image: `${image}:${tag}`, dockerLabels });
    ecs.images.set(`${image}:${tag}`, found(imageLabels));
    const [{ taskArn }] = run(ecs).tasks;
    await ecs.advance(90);
    expect(describeTask(ecs, taskArn).containers[0]).toMatchObject({
      exitCode,
      imageDigest: `sha256:${'a'.repeat(64)}`,
    });
  });

  test('and a missing one is a pull error', async () => {
    const ecs = start('healthy', { image: `${image}:none` });
    const [{ taskArn }] = run(ecs).tasks;
    await ecs.advance(90);
    expect(describeTask(ecs, taskArn)).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${image}:none: ${image}:none: not found`,
      containers: [{ reason: expect.stringContaining('CannotPullContainerError') }],
    });
  });
});

test('a label gives the reason why a task cannot start', async () => {
  const reason =
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: AccessDeniedException';
  const dockerLabels = { 'local-aws.behaviour': 'pull-error', 'local-aws.reason': reason };
  const ecs = start('healthy', { dockerLabels });
  const [{ taskArn }] = run(ecs).tasks;
  await ecs.advance(90);
  expect(describeTask(ecs, taskArn)).toMatchObject({
    stopCode: 'TaskFailedToStart',
    stoppedReason: reason,
  });
});

describe('several containers', () => {
  const sidecars = (app: object, migrate: object): object => ({
    containerDefinitions: [
      {
        name: 'app',
        image: 'example.com/app:1',
        dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }],
        ...app,
      },
      { name: 'migrate', image: 'example.com/app:1', essential: false, ...migrate },
    ],
  });
  const label = (behaviour: string): object => ({ dockerLabels: { 'local-aws.behaviour': behaviour } });

  test('start in the order of their dependencies', async () => {
    const ecs = start('healthy', {}, sidecars({}, label('exit:0@30s')));
    const [{ taskArn }] = run(ecs).tasks;
    await ecs.advance(40);
    expect(describeTask(ecs, taskArn)).toMatchObject({
      lastStatus: 'PENDING',
      containers: [{ lastStatus: 'PENDING' }, { lastStatus: 'RUNNING' }],
    });
    await ecs.advance(40);
    expect(describeTask(ecs, taskArn)).toMatchObject({
      lastStatus: 'RUNNING',
      containers: [{ lastStatus: 'RUNNING' }, { lastStatus: 'STOPPED', exitCode: 0 }],
    });
  });

  test('a dependency that fails keeps the task from starting', async () => {
    const ecs = start('healthy', {}, sidecars({}, label('exit:1')));
    const [{ taskArn }] = run(ecs).tasks;
    await ecs.advance(90);
    expect(describeTask(ecs, taskArn)).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      containers: [{}, { exitCode: 1 }],
    });
  });

  test('the end of an essential one ends the others', async () => {
    const ecs = start(
      'healthy',
      {},
      {
        containerDefinitions: [
          { name: 'app', image: 'example.com/a:1', ...label('exit:0') },
          { name: 'proxy', image: 'example.com/p:1' },
        ],
      },
    );
    const [{ taskArn }] = run(ecs).tasks;
    await ecs.advance(90);
    expect(describeTask(ecs, taskArn)).toMatchObject({
      lastStatus: 'STOPPED',
      containers: [{ exitCode: 0 }, { exitCode: 0, lastStatus: 'STOPPED' }],
    });
  });
});

describe('RunTask', () => {
  test('applies overrides, tags, count, group and startedBy', async () => {
    const ecs = start();
    const { tasks, failures } = run(ecs, {
      count: 3,
      group: 'batch',
      startedBy: 'ci',
      enableExecuteCommand: true,
      tags: [{ key: 'run', value: '1' }],
      overrides: {
        cpu: '512',
        containerOverrides: [{ name: 'app', command: ['migrate'], environment: [{ name: 'A', value: '1' }] }],
      },
    });
    expect(failures).toEqual([]);
    expect(tasks).toHaveLength(3);
    expect(tasks[0]).toMatchObject({
      group: 'batch',
      startedBy: 'ci',
      cpu: '512',
      enableExecuteCommand: true,
      tags: [{ key: 'run', value: '1' }],
      overrides: { containerOverrides: [{ name: 'app', command: ['migrate'] }] },
    });
    expect(ecs.call('ListTasks', { startedBy: 'ci' }).taskArns).toHaveLength(3);
    expect(ecs.call('ListTasks', { family: 'job', maxResults: 2 })).toMatchObject({
      taskArns: [expect.any(String), expect.any(String)],
      nextToken: expect.any(String),
    });
    expect(ecs.refusal('ListTasks', { startedBy: 'ci', family: 'job' })).toMatch(
      /^InvalidParameterException: /,
    );
  });

  test('answers a client token once', () => {
    const ecs = start();
    const clientToken = 'token-1';
    const first = run(ecs, { clientToken }).tasks[0].taskArn;
    expect(run(ecs, { clientToken }).tasks[0].taskArn).toBe(first);
    expect(ecs.call('ListTasks').taskArns).toEqual([first]);
    expect(
      ecs.refusal('RunTask', {
        taskDefinition: 'job',
        launchType: 'FARGATE',
        networkConfiguration: NETWORK,
        clientToken,
        count: 2,
      }),
    ).toMatch(/^ConflictException: /);
  });

  test.each([
    [{ taskDefinition: 'nope' }, 'ClientException: TaskDefinition not found.'],
    [
      { networkConfiguration: undefined },
      `InvalidParameterException: Network Configuration must be provided when networkMode 'awsvpc' is specified.`,
    ],
    [{ cluster: 'nope' }, 'ClusterNotFoundException: Cluster not found.'],
    [
      { overrides: { containerOverrides: [{ name: 'web' }] } },
      'InvalidParameterException: Override for container named web is not a container in the TaskDefinition.',
    ],
    [{ count: 11 }, 'InvalidParameterException: Count must be between 1 and 10.'],
  ])('refuses %j', (more, message) => {
    expect(
      start().refusal('RunTask', {
        taskDefinition: 'job',
        launchType: 'FARGATE',
        networkConfiguration: NETWORK,
        ...more,
      }),
    ).toBe(message);
  });

  test('takes a capacity provider of the cluster', () => {
    const ecs = start();
    const capacityProviderStrategy = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];
    ecs.call('PutClusterCapacityProviders', {
      cluster: 'default',
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      defaultCapacityProviderStrategy: capacityProviderStrategy,
    });
    expect(run(ecs, { launchType: undefined }).tasks[0]).toMatchObject({
      launchType: 'FARGATE',
      capacityProviderName: 'FARGATE_SPOT',
    });
  });
});

test('a protected task outlives its deployment', async () => {
  const ecs = startEcs();
  await startService(ecs);
  const [protectedArn] = ecs.call('ListTasks', { serviceName: 'web' }).taskArns;
  expect(
    ecs.call('UpdateTaskProtection', {
      cluster: 'default',
      tasks: [protectedArn],
      protectionEnabled: true,
      expiresInMinutes: 10,
    }),
  ).toMatchObject({
    protectedTasks: [{ taskArn: protectedArn, protectionEnabled: true, expirationDate: expect.any(Number) }],
    failures: [],
  });
  ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
  await ecs.advance(300);
  const held = ecs.call('DescribeServices', { services: ['web'] }).services[0];
  expect(held.deployments).toMatchObject([{ rolloutState: 'IN_PROGRESS' }, { runningCount: 1 }]);
  expect(held.events[0].message).toContain('was unable to scale in due to (reason 1 tasks under protection)');
  await ecs.advance(600);
  expect(
    ecs.call('GetTaskProtection', { cluster: 'default', tasks: [protectedArn] }).protectedTasks,
  ).toMatchObject([{ protectionEnabled: false }]);
  expect(ecs.call('DescribeServices', { services: ['web'] }).services[0].deployments).toMatchObject([
    { rolloutState: 'COMPLETED' },
  ]);
});
