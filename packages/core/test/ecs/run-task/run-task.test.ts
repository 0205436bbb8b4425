import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CreateServiceCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { explainTaskRun, reportTaskRun, runTask, type TaskDefinitionDocument } from '../../../src/index.js';
import { container, fargate, register, startWorld, type World } from './world.js';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await world.aws.stop();
});

const requestsOf = (operation: string) =>
  world.aws.requests.filter((request) => request.operation === operation);

describe('a task that does its work', () => {
  test('writes what its environment says is secret: that is covered', async () => {
    const environment = [
      { name: 'DB_PASSWORD', value: 'example.com/app' },
      { name: 'TENANT', value: 'starting' },
    ];
    const app = container('app', 'exit:0@20s', { environment });
    await world.run(await register(world, fargate(app)), {
      redact: ['TENANT'],
      container: {
        environment: { API_TOKEN: 'finished' },
        command: ['migrate', '--db-password', 'hunter2hunter2'],
      },
    });
    const lines = world.events.flatMap((event) => (event.type === 'log-line' ? [event.line] : []));
    expect(lines).toEqual([
      'app (redacted) ((redacted):1)',
      'command: migrate --db-password (redacted)',
      expect.stringMatching(/^task \w+ started$/),
      'app (redacted)',
    ]);
  });

  test('writes a secret that only it knows: what it assigns is covered', async () => {
    const app = container('app', 'exit:0');
    app.dockerLabels = { ...app.dockerLabels, 'local-aws.log': 'migrate --db-password=s3cr3t!x of app' };
    await world.run(await register(world, fargate(app)));
    expect(world.log()).toContain('migrate --db-password=(redacted) of app');
  });

  test('fails with a reason that quotes a secret: that is covered, to its very end', async () => {
    const environment = [{ name: 'DB_PASSWORD', value: 'hunter2hunter2' }];
    const app = container('app', 'exit:1', { environment });
    app.dockerLabels = { ...app.dockerLabels, 'local-aws.reason': 'login hunter2hunter2 as hunter3 refused' };
    const result = await world.run(await register(world, fargate(app)), {
      container: { environment: { OTHER_TOKEN: 'hunter3' } },
    });
    expect(result).toMatchObject({
      outcome: 'failed',
      diagnoses: [{ containers: [{ reason: 'login (redacted) as (redacted) refused' }] }],
    });
    const { reason, diagnoses } = result;
    const shown = JSON.stringify([reportTaskRun(result), reason, diagnoses, world.events, world.log()]);
    expect(shown).toContain('refused');
    expect(shown).not.toMatch(/hunter[23]/);
  });

  test('succeeds, and everything it wrote is shown', async () => {
    const result = await world.run(await register(world, fargate(container('app', 'exit:0@20s'))));
    expect(result).toMatchObject({
      outcome: 'succeeded',
      exitCode: 0,
      reason: 'app ended with exit code 0.',
      failures: [],
      diagnoses: [],
      tasks: [{ outcome: 'succeeded', containers: [{ name: 'app', essential: true, exitCode: 0 }] }],
    });
    expect(explainTaskRun(result)).toBeUndefined();
    const lines = world.events.flatMap((event) => (event.type === 'log-line' ? [event.line] : []));
    expect(lines).toEqual([
      'app starting (example.com/app:1)',
      expect.stringMatching(/^task \w+ started$/),
      'app finished',
    ]);
    // The first lines were told while it ran, not after.
    const types = world.events.map((event) => (event.type === 'task-status' ? event.status : event.type));
    expect(types.indexOf('log-line')).toBeLessThan(types.indexOf('container-exited'));
    expect(types.at(0)).toBe('placed');
    expect(types).toEqual(expect.arrayContaining(['RUNNING', 'STOPPED']));
  });

  test('is registered first when it is a document, and reused the second time', async () => {
    const document = fargate(container('app', 'exit:0')) as TaskDefinitionDocument;
    const first = await world.run({ document });
    const second = await world.run({ document });
    expect(first.taskDefinitionArn).toBe('arn:aws:ecs:us-east-1:123456789012:task-definition/migrate:1');
    expect(second.taskDefinitionArn).toBe(first.taskDefinitionArn);
    expect(world.log()).toContain('Registered task definition migrate:1');
    expect(world.log()).toContain('Using task definition migrate:1');
  });

  test('gets its overrides, tags and startedBy', async () => {
    const result = await world.run(await register(world, fargate(container('app', 'exit:0'))), {
      settings: {
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-9'], assignPublicIp: 'ENABLED' } },
        startedBy: 'run 7',
        tags: [{ key: 'run', value: '7' }],
        overrides: {
          containerOverrides: [
            { name: 'app', command: ['migrate', '--all'], environment: [{ name: 'A', value: '1' }] },
          ],
        },
      },
    });
    expect(result.outcome).toBe('succeeded');
    const { tasks } = await world.ecs.send(
      new DescribeTasksCommand({
        cluster: 'prod',
        tasks: [result.tasks[0]?.taskArn ?? ''],
        include: ['TAGS'],
      }),
    );
    expect(tasks).toMatchObject([
      {
        startedBy: 'run 7',
        launchType: 'FARGATE',
        tags: [{ key: 'run', value: '7' }],
        overrides: { containerOverrides: [{ command: ['migrate', '--all'] }] },
      },
    ]);
    expect(world.log()).toContain('[app] command: migrate --all');
  });

  test('borrows network and capacity from a service', async () => {
    const revision = await register(world, fargate(container('app', 'exit:0')));
    await world.ecs.send(
      new CreateServiceCommand({
        cluster: 'prod',
        serviceName: 'web',
        taskDefinition: revision.revision,
        desiredCount: 0,
        launchType: 'FARGATE',
        networkConfiguration: {
          awsvpcConfiguration: { subnets: ['subnet-of-web'], securityGroups: ['sg-web'] },
        },
      }),
    );
    const result = await world.run(revision, { settings: {}, likeService: 'web' });
    expect(result.outcome).toBe('succeeded');
    expect(result.tasks[0]?.task.attachments?.[0]?.details).toEqual(
      expect.arrayContaining([{ name: 'subnetId', value: 'subnet-of-web' }]),
    );
  });

  test('is not waited for on request', async () => {
    const result = await world.run(await register(world, fargate(container('app', 'exit:1'))), {
      wait: false,
    });
    expect(result).toMatchObject({
      outcome: 'started',
      exitCode: undefined,
      tasks: [{ outcome: 'unfinished' }],
    });
    expect(requestsOf('DescribeTasks')).toHaveLength(0);
  });

  test('is not failed by a sidecar that is not essential', async () => {
    const result = await world.run(
      await register(
        world,
        fargate(container('app', 'exit:0@30s'), container('warmup', 'exit:3', { essential: false })),
      ),
    );
    expect(result).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(world.log()).toContain('Container warmup of task');
  });

  test('is not failed by a sidecar that ECS terminates when the work is done', async () => {
    const result = await world.run(
      await register(world, fargate(container('app', 'exit:0@30s'), container('proxy', 'exit:1@10m'))),
    );
    expect(result.tasks[0]?.containers).toMatchObject([
      { name: 'app', exitCode: 0 },
      { name: 'proxy', exitCode: 143, essential: true },
    ]);
    expect(result.outcome).toBe('succeeded');
  });
});

