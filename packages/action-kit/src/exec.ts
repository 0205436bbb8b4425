import { spawn } from 'node:child_process';
import type { Exec } from '@ecs-actions/core';
import { runnerLogger } from './logger.js';

/**
 * Runs programs for the library. Built on `spawn` itself, since a cancelled job has to be able to end the program, which
 * `@actions/exec` has no way to do. The arguments never meet a shell and are never printed: they may name secrets' files.
 */
export const exec: Exec = (command, { signal } = {}) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const env = { ...process.env, ...command.env };
    const child = spawn(command.file, [...command.args], {
      cwd: command.cwd,
      env,
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

    const end = () => child.kill('SIGTERM');
    signal?.addEventListener('abort', end, { once: true });
    child.on('error', (error) => {
      signal?.removeEventListener('abort', end);
      reject(error);
    });
    child.on('close', (code, killedBy) => {
      signal?.removeEventListener('abort', end);
      stdout.finish();
      stderr.finish();
      if (signal?.aborted) reject(signal.reason);
      else
        resolve({
          exitCode: code ?? 128 + (killedBy === 'SIGKILL' ? 9 : 15),
          stdout: stdout.text,
          stderr: stderr.text,
        });
    });
  });

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
    for (const line of lines) this.#onLine(line);
  }

  finish(): void {
    if (this.#unfinished !== '') this.#onLine(this.#unfinished);
    this.#unfinished = '';
  }
}
