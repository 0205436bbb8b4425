import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  ServiceNotFoundException,
  UpdateServiceCommand,
  waitUntilServicesStable,
  waitUntilTasksStopped,
} from '@aws-sdk/client-ecs';
import { type LocalAws, startLocalAws } from '../../src/local-aws.js';
import { NETWORK } from './support.js';

let aws: LocalAws;
let ecs: ECSClient;

beforeEach(async () => {
  aws = await startLocalAws({ clock: 'manual', instances: 1 });
  ecs = new ECSClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
  await ecs.send(new CreateClusterCommand({}));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'web',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        { name: 'app', image: 'example.com/app:1', dockerLabels: { 'local-aws.behaviour': 'healthy' } },
      ],
    }),
  );
});

afterEach(async () => {
  ecs.destroy();
  await aws.stop();
});

test('the SDK creates, updates and waits for a service', async () => {
  const { service } = await ecs.send(
    new CreateServiceCommand({
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
      launchType: 'FARGATE',
      networkConfiguration: NETWORK,
    }),
  );
  expect(service?.createdAt).toEqual(new Date(aws.clock.now()));
  await aws.clock.advance(300_000);
  const waiter = { client: ecs, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
  await waitUntilServicesStable(waiter, { services: ['web'] });
  const updated = await ecs.send(new UpdateServiceCommand({ service: 'web', forceNewDeployment: true }));
  expect(updated.service?.deployments).toHaveLength(2);
  await aws.clock.advance(300_000);
  const { services } = await ecs.send(new DescribeServicesCommand({ services: ['web'] }));
  expect(services?.[0]?.deployments?.map(({ id }) => id)).toEqual([updated.service?.deployments?.[0]?.id]);
  await expect(ecs.send(new UpdateServiceCommand({ service: 'nope' }))).rejects.toThrow(
    ServiceNotFoundException,
  );
});

test('the SDK runs a task on a container instance and waits for its end', async () => {
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'job',
      containerDefinitions: [
        {
          name: 'job',
          image: 'example.com/job:1',
          memory: 128,
          dockerLabels: { 'local-aws.behaviour': 'exit:0' },
        },
      ],
    }),
  );
  const { tasks, failures } = await ecs.send(new RunTaskCommand({ taskDefinition: 'job' }));
  expect(failures).toEqual([]);
  const taskArn = tasks?.[0]?.taskArn ?? '';
  await aws.clock.advance(60_000);
  await waitUntilTasksStopped(
    { client: ecs, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { tasks: [taskArn] },
  );
  const described = await ecs.send(new DescribeTasksCommand({ tasks: [taskArn] }));
  expect(described.tasks?.[0]?.containers?.[0]?.exitCode).toBe(0);
});

test('a reset forgets everything but the instances it started with', async () => {
  await ecs.send(
    new RunTaskCommand({ taskDefinition: 'web', launchType: 'FARGATE', networkConfiguration: NETWORK }),
  );
  await aws.reset();
  expect((await ecs.send(new ListTasksCommand({}))).taskArns).toEqual([]);
  await expect(ecs.send(new RunTaskCommand({ taskDefinition: 'web' }))).rejects.toThrow(
    'TaskDefinition not found.',
  );
});
