import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EnvironmentOptions } from '../environment.js';

/** What a running `up` leaves for `env` to find. */
export interface RunningState extends EnvironmentOptions {
  readonly pid: number;
  readonly port: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** Writes the state of this process; the returned function removes it. */
export async function writeState(state: RunningState): Promise<() => Promise<void>> {
  const directory = await ownDirectory();
  const file = join(directory, `${state.port}.json`);
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(state), { mode: 0o600 });
  await rename(draft, file);
  return () => rm(file, { force: true });
}

/** The running ones, newest first. What others have left behind is cleared away. */
export async function readStates(): Promise<RunningState[]> {
  const directory = await ownDirectory();
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json'));
  const states = await Promise.all(names.map((name) => readState(join(directory, name))));
  return states.filter((state) => state !== undefined).sort((a, b) => b.startedAt - a.startedAt);
}

async function readState(file: string): Promise<RunningState | undefined> {
  try {
    const state = JSON.parse(await readFile(file, 'utf8')) as RunningState;
    if (await answers(state)) return state;
  } catch {
    // Half gone or not ours to understand: not running either way.
  }
  await rm(file, { force: true });
  return undefined;
}

/** A process id may have been given to another program since; the port's answer tells. */
async function answers({ endpoint, pid }: RunningState): Promise<boolean> {
  try {
    const response = await fetch(`${endpoint}/_local-aws/health`, { signal: AbortSignal.timeout(2000) });
    return ((await response.json()) as { pid?: number }).pid === pid;
  } catch {
    return false;
  }
}

/** The state holds credentials, so it goes where nobody else can put or read anything. */
async function ownDirectory(): Promise<string> {
  const uid = process.getuid?.();
  const directory = join(tmpdir(), `local-aws-${uid ?? 'user'}`);
  await mkdir(directory, { mode: 0o700, recursive: true });
  const { mode, uid: owner } = await lstat(directory).then((stats) => {
    if (!stats.isDirectory()) throw new Error(`${directory} is no directory.`);
    return stats;
  });
  if (uid !== undefined && (owner !== uid || (mode & 0o077) !== 0)) {
    throw new Error(`${directory} must belong to you alone (chmod 700); remove it and try again.`);
  }
  return directory;
}