describe('a task that fails', () => {
  test('with its exit code, a diagnosis and the last lines of its log', async () => {
    const result = await world.run(await register(world, fargate(container('app', 'exit:1'))));
    expect(result).toMatchObject({
      outcome: 'failed',
      exitCode: 1,
      reason: 'Container app ended with exit code 1.',
    });
    expect(result.diagnoses[0]?.logTail).toMatchObject({ kind: 'lines', containerName: 'app' });
    const error = explainTaskRun(result);
    expect(error).toMatchObject({ code: 'TASK_FAILED' });
    expect(error?.message).toContain('exiting with code 1');
    expect(world.log()).toContain('[app] Error: app cannot go on');
  });

  test('names the container that is to blame, not the one that was terminated for it', async () => {
    const result = await world.run(
      await register(world, fargate(container('proxy', 'exit:0@10m'), container('app', 'exit:4@30s'))),
    );
    expect(result).toMatchObject({
      outcome: 'failed',
      exitCode: 4,
      reason: 'Container app ended with exit code 4.',
    });
  });

  test('whose image cannot be pulled never started', async () => {
    const result = await world.run(await register(world, fargate(container('app', 'pull-error'))));
    expect(result).toMatchObject({ outcome: 'not-started', exitCode: undefined });
    expect(result.reason).toContain('CannotPullContainerError');
    const error = explainTaskRun(result);
    expect(error).toMatchObject({ code: 'TASK_NOT_STARTED', hint: expect.any(String) as unknown });
    expect(error?.message).toMatch(/not found/);
  });

  test('whose log group is missing never started', async () => {
    const app = container('app', 'exit:0');
    const options = { ...app.logConfiguration?.options, 'awslogs-group': '/ecs/none' };
    const result = await world.run(
      await register(world, fargate({ ...app, logConfiguration: { logDriver: 'awslogs', options } })),
    );
    expect(result.outcome).toBe('not-started');
    expect(result.reason).toContain('The specified log group does not exist');
  });

  test('for lack of memory', async () => {
    const result = await world.run(await register(world, fargate(container('app', 'oom'))));
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 137 });
    expect(result.reason).toContain('OutOfMemoryError');
  });

  test('when somebody stops it, whatever its exit code', async () => {
    const revision = await register(world, fargate(container('app', 'healthy')));
    const stopSoon = { stopped: false };
    const result = await world.run(revision, {
      onEvent: (event) => {
        if (event.type !== 'task-status' || event.status !== 'RUNNING' || stopSoon.stopped) return;
        stopSoon.stopped = true;
        void import('@aws-sdk/client-ecs').then(({ StopTaskCommand }) =>
          world.ecs.send(
            new StopTaskCommand({ cluster: 'prod', task: event.taskArn, reason: 'maintenance' }),
          ),
        );
      },
    });
    expect(result).toMatchObject({ outcome: 'failed', tasks: [{ containers: [{ exitCode: 0 }] }] });
    expect(result.reason).toContain('maintenance');
  });
});

