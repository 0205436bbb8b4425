import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateClusterCommand, ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startLocalAws, type LocalAws, type PolicyDocument } from '@ecs-actions/local-aws';
import { documentedPolicy, startAction } from '@ecs-actions/testkit';

let aws: LocalAws;
beforeEach(async () => {
  aws = await startLocalAws({ clock: 'manual' });
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const ecs = new ECSClient(config);
  const logs = new CloudWatchLogsClient(config);
  await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/ecs/web' }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'web',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      taskRoleArn: `arn:aws:iam::${aws.accountId}:role/web-task`,
      executionRoleArn: `arn:aws:iam::${aws.accountId}:role/web-execution`,
      containerDefinitions: [
        {
          name: 'web',
          image: 'example.com/web:1',
          dockerLabels: { 'local-aws.behaviour': 'exit:3' },
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': '/ecs/web',
              'awslogs-region': aws.region,
              'awslogs-stream-prefix': 'web',
            },
          },
        },
      ],
    }),
  );
  ecs.destroy();
  logs.destroy();
});
afterEach(() => aws.stop());

it('works under the policy that the documentation offers, its log and diagnosis included', async () => {
  const { arn } = aws.roles.put({
    role: 'deploy',
    trustPolicy: await documentedPolicy<PolicyDocument>('Classic subject,', aws),
    policies: [await documentedPolicy<PolicyDocument>('A role that **deploys a service', aws)],
  });
  const sub = 'repo:octo-org/octo-app:environment:production';
  const step = await startAction('run-task', {
    inputs: {
      'aws-region': aws.region,
      'role-to-assume': arn,
      cluster: 'prod',
      'task-definition': 'web',
      subnets: 'subnet-1',
    },
    env: {
      ...aws.environment(),
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SESSION_TOKEN: undefined,
      ACTIONS_ID_TOKEN_REQUEST_URL: aws.issuer.requestUrlFor({ sub }),
    },
  });
  await step.waitForLine(/^Task \S+ is starting/);
  await aws.clock.advance(20 * 60_000);
  const run = await step.finished;
  expect(run.annotations).toMatchObject([{ level: 'error', title: 'TASK_FAILED' }]);
  expect(run.outputs['exit-code']).toBe('3');
  const calls = aws.requests.map(({ operation, error }) => `${operation} ${error ?? 'ok'}`);
  expect(calls).toEqual(expect.arrayContaining(['RunTask ok', 'DescribeTasks ok', 'GetLogEvents ok']));
  expect(calls.filter((call) => call.includes('AccessDenied'))).toEqual([]);
});
