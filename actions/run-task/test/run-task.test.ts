import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { runAction, startAction, type ActionOptions } from '@ecs-actions/testkit';

// The bundle polls on the wall's clock, the world's goes faster.
jest.setTimeout(60_000);
const SCALE = 30;

let aws: LocalAws;
let ecs: ECSClient;
let workspace: string;
beforeEach(async () => {
  aws = await startLocalAws({ clock: { scale: SCALE } });
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  ecs = new ECSClient(config);
  await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
  await new CloudWatchLogsClient(config).send(new CreateLogGroupCommand({ logGroupName: '/ecs/app' }));
  workspace = await mkdtemp(join(tmpdir(), 'run-task-test-'));
});
afterEach(async () => {
  await aws.stop();
  await rm(workspace, { recursive: true });
});

const NETWORK = { subnets: 'subnet-1, subnet-2', 'security-groups': 'sg-1' };

/** A definition whose containers (name → behaviour) all log to `/ecs/app`. */
function definitionOf(containers: Record<string, string>) {
  return {
    family: 'migrate',
    requiresCompatibilities: ['FARGATE' as const],
    networkMode: 'awsvpc' as const,
    cpu: '256',
    memory: '512',
    executionRoleArn: `arn:aws:iam::${aws.accountId}:role/execution`,
    containerDefinitions: Object.entries(containers).map(([name, behaviour]) => ({
      name,
      image: 'example.com/app:1',
      dockerLabels: { 'local-aws.behaviour': behaviour },
      logConfiguration: {
        logDriver: 'awslogs' as const,
        options: {
          'awslogs-group': '/ecs/app',
          'awslogs-region': aws.region,
          'awslogs-stream-prefix': 'app',
        },
      },
    })),
  };
}

const register = (containers: Record<string, string>) =>
  ecs.send(new RegisterTaskDefinitionCommand(definitionOf(containers)));

const options = (inputs: Record<string, string>): ActionOptions => ({
  inputs: { cluster: 'prod', 'task-definition': 'migrate', ...inputs },
  env: aws.environment(),
  cwd: workspace,
});
const run = (inputs: Record<string, string>) => runAction('run-task', options(inputs));

describe('run-task', () => {
  it('registers a file, runs it like the service, and shows its log', async () => {
    await register({ app: 'healthy' });
    await ecs.send(
      new CreateServiceCommand({
        cluster: 'prod',
        serviceName: 'web',
        taskDefinition: 'migrate',
        desiredCount: 0,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-of-web'] } },
      }),
    );
    await mkdir(join(workspace, '.aws'));
    await writeFile(
      join(workspace, '.aws', 'task-definition.json'),
      JSON.stringify(definitionOf({ app: 'exit:0@20s' })),
    );
    const step = await run({
      'task-definition': '.aws/task-definition.json',
      service: 'web',
      command: `sh -c 'echo "two words"'`,
      'environment-variables': 'MODE=migrate\nURL=a=b',
      tags: 'run=7',
    });
    expect(step).toMatchObject({ exitCode: 0, annotations: [] });
    expect(step.outputs).toMatchObject({
      outcome: 'succeeded',
      'exit-code': '0',
      reason: 'app ended with exit code 0.',
      diagnosis: '[]',
      'task-definition-arn': expect.stringMatching(/migrate:2$/) as unknown,
      'task-arns': JSON.stringify([step.outputs['task-arn']]),
    });
    expect(JSON.parse(step.outputs['containers'] ?? '')).toEqual([
      { task: step.outputs['task-arn'], name: 'app', essential: true, 'exit-code': 0 },
    ]);
    expect(step.log).toContain('Registered task definition migrate:2');
    expect(step.log).toContain('[app] command: sh -c echo "two words"');
    expect(step.log).toContain('[app] app finished');
    expect(step.summary).toContain('✅ Task succeeded');

    const described = await ecs.send(
      new DescribeTasksCommand({
        cluster: 'prod',
        tasks: [step.outputs['task-arn'] ?? ''],
        include: ['TAGS'],
      }),
    );
    expect(described.tasks).toMatchObject([
      {
        launchType: 'FARGATE',
        startedBy: 'GitHub-Actions',
        tags: [{ key: 'run', value: '7' }],
        overrides: {
          containerOverrides: [
            {
              name: 'app',
              command: ['sh', '-c', 'echo "two words"'],
              environment: [
                { name: 'MODE', value: 'migrate' },
                { name: 'URL', value: 'a=b' },
              ],
            },
          ],
        },
      },
    ]);
  });

  it('fails with the exit code and the last lines of the container', async () => {
    await register({ app: 'exit:3' });
    const step = await run(NETWORK);
    expect(step).toMatchObject({ exitCode: 1 });
    expect(step.outputs).toMatchObject({ outcome: 'failed', 'exit-code': '3' });
    expect(step.annotations).toMatchObject([{ level: 'error', title: 'TASK_FAILED' }]);
    expect(step.annotations[0]?.message).toContain('Container app ended with exit code 3.');
    expect(step.annotations[0]?.message).toContain('exiting with code 3');
    expect(step.summary).toContain('❌ Task failed');
  });

  it('does not take a container that never started for a success', async () => {
    await register({ app: 'pull-error' });
    const step = await run(NETWORK);
    expect(step).toMatchObject({ exitCode: 1, annotations: [{ title: 'TASK_NOT_STARTED' }] });
    expect(step.outputs).toMatchObject({ outcome: 'not-started' });
    expect(step.outputs['exit-code']).toBeUndefined();
    expect(step.annotations[0]?.message).toContain('CannotPullContainerError');
  });

  it('does not wait on request', async () => {
    await register({ app: 'healthy' });
    const step = await run({ ...NETWORK, 'wait-for-task-stopped': 'false', count: '2' });
    expect(step).toMatchObject({ exitCode: 0, outputs: { outcome: 'started' } });
    expect(JSON.parse(step.outputs['task-arns'] ?? '')).toHaveLength(2);
  });

  it('stops the task when the job is cancelled', async () => {
    await register({ app: 'healthy' });
    const started = await startAction('run-task', options(NETWORK));
    await started.waitForLine(/ is RUNNING$/);
    started.kill('SIGINT');
    const step = await started.finished;
    expect(step).toMatchObject({ exitCode: 1, outputs: { outcome: 'cancelled' } });
    expect(step.log).toMatch(/Stopping task \w+: The job was cancelled\./);
    const { tasks } = await ecs.send(
      new DescribeTasksCommand({ cluster: 'prod', tasks: [step.outputs['task-arn'] ?? ''] }),
    );
    expect(tasks).toMatchObject([{ desiredStatus: 'STOPPED', stoppedReason: 'The job was cancelled.' }]);
  });
});

