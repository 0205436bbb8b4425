import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import {
  CreateClusterCommand,
  DescribeClustersCommand,
  ListClustersCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { startLocalAws } from '../../src/index.js';
import type { LocalAws, PolicyDocument, RoleOptions } from '../../src/index.js';
import { clientsOf, errorOf } from '../support/clients.js';

const session = 'arn:aws:sts::123456789012:assumed-role/tested/ci';
const cluster = (name: string) => `arn:aws:ecs:us-east-1:123456789012:cluster/${name}`;
let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());
beforeEach(() => aws.reset());

/** Clients of a session of a role with these permissions. */
async function clientsWith(
  permissions: Omit<RoleOptions, 'role' | 'trustPolicy'>,
  sessionPolicy?: PolicyDocument,
) {
  aws.roles.put({
    role: 'tested',
    trustPolicy: { Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' } },
    ...permissions,
  });
  const { Credentials } = await clientsOf(aws).sts.send(
    new AssumeRoleCommand({
      RoleArn: 'arn:aws:iam::123456789012:role/tested',
      RoleSessionName: 'ci',
      ...(sessionPolicy && { Policy: JSON.stringify(sessionPolicy) }),
    }),
  );
  return clientsOf(aws, {
    credentials: {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    },
  });
}

describe('a role', () => {
  it('that nothing is said of may do everything', async () => {
    const { ecs } = await clientsWith({});
    await ecs.send(new CreateClusterCommand({ clusterName: 'a' }));
  });

  it('may not do what is denied', async () => {
    const { ecs, logs } = await clientsWith({ deny: ['ecs:DescribeClusters', 'logs:*'] });
    await ecs.send(new ListClustersCommand({}));
    expect(await errorOf(ecs.send(new DescribeClustersCommand({ clusters: ['prod'] })))).toEqual({
      name: 'AccessDeniedException',
      message: `User: ${session} is not authorized to perform: ecs:DescribeClusters on resource: ${cluster('prod')} because no identity-based policy allows the ecs:DescribeClusters action`,
      status: 400,
    });
    expect((await errorOf(logs.send(new DescribeLogGroupsCommand({})))).message).toMatch(
      /is not authorized to perform: logs:DescribeLogGroups on resource: arn:aws:logs:us-east-1:123456789012:log-group::log-stream: because/,
    );
  });

  it('may do only what is allowed', async () => {
    const { ecs, ecr } = await clientsWith({ allow: ['ecs:*'] });
    await ecs.send(new CreateClusterCommand({ clusterName: 'a' }));
    const error = await errorOf(ecr.send(new CreateRepositoryCommand({ repositoryName: 'app' })));
    expect(error).toMatchObject({ name: 'AccessDeniedException' });
    expect(error.message).toContain(
      'ecr:CreateRepository on resource: arn:aws:ecr:us-east-1:123456789012:repository/app because no identity-based policy allows',
    );
  });

  it('is held to the resources and conditions of its policies', async () => {
    const { ecs } = await clientsWith({
      policies: [
        {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: 'ecs:Describe*', Resource: cluster('*') },
            { Effect: 'Deny', Action: 'ecs:*', Resource: cluster('secret') },
            {
              Effect: 'Allow',
              Action: 'ecs:ListClusters',
              Resource: '*',
              Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
            },
          ],
        },
      ],
    });
    await ecs.send(new DescribeClustersCommand({ clusters: ['prod'] }));
    const denied = await errorOf(ecs.send(new DescribeClustersCommand({ clusters: ['secret'] })));
    expect(denied.message).toBe(
      `User: ${session} is not authorized to perform: ecs:DescribeClusters on resource: ${cluster('secret')} with an explicit deny in an identity-based policy`,
    );
    const elsewhere = await errorOf(ecs.send(new ListClustersCommand({})));
    expect(elsewhere.message).toContain('ecs:ListClusters on resource: * because no identity-based policy');
  });

  const register = (extra: Partial<ConstructorParameters<typeof RegisterTaskDefinitionCommand>[0]>) =>
    new RegisterTaskDefinitionCommand({
      family: 'web',
      containerDefinitions: [{ name: 'app', image: 'example.com/app:1', memory: 128 }],
      ...extra,
    });

  it('passes only the roles that it may pass, and only to ECS', async () => {
    const passRole = (service: string): PolicyDocument => ({
      Statement: {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: 'arn:aws:iam::123456789012:role/task',
        Condition: { StringEquals: { 'iam:PassedToService': service } },
      },
    });
    const taskRoleArn = 'arn:aws:iam::123456789012:role/task';
    const right = await clientsWith({ allow: ['ecs:*'], policies: [passRole('ecs-tasks.amazonaws.com')] });
    await right.ecs.send(register({ taskRoleArn }));
    const other = await errorOf(right.ecs.send(register({ executionRoleArn: `${taskRoleArn}-other` })));
    expect(other.name).toBe('AccessDeniedException');
    expect(other.message).toBe(
      `User: ${session} is not authorized to perform: iam:PassRole on resource: ${taskRoleArn}-other because no identity-based policy allows the iam:PassRole action`,
    );
    const wrong = await clientsWith({ allow: ['ecs:*'], policies: [passRole('lambda.amazonaws.com')] });
    expect((await errorOf(wrong.ecs.send(register({ taskRoleArn })))).message).toContain('iam:PassRole');
  });

  it('needs leave for the tags of what it makes', async () => {
    const { ecs } = await clientsWith({ deny: ['ecs:TagResource'] });
    await ecs.send(register({}));
    const error = await errorOf(ecs.send(register({ tags: [{ key: 'commit', value: 'abc' }] })));
    expect(error.message).toContain(
      'ecs:TagResource on resource: arn:aws:ecs:us-east-1:123456789012:task-definition/web:* because',
    );
  });
});

