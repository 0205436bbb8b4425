import { expect, test } from '@jest/globals';
import { fargateDefinition, NETWORK, startEcs, startService } from './support.js';

test('a cluster is created, described, updated, listed and deleted', async () => {
  const ecs = startEcs();
  const arn = 'arn:aws:ecs:us-east-1:123456789012:cluster/prod';
  expect(
    ecs.call('CreateCluster', { clusterName: 'prod', tags: [{ key: 'team', value: 'a' }] }).cluster,
  ).toMatchObject({
    clusterArn: arn,
    clusterName: 'prod',
    status: 'ACTIVE',
    activeServicesCount: 0,
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
    settings: [{ name: 'containerInsights', value: 'disabled' }],
    tags: [{ key: 'team', value: 'a' }],
  });
  ecs.call('UpdateCluster', {
    cluster: 'prod',
    settings: [{ name: 'containerInsights', value: 'enhanced' }],
  });
  expect(
    ecs.call('DescribeClusters', { clusters: [arn, 'nope'], include: ['SETTINGS', 'STATISTICS'] }),
  ).toMatchObject({
    clusters: [
      {
        settings: [{ name: 'containerInsights', value: 'enhanced' }],
        statistics: expect.any(Array),
        tags: [],
      },
    ],
    failures: [{ arn: 'arn:aws:ecs:us-east-1:123456789012:cluster/nope', reason: 'MISSING' }],
  });
  expect(ecs.call('DescribeClusters')).toMatchObject({ clusters: [], failures: [{ reason: 'MISSING' }] });
  expect(ecs.call('ListClusters').clusterArns).toEqual([arn]);
  expect(ecs.call('DeleteCluster', { cluster: arn }).cluster.status).toBe('INACTIVE');
  expect(ecs.call('ListClusters').clusterArns).toEqual([]);
  expect(ecs.refusal('ListTasks', { cluster: 'prod' })).toBe('ClusterNotFoundException: Cluster not found.');
});

test('a cluster in use is not deleted', async () => {
  const ecs = startEcs();
  await startService(ecs);
  expect(ecs.refusal('DeleteCluster', { cluster: 'default' })).toMatch(/^ClusterContainsServicesException: /);
  ecs.call('DeleteService', { service: 'web', force: true });
  await ecs.advance(120);
  ecs.call('RunTask', { taskDefinition: 'web', launchType: 'FARGATE', networkConfiguration: NETWORK });
  expect(ecs.refusal('DeleteCluster', { cluster: 'default' })).toMatch(/^ClusterContainsTasksException: /);
  ecs.ecs.addContainerInstances('default', 1);
  expect(ecs.refusal('DeleteCluster', { cluster: 'default' })).toMatch(
    /^ClusterContainsContainerInstancesException: /,
  );
});

test('tags of every kind of resource', async () => {
  const ecs = startEcs();
  await startService(ecs, { tags: [{ key: 'a', value: '1' }], propagateTags: 'SERVICE' });
  const [service] = ecs.call('DescribeServices', { services: ['web'], include: ['TAGS'] }).services;
  expect(service.tags).toEqual([{ key: 'a', value: '1' }]);
  const [taskArn] = ecs.call('ListTasks', { serviceName: 'web' }).taskArns;
  expect(ecs.call('ListTagsForResource', { resourceArn: taskArn }).tags).toEqual([{ key: 'a', value: '1' }]);
  for (const resourceArn of [service.serviceArn, service.clusterArn, service.taskDefinition, taskArn]) {
    ecs.call('TagResource', { resourceArn, tags: [{ key: 'b', value: '2' }] });
    ecs.call('TagResource', { resourceArn, tags: [{ key: 'b', value: '3' }] });
    expect(ecs.call('ListTagsForResource', { resourceArn }).tags).toContainEqual({ key: 'b', value: '3' });
    ecs.call('UntagResource', { resourceArn, tagKeys: ['a', 'b'] });
    expect(ecs.call('ListTagsForResource', { resourceArn }).tags).toEqual([]);
  }
  expect(ecs.refusal('ListTagsForResource', { resourceArn: `${service.serviceArn}x` })).toMatch(
    /^ResourceNotFoundException: /,
  );
  expect(
    ecs.refusal('TagResource', { resourceArn: service.serviceArn, tags: [{ key: 'aws:x', value: '' }] }),
  ).toMatch(/^InvalidParameterException: /);
});

test('accounts and regions know nothing of each other', () => {
  const ecs = startEcs();
  ecs.call('RegisterTaskDefinition', fargateDefinition());
  const elsewhere = { accountId: '123456789012', region: 'eu-west-1', principalArn: 'arn', requestId: 'id' };
  expect(ecs.ecs.service.operations['ListTaskDefinitions']?.({}, elsewhere)).toEqual({
    taskDefinitionArns: [],
  });
});

test('account settings', () => {
  const ecs = startEcs();
  expect(ecs.call('ListAccountSettings').settings).toEqual([]);
  ecs.call('PutAccountSetting', { name: 'containerInsights', value: 'enabled' });
  expect(
    ecs.call('ListAccountSettings', { effectiveSettings: true, name: 'containerInsights' }).settings,
  ).toMatchObject([{ value: 'enabled' }]);
  ecs.call('DeleteAccountSetting', { name: 'containerInsights' });
  expect(ecs.call('ListAccountSettings').settings).toEqual([]);
  expect(ecs.refusal('PutAccountSetting', { name: 'nope', value: 'x' })).toBe(
    'InvalidParameterException: Invalid setting name.',
  );
});
