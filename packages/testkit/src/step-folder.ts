import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();

// Tests look into what a step left behind, so folders stay until the file's last test. jest keeps the events of the
// process from a test; others (the demo) have no `afterAll`.
const { afterAll } = globalThis as { afterAll?: (hook: () => void) => void };
if (afterAll === undefined) process.once('exit', removeAll);
else afterAll(removeAll);

/** A new folder for one step, which is removed at the end. */
export async function makeStepFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ecs-actions-step-'));
  folders.add(folder);
  return folder;
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}
