import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateClusterCommand,
  DescribeServicesCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  type DeploymentConfiguration,
  type ECSClientConfig,
  type Service,
} from '@aws-sdk/client-ecs';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import {
  deployService,
  planDeployments,
  type DeploymentEvent,
  type DeploymentResult,
  type DeployServiceOptions,
  type ServiceDefinition,
  type ServiceToDeploy,
} from '../../../src/ecs/index.js';
import type { TaskDefinitionDocument } from '../../../src/task-definition/index.js';

/** An embedded AWS with a cluster (`prod`, or `default` with container instances), a log group and clients, on a manual clock. */
export interface Stage {
  readonly aws: LocalAws;
  readonly ecs: ECSClient;
  readonly logs: CloudWatchLogsClient;
  readonly cluster: string;
  /** Deploys and lets time pass until that has ended. */
  deploy(subject: ServiceToDeploy, options?: Partial<DeployServiceOptions>): Promise<DeploymentResult>;
  /** Finds out what that would do. */
  plan(subject: ServiceToDeploy, options?: Partial<DeployServiceOptions>): Promise<DeploymentResult>;
  /** Creates a service that runs healthily; its first deployment has completed. */
  create(service: string, definition?: Partial<ServiceDefinition>): Promise<DeploymentResult>;
  describe(service: string): Promise<Service>;
  revisions(): Promise<string[]>;
  /** Operations of ECS since the last call of this function. */
  calls(): string[];
  stop(): Promise<void>;
}

export const LOG_GROUP = '/ecs/web';

/** A task definition whose container behaves as its image's tag says. */
export function taskDefinition(
  behaviour: string,
  more: Partial<TaskDefinitionDocument> = {},
): { document: TaskDefinitionDocument } {
  return {
    document: {
      family: 'web',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      executionRoleArn: 'arn:aws:iam::123456789012:role/execution',
      containerDefinitions: [
        {
          name: 'app',
          image: `public.ecr.aws/acme/web:${behaviour}`,
          essential: true,
          portMappings: [{ containerPort: 8080 }],
          environment: [{ name: 'VERSION', value: behaviour }],
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': LOG_GROUP,
              'awslogs-region': 'us-east-1',
              'awslogs-stream-prefix': 'web',
            },
          },
        },
      ],
      ...more,
    },
  };
}

export const breaker = (rollback: boolean): DeploymentConfiguration => ({
  deploymentCircuitBreaker: { enable: true, rollback },
});

export const serviceDefinition = (more: Partial<ServiceDefinition> = {}): ServiceDefinition => ({
  desiredCount: 2,
  launchType: 'FARGATE',
  networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0123456789abcdef0'] } },
  ...more,
});

export async function openStage(
  options: Parameters<typeof startLocalAws>[0] = {},
  client: ECSClientConfig = {},
): Promise<Stage> {
  const aws = await startLocalAws({ clock: 'manual', ...options });
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const ecs = new ECSClient({ ...config, ...client });
  const logs = new CloudWatchLogsClient(config);
  // The embedded AWS has container instances in the cluster `default`, if any.
  const cluster = (options.instances ?? 0) > 0 ? 'default' : 'prod';
  await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: LOG_GROUP }));
  let seen = aws.requests.length;

  const deploy: Stage['deploy'] = (subject, more = {}) =>
    aws.clock.runUntil(
      deployService(
        { ecs, cluster, ...subject },
        { clock: aws.clock, random: () => 0.5, logs: () => logs, ...more },
      ),
    );
  const plan: Stage['plan'] = async (one, more = {}) =>
    first(
      await aws.clock.runUntil(
        planDeployments({ ecs, cluster, services: [one] }, { clock: aws.clock, ...more }),
      ),
    );
  return {
    plan,
    aws,
    ecs,
    logs,
    cluster,
    deploy,
    create: (service, definition = {}) =>
      deploy(
        { service, taskDefinition: taskDefinition('v1') },
        { createIfMissing: serviceDefinition(definition) },
      ),
    describe: async (service) => {
      const answer = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
      return first(answer.services);
    },
    revisions: async () => {
      const answer = await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: 'web' }));
      return (answer.taskDefinitionArns ?? []).map((arn) => arn.slice(arn.lastIndexOf('/') + 1));
    },
    calls: () => {
      const calls = aws.requests.slice(seen).filter(({ service }) => service === 'ecs');
      seen = aws.requests.length;
      return calls.map(({ operation }) => operation);
    },
    stop: async () => {
      ecs.destroy();
      logs.destroy();
      await aws.stop();
    },
  };
}

/** The kinds of events, in order, each kind once for a run of it. */
export function kinds(events: readonly DeploymentEvent[]): string[] {
  return events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
}

/** The first of a list that has one. */
export function first<T>(list: readonly T[] | undefined): T {
  const [item] = list ?? [];
  if (item === undefined) throw new Error('The list is empty.');
  return item;
}
