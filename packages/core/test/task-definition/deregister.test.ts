import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
} from '@aws-sdk/client-codedeploy';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeServicesCommand,
  ListTaskDefinitionsCommand,
  RunTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { errorWithCode } from '@ecs-actions/testkit';
import type { CreateServiceCommandInput } from '@aws-sdk/client-ecs';
import { deregisterOlderTaskDefinitions, registerTaskDefinition } from '../../src/task-definition/index.js';
import { openStage, validDocument, type Stage } from './stage.js';

const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'] } };
const TARGET_GROUP = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
const SETTLED_MS = 15 * 60_000;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  await stage.ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
});
afterEach(() => stage.stop());

/** Registers `count` further revisions of a family. */
async function register(count: number, family = 'web'): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const document = validDocument(
      { family },
      { logConfiguration: undefined, portMappings: [{ containerPort: 8080 }] },
    );
    await registerTaskDefinition({ ecs: stage.ecs, document }, { clock: stage.aws.clock, reuse: false });
  }
}

async function deploy(taskDefinition: string, more: { forceNewDeployment?: boolean } = {}): Promise<void> {
  await stage.ecs.send(
    new UpdateServiceCommand({ cluster: 'prod', service: 'web', taskDefinition, ...more }),
  );
  await stage.aws.clock.advance(SETTLED_MS);
}

async function createService(
  taskDefinition: string,
  more: Partial<CreateServiceCommandInput> = {},
): Promise<void> {
  await stage.ecs.send(
    new CreateServiceCommand({
      cluster: 'prod',
      serviceName: 'web',
      taskDefinition,
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: NETWORK,
      ...more,
    }),
  );
  await stage.aws.clock.advance(SETTLED_MS);
}

/** Has CodeDeploy begun to deploy a revision to the service; it waits before it shifts the traffic. */
async function beginCodeDeployment(taskDefinition: string): Promise<void> {
  const { endpoint, region, credentials } = stage.aws;
  const codeDeploy = new CodeDeployClient({ endpoint, region, credentials });
  const names = { applicationName: 'web', deploymentGroupName: 'web' };
  await codeDeploy.send(new CreateApplicationCommand({ ...names, computePlatform: 'ECS' }));
  await codeDeploy.send(
    new CreateDeploymentGroupCommand({
      ...names,
      serviceRoleArn: 'arn:aws:iam::123456789012:role/codedeploy',
      ecsServices: [{ clusterName: 'prod', serviceName: 'web' }],
      blueGreenDeploymentConfiguration: {
        deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 60 },
      },
    }),
  );
  const loadBalancer = { ContainerName: 'app', ContainerPort: 8080 };
  const properties = { TaskDefinition: taskDefinition, LoadBalancerInfo: loadBalancer };
  const resource = { TargetService: { Type: 'AWS::ECS::Service', Properties: properties } };
  const content = JSON.stringify({ version: 0, Resources: [resource] });
  await codeDeploy.send(
    new CreateDeploymentCommand({
      ...names,
      revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
    }),
  );
  codeDeploy.destroy();
  await stage.aws.clock.advance(SETTLED_MS);
}

const deregister = (keep: number, family = 'web') =>
  stage.aws.clock.runUntil(
    deregisterOlderTaskDefinitions(
      { ecs: stage.ecs, family },
      { keep, clock: stage.aws.clock, logger: stage.logger },
    ),
  );

async function active(): Promise<string[]> {
  const { taskDefinitionArns = [] } = await stage.ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: 'web' }),
  );
  return taskDefinitionArns.map(short);
}

