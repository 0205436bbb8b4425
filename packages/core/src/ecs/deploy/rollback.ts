import {
  DescribeServiceRevisionsCommand,
  DescribeTaskDefinitionCommand,
  ListServiceDeploymentsCommand,
  type ECSClient,
  type ServiceDeploymentBrief,
} from '@aws-sdk/client-ecs';
import { callAws } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { shortName } from '../names.js';
import { patiently } from '../patience.js';

/** DescribeServiceRevisions takes this many revisions a call. */
const REVISIONS_PER_CALL = 20;

export interface RollbackOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** From then on (epoch ms) a call that AWS throttles or does not answer is not made again. */
  readonly until?: number | undefined;
}

/**
 * The task definition to roll a service back to: that of its newest service deployment that
 * completed, other than `except` (the one that is to go), and still usable. From ECS's own history,
 * never by counting revisions down.
 *
 * Throws `ROLLBACK_CANDIDATE_MISSING` if there is none, and the errors of `callAws`.
 */
export async function findRollbackTarget(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly service: string;
    readonly except: string | undefined;
  },
  { clock, signal, until }: RollbackOptions,
): Promise<string> {
  const { ecs, cluster, service, except } = subject;
  const abort = signal === undefined ? {} : { abortSignal: signal };
  const completed = await callAws(
    `list the deployments of service ${service} in cluster ${cluster}`,
    'ecs:ListServiceDeployments',
    () => patiently(clock, () => listCompleted(ecs, cluster, shortName(service), abort), signal, until),
  );
  for (let start = 0; start < completed.length; start += REVISIONS_PER_CALL) {
    const serviceRevisionArns = completed
      .slice(start, start + REVISIONS_PER_CALL)
      .flatMap(({ targetServiceRevisionArn }) => targetServiceRevisionArn ?? []);
    const { serviceRevisions = [] } = await callAws(
      `describe the service revisions of ${service}`,
      'ecs:DescribeServiceRevisions',
      () =>
        patiently(
          clock,
          () => ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }), abort),
          signal,
          until,
        ),
    );
    for (const arn of serviceRevisionArns) {
      const revision = serviceRevisions.find(({ serviceRevisionArn }) => serviceRevisionArn === arn);
      const taskDefinition = revision?.taskDefinition;
      if (taskDefinition === undefined || taskDefinition === except) continue;
      if (await isUsable(ecs, taskDefinition, { clock, signal, until })) return taskDefinition;
    }
  }
  throw new EcsActionsError(
    'ROLLBACK_CANDIDATE_MISSING',
    `Service ${service} in cluster ${cluster} has no earlier deployment that completed with another task definition.`,
    {
      hint: 'ECS keeps the history of service deployments for a limited time. Name the revision to go back to (rollback: family:revision).',
    },
  );
}

async function listCompleted(
  ecs: ECSClient,
  cluster: string,
  service: string,
  abort: { abortSignal?: AbortSignal },
): Promise<ServiceDeploymentBrief[]> {
  const found: ServiceDeploymentBrief[] = [];
  let nextToken: string | undefined;
  do {
    const answer = await ecs.send(
      new ListServiceDeploymentsCommand({
        cluster,
        service,
        status: ['SUCCESSFUL'],
        maxResults: 100,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
      abort,
    );
    found.push(...(answer.serviceDeployments ?? []));
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  return found.sort((a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0));
}

/** A deregistered revision cannot be deployed any more. */
async function isUsable(
  ecs: ECSClient,
  taskDefinition: string,
  { clock, signal, until }: RollbackOptions,
): Promise<boolean> {
  const command = new DescribeTaskDefinitionCommand({ taskDefinition });
  const abort = signal === undefined ? {} : { abortSignal: signal };
  const answer = await callAws(
    `describe task definition ${taskDefinition}`,
    'ecs:DescribeTaskDefinition',
    () => patiently(clock, () => ecs.send(command, abort), signal, until),
  );
  return answer.taskDefinition?.status === 'ACTIVE';
}
