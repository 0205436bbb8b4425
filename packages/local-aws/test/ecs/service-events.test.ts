import { expect, test } from '@jest/globals';
import { describeService, eventsOf, fargateDefinition, startEcs, startService } from './support.js';

const REASON =
  'Capacity is unavailable at this time. Please try again later or in a different availability zone';

test('a rollout for which Fargate has no room trips the circuit breaker, and says so once', async () => {
  const ecs = startEcs();
  await startService(ecs, {
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  });
  ecs.call('RegisterTaskDefinition', fargateDefinition('no-capacity'));
  ecs.call('UpdateService', { service: 'web', taskDefinition: 'web:2' });
  await ecs.advance(600);
  const service = describeService(ecs);
  const told = eventsOf(service).filter((event) => event.includes('unable to place'));
  expect(told).toEqual([
    `(service web) was unable to place a task. Reason: ${REASON}. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`,
  ]);
  expect(service).toMatchObject({
    runningCount: 2,
    deployments: [{ taskDefinition: expect.stringMatching(/web:1$/), rolloutState: 'COMPLETED' }],
  });
});

test('a run for which Fargate has no room starts nothing', () => {
  const ecs = startEcs();
  ecs.call('CreateCluster');
  ecs.call('RegisterTaskDefinition', fargateDefinition('no-capacity'));
  const answer = ecs.call('RunTask', {
    taskDefinition: 'web',
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  });
  expect(answer).toEqual({ tasks: [], failures: [{ reason: `${REASON}.` }] });
});

test('a role that ECS cannot assume is told as an event', async () => {
  const fault = `ECS was unable to assume the role 'arn:aws:iam::123456789012:role/gone' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`;
  const dockerLabels = { 'local-aws.behaviour': 'pull-error', 'local-aws.reason': fault };
  const ecs = startEcs();
  await startService(ecs, { desiredCount: 1 }, fargateDefinition('x', { container: { dockerLabels } }));
  const told = eventsOf(describeService(ecs)).filter((event) => event.includes('failed to launch'));
  expect(told).toEqual([`(service web) failed to launch a task with (error ${fault.slice(0, -1)}).`]);
});

test('behind a Classic Load Balancer a rollout has no state, and its targets are instances', async () => {
  const ecs = startEcs();
  await startService(ecs, {
    desiredCount: 1,
    loadBalancers: [{ loadBalancerName: 'classic', containerName: 'app', containerPort: 8080 }],
  });
  const service = describeService(ecs);
  expect(service.deployments).toHaveLength(1);
  expect(service.deployments[0]).toMatchObject({ status: 'PRIMARY', runningCount: 1 });
  expect(service.deployments[0]).not.toHaveProperty('rolloutState');
  expect(eventsOf(service)).toContain('(service web) registered 1 instances in (elb classic)');
});
