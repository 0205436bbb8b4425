import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAction, type ActionRun, type StartedAction } from '@ecs-actions/testkit';
import { cyan, dim, green, red, say } from './print.js';

interface Done {
  readonly action: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly run: ActionRun;
}

/** One workflow job: its steps share a temporary folder and what they export; its post steps run at the end, last first. */
export class Job {
  readonly #summaries: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #name: string;
  readonly #done: Done[] = [];
  readonly #signal: AbortSignal;
  #folder = '';

  constructor(
    name: string,
    options: {
      readonly env: Readonly<Record<string, string | undefined>>;
      readonly summaries: string;
      readonly signal: AbortSignal;
    },
  ) {
    this.#name = name;
    this.#env = options.env;
    this.#summaries = options.summaries;
    this.#signal = options.signal;
  }

  /** Runs a step and shows its log. `expect` is the exit code that the story calls for; another one ends the demo. */
  async step(action: string, inputs: Record<string, string>, expected = 0): Promise<ActionRun> {
    this.#folder ||= await mkdtemp(join(tmpdir(), 'ecs-actions-demo-'));
    say(`\n${cyan(`● ${action}`)}`);
    const run = await this.#run(action, inputs, 'main', {});
    this.#done.push({ action, inputs, run });
    this.#signal.throwIfAborted();
    await this.#keepSummary(action, run);
    const mark = run.exitCode === 0 ? green('✓') : red('✗');
    const outputs = Object.entries(run.outputs)
      .filter(([, value]) => value !== '' && value.length < 160 && !/[\n{[]/.test(value))
      .filter(([, value]) => !value.includes(this.#folder))
      .map(([name, value]) => `${name}=${value}`);
    say(`  ${mark} exit ${String(run.exitCode)}${outputs.length > 0 ? dim(`  ${outputs.join('  ')}`) : ''}`);
    if (run.exitCode !== expected) {
      if (run.stderr !== '') say(run.stderr);
      throw new Error(`${action} ended with exit code ${String(run.exitCode)}, not ${expected}.`);
    }
    return run;
  }

  /** Runs the post steps, also of a job that was cancelled, and removes the job's folder. */
  async finish(): Promise<void> {
    for (const { action, inputs, run } of this.#done.reverse()) {
      if (Object.keys(run.state).length === 0) continue;
      say(`\n${cyan(`● ${action}`)} ${dim('(post)')}`);
      await this.#run(action, inputs, 'post', run.state);
    }
    if (this.#folder !== '') await rm(this.#folder, { recursive: true, force: true });
  }

  async #run(
    action: string,
    inputs: Readonly<Record<string, string>>,
    phase: 'main' | 'post',
    state: Readonly<Record<string, string>>,
  ): Promise<ActionRun> {
    const exported = Object.assign({}, ...this.#done.map(({ run }) => run.exported)) as Record<
      string,
      string
    >;
    const started = await startAction(action, {
      inputs,
      phase,
      state,
      env: { ...this.#env, ...exported },
      runnerTemp: join(this.#folder, 'temp'),
      cwd: process.cwd(),
      timeoutMs: 300_000,
      onLog: (line) => say(`  ${dim('│')} ${line}`),
    });
    return endWith(started, this.#signal);
  }

  async #keepSummary(action: string, run: ActionRun): Promise<void> {
    if (run.summary === '') return;
    await mkdir(this.#summaries, { recursive: true });
    await writeFile(join(this.#summaries, `${this.#name}-${this.#done.length}-${action}.md`), run.summary);
  }
}

/** A step that ends with the demo: Ctrl-C reaches it as the runner's cancel would. */
async function endWith(started: StartedAction, signal: AbortSignal): Promise<ActionRun> {
  const cancel = () => started.kill('SIGINT');
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await started.finished;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
