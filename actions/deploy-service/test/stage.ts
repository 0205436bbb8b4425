import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  type CreateServiceCommandInput,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import {
  runAction,
  startAction,
  type ActionOptions,
  type ActionRun,
  type StartedAction,
} from '@ecs-actions/testkit';

const LOG_GROUP = '/ecs/web';

/** An embedded AWS on a manual clock, and a workspace with the files of a deployment. */
export interface Stage {
  readonly aws: LocalAws;
  readonly ecs: ECSClient;
  /** Writes a task definition whose container behaves as the tag of its image says; its path. */
  writeTaskDefinition(behaviour: string): Promise<string>;
  write(file: string, content: unknown): Promise<string>;
  /**
   * Runs the bundle; cluster and waiting are set unless told otherwise. As soon as it has started
   * something, everything that follows happens, so that its next look sees the end.
   */
  deploy(inputs: Record<string, string>, options?: Partial<ActionOptions>): Promise<ActionRun>;
  start(inputs: Record<string, string>, options?: Partial<ActionOptions>): Promise<StartedAction>;
  /** Creates a service whose first deployment has completed. */
  createService(service?: string, definition?: Partial<CreateServiceCommandInput>): Promise<void>;
  stop(): Promise<void>;
}

/** What the bundle says when it has started something that it waits for. */
const ROLLOUT_STARTED =
  /Updated the service|Created the service|is being rolled out already|Answered the pause|Created CodeDeploy deployment/;
const TASK_STARTED = /^Task \S+ is starting/;
/** Longer than anything here takes, ms. */
const LONG_MS = 20 * 60_000;

export async function openStage(): Promise<Stage> {
  const aws = await startLocalAws({ clock: 'manual' });
  const workspace = await mkdtemp(join(tmpdir(), 'deploy-service-test-'));
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const ecs = new ECSClient(config);
  const logs = new CloudWatchLogsClient(config);
  await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: LOG_GROUP }));
  logs.destroy();

  const write: Stage['write'] = async (file, content) => {
    await writeFile(
      join(workspace, file),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    );
    return file;
  };
  const optionsFor = (inputs: Record<string, string>, options: Partial<ActionOptions>): ActionOptions => ({
    ...options,
    cwd: workspace,
    inputs: { cluster: 'prod', service: 'web', 'wait-for-service-stability': 'true', ...inputs },
    env: { ...aws.environment(), ...options.env },
  });
  const deploy: Stage['deploy'] = (inputs, options = {}) =>
    runAction('deploy-service', {
      ...optionsFor(inputs, options),
      onLine: (line) => {
        const waits = inputs['wait-for-service-stability'] !== 'false';
        if (TASK_STARTED.test(line) || (waits && ROLLOUT_STARTED.test(line))) void aws.clock.advance(LONG_MS);
      },
    });
  const writeTaskDefinition: Stage['writeTaskDefinition'] = (behaviour) =>
    write(`task-definition-${behaviour}.json`, taskDefinition(behaviour));
  return {
    aws,
    ecs,
    write,
    writeTaskDefinition,
    deploy,
    start: (inputs, options = {}) => startAction('deploy-service', optionsFor(inputs, options)),
    createService: async (service = 'web', definition = {}) => {
      const { taskDefinition: registered } = await ecs.send(
        new RegisterTaskDefinitionCommand(
          taskDefinition('v1') as unknown as RegisterTaskDefinitionCommandInput,
        ),
      );
      const revision = registered?.taskDefinitionArn;
      await ecs.send(
        new CreateServiceCommand({
          cluster: 'prod',
          serviceName: service,
          taskDefinition: revision,
          ...serviceDefinition,
          ...definition,
        }),
      );
      await aws.clock.advance(LONG_MS);
    },
    stop: async () => {
      ecs.destroy();
      await aws.stop();
      await rm(workspace, { recursive: true });
    },
  };
}

export const serviceDefinition: Partial<CreateServiceCommandInput> = {
  desiredCount: 1,
  launchType: 'FARGATE',
  networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0123456789abcdef0'] } },
};

export const withBreaker = {
  deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
};

export function taskDefinition(behaviour: string): Record<string, unknown> {
  return {
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
        portMappings: [{ containerPort: 8080 }],
        environment: [
          { name: 'VERSION', value: behaviour },
          { name: 'DATABASE_PASSWORD', value: `secret-of-${behaviour}` },
          { name: 'TENANT', value: `tenant-of-${behaviour}` },
        ],
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
  };
}
