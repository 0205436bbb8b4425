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
