import { isTaskDefinitionReference } from '../../task-definition/input-syntax.js';
import { loadTaskDefinition } from '../../task-definition/load.js';
import type { DeployableTaskDefinition } from './task-definition.js';

/**
 * What a `task-definition` means: a revision that exists (`family:revision` or an ARN), or the path of
 * a file to register. `directory` is what a relative path is relative to. Throws what
 * `loadTaskDefinition` throws for a file.
 */
export async function loadDeployable(
  reference: string,
  directory?: string,
): Promise<DeployableTaskDefinition> {
  if (isTaskDefinitionReference(reference)) return { revision: reference };
  const source = await loadTaskDefinition({ file: reference, directory });
  return { document: source.document, source };
}
