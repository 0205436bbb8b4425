import { describe, expect, it } from '@jest/globals';
import { requiredActions } from '../../src/identity/required-actions.js';

const scope = { accountId: '123456789012', region: 'eu-west-1' };
const ecs = (resource: string) => `arn:aws:ecs:eu-west-1:123456789012:${resource}`;

describe('requiredActions', () => {
  it.each<[string, string, Record<string, unknown>, string[]]>([
    [
      'ecs',
      'UpdateService',
      { cluster: 'prod', service: 'web' },
      [`ecs:UpdateService ${ecs('service/prod/web')}`],
    ],
    [
      'ecs',
      'UpdateService',
      { cluster: ecs('cluster/prod'), service: ecs('service/prod/web') },
      [`ecs:UpdateService ${ecs('service/prod/web')}`],
    ],
    [
      'ecs',
      'DescribeServices',
      { services: ['a', 'b'] },
      [
        `ecs:DescribeServices ${ecs('service/default/a')}`,
        `ecs:DescribeServices ${ecs('service/default/b')}`,
      ],
    ],
    ['ecs', 'DescribeTaskDefinition', { taskDefinition: 'web:3' }, ['ecs:DescribeTaskDefinition *']],
    ['ecs', 'RunTask', { taskDefinition: 'web:3' }, [`ecs:RunTask ${ecs('task-definition/web:3')}`]],
    ['ecs', 'RunTask', { taskDefinition: 'web' }, [`ecs:RunTask ${ecs('task-definition/web:*')}`]],
    [
      'ecs',
      'DescribeTasks',
      { cluster: 'prod', tasks: ['t1'] },
      [`ecs:DescribeTasks ${ecs('task/prod/t1')}`],
    ],
    ['ecs', 'DescribeClusters', {}, [`ecs:DescribeClusters ${ecs('cluster/default')}`]],
    [
      'ecs',
      'RegisterTaskDefinition',
      {
        family: 'web',
        taskRoleArn: 'arn:aws:iam::123456789012:role/task',
        executionRoleArn: 'execution',
        tags: [{ key: 'a', value: 'b' }],
      },
      [
        'ecs:RegisterTaskDefinition *',
        `ecs:TagResource ${ecs('task-definition/web:*')}`,
        'iam:PassRole arn:aws:iam::123456789012:role/task',
        'iam:PassRole arn:aws:iam::123456789012:role/execution',
      ],
    ],
    [
      'ecs',
      'RunTask',
      { taskDefinition: 'web:3', overrides: { taskRoleArn: 'arn:aws:iam::123456789012:role/other' } },
      [`ecs:RunTask ${ecs('task-definition/web:3')}`, 'iam:PassRole arn:aws:iam::123456789012:role/other'],
    ],
    ['ecr', 'GetAuthorizationToken', {}, ['ecr:GetAuthorizationToken *']],
    [
      'ecr',
      'PutImage',
      { repositoryName: 'team/app' },
      ['ecr:PutImage arn:aws:ecr:eu-west-1:123456789012:repository/team/app'],
    ],
    [
      'ecr',
      'DescribeImages',
      { registryId: '210987654321', repositoryName: 'app' },
      ['ecr:DescribeImages arn:aws:ecr:eu-west-1:210987654321:repository/app'],
    ],
    [
      'ecr',
      'DescribeRepositories',
      {},
      ['ecr:DescribeRepositories arn:aws:ecr:eu-west-1:123456789012:repository/*'],
    ],
    [
      'logs',
      'GetLogEvents',
      { logGroupName: '/ecs/web', logStreamName: 'web/app/1' },
      ['logs:GetLogEvents arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web:log-stream:web/app/1'],
    ],
  ])('%s %s %j', (service, operation, input, expected) => {
    const required = requiredActions(service, operation, input, scope);
    expect(required.map(({ action, resource }) => `${action} ${resource}`)).toEqual(expected);
  });

  it.each<[string, string | undefined]>([
    ['ListTasks', ecs('cluster/default')],
    ['UpdateService', ecs('cluster/default')],
    ['RegisterTaskDefinition', undefined],
    ['CreateCluster', undefined],
  ])('knows whether %s is in a cluster', (operation, cluster) => {
    const [required] = requiredActions('ecs', operation, {}, scope);
    expect(required?.context?.['ecs:cluster']).toBe(cluster);
  });

  it('says which cluster, and to whom a role is passed', () => {
    const input = { cluster: 'prod', taskDefinition: 'web:1', overrides: { executionRoleArn: 'x' } };
    expect(requiredActions('ecs', 'RunTask', input, scope).map(({ context }) => context)).toEqual([
      { 'aws:requestedregion': 'eu-west-1', 'ecs:cluster': ecs('cluster/prod') },
      { 'iam:passedtoservice': 'ecs-tasks.amazonaws.com' },
    ]);
  });
});
