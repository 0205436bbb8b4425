import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { EcsActionsError } from '../errors.js';

/** What an engine takes for a context that is no folder: a URL, a git address, `-` for standard input. */
const REMOTE = /^(-$|git@|github\.com\/|[a-z][a-z0-9+.-]*:\/\/)/i;

/**
 * Sees to it that what an image is built from is there, before a repository is made for it. A context that is no folder
 * of this machine is the engine's to judge. Throws `FILE_NOT_FOUND`, naming the context or the Dockerfile.
 */
export async function requireContext({
  context,
  file,
}: {
  context: string;
  file?: string | undefined;
}): Promise<void> {
  if (REMOTE.test(context)) return;
  if (!(await exists(context)))
    throw new EcsActionsError('FILE_NOT_FOUND', `There is no build context ${context}.`, {
      hint: 'Check the input context, and that an earlier step checks the repository out.',
    });
  const candidates =
    file === undefined ? [join(context, 'Dockerfile'), join(context, 'Containerfile')] : [file];
  for (const candidate of candidates) if (await exists(candidate)) return;
  throw new EcsActionsError('FILE_NOT_FOUND', `There is no Dockerfile ${candidates[0] ?? ''}.`, {
    hint: 'Check the inputs file and context.',
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
