import type { Clock } from '../../ports.js';

/** When to poll next. One for all services of a run, so that their reads go out together and can be batched. */
export interface Pace {
  /**
   * Resolves at the next poll, or at `until` (epoch ms) if that is sooner; rejects with
   * `signal.reason` as soon as `signal` aborts.
   */
  next(until: number, signal?: AbortSignal): Promise<void>;
  /** When the next polls are at the earliest that follow one made now, up to `until` (epoch ms). */
  soonest(until: number): readonly number[];
  /** The last read was throttled: poll more slowly. */
  slowDown(): void;
  /** The last read went through: return to the usual speed, step by step. */
  recover(): void;
}

/** First interval, ms. */
const FIRST_MS = 5_000;
/** Steady interval, ms: reached after two minutes, by when a quick rollout has ended. */
const STEADY_MS = 10_000;
const RAMP_MS = 120_000;
/** Throttling may stretch an interval this many times. */
const LONGEST_STRETCH = 4;
/** Share of an interval that chance takes off, so that parallel jobs drift apart. */
const JITTER = 0.1;

interface Tick {
  readonly at: number;
  readonly sleep: Promise<void>;
  readonly cancel: AbortController;
  waiters: number;
}

/**
 * Polls every 5 s at first and every 10 s after two minutes, up to a tenth sooner by chance, and
 * more slowly while AWS throttles. DescribeServices refills at 20 calls a second for a whole
 * account and region, so this leaves room for many parallel jobs. `random` returns a number in [0, 1).
 */
export function createPace(clock: Clock, random: () => number): Pace {
  const startedAt = clock.now();
  let stretch = 1;
  let tick: Tick | undefined;

  /** Before chance and throttling. */
  const intervalMs = (now: number) =>
    FIRST_MS + (STEADY_MS - FIRST_MS) * Math.min(1, (now - startedAt) / RAMP_MS);

  const nextTick = (now: number): Tick => {
    if (tick !== undefined && tick.at > now && !tick.cancel.signal.aborted) return tick;
    const ms = Math.round(intervalMs(now) * stretch * (1 - JITTER * random()));
    const cancel = new AbortController();
    tick = { at: now + ms, sleep: clock.sleep(ms, cancel.signal), cancel, waiters: 0 };
    tick.sleep.catch(() => {});
    return tick;
  };

  return {
    next: async (until, signal) => {
      const now = clock.now();
      const shared = nextTick(now);
      if (until < shared.at) {
        if (shared.waiters === 0) shared.cancel.abort();
        return clock.sleep(Math.max(0, until - now), signal);
      }
      shared.waiters += 1;
      try {
        await abortable(shared.sleep, signal);
      } finally {
        shared.waiters -= 1;
        // The last one to leave switches the timer off, so that it keeps no process alive.
        if (shared.waiters === 0) shared.cancel.abort();
      }
    },
    soonest: (until) => {
      const polls: number[] = [];
      const after = (at: number) => at + Math.floor(intervalMs(at) * (1 - JITTER));
      for (let at = after(clock.now()); at < until; at = after(at)) polls.push(at);
      return polls;
    },
    slowDown: () => {
      stretch = Math.min(LONGEST_STRETCH, stretch * 2);
    },
    recover: () => {
      stretch = Math.max(1, stretch / 2);
    },
  };
}

/** Waits for `promise`, but no longer than until `signal` aborts. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
