import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';
import { EcsActionsError, isEcsActionsError } from '../../errors.js';
import type { Clock, Logger } from '../../ports.js';
import type { TaskDefinitionDocument } from '../../task-definition/document.js';
import { fetchRevision } from '../../task-definition/ecs-calls.js';
import type { LoadedTaskDefinition } from '../../task-definition/load.js';
import type { Provenance } from '../../task-definition/provenance.js';
import {
  isUnanswered,
  notRegistered,
  perhapsRegistered,
  registerTaskDefinition,
} from '../../task-definition/register.js';
import { writeJson } from '../../write-json.js';
import { patiently } from '../patience.js';

/** What a service is to run: a document that is registered first, or a revision that exists. */
export type DeployableTaskDefinition =
  | WrittenTaskDefinition
  /** A family (its latest active revision), `family:revision` or an ARN. */
  | { readonly revision: string };

export interface WrittenTaskDefinition {
  readonly document: TaskDefinitionDocument;
  /** What it was read from: gives what is wrong with it a file, a line and a column. */
  readonly source?: Pick<LoadedTaskDefinition, 'document' | 'positions' | 'origin'> | undefined;
  /** What an earlier part of the same run has registered it as. */
  readonly settled?: ResolvedTaskDefinition | undefined;
}

/** What is still to be registered; absent for a revision, and for nothing. */
export function documentOf(
  taskDefinition: DeployableTaskDefinition | undefined,
): TaskDefinitionDocument | undefined {
  return taskDefinition !== undefined && 'document' in taskDefinition ? taskDefinition.document : undefined;
}

/** A task definition in ECS, ready to be deployed. */
export interface ResolvedTaskDefinition {
  readonly taskDefinitionArn: string;
  /** `registered` a new revision, `reused` an equal one, or was `named` as it is. */
  readonly origin: 'registered' | 'reused' | 'named';
}

export interface ResolveOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
  readonly provenance?: Provenance | undefined;
}

/**
 * Settles which revision is deployed: registers a document (or finds an equal revision), looks a
 * named revision up. Throws `TASK_DEFINITION_NOT_FOUND`, and what `registerTaskDefinition` throws.
 */
export async function resolveTaskDefinition(
  ecs: ECSClient,
  taskDefinition: DeployableTaskDefinition,
  { clock, signal, logger, provenance }: ResolveOptions,
): Promise<ResolvedTaskDefinition> {
  if ('document' in taskDefinition) {
    const { document, settled } = taskDefinition;
    if (settled !== undefined) return settled;
    let isOpen = false;
    // Each attempt looks first whether an equal revision is there, so that one whose answer was lost is found again.
    const attempt = async () => {
      const once = { ecs: withoutRetries(ecs), document };
      try {
        return await registerTaskDefinition(once, { clock, signal, logger, provenance });
      } catch (error) {
        isOpen ||= isEcsActionsError(error) && isUnanswered(error.cause);
        throw error;
      }
    };
    const { taskDefinitionArn, reused } = await patiently(clock, attempt, signal).catch((error: unknown) => {
      // The wait between two attempts was cut short.
      if (signal?.aborted !== true || isEcsActionsError(error)) throw error;
      throw (isOpen ? perhapsRegistered : notRegistered)(document.family ?? '', error);
    });
    return { taskDefinitionArn, origin: reused ? 'reused' : 'registered' };
  }
  const found = await patiently(clock, () => fetchRevision(ecs, taskDefinition.revision, signal), signal);
  if (found.taskDefinition.status === 'INACTIVE')
    throw new EcsActionsError(
      'TASK_DEFINITION_NOT_FOUND',
      `Task definition ${found.taskDefinitionArn} was deregistered (status INACTIVE).`,
      { hint: 'A deregistered revision cannot be deployed any more: name another, or register it again.' },
    );
  return { taskDefinitionArn: found.taskDefinitionArn, origin: 'named' };
}

/** The same client, but for its retries: the SDK would send a registration twice whose answer was lost. */
function withoutRetries(ecs: ECSClient): ECSClient {
  const { retryStrategy: _, ...config } = ecs.config;
  return new ECSClient({ ...(config as unknown as ECSClientConfig), maxAttempts: 1 });
}

/** Like {@link resolveTaskDefinition} for many; what is asked for more than once is settled once. */
export function resolveEachOnce(
  ecs: ECSClient,
  options: ResolveOptions,
): (taskDefinition: DeployableTaskDefinition) => Promise<ResolvedTaskDefinition> {
  const settled = new Map<string, Promise<ResolvedTaskDefinition>>();
  return (taskDefinition) => {
    const key = writeJson('document' in taskDefinition ? taskDefinition.document : taskDefinition);
    const known = settled.get(key);
    if (known !== undefined) return known;
    const resolving = resolveTaskDefinition(ecs, taskDefinition, options);
    settled.set(key, resolving);
    return resolving;
  };
}
