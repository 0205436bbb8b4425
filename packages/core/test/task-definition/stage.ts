import { ECSClient } from '@aws-sdk/client-ecs';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import type { Logger } from '../../src/ports.js';
import { silentLogger } from '../../src/ports.js';
import type { TaskDefinitionDocument } from '../../src/task-definition/document.js';

/** An embedded AWS with a client and a log that remembers. */
export interface Stage {
  readonly aws: LocalAws;
  readonly ecs: ECSClient;
  readonly logger: Logger;
  readonly log: string[];
  /** Inputs of the requests so far of one ECS operation. */
  requests(operation: string): any[];
  stop(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const aws = await startLocalAws({ clock: 'manual' });
  const log: string[] = [];
  const { endpoint, region, credentials } = aws;
  return {
    aws,
    log,
    ecs: new ECSClient({ endpoint, region, credentials }),
    logger: {
      ...silentLogger,
      info: (message) => log.push(message),
      warning: (message) => log.push(`warning: ${message}`),
    },
    requests: (operation) =>
      aws.requests.filter((request) => request.operation === operation).map(({ input }) => input),
    stop: () => aws.stop(),
  };
}

/** A document that breaks no rule and draws no advice. */
export function validDocument(
  members: Readonly<Record<string, unknown>> = {},
  container: Readonly<Record<string, unknown>> = {},
): TaskDefinitionDocument {
  return {
    family: 'web',
    executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [validContainer(container)],
    ...members,
  };
}

export function validContainer(members: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: 'app',
    image: 'registry.example.com/app:1.0',
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': '/ecs/web',
        'awslogs-region': 'us-east-1',
        'awslogs-stream-prefix': 'web',
      },
    },
    ...members,
  };
}
