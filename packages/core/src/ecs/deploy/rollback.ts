import {
  DescribeServiceRevisionsCommand,
  DescribeTaskDefinitionCommand,
  ListServiceDeploymentsCommand,
  StopServiceDeploymentCommand,
  type ECSClient,
  type ServiceDeploymentBrief,
} from '@aws-sdk/client-ecs';
import { callAws, classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { shortName } from '../names.js';
import { patiently } from '../patience.js';
import { findServiceDeployment } from '../rollout/read.js';
import type { ExpectedRollout } from '../rollout/snapshot.js';

/** DescribeServiceRevisions takes this many revisions a call. */
const REVISIONS_PER_CALL = 20;

export interface RollbackOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** From then on (epoch ms) a call that AWS throttles or does not answer is not made again. */
  readonly until?: number | undefined;
}

/** Timers of the platform take no more than this, ms. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Asks ECS to roll a deployment back (StopServiceDeployment), which it does also for services
 * without a circuit breaker. Answers why it could not be asked, if it could not, or not `until` then;
 * throws only what ends everything (expired credentials, the caller's signal).
 */
export async function requestRollback(
  ecs: ECSClient,
  rollout: ExpectedRollout,
  { clock, signal, until = Number.POSITIVE_INFINITY }: RollbackOptions,
): Promise<{ readonly requested: true } | { readonly requested: false; readonly reason: string }> {
  // By the wall's clock: an answer that does not come does so by that one.
  const late = AbortSignal.timeout(Math.min(LONGEST_TIMEOUT_MS, Math.max(0, until - clock.now())));
  const limit = signal === undefined ? late : AbortSignal.any([signal, late]);
  const abort = { abortSignal: limit };
  let doing = `find the service deployment of ${rollout.deploymentId}`;
  let action = 'ecs:ListServiceDeployments';
  try {
    const arn =
      rollout.serviceDeploymentArn ??
      (await patiently(clock, () => findServiceDeployment(ecs, rollout, limit), limit, until))
        ?.serviceDeploymentArn;
    if (arn === undefined)
      return { requested: false, reason: `ECS knows no service deployment of ${rollout.deploymentId}.` };
    doing = `stop ${arn}`;
    action = 'ecs:StopServiceDeployment';
    const command = new StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: 'ROLLBACK' });
    await patiently(clock, () => ecs.send(command, abort), limit, until);
    return { requested: true };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    if (late.aborted) return { requested: false, reason: 'ECS did not answer in time.' };
    const kind = classifyAwsError(error);
    const typed = fromAwsError(error, doing, action);
    if (kind === 'expired' || kind === 'no-credentials') throw typed;
    return {
      requested: false,
      reason: [typed.message, typed.hint].filter((part) => part !== undefined).join(' '),
    };
  }
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
