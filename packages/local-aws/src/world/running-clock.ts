import type { Timer, WorldClock } from './clock.js';

/** Node's timers fire at once beyond this. */
const longestTimeoutMs = 2 ** 31 - 1;

/** A clock that runs by itself, `scale` times as fast as the wall's. */
export class RunningClock implements WorldClock {
  readonly kind: 'scaled' | 'real';
  readonly #scale: number;
  readonly #startTime: number;
  readonly #startedAt = performance.now();
  readonly #timers = new Set<Timer>();

  constructor(startTime: number, scale = 1) {
    if (!(scale > 0)) throw new RangeError(`A clock's scale must be above 0, not ${scale}.`);
    this.kind = scale === 1 ? 'real' : 'scaled';
    this.#scale = scale;
    this.#startTime = startTime;
  }

  now(): number {
    return Math.round(this.#startTime + (performance.now() - this.#startedAt) * this.#scale);
  }

  schedule(ms: number, callback: () => void): Timer {
    const dueAt = this.now() + Math.max(0, ms);
    let handle: NodeJS.Timeout;
    const timer: Timer = {
      cancel: () => {
        clearTimeout(handle);
        this.#timers.delete(timer);
      },
    };
    const arm = () => {
      const wallMs = (dueAt - this.now()) / this.#scale;
      handle = setTimeout(
        () => {
          if (this.now() < dueAt) return arm();
          this.#timers.delete(timer);
          callback();
        },
        Math.min(Math.max(0, Math.ceil(wallMs)), longestTimeoutMs),
      );
      handle.unref();
    };
    this.#timers.add(timer);
    arm();
    return timer;
  }

  advance(): Promise<void> {
    return Promise.reject(new Error(`A ${this.kind} clock runs by itself; only a manual one is advanced.`));
  }

  clear(): void {
    for (const timer of this.#timers) timer.cancel();
  }
}
