import { randomUUID } from 'node:crypto';
import {
  CreateServiceCommand,
  UpdateServiceCommand,
  type ECSClient,
  type Service,
} from '@aws-sdk/client-ecs';
import { abortedAfter } from '../../abort.js';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { explain } from '../diagnose/diagnose.js';
import { patiently } from '../patience.js';
import { primaryDeployment } from '../rollout/snapshot.js';
import type { ServiceDefinition, ServiceSettings } from './plan.js';

/** What a request that is under way may still take once the run is cancelled, ms: the runner kills it soon. */
const LAST_REQUEST_MS = 3_000;

export interface StartOptions {
  readonly clock: Clock;
  /** Keeps the request from being sent; one that is under way is answered first, since ECS may have taken it. */
  readonly signal?: AbortSignal | undefined;
  /** From then on (epoch ms) a request that AWS throttles or does not answer is not sent again. */
  readonly until?: number | undefined;
}

/**
 * UpdateService. Throws `SERVICE_UPDATE_REFUSED` with ECS's reason, `CANCELLED` where the run was
 * cancelled before, `DEPLOYMENT_CANCELLED` where it was and ECS did not answer any more, and the errors
 * of `callAws`.
 */
export async function updateService(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly service: string;
    readonly taskDefinitionArn: string | undefined;
    readonly settings: ServiceSettings;
  },
  { clock, signal, until }: StartOptions,
): Promise<Service> {
  const { ecs, cluster, service, taskDefinitionArn, settings } = subject;
  const command = new UpdateServiceCommand({
    ...settings,
    cluster,
    service,
    ...(taskDefinitionArn === undefined ? {} : { taskDefinition: taskDefinitionArn }),
  });
  const doing = `update service ${service} in cluster ${cluster}`;
  return startedBy({ doing, action: 'ecs:UpdateService', clock, signal, until }, (abortSignal) =>
    ecs.send(command, { abortSignal }),
  );
}

/**
 * CreateService. A creation that is sent again after a lost answer creates nothing twice: ECS knows
 * it by its token. Throws as {@link updateService} does.
 */
export async function createService(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly serviceName: string;
    readonly taskDefinitionArn: string;
    readonly definition: ServiceDefinition;
  },
  { clock, signal }: StartOptions,
): Promise<Service> {
  const { ecs, cluster, serviceName, taskDefinitionArn, definition } = subject;
  const command = new CreateServiceCommand({
    ...definition,
    cluster,
    serviceName,
    taskDefinition: taskDefinitionArn,
    clientToken: randomUUID(),
  });
  const doing = `create service ${serviceName} in cluster ${cluster}`;
  return startedBy({ doing, action: 'ecs:CreateService', clock, signal }, (abortSignal) =>
    ecs.send(command, { abortSignal }),
  );
}

interface Start extends StartOptions {
  /** Completes "Could not …". */
  readonly doing: string;
  /** The IAM action of the call. */
  readonly action: string;
}

async function startedBy(
  { doing, action, clock, signal, until }: Start,
  send: (signal: AbortSignal) => Promise<{ service?: Service | undefined }>,
): Promise<Service> {
  const isCancelled = () => signal?.aborted === true;
  if (isCancelled()) throw notStarted(doing, signal?.reason);
  try {
    const limit = abortedAfter(signal, LAST_REQUEST_MS);
    const { service } = await patiently(clock, () => send(limit), signal, until);
    if (primaryDeployment(service)?.id === undefined)
      throw new Error('ECS answered without a primary deployment.');
    return service!;
  } catch (error) {
    if (isCancelled() && classifyAwsError(error) === 'throttled') throw notStarted(doing, error);
    const kind = error === signal?.reason ? 'cancelled' : classifyAwsError(error);
    if (isCancelled() && (kind === 'cancelled' || kind === 'transient')) throw unanswered(doing, error);
    if (kind !== 'refused') throw fromAwsError(error, doing, action);
    const { message } = fromAwsError(error, doing, action);
    const known = explain({ source: 'statement', text: message, containers: [], log: '' });
    throw new EcsActionsError('SERVICE_UPDATE_REFUSED', message, {
      hint: known?.remedy ?? 'ECS refused the request: correct what it names.',
      cause: error,
    });
  }
}

function notStarted(doing: string, cause: unknown): EcsActionsError {
  return new EcsActionsError('CANCELLED', `The run was cancelled before it could ${doing}.`, { cause });
}

function unanswered(doing: string, cause: unknown): EcsActionsError {
  return new EcsActionsError(
    'DEPLOYMENT_CANCELLED',
    `This run was cancelled while it was about to ${doing}, and ECS did not answer in time: it may have been done, and then goes on in ECS.`,
    { hint: 'Look at the deployments of the service.', cause },
  );
}
