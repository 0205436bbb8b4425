import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { locateContainerLog, tailContainerLog } from '../../../src/ecs/diagnose/log-tail.js';

const taskArn = 'arn:aws:ecs:us-east-1:123456789012:task/prod/0123';
const awslogs = (options: Record<string, string>) => ({
  name: 'app',
  logConfiguration: { logDriver: 'awslogs' as const, options },
});

describe('locateContainerLog', () => {
  test('awslogs: prefix, container, task', () => {
    const container = awslogs({
      'awslogs-group': '/ecs/web',
      'awslogs-stream-prefix': 'web',
      'awslogs-region': 'eu-west-1',
    });
    expect(locateContainerLog(container, taskArn)).toEqual({
      kind: 'awslogs',
      group: '/ecs/web',
      stream: 'web/app/0123',
      region: 'eu-west-1',
    });
  });

  test.each([
    ['no log configuration', { name: 'app' }, 'no logConfiguration'],
    [
      'another driver',
      { name: 'app', logConfiguration: { logDriver: 'awsfirelens' as const } },
      'awsfirelens',
    ],
    ['no group', awslogs({}), 'awslogs-group'],
    ['no prefix (container instances)', awslogs({ 'awslogs-group': 'g' }), 'awslogs-stream-prefix'],
  ])('%s: says why there is nothing to read', (_, container, words) => {
    expect(locateContainerLog(container, taskArn)).toMatchObject({
      kind: 'elsewhere',
      reason: expect.stringContaining(words),
    });
  });
});

describe('tailContainerLog', () => {
  let aws: LocalAws;
  let logs: CloudWatchLogsClient;
  beforeEach(async () => {
    aws = await startLocalAws({ clock: 'manual' });
    logs = new CloudWatchLogsClient({
      endpoint: aws.endpoint,
      region: aws.region,
      credentials: aws.credentials,
    });
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'g' }));
  });
  afterEach(async () => {
    logs.destroy();
    await aws.stop();
  });

  const container = {
    ...awslogs({ 'awslogs-group': 'g', 'awslogs-stream-prefix': 'web' }),
    environment: [
      { name: 'DB_PASSWORD', value: 'hunter2hunter2' },
      { name: 'TENANT', value: 'acme-corp' },
    ],
  };
  const tail = (lines?: number) =>
    tailContainerLog(
      {
        logs: () => logs,
        task: { taskArn },
        taskDefinition: { containerDefinitions: [container] },
        containerName: 'app',
      },
      { lines, redact: ['TENANT'] },
    );
  const write = async (count: number, text = 'line') => {
    await logs.send(new CreateLogStreamCommand({ logGroupName: 'g', logStreamName: 'web/app/0123' }));
    const logEvents = Array.from({ length: count }, (_, index) => ({
      timestamp: aws.clock.now() + index,
      message: `${text} ${index + 1}\n`,
    }));
    await logs.send(new PutLogEventsCommand({ logGroupName: 'g', logStreamName: 'web/app/0123', logEvents }));
  };

  test('the last lines, oldest first', async () => {
    await write(30);
    expect(await tail(3)).toMatchObject({ kind: 'lines', lines: ['line 28', 'line 29', 'line 30'] });
    expect(await tail()).toMatchObject({ lines: { length: 20 } });
  });

  test('without the secrets that the task definition knows, and without those that the container assigns', async () => {
    await write(1, 'hunter2hunter2 of acme-corp refused, --api-token=s3cr3t!x');
    expect(await tail()).toMatchObject({
      lines: ['(redacted) of (redacted) refused, --api-token=(redacted) 1'],
    });
  });

  test('a container that wrote nothing', async () => {
    expect(await tail()).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('wrote nothing'),
    });
  });

  test('not allowed: says what is missing', async () => {
    aws.faults.inject({ service: 'logs', kind: 'access-denied', times: 9 });
    expect(await tail()).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('logs:GetLogEvents'),
    });
  });

  test('expired credentials are no missing log', async () => {
    aws.faults.inject({ service: 'logs', kind: 'expired-token', times: 9 });
    await expect(tail()).rejects.toMatchObject({ code: 'CREDENTIALS_EXPIRED' });
  });

  test('a container that is not in the task definition', async () => {
    const answer = await tailContainerLog({
      logs: () => logs,
      task: { taskArn },
      taskDefinition: { containerDefinitions: [] },
      containerName: 'agent',
    });
    expect(answer).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('no container agent'),
    });
  });
});
