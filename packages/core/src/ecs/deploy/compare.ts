import type { ECSClient } from '@aws-sdk/client-ecs';
import { diffTaskDefinitions, type TaskDefinitionDiff } from '../../task-definition/diff.js';
import { containersOf } from '../../task-definition/document.js';
import { normaliseTaskDefinition } from '../../task-definition/normalise.js';
import { REDACTED } from '../../task-definition/redacted.js';
import { valuesOfVariables } from '../diagnose/cover.js';
import { fetchKnownRevision } from './known-revision.js';
import type { DeployableTaskDefinition } from './task-definition.js';

/**
 * What changes for ECS from one revision (or from nothing) to another, or to a document that was not registered yet.
 * The values of the variables named in `redact` show nowhere, not even where they stand a second time.
 * `undefined` where a revision cannot be read: a comparison is worth a look, not a failure.
 */
export async function compareTaskDefinitions(
  ecs: ECSClient,
  previousTaskDefinitionArn: string | undefined,
  next: DeployableTaskDefinition,
  redact: readonly string[] = [],
): Promise<TaskDefinitionDiff | undefined> {
  try {
    const [before, after] = await Promise.all([
      previousTaskDefinitionArn === undefined ? undefined : readDocument(ecs, previousTaskDefinitionArn),
      'document' in next ? normaliseTaskDefinition(next.document).document : readDocument(ecs, next.revision),
    ]);
    const containers = [before, after].flatMap((document) =>
      document === undefined ? [] : containersOf(document),
    );
    const secrets = valuesOfVariables(containers, redact);
    return hideVariables(diffTaskDefinitions(before, after, { secrets }), redact);
  } catch {
    return undefined;
  }
}

async function readDocument(ecs: ECSClient, taskDefinition: string) {
  return (await fetchKnownRevision(ecs, taskDefinition)).document;
}

/** Also values that are too short to be looked for are covered in their own place. */
function hideVariables(diff: TaskDefinitionDiff, names: readonly string[]): TaskDefinitionDiff {
  const places = names.map((name) => `.environment[${name}]`);
  const changes = diff.changes.map((change) =>
    places.some((place) => change.path.includes(place))
      ? {
          ...change,
          ...(change.before === undefined ? {} : { before: REDACTED }),
          ...(change.after === undefined ? {} : { after: REDACTED }),
          redacted: true,
        }
      : change,
  );
  return { ...diff, changes };
}
