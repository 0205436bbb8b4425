/** A callback that was scheduled. */
export interface Timer {
  cancel(): void;
}

/**
 * The time of the embedded world (ECS, ECR and Logs). Signatures, tokens and sessions keep to wall
 * time instead, since the clients that make them do.
 */
export interface WorldClock {
  readonly kind: 'manual' | 'scaled' | 'real';
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once, `ms` of world time from now. Never keeps the process alive by itself. */
  schedule(ms: number, callback: () => void): Timer;
  /**
   * Manual clocks only: moves time forward, firing what falls due in order. Between two timers it
   * lets pending promises and I/O settle, so that what a callback starts is seen by the next.
   */
  advance(ms: number): Promise<void>;
  /** Drops everything scheduled. */
  clear(): void;
}

/**
 * The world's clock as the outside holds it: what `startLocalAws` hands to a test. Who sleeps on it
 * is a client, so a manual clock waits for the requests a client makes when it wakes.
 */
export interface ClientClock extends Omit<WorldClock, 'clear'> {
  /** Resolves after `ms` of world time; rejects with `signal.reason` as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Waits for `promise`; a manual clock moves from timer to timer until it settles, and rejects if
   * `limitMs` of world time (default 24 h) go by first, or if nothing is left that could move it.
   */
  runUntil<T>(promise: Promise<T>, options?: { limitMs?: number }): Promise<T>;
}
