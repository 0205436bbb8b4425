import { isTaskDefinitionReference } from '../../task-definition/input-syntax.js';
import { loadTaskDefinition } from '../../task-definition/load.js';
import { leaveOutEmpties } from './leave-out-empties.js';
import type { DeployableTaskDefinition } from './task-definition.js';

export interface LoadDeployableOptions {
  /** What a relative path is relative to; default: the working directory of the process. */
  readonly directory?: string | undefined;
  /** Whether a mere word is the path of a file, and never a family: a file that is missing is no wish for its latest revision. Default false. */
  readonly onlyFile?: boolean | undefined;
  /** A file goes without the members that are empty, but for those named. Default: all stay. */
  readonly keepEmpty?: readonly string[] | undefined;
}

/**
 * What a `task-definition` means: a revision that exists (a family, `family:revision` or an ARN), or
 * the path of a file to register. Throws what `loadTaskDefinition` throws for a file.
 */
export async function loadDeployable(
  reference: string,
  { directory, onlyFile = false, keepEmpty }: LoadDeployableOptions = {},
): Promise<DeployableTaskDefinition> {
  const isRevision = isTaskDefinitionReference(reference);
  if (isRevision && (!onlyFile || reference.includes(':'))) return { revision: reference };
  const source = await loadTaskDefinition({ file: reference, directory });
  const { document } = source;
  return { document: keepEmpty === undefined ? document : leaveOutEmpties(document, keepEmpty), source };
}