describe('a task that cannot run', () => {
  test('finds no place on the instances of the cluster', async () => {
    const ec2 = await startWorld({ instances: 1 });
    try {
      const revision = await register(ec2, {
        family: 'big',
        networkMode: 'bridge',
        containerDefinitions: [container('app', 'exit:0', { memory: 100_000 })],
      });
      const config = { cluster: 'default', taskDefinition: revision };
      const result = await ec2.aws.clock.runUntil(
        runTask(
          { ecs: ec2.ecs, ...config },
          { clock: ec2.aws.clock, settings: { launchType: 'EC2', count: 2 } },
        ),
      );
      expect(result).toMatchObject({ outcome: 'not-placed', tasks: [], exitCode: undefined });
      expect(result.failures).toHaveLength(2);
      expect(result.reason).toBe('ECS found no place for 2 of 2 tasks: RESOURCE:MEMORY.');
      expect(explainTaskRun(result)).toMatchObject({
        code: 'TASK_NOT_PLACED',
        hint: expect.stringMatching(/memory/i) as unknown,
      });
    } finally {
      await ec2.aws.stop();
    }
  });

  test.each([
    ['CLUSTER_NOT_FOUND', { cluster: 'none', taskDefinition: { revision: 'migrate' } }, {}],
    ['TASK_DEFINITION_NOT_FOUND', { cluster: 'prod', taskDefinition: { revision: 'none' } }, {}],
    [
      'SERVICE_NOT_FOUND',
      { cluster: 'prod', taskDefinition: { revision: 'migrate' } },
      { likeService: 'none' },
    ],
    ['INPUT_INVALID', { cluster: 'prod', taskDefinition: { revision: 'migrate' } }, { settings: {} }],
  ])('%s', async (code, subject, options) => {
    await register(world, fargate(container('app', 'exit:0')));
    const settings = { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } } };
    await expect(
      runTask({ ecs: world.ecs, ...subject }, { clock: world.aws.clock, settings, ...options }),
    ).rejects.toMatchObject({ code });
  });

  test('in a cluster that is not there, nothing has been registered', async () => {
    const document = fargate(container('app', 'exit:0')) as TaskDefinitionDocument;
    const settings = { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } } };
    const subject = { ecs: world.ecs, cluster: 'none', taskDefinition: { document } };
    await expect(runTask(subject, { clock: world.aws.clock, settings })).rejects.toMatchObject({
      code: 'CLUSTER_NOT_FOUND',
    });
    await expect(
      world.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'migrate' })),
    ).rejects.toThrow('Unable to describe task definition');
  });

  test('for want of subnets, nothing has been registered', async () => {
    const document = fargate(container('app', 'exit:0')) as TaskDefinitionDocument;
    await expect(world.run({ document }, { settings: {} })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(
      world.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'migrate' })),
    ).rejects.toThrow('Unable to describe task definition');
  });
});

