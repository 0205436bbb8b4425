import type { Readable } from 'node:stream';
import { RunnerLogReader } from './workflow-commands.js';

interface Waiter {
  readonly pattern: RegExp;
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

export interface OutputListeners {
  /** Each complete line of standard output as it arrives. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Each line as a reader of the log sees it. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/** Collects what a step prints, and lets a test wait for a line of it. */
export class StepOutput {
  stdout = '';
  stderr = '';
  /** Both streams, in the order in which their lines arrived, as the runner reads them. */
  readonly log: RunnerLogReader;
  readonly #stdoutLines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  #ended = false;

  constructor(
    child: { readonly stdout: Readable; readonly stderr: Readable },
    { onLine = () => {}, onLog }: OutputListeners,
  ) {
    this.log = new RunnerLogReader(onLog);
    eachLine(child.stdout, {
      onChunk: (chunk) => (this.stdout += chunk),
      onLine: (line) => {
        this.log.read(line);
        this.#stdoutLines.push(line);
        onLine(line);
        this.#wake(line);
      },
    });
    eachLine(child.stderr, {
      onChunk: (chunk) => (this.stderr += chunk),
      onLine: (line) => this.log.read(line),
    });
  }

  /** Resolves with the first line of standard output, past or to come, that matches; rejects if none comes. */
  waitForLine(pattern: RegExp): Promise<string> {
    const past = this.#stdoutLines.find((line) => pattern.test(line));
    if (past !== undefined) return Promise.resolve(past);
    if (this.#ended) return Promise.reject(this.#neverSaid(pattern));
    return new Promise((resolve, reject) => this.#waiters.add({ pattern, resolve, reject }));
  }

  /** To be called when the step has ended. */
  end(): void {
    this.#ended = true;
    for (const { pattern, reject } of this.#waiters) reject(this.#neverSaid(pattern));
    this.#waiters.clear();
  }

  #wake(line: string): void {
    for (const waiter of this.#waiters) {
      if (!waiter.pattern.test(line)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(line);
    }
  }

  #neverSaid(pattern: RegExp): Error {
    return new Error(`The step ended without a line ${String(pattern)}:\n${this.log.result().log}`);
  }
}

function eachLine(
  stream: Readable,
  { onChunk, onLine }: { onChunk: (chunk: string) => void; onLine: (line: string) => void },
): void {
  let unfinished = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    onChunk(chunk);
    const lines = (unfinished + chunk).split('\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (unfinished !== '') onLine(unfinished);
  });
}