describe('a session policy', () => {
  const only = (action: string): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
  });

  it('narrows what the role may do', async () => {
    const { ecs } = await clientsWith({}, only('ecs:List*'));
    await ecs.send(new ListClustersCommand({}));
    expect((await errorOf(ecs.send(new DescribeClustersCommand({})))).message).toBe(
      `User: ${session} is not authorized to perform: ecs:DescribeClusters on resource: ${cluster('default')} because no session policy allows the ecs:DescribeClusters action`,
    );
  });

  it('does not widen it', async () => {
    const { ecs } = await clientsWith({ deny: ['ecs:ListClusters'] }, only('*'));
    expect((await errorOf(ecs.send(new ListClustersCommand({})))).name).toBe('AccessDeniedException');
  });

  it('is refused if it is none', async () => {
    const assume = clientsOf(aws).sts.send(
      new AssumeRoleCommand({
        RoleArn: 'arn:aws:iam::123456789012:role/github-deploy',
        RoleSessionName: 'ci',
        Policy: '{not json',
      }),
    );
    expect(await errorOf(assume)).toMatchObject({ name: 'MalformedPolicyDocumentException', status: 400 });
  });

  it('may be one of AWS’s own', async () => {
    const assume = (arn: string) =>
      clientsOf(aws).sts.send(
        new AssumeRoleCommand({
          RoleArn: 'arn:aws:iam::123456789012:role/github-deploy',
          RoleSessionName: 'ci',
          PolicyArns: [{ arn }],
        }),
      );
    const { Credentials } = await assume('arn:aws:iam::aws:policy/ReadOnlyAccess');
    const { ecs } = clientsOf(aws, {
      credentials: {
        accessKeyId: Credentials!.AccessKeyId!,
        secretAccessKey: Credentials!.SecretAccessKey!,
        sessionToken: Credentials!.SessionToken!,
      },
    });
    await ecs.send(new ListClustersCommand({}));
    expect((await errorOf(ecs.send(new CreateClusterCommand({})))).name).toBe('AccessDeniedException');
    expect((await errorOf(assume('arn:aws:iam::aws:policy/Nope'))).name).toBe('ValidationError');
  });
});