const short = (arn: string) => arn.replace(/.*\//, '');

describe('older revisions', () => {
  test('are deregistered, oldest first, down to the newest that are wanted', async () => {
    await register(5);
    const { deregistered, stillNeeded } = await deregister(2);
    expect(deregistered.map(short)).toEqual(['web:1', 'web:2', 'web:3']);
    expect(stillNeeded).toEqual([]);
    expect(await active()).toEqual(['web:4', 'web:5']);
    expect(stage.log).toHaveLength(3);
  });

  test('stay if there are not more than wanted, and the newest always stays', async () => {
    await register(2);
    expect((await deregister(2)).deregistered).toEqual([]);
    await deregister(1);
    expect(await active()).toEqual(['web:2']);
  });

  test('of a family whose name begins the same stay', async () => {
    await register(2);
    await register(2, 'web-admin');
    await deregister(1);
    const { taskDefinitionArns = [] } = await stage.ecs.send(new ListTaskDefinitionsCommand({}));
    expect(taskDefinitionArns.map(short)).toEqual(['web:2', 'web-admin:1', 'web-admin:2']);
  });

  test('go no faster than ECS takes them', async () => {
    await register(14);
    const start = stage.aws.clock.now();
    await deregister(1);
    expect(await active()).toEqual(['web:14']);
    expect(stage.aws.clock.now() - start).toBe(3 * 1100);
  });
});

describe('a revision stays if it is needed', () => {
  test('by a service, and by the rollback to the deployment before', async () => {
    await register(6);
    await createService('web:1');
    await deploy('web:2');
    await deploy('web:4');
    const { deregistered, stillNeeded } = await deregister(1);
    expect(deregistered.map(short)).toEqual(['web:1', 'web:3', 'web:5']);
    expect(stillNeeded.map(short)).toEqual(['web:4', 'web:2']);
  });

  test('by both sides of a rollout that is under way', async () => {
    await register(6);
    await createService('web:1');
    await stage.ecs.send(
      new UpdateServiceCommand({ cluster: 'prod', service: 'web', taskDefinition: 'web:3' }),
    );
    await deregister(1);
    expect(await active()).toEqual(['web:1', 'web:3', 'web:6']);
  });

  test('by the rollback to another family, which the service ran before', async () => {
    await register(4);
    await register(1, 'renamed');
    await createService('web:1');
    await deploy('web:2');
    await deploy('renamed:1');
    const { deregistered, stillNeeded } = await deregister(1);
    expect(deregistered.map(short)).toEqual(['web:1', 'web:3']);
    expect(stillNeeded.map(short)).toEqual(['web:2']);
  });

  test('by the rollback, however often what runs has been deployed since', async () => {
    await register(4);
    await createService('web:1');
    await deploy('web:2');
    for (let count = 0; count < 21; count += 1) await deploy('web:3', { forceNewDeployment: true });
    const { deregistered, stillNeeded } = await deregister(1);
    expect(deregistered.map(short)).toEqual(['web:1']);
    expect(stillNeeded.map(short)).toEqual(['web:3', 'web:2']);
  });

  test('by the rollback, which passes over what somebody has deregistered', async () => {
    await register(5);
    await createService('web:1');
    for (const revision of ['web:2', 'web:3', 'web:4']) await deploy(revision);
    await stage.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:3' }));
    const { deregistered, stillNeeded } = await deregister(1);
    expect(deregistered.map(short)).toEqual(['web:1']);
    expect(stillNeeded.map(short)).toEqual(['web:4', 'web:2']);
  });

  test('by a rollout under way that DescribeServices does not show yet, at either end', async () => {
    await register(2);
    await createService('web:1');
    // What is read here is what a late answer still says further down.
    expect((await deregister(1)).stillNeeded.map(short)).toEqual(['web:1']);
    await register(4);
    const update = (taskDefinition: string) =>
      stage.ecs.send(new UpdateServiceCommand({ cluster: 'prod', service: 'web', taskDefinition }));
    await update('web:3');
    await update('web:5');
    stage.aws.faults.inject({ service: 'ecs', operation: 'DescribeServices', kind: 'stale-read' });
    const { deregistered, stillNeeded } = await deregister(1);
    expect(deregistered.map(short)).toEqual(['web:2', 'web:4']);
    expect(stillNeeded.map(short)).toEqual(['web:5', 'web:3', 'web:1']);
  });

  test.each(['DescribeServices', 'DescribeTasks', 'DescribeServiceDeployments', 'DescribeServiceRevisions'])(
    'as long as %s does not show what there is',
    async (operation) => {
      await register(3);
      await createService('web:1');
      const again = { cluster: 'prod', service: 'web', forceNewDeployment: true };
      await stage.ecs.send(new UpdateServiceCommand(again));
      stage.aws.faults.inject({ service: 'ecs', operation, kind: 'stale-read' });
      const { deregistered, stillNeeded } = await deregister(1);
      expect(deregistered).toEqual([]);
      expect(stillNeeded.map(short)).toEqual(['web:2', 'web:1']);
      expect(stage.log.at(-1)).toMatch(
        /^warning: No older revision of web is deregistered this time: ECS lists arn:/,
      );
      expect((await deregister(1)).deregistered.map(short)).toEqual(['web:2']);
    },
  );

  test('by a task set of a service that CodeDeploy deploys, even one without tasks', async () => {
    await register(4);
    await createService('web:1', {
      desiredCount: 0,
      deploymentController: { type: 'CODE_DEPLOY' },
      loadBalancers: [{ targetGroupArn: TARGET_GROUP, containerName: 'app', containerPort: 8080 }],
    });
    await beginCodeDeployment('web:3');
    const { services = [] } = await stage.ecs.send(
      new DescribeServicesCommand({ cluster: 'prod', services: ['web'] }),
    );
    const taskSets = services.flatMap((service) => service.taskSets ?? []);
    expect(taskSets.map((one) => [short(one.taskDefinition ?? ''), one.runningCount])).toEqual([
      ['web:3', 0],
      ['web:1', 0],
    ]);
    const { deregistered, stillNeeded } = await deregister(1);
    expect(deregistered.map(short)).toEqual(['web:2']);
    expect(stillNeeded.map(short)).toEqual(['web:3', 'web:1']);
  });

  test('by a running task', async () => {
    await register(4);
    await stage.ecs.send(
      new RunTaskCommand({
        cluster: 'prod',
        taskDefinition: 'web:2',
        launchType: 'FARGATE',
        networkConfiguration: NETWORK,
      }),
    );
    await deregister(1);
    expect(await active()).toEqual(['web:2', 'web:4']);
  });

  test('and if that cannot be looked up, all stay', async () => {
    await register(3);
    stage.aws.faults.inject({ service: 'ecs', operation: 'ListServices', kind: 'access-denied' });
    await expect(deregister(1)).rejects.toEqual(errorWithCode('ACCESS_DENIED', 'ecs:ListServices'));
    expect(await active()).toEqual(['web:1', 'web:2', 'web:3']);
  });
});

test.each([Number.NaN, 0, -1, 1.5])('%d is no number of revisions to keep', async (keep) => {
  await register(1);
  await expect(deregister(keep)).rejects.toEqual(errorWithCode('INPUT_INVALID', /whole number/));
  expect(await active()).toEqual(['web:1']);
});
