import { stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { EcsActionsError, type Command, type CommandResult, type Exec } from '@ecs-actions/core';
import { runnerLogger } from './logger.js';

type Spawn = typeof import('node:child_process').spawn;

/** How long a program that was asked to end may take, well within the runner's own patience of ten seconds. */
const END_GRACE_MS = 5_000;

/** How long the output of a program that has ended is still read. */
const LAST_WORDS_MS = 500;

/**
 * Runs programs for the library. Built on `spawn` itself, since a cancelled job has to be able to end the program, which
 * `@actions/exec` has no way to do. The arguments never meet a shell and are never printed: they may name secrets' files.
 *
 * @throws EcsActionsError `FILE_NOT_FOUND` where `cwd` is no folder, which `spawn` reports as a missing program.
 */
export const exec: Exec = async (command, { signal } = {}) => {
  signal?.throwIfAborted();
  if (command.cwd !== undefined) await requireFolder(command.cwd);
  // Most steps run no program, and need not load what runs one.
  const { spawn } = await import('node:child_process');
  return run(spawn, command, signal);
};

function run(spawn: Spawn, command: Command, signal: AbortSignal | undefined): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, [...command.args], {
      cwd: command.cwd,
      env: { ...process.env, ...command.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const log = command.output === 'silent' ? () => {} : (line: string) => runnerLogger.info(line);
    const stdout = new Collector((line) => {
      log(line);
      command.onStdoutLine?.(line);
    });
    const stderr = new Collector(log);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => stdout.add(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => stderr.add(chunk));
    // A program may end without reading all of its input: that is its business.
    child.stdin.on('error', () => {});
    child.stdin.end(command.input ?? '');

    const timers: NodeJS.Timeout[] = [];
    const end = () => {
      child.kill('SIGTERM');
      timers.push(setTimeout(() => child.kill('SIGKILL'), END_GRACE_MS));
    };
    const settle = () => {
      signal?.removeEventListener('abort', end);
      for (const timer of timers) clearTimeout(timer);
    };
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('exit', () => {
      if (!signal?.aborted) return;
      // What the program started may hold its output open: a cancelled job does not wait for that.
      const letGo = () => {
        child.stdout.destroy();
        child.stderr.destroy();
      };
      timers.push(setTimeout(letGo, LAST_WORDS_MS));
    });
    child.on('close', (code, endedBy) => {
      settle();
      stdout.finish();
      stderr.finish();
      if (signal?.aborted) reject(signal.reason);
      else resolve({ exitCode: code ?? signalExitCode(endedBy), stdout: stdout.text, stderr: stderr.text });
    });
  });
}

async function requireFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory())
    throw new EcsActionsError('FILE_NOT_FOUND', `The folder ${path} does not exist.`, {
      hint: 'Check the path, and that an earlier step (actions/checkout, a build) made it.',
    });
}

/** As a shell reports a program that a signal ended. */
function signalExitCode(endedBy: NodeJS.Signals | null): number {
  return 128 + (endedBy === null ? 0 : constants.signals[endedBy]);
}

/** Keeps a stream's text and hands on its complete lines. */
class Collector {
  text = '';
  #unfinished = '';
  readonly #onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(chunk: string): void {
    this.text += chunk;
    const lines = (this.#unfinished + chunk).split('\n');
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line.replace(/\r$/, ''));
  }

  finish(): void {
    if (this.#unfinished !== '') this.#onLine(this.#unfinished);
    this.#unfinished = '';
  }
}
