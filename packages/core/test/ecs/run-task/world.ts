import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateClusterCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  type ContainerDefinition,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { startLocalAws, type LocalAws, type LocalAwsOptions } from '@ecs-actions/local-aws';
import {
  formatTaskRunEvent,
  runTask,
  type RunTaskOptions,
  type TaskRunEvent,
  type TaskRunResult,
  type TaskToRun,
} from '../../../src/index.js';

export interface World {
  readonly aws: LocalAws;
  readonly ecs: ECSClient;
  readonly logs: CloudWatchLogsClient;
  readonly events: TaskRunEvent[];
  /** The events as lines. */
  readonly log: () => string;
  /** Runs a family's task to the end, on the manual clock. */
  run(taskDefinition: TaskToRun['taskDefinition'], options?: Partial<RunTaskOptions>): Promise<TaskRunResult>;
}

const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] } };

/** An embedded AWS on a manual clock, with the cluster `prod` and the log group `/ecs/app`. */
export async function startWorld(options: LocalAwsOptions = {}): Promise<World> {
  const aws = await startLocalAws({ clock: 'manual', ...options });
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials, maxAttempts: 1 };
  const ecs = new ECSClient(config);
  const logs = new CloudWatchLogsClient(config);
  await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/ecs/app' }));
  const events: TaskRunEvent[] = [];
  return {
    aws,
    ecs,
    logs,
    events,
    log: () => events.map((event) => formatTaskRunEvent(event)).join('\n'),
    run: (taskDefinition, options = {}) =>
      aws.clock.runUntil(
        runTask(
          { ecs, cluster: 'prod', taskDefinition },
          {
            clock: aws.clock,
            random: () => 0,
            logs: () => logs,
            onEvent: (event) => void events.push(event),
            settings: { networkConfiguration: NETWORK },
            ...options,
          },
        ),
      ),
  };
}

/** A container that behaves as told, and logs to `/ecs/app`. */
export function container(
  name: string,
  behaviour: string,
  rest: Partial<ContainerDefinition> = {},
): ContainerDefinition {
  return {
    name,
    image: 'example.com/app:1',
    dockerLabels: { 'local-aws.behaviour': behaviour },
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': '/ecs/app',
        'awslogs-region': 'us-east-1',
        'awslogs-stream-prefix': 'app',
      },
    },
    ...rest,
  };
}

export function fargate(...containerDefinitions: ContainerDefinition[]): RegisterTaskDefinitionCommandInput {
  return {
    family: 'migrate',
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    executionRoleArn: 'arn:aws:iam::123456789012:role/execution',
    containerDefinitions,
  };
}

export async function register(
  { ecs }: World,
  definition: RegisterTaskDefinitionCommandInput,
): Promise<{ revision: string }> {
  const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand(definition));
  return { revision: `${taskDefinition?.family}:${taskDefinition?.revision}` };
}
