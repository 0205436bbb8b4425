import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { readKeyValueFile } from './key-value-file.js';
import { makeStepFolder } from './step-folder.js';
import { StepOutput } from './step-output.js';
import type { Annotation } from './workflow-commands.js';

export interface ActionOptions {
  /** Values for `with:`. Defaults of `action.yml` are filled in, as the runner does. */
  readonly inputs?: Readonly<Record<string, string>>;
  /**
   * The job's environment. Nothing of this process's environment gets in but `PATH` and `HOME`;
   * `undefined` takes a variable away.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The workspace, where the step runs. Default: a new empty folder. */
  readonly cwd?: string;
  /** `post` runs the action's post step; pass the state that its main step left. Default `main`. */
  readonly phase?: 'main' | 'post';
  readonly state?: Readonly<Record<string, string>>;
  /** A folder that outlives the step, as `RUNNER_TEMP` outlives a job's steps. Default: a new one. */
  readonly runnerTemp?: string;
  /** Called with each complete line of standard output as it arrives. */
  readonly onLine?: (line: string) => void;
  /** Called with each line as a reader of the log sees it: masked, without commands. */
  readonly onLog?: (line: string) => void;
  /** Killed after this long; the run then rejects. Default 60,000. */
  readonly timeoutMs?: number;
}

/** What a step left behind. */
export interface ActionRun {
  /** `null` if a signal ended it. */
  readonly exitCode: number | null;
  readonly outputs: Readonly<Record<string, string>>;
  /** For `post`. */
  readonly state: Readonly<Record<string, string>>;
  /** What it exported to later steps. */
  readonly exported: Readonly<Record<string, string>>;
  /** Markdown of the job summary. */
  readonly summary: string;
  readonly masks: readonly string[];
  readonly annotations: readonly Annotation[];
  /** As a reader of the log sees it: both streams line by line as they came, masked, without commands. */
  readonly log: string;
  /** Raw. */
  readonly stdout: string;
  /** Raw. */
  readonly stderr: string;
  readonly runnerTemp: string;
  readonly workspace: string;
}

/** A step under way. */
export interface StartedAction {
  readonly pid: number;
  /** As the runner does on cancel: `SIGINT` first. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the first line of standard output, past or to come, that matches. */
  waitForLine(pattern: RegExp): Promise<string>;
  readonly finished: Promise<ActionRun>;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const PASSED_ON = ['PATH', 'HOME'];

/**
 * Runs the bundle of an action as the runner would, to its end. `name` is one of this repository's actions, or the
 * absolute path of a folder with an `action.yml`.
 */
export async function runAction(name: string, options: ActionOptions = {}): Promise<ActionRun> {
  const started = await startAction(name, options);
  return started.finished;
}

/** Starts the bundle of an action as the runner would; see {@link runAction}. */
export async function startAction(name: string, options: ActionOptions = {}): Promise<StartedAction> {
  const folder = resolve(root, 'actions', name);
  const action = parse(await readFile(join(folder, 'action.yml'), 'utf8')) as ActionFile;
  const phase = options.phase ?? 'main';
  const entry = action.runs[phase];
  if (entry === undefined) throw new Error(`${folder} has no ${phase} step`);
  if (!existsSync(join(folder, entry)))
    throw new Error(`${join(folder, entry)} is not there: run npm run bundle`);

  const files = await makeStepFolder();
  const runnerTemp = options.runnerTemp ?? join(files, 'temp');
  const workspace = options.cwd ?? join(files, 'workspace');
  await Promise.all([mkdir(runnerTemp, { recursive: true }), mkdir(workspace, { recursive: true })]);
  const commandFiles = {
    GITHUB_OUTPUT: join(files, 'output'),
    GITHUB_STATE: join(files, 'state'),
    GITHUB_ENV: join(files, 'env'),
    GITHUB_PATH: join(files, 'path'),
    GITHUB_STEP_SUMMARY: join(files, 'summary.md'),
  };
  await Promise.all(Object.values(commandFiles).map((path) => writeFile(path, '')));

  const env = cleanEnvironment({
    ...Object.fromEntries(PASSED_ON.map((key) => [key, process.env[key]])),
    ...commandFiles,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: runnerTemp,
    RUNNER_OS: process.platform === 'darwin' ? 'macOS' : 'Linux',
    ...options.env,
    ...inputVariables(folder, action, options.inputs ?? {}),
    ...Object.fromEntries(Object.entries(options.state ?? {}).map(([key, value]) => [`STATE_${key}`, value])),
  });
  // CI runs every bundle test on a second Node by naming it here.
  const node = process.env['ECS_ACTIONS_NODE'] ?? process.execPath;
  const child = spawn(node, [join(folder, entry)], {
    cwd: workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

  const output = new StepOutput(child, options);
  const finished = (async (): Promise<ActionRun> => {
    const exitCode = await ended(child, options.timeoutMs ?? 60_000, () => output.log.result().log).finally(
      () => output.end(),
    );
    const read = async (path: string) => readFile(path, 'utf8');
    const run: ActionRun = {
      exitCode,
      outputs: readKeyValueFile(await read(commandFiles.GITHUB_OUTPUT)),
      state: readKeyValueFile(await read(commandFiles.GITHUB_STATE)),
      exported: readKeyValueFile(await read(commandFiles.GITHUB_ENV)),
      summary: await read(commandFiles.GITHUB_STEP_SUMMARY),
      ...output.log.result(),
      stdout: output.stdout,
      stderr: output.stderr,
      runnerTemp,
      workspace,
    };
    await Promise.all(Object.values(commandFiles).map((path) => rm(path)));
    return run;
  })();
  // A caller that only kills and waits for lines need not look at it.
  finished.catch(() => {});

  return {
    pid: child.pid ?? -1,
    kill: (signal) => void child.kill(signal),
    waitForLine: (pattern) => output.waitForLine(pattern),
    finished,
  };
}

interface ActionFile {
  readonly inputs?: Readonly<Record<string, { readonly default?: string | boolean | number } | null>>;
  readonly runs: { readonly main: string; readonly post?: string };
}

function inputVariables(
  folder: string,
  action: ActionFile,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const declared = action.inputs ?? {};
  const unknown = Object.keys(given).filter((input) => !(input in declared));
  if (unknown.length > 0) throw new Error(`${folder} declares no input ${unknown.join(', ')}`);
  return Object.fromEntries(
    Object.entries(declared).map(([input, description]) => {
      const value = given[input] ?? String(description?.default ?? '');
      // An expression is the runner's to evaluate; outside a workflow it stands for nothing.
      return [`INPUT_${input.replaceAll(' ', '_').toUpperCase()}`, value.includes('${{') ? '' : value];
    }),
  );
}

function cleanEnvironment(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function ended(
  child: ReturnType<typeof spawn>,
  timeoutMs: number,
  said: () => string,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The step did not end within ${timeoutMs} ms:\n${said()}`));
    }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      resolve(exitCode);
    });
  });
}