describe('what can be known before a task is started', () => {
  const noTask = async () => {
    const { taskArns } = await ecs.send(new ListTasksCommand({ cluster: 'prod' }));
    expect(taskArns).toEqual([]);
  };

  it('names every faulty input at once', async () => {
    const step = await run({
      'task-definition': '',
      count: '11',
      command: `echo "half`,
      'environment-variables': 'sEcReT',
      'launch-type': 'LAMBDA',
      'security-groups': 'sg-1',
      'container-overrides': '{]',
      'managed-ebs-volume-name': 'data',
    });
    expect(step).toMatchObject({ exitCode: 1, outputs: {}, summary: '' });
    expect(step.annotations).toHaveLength(1);
    for (const name of [
      'task-definition',
      'count',
      'command',
      'environment-variables',
      'launch-type',
      'security-groups',
      'container-overrides',
      'managed-ebs-volume',
    ])
      expect(step.annotations[0]?.message).toContain(`Input ${name} `);
    expect(step.stdout).not.toContain('sEcReT');
  });

  it('names a mistyped member of an override, and runs nothing', async () => {
    await register({ app: 'exit:0' });
    const step = await run({ ...NETWORK, 'container-overrides': '[{"name": "app", "comand": ["x"]}]' });
    expect(step).toMatchObject({
      exitCode: 1,
      annotations: [
        { title: 'unknown-member', message: expect.stringContaining('Did you mean "command"?') },
        { title: 'INPUT_INVALID', message: expect.stringContaining('containerOverrides[0].comand') },
      ],
    });
    expect(aws.requests.map(({ operation }) => operation)).not.toContain('RunTask');
  });

  it.each([
    ['FILE_NOT_FOUND', { 'task-definition': './none.json' }],
    ['TASK_DEFINITION_NOT_FOUND', { 'task-definition': 'none:7' }],
    ['CLUSTER_NOT_FOUND', { cluster: 'none', ...NETWORK }],
    ['SERVICE_NOT_FOUND', { service: 'none' }],
    ['INPUT_INVALID', {}],
    ['INPUT_INVALID', { ...NETWORK, 'container-name': 'ap', command: 'x' }],
  ])('%s for %j: one annotation, no stack', async (title, inputs) => {
    await register({ app: 'exit:0' });
    const step = await run(inputs);
    expect(step).toMatchObject({ exitCode: 1, annotations: [{ level: 'error', title }] });
    expect(step.annotations).toHaveLength(1);
    expect(step.log).not.toMatch(/^\s+at /m);
    await noTask();
  });
});
