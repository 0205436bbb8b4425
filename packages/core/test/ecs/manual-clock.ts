import type { Clock } from '../../src/ports.js';

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** A clock for tests that need no embedded AWS: it stands still until it is told to move. Starts at 0. */
export class ManualClock implements Clock {
  #now = 0;
  #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  /** How many sleepers there are. */
  get pending(): number {
    return this.#timers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const timer: Timer = { at: this.#now + ms, fire: resolve };
      this.#timers.push(timer);
      signal?.addEventListener('abort', () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        reject(signal.reason as Error);
      });
    });
  }

  /** Moves time forward, waking sleepers in order and letting each go on before the next. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await settle();
    for (let next = this.#next(); next !== undefined && next.at <= target; next = this.#next()) {
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
      await settle();
    }
    this.#now = target;
  }

  /** Moves from sleeper to sleeper until `promise` has settled. */
  async run<T>(promise: Promise<T>): Promise<T> {
    const state = { settled: false };
    const done = () => {
      state.settled = true;
    };
    promise.then(done, done);
    await settle();
    while (!state.settled) {
      const next = this.#next();
      if (next === undefined) throw new Error('Nobody sleeps, and the promise has not settled.');
      await this.advance(next.at - this.#now);
    }
    return promise;
  }

  #next(): Timer | undefined {
    return this.#timers.reduce<Timer | undefined>(
      (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
      undefined,
    );
  }
}

/** Lets everything that can go on without time passing do so. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
