import { isEcsActionsError } from '../../errors.js';
import { isTaskDefinitionReference } from '../../task-definition/input-syntax.js';
import { loadTaskDefinition } from '../../task-definition/load.js';
import { leaveOutEmpties } from './leave-out-empties.js';
import type { DeployableTaskDefinition } from './task-definition.js';

export interface LoadDeployableOptions {
  /** What a relative path is relative to; default: the working directory of the process. */
  readonly directory?: string | undefined;
  /** Whether a word that could be a family is the file of that name, if there is one. Default false. */
  readonly preferFile?: boolean | undefined;
  /** A file goes without the members that are empty, but for those named. Default: all stay. */
  readonly keepEmpty?: readonly string[] | undefined;
}

/**
 * What a `task-definition` means: a revision that exists (a family, `family:revision` or an ARN), or
 * the path of a file to register. Throws what `loadTaskDefinition` throws for a file.
 */
export async function loadDeployable(
  reference: string,
  { directory, preferFile = false, keepEmpty }: LoadDeployableOptions = {},
): Promise<DeployableTaskDefinition> {
  const isRevision = isTaskDefinitionReference(reference);
  if (isRevision && (!preferFile || reference.includes(':'))) return { revision: reference };
  try {
    const source = await loadTaskDefinition({ file: reference, directory });
    const { document } = source;
    return { document: keepEmpty === undefined ? document : leaveOutEmpties(document, keepEmpty), source };
  } catch (error) {
    // A folder may well have the name of the family that is deployed from it.
    if (isRevision && isEcsActionsError(error) && error.code.startsWith('FILE_'))
      return { revision: reference };
    throw error;
  }
}
