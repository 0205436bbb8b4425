import type { ECSClient } from '@aws-sdk/client-ecs';
import { diffTaskDefinitions, type TaskDefinitionDiff } from '../../task-definition/diff.js';
import { fetchRevision } from '../../task-definition/ecs-calls.js';
import { normaliseTaskDefinition } from '../../task-definition/normalise.js';
import type { DeployableTaskDefinition } from './task-definition.js';

/**
 * What changes for ECS from one revision (or from nothing) to another, or to a document that was not registered yet.
 * `undefined` where a revision cannot be read: a comparison is worth a look, not a failure.
 */
export async function compareTaskDefinitions(
  ecs: ECSClient,
  previousTaskDefinitionArn: string | undefined,
  next: DeployableTaskDefinition,
): Promise<TaskDefinitionDiff | undefined> {
  try {
    const [before, after] = await Promise.all([
      previousTaskDefinitionArn === undefined ? undefined : readDocument(ecs, previousTaskDefinitionArn),
      'document' in next ? normaliseTaskDefinition(next.document).document : readDocument(ecs, next.revision),
    ]);
    return diffTaskDefinitions(before, after);
  } catch {
    return undefined;
  }
}

async function readDocument(ecs: ECSClient, taskDefinition: string) {
  const found = await fetchRevision(ecs, taskDefinition);
  return normaliseTaskDefinition({ ...found.taskDefinition, tags: found.tags }).document;
}

/** The same differences, the values of some environment variables covered. */
export function hideVariables(diff: TaskDefinitionDiff, names: readonly string[]): TaskDefinitionDiff {
  const hidden = new Set(names.map((name) => `.environment[${name}]`));
  const isHidden = (path: string) => [...hidden].some((place) => path.includes(place));
  const changes = diff.changes.map((change) =>
    isHidden(change.path)
      ? {
          ...change,
          ...(change.before === undefined ? {} : { before: COVER }),
          ...(change.after === undefined ? {} : { after: COVER }),
          redacted: true,
        }
      : change,
  );
  return { ...diff, changes };
}

const COVER = '***';