describe('the wait', () => {
  const statusOf = async (taskArn: string | undefined) => {
    const { tasks } = await world.ecs.send(
      new DescribeTasksCommand({ cluster: 'prod', tasks: [taskArn ?? ''] }),
    );
    return tasks?.[0];
  };

  test('ends in time, stops the task and shows its last words', async () => {
    const startedAt = world.aws.clock.now();
    const result = await world.run(await register(world, fargate(container('app', 'healthy'))), {
      timeoutMs: 120_000,
    });
    expect(result).toMatchObject({
      outcome: 'timed-out',
      reason: 'After 2 minutes the task had not ended; it was stopped.',
    });
    expect(world.aws.clock.now() - startedAt).toBeGreaterThanOrEqual(120_000);
    expect(await statusOf(result.tasks[0]?.taskArn)).toMatchObject({
      desiredStatus: 'STOPPED',
      stoppedReason: 'It did not end within 2 minutes.',
    });
    expect(world.log()).toContain('received SIGTERM');
    expect(explainTaskRun(result)?.code).toBe('TASK_TIMED_OUT');
  });

  test('ends at once on cancel, and the task is told to stop', async () => {
    const cancel = new AbortController();
    const result = await world.run(await register(world, fargate(container('app', 'healthy'))), {
      signal: cancel.signal,
      onEvent: (event) => {
        if (event.type === 'task-status' && event.status === 'RUNNING') cancel.abort(new Error('cancelled'));
      },
    });
    expect(result.outcome).toBe('cancelled');
    expect(await statusOf(result.tasks[0]?.taskArn)).toMatchObject({
      desiredStatus: 'STOPPED',
      stoppedReason: 'The job was cancelled.',
    });
    expect(explainTaskRun(result)?.code).toBe('TASK_CANCELLED');
  });

  test('a run that is cancelled before it starts a task starts none', async () => {
    const revision = await register(world, fargate(container('app', 'healthy')));
    await expect(world.run(revision, { signal: AbortSignal.abort(new Error('cancelled')) })).rejects.toThrow(
      'cancelled',
    );
    const { taskArns } = await world.ecs.send(new ListTasksCommand({ cluster: 'prod' }));
    expect(taskArns).toEqual([]);
  });

  test.each(['throttle', 'server-error', 'reset'] as const)('outlasts %s faults', async (kind) => {
    const revision = await register(world, fargate(container('app', 'exit:0@10s')));
    world.aws.faults.inject({ service: 'ecs', operation: 'DescribeTasks', kind, times: 2, after: 1 });
    world.aws.faults.inject({ service: 'ecs', operation: 'RunTask', kind, times: 2 });
    world.aws.faults.inject({ service: 'logs', operation: 'GetLogEvents', kind, times: 2 });
    const result = await world.run(revision);
    expect(result.outcome).toBe('succeeded');
    expect(world.log()).toContain('[app] app finished');
    expect(world.events.filter(({ type }) => type === 'read-failed')).toHaveLength(2);
  });

  test('a call of RunTask that is made again is the same call to ECS, and starts no second task', async () => {
    const revision = await register(world, fargate(container('app', 'exit:0')));
    world.aws.faults.inject({ service: 'ecs', operation: 'RunTask', kind: 'reset' });
    await world.run(revision);
    const tokens = requestsOf('RunTask').map(({ input }) => (input as { clientToken?: string }).clientToken);
    expect(tokens).toEqual([expect.any(String), tokens[0]]);
    const { taskArns } = await world.ecs.send(
      new ListTasksCommand({ cluster: 'prod', desiredStatus: 'STOPPED' }),
    );
    expect(taskArns).toHaveLength(1);
  });

  test('a read that does not know the task yet is no end of it', async () => {
    const revision = await register(world, fargate(container('app', 'exit:0@10s')));
    world.aws.faults.inject({ service: 'ecs', operation: 'DescribeTasks', kind: 'stale-read', times: 2 });
    expect(await world.run(revision)).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  });

  test.each([
    ['expired-token', 'CREDENTIALS_EXPIRED'],
    ['access-denied', 'ACCESS_DENIED'],
  ] as const)('%s ends it at once', async (kind, code) => {
    const revision = await register(world, fargate(container('app', 'exit:0@10s')));
    world.aws.faults.inject({ service: 'ecs', operation: 'DescribeTasks', kind, after: 1 });
    await expect(world.run(revision)).rejects.toMatchObject({ code });
  });

  test('a log that may not be read is told once, and the verdict stands', async () => {
    world.aws.faults.inject({
      service: 'logs',
      operation: 'GetLogEvents',
      kind: 'access-denied',
      times: 100,
    });
    const result = await world.run(await register(world, fargate(container('app', 'exit:0@60s'))));
    expect(result.outcome).toBe('succeeded');
    const told = world.events.filter(({ type }) => type === 'log-unavailable');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ reason: expect.stringContaining('logs:GetLogEvents') as unknown });
  });

  test('a container without awslogs is told once', async () => {
    const { logConfiguration: _, ...silent } = container('app', 'exit:0');
    await world.run(await register(world, fargate(silent)));
    expect(world.log()).toContain('The log of container app cannot be shown');
  });

  test('polls within the bounds of the API', async () => {
    await world.run(await register(world, fargate(container('app', 'exit:0@10m'))));
    const polls = requestsOf('DescribeTasks').length;
    expect(polls).toBeGreaterThan(60);
    expect(polls).toBeLessThan(110);
    expect(world.events.filter(({ type }) => type === 'heartbeat').length).toBeGreaterThanOrEqual(8);
  });
});
