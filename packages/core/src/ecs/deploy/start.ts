import { randomUUID } from 'node:crypto';
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  UpdateServiceCommand,
  type ECSClient,
  type Service,
} from '@aws-sdk/client-ecs';
import { abortedAfter } from '../../abort.js';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { verbatim } from '../../task-definition/verbatim.js';
import { writeJson } from '../../write-json.js';
import { explain } from '../diagnose/diagnose.js';
import { patiently } from '../patience.js';
import { primaryDeployment } from '../rollout/snapshot.js';
import { LAST_ANSWER_MS, LOOK_MS } from './grace.js';
import type { ServiceDefinition, ServiceSettings } from './plan.js';
import { isUnanswered, neverTwice } from './taken-once.js';

export interface StartOptions {
  readonly clock: Clock;
  /** Keeps the request from being sent; one that is under way is answered first, since ECS may have taken it. */
  readonly signal?: AbortSignal | undefined;
  /** From then on (epoch ms) a request that AWS throttles or does not answer is not sent again. */
  readonly until?: number | undefined;
}

interface Sought {
  readonly ecs: ECSClient;
  readonly cluster: string;
  readonly service: string;
  /** Absent: the one the service has. */
  readonly taskDefinitionArn: string | undefined;
  readonly before: Service | undefined;
}

/**
 * UpdateService with all members, also those that are newer than the SDK; sent again only where ECS has
 * not begun a deployment of it. Throws `SERVICE_UPDATE_REFUSED` with ECS's reason, `CANCELLED` where the run was cancelled before, `DEPLOYMENT_CANCELLED` where it was and ECS did not answer any more, and the errors
 * of `callAws`.
 */
export async function updateService(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly service: string;
    readonly taskDefinitionArn: string | undefined;
    readonly settings: ServiceSettings;
    /** The service before: by it a deployment that ECS began without an answer is known. */
    readonly before: Service | undefined;
  },
  options: StartOptions,
): Promise<Service> {
  const { ecs, cluster, service, taskDefinitionArn, settings } = subject;
  const input = {
    ...settings,
    cluster,
    service,
    ...(taskDefinitionArn === undefined ? {} : { taskDefinition: taskDefinitionArn }),
  };
  const start: Start = {
    ...options,
    doing: `update service ${service} in cluster ${cluster}`,
    action: 'ecs:UpdateService',
    findTaken: (abortSignal) => findDeployed(subject, abortSignal),
  };
  return startedBy(start, (abortSignal) =>
    ecs.send(neverTwice(verbatim(new UpdateServiceCommand({ service }), writeJson(input))), { abortSignal }),
  );
}

/**
 * CreateService, with all members likewise. A creation that is sent again after a lost answer creates nothing twice: ECS knows
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
  options: StartOptions,
): Promise<Service> {
  const { ecs, cluster, serviceName, taskDefinitionArn, definition } = subject;
  const input = {
    ...definition,
    cluster,
    serviceName,
    taskDefinition: taskDefinitionArn,
    clientToken: randomUUID(),
  };
  const command = verbatim(new CreateServiceCommand({ serviceName }), writeJson(input));
  const start: Start = {
    ...options,
    doing: `create service ${serviceName} in cluster ${cluster}`,
    action: 'ecs:CreateService',
    findTaken: (abortSignal) =>
      findDeployed({ ecs, cluster, service: serviceName, taskDefinitionArn, before: undefined }, abortSignal),
  };
  return startedBy(start, (abortSignal) => ecs.send(command, { abortSignal }));
}

interface Start extends StartOptions {
  /** Completes "Could not …". */
  readonly doing: string;
  /** The IAM action of the call. */
  readonly action: string;
  /** The service as far as ECS shows that it took the request. */
  readonly findTaken: (signal: AbortSignal) => Promise<Service | undefined>;
}

/**
 * One request, until ECS takes it. It is not sent again before a look has shown that ECS did not take
 * it; where the last one has no answer either, such a look decides too.
 */
async function startedBy(
  { doing, action, clock, signal, until, findTaken }: Start,
  send: (signal: AbortSignal) => Promise<{ service?: Service | undefined }>,
): Promise<Service> {
  const isCancelled = () => signal?.aborted === true;
  if (isCancelled()) throw notStarted(doing, signal?.reason);
  const limit = abortedAfter(signal, LAST_ANSWER_MS);
  let isOpen = false;
  const attempt = async () => {
    const taken = isOpen ? await findTaken(limit) : undefined;
    if (taken !== undefined) return taken;
    try {
      return (await send(limit)).service;
    } catch (error) {
      isOpen ||= isUnanswered(error);
      throw error;
    }
  };
  try {
    const service = await patiently(clock, attempt, signal, until);
    if (primaryDeployment(service)?.id === undefined)
      throw new Error('ECS answered without a primary deployment.');
    return service!;
  } catch (error) {
    const taken = isOpen ? await findTaken(AbortSignal.timeout(LOOK_MS)).catch(() => undefined) : undefined;
    if (taken !== undefined) return taken;
    if (isCancelled() && isOpen) throw unanswered(doing, error);
    if (isCancelled() && (error === signal?.reason || classifyAwsError(error) === 'throttled'))
      throw notStarted(doing, error);
    const typed = fromAwsError(error, doing, action);
    const { code, message, hint } = typed;
    if (classifyAwsError(error) !== 'refused')
      throw isOpen ? new EcsActionsError(code, `${message} ${MAY_GO_ON}`, { hint, cause: error }) : typed;
    const known = explain({ source: 'statement', text: message, containers: [], log: '' });
    throw new EcsActionsError('SERVICE_UPDATE_REFUSED', message, {
      hint: known?.remedy ?? 'ECS refused the request: correct what it names.',
      cause: error,
    });
  }
}

/** A deployment of the task definition that was not among those `before`: the one that was asked for. */
async function findDeployed(
  { ecs, cluster, service, taskDefinitionArn, before }: Sought,
  abortSignal: AbortSignal,
): Promise<Service | undefined> {
  const command = new DescribeServicesCommand({ cluster, services: [service] });
  const [found] = (await ecs.send(command, { abortSignal })).services ?? [];
  const primary = primaryDeployment(found);
  const isNew = primary !== undefined && before?.deployments?.every(({ id }) => id !== primary.id) !== false;
  const wanted = taskDefinitionArn ?? primaryDeployment(before)?.taskDefinition;
  return isNew && primary.taskDefinition === wanted ? found : undefined;
}

/** What is to be said of a request that may have been taken. */
const MAY_GO_ON = 'It may have been done all the same, and then goes on in ECS.';

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
