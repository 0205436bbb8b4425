import type { Activity } from './activity.js';
import type { Timer, WorldClock } from './clock.js';

interface Scheduled extends Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is advanced. */
export class ManualClock implements WorldClock {
  readonly kind = 'manual';
  readonly #activity: Activity;
  #now: number;
  /** Sorted by due time, then by when it was scheduled. */
  #timers: Scheduled[] = [];
  #moving: Promise<void> = Promise.resolve();

  constructor(startTime: number, activity: Activity) {
    this.#now = startTime;
    this.#activity = activity;
  }

  now(): number {
    return this.#now;
  }

  schedule(ms: number, callback: () => void): Timer {
    const timer: Scheduled = {
      at: this.#now + Math.max(0, ms),
      callback,
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
    const later = this.#timers.findIndex((other) => other.at > timer.at);
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer);
    return timer;
  }

  /** Calls that overlap are carried out one after the other. */
  advance(ms: number): Promise<void> {
    const moved = this.#moving.then(() => this.#moveTo(this.#now + ms));
    this.#moving = moved.catch(() => {});
    return moved;
  }

  /** When the next callback falls due, in epoch milliseconds. */
  nextAt(): number | undefined {
    return this.#timers[0]?.at;
  }

  clear(): void {
    this.#timers = [];
  }

  async #moveTo(target: number): Promise<void> {
    await this.#activity.settle();
    for (let next = this.#timers[0]; next !== undefined && next.at <= target; next = this.#timers[0]) {
      this.#timers.shift();
      this.#now = next.at;
      next.callback();
      await this.#activity.settleClients();
    }
    this.#now = target;
  }
}
