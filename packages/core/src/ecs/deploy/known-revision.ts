import type { ECSClient } from '@aws-sdk/client-ecs';
import { isEcsActionsError } from '../../errors.js';
import type { TaskDefinitionDocument } from '../../task-definition/document.js';
import { fetchRevision, findRevision, type FetchedTaskDefinition } from '../../task-definition/ecs-calls.js';
import { normaliseTaskDefinition } from '../../task-definition/normalise.js';
import { patiently } from '../patience.js';
import type { DeployServiceOptions } from './options.js';

/** A revision, as it would be registered. */
export interface KnownRevision {
  readonly taskDefinitionArn: string;
  readonly document: TaskDefinitionDocument;
}

/** A revision, or the latest one of a family; `undefined` where there is none, or it may not be read. */
export async function findKnownRevision(
  ecs: ECSClient,
  taskDefinition: string,
  { clock, signal }: Pick<DeployServiceOptions, 'clock' | 'signal'>,
): Promise<KnownRevision | undefined> {
  try {
    const found = await patiently(clock, () => findRevision(ecs, taskDefinition, signal), signal);
    return found === undefined ? undefined : knownRevision(found);
  } catch (error) {
    if (isEcsActionsError(error) && error.code === 'ACCESS_DENIED') return undefined;
    throw error;
  }
}

/** {@link findKnownRevision}, once, and throwing what `fetchRevision` throws. */
export async function fetchKnownRevision(ecs: ECSClient, taskDefinition: string): Promise<KnownRevision> {
  return knownRevision(await fetchRevision(ecs, taskDefinition));
}

function knownRevision({ taskDefinitionArn, taskDefinition, tags }: FetchedTaskDefinition): KnownRevision {
  const { document } = normaliseTaskDefinition({ ...taskDefinition, tags });
  return { taskDefinitionArn, document };
}
