import * as core from '@actions/core';
import { isEcsActionsError, type Clock, type Exec, type Logger, type MaskSecret } from '@ecs-actions/core';
import { systemClock } from '@ecs-actions/core/system';
import { exec } from './exec.js';
import { runnerLogger } from './logger.js';
import { readRunContext, type RunContext } from './run-context.js';

/** Everything of the outside world that an action's `main` may touch. */
export interface ActionContext {
  readonly logger: Logger;
  readonly mask: MaskSecret;
  readonly exec: Exec;
  readonly clock: Clock;
  /** Aborts when the job is cancelled. */
  readonly signal: AbortSignal;
  readonly run: RunContext;
  /** Keeps a value for the post step. */
  saveState(name: string, value: string): void;
  /** What the main step kept; empty where it kept nothing. */
  getState(name: string): string;
}

export interface Action {
  readonly main: (context: ActionContext) => Promise<void>;
  /** Cleans up after the job. Its failure is a warning, never the job's. */
  readonly post?: (context: ActionContext) => Promise<void>;
}

/** Why a context's signal aborted. */
export class JobCancelled extends Error {
  constructor() {
    super('The job was cancelled.');
    // As the platform names what a signal ended, so that nobody takes it for a failure.
    this.name = 'AbortError';
  }
}

/** The runner kills 10 s after it asked; an action that does not end by itself is ended a little before. */
const CANCEL_GRACE_MS = 9_000;
/** Whoever cancels hears at least this soon that the step has noticed, ms. */
const CANCEL_ANSWER_MS = 500;
const CANCEL_NOTICED = `The job was cancelled. This step finishes what it has begun, for ${CANCEL_GRACE_MS / 1_000} seconds at most.`;
const POST_MARK = 'ecs-actions-post';

/**
 * Runs an action: the only place that catches. `main: dist/index.js` and `post: dist/index.js` are one bundle; the
 * main step leaves a mark by which the post step knows what it is.
 */
export async function runAction({ main, post }: Action): Promise<void> {
  const isPost = post !== undefined && core.getState(POST_MARK) === 'true';
  const report = isPost ? warn : fail;
  const cancel = new AbortController();
  const onSignal = () => {
    if (cancel.signal.aborted) return;
    cancel.abort(new JobCancelled());
    // Not unref'd: this has to fire even when nothing else keeps the process alive.
    setTimeout(() => process.exit(1), CANCEL_GRACE_MS);
    setTimeout(() => runnerLogger.info(CANCEL_NOTICED), CANCEL_ANSWER_MS);
  };
  // Node ends, with exit code 0, when nothing is left that could wake it: a promise that never settles is no success.
  const onIdle = () => report(new Error('The action waits for something that can no longer come.'));
  // An exception outside of main's own promise would print a stack and no annotation.
  const onCrash = (error: unknown) => {
    report(error);
    process.exit();
  };
  process
    .on('SIGINT', onSignal)
    .on('SIGTERM', onSignal)
    .once('beforeExit', onIdle)
    .on('uncaughtException', onCrash);
  const context: ActionContext = {
    logger: runnerLogger,
    mask: (value) => maskLines(value),
    exec,
    clock: systemClock,
    signal: cancel.signal,
    run: readRunContext(),
    saveState: (name, value) => core.saveState(name, value),
    getState: (name) => core.getState(name),
  };
  try {
    if (isPost) {
      await post(context);
    } else {
      if (post !== undefined) core.saveState(POST_MARK, 'true');
      await main(context);
    }
  } catch (error) {
    report(error);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('beforeExit', onIdle);
    if (cancel.signal.aborted) process.exit();
  }
}

function warn(error: unknown): void {
  core.warning(describeFailure(error).message);
  logDetails(error);
}

function fail(error: unknown): void {
  const { title, message } = describeFailure(error);
  process.exitCode = 1;
  core.error(message, { title });
  logDetails(error);
}

function logDetails(error: unknown): void {
  for (const cause of causes(error)) runnerLogger.info(`Caused by ${cause}`);
  if (error instanceof Error && error.stack !== undefined) core.debug(error.stack);
}

/** One annotation that says everything: what is wrong, then what to do. */
function describeFailure(error: unknown): { title: string; message: string } {
  if (isEcsActionsError(error)) {
    return {
      title: error.code,
      message: error.hint === undefined ? error.message : `${error.message}\n${error.hint}`,
    };
  }
  if (error instanceof JobCancelled) return { title: 'CANCELLED', message: error.message };
  return {
    title: 'INTERNAL_ERROR',
    message: `${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}\nThis is a defect of ecs-actions. Run the job again with debug logging and report what it prints.`,
  };
}

function causes(error: unknown): string[] {
  const chain: string[] = [];
  for (
    let cause = error instanceof Error ? error.cause : undefined;
    cause instanceof Error && chain.length < 5;
    cause = cause.cause
  ) {
    chain.push(`${cause.name}: ${cause.message}`);
  }
  return chain;
}

/** The runner masks line by line, and an empty or one-letter mask would blot out the whole log. */
function maskLines(value: string): void {
  for (const line of value.split(/\r?\n/)) {
    if (line.trim().length >= 4) core.setSecret(line.trim());
  }
}
