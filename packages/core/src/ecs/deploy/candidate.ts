import type { ECSClient } from '@aws-sdk/client-ecs';
import { normaliseTaskDefinition } from '../../task-definition/normalise.js';
import { isSameTaskDefinition } from '../../task-definition/register.js';
import { taskDefinitionName } from '../names.js';
import { findKnownRevision } from './known-revision.js';
import type { DeployServiceOptions } from './options.js';
import { resolveTaskDefinition, type DeployableTaskDefinition } from './task-definition.js';

/** What would be deployed. */
export interface Candidate {
  /** Absent for a revision that would have to be registered. */
  readonly taskDefinitionArn: string | undefined;
  /** How it is called in a sentence. */
  readonly name: string;
}

/** The revision that a task definition comes to, if it exists already. Throws `TASK_DEFINITION_NOT_FOUND`. */
export async function findCandidate(
  ecs: ECSClient,
  taskDefinition: DeployableTaskDefinition,
  options: DeployServiceOptions,
): Promise<Candidate> {
  if ('revision' in taskDefinition) {
    const { taskDefinitionArn } = await resolveTaskDefinition(ecs, taskDefinition, options);
    return { taskDefinitionArn, name: taskDefinitionName(taskDefinitionArn) };
  }
  const { document } = normaliseTaskDefinition(taskDefinition.document);
  const family = document.family ?? 'the family';
  // A role that may not read registers without having compared.
  const latest = await findKnownRevision(ecs, family, options);
  return latest !== undefined && isSameTaskDefinition(document, latest.document)
    ? { taskDefinitionArn: latest.taskDefinitionArn, name: taskDefinitionName(latest.taskDefinitionArn) }
    : { taskDefinitionArn: undefined, name: `a new revision of ${family}` };
}
