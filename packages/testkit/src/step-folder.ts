import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();

/** A new folder for one step. It stays until this process ends, since tests look into what a step left behind. */
export async function makeStepFolder(): Promise<string> {
  if (folders.size === 0) process.once('exit', removeAll);
  const folder = await mkdtemp(join(tmpdir(), 'ecs-actions-step-'));
  folders.add(folder);
  return folder;
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
