/** Timers of the platform take no more than this, ms. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** A signal that aborts after `ms` of wall time: at once for less than 0, and however many they are. */
export function abortedIn(ms: number): AbortSignal {
  return AbortSignal.timeout(Math.min(LONGEST_TIMEOUT_MS, Math.max(0, ms)));
}

/**
 * A signal that aborts `ms` milliseconds of wall time after `signal` has: what a request that is under
 * way may still take, since AWS may have done already what it asks for. Never aborts without `signal`.
 */
export function abortedAfter(signal: AbortSignal | undefined, ms: number): AbortSignal {
  const late = new AbortController();
  const wait = () => {
    // The wall's clock, since it is the runner that will not wait.
    const limit = AbortSignal.timeout(ms);
    limit.addEventListener('abort', () => late.abort(limit.reason), { once: true });
  };
  if (signal?.aborted === true) wait();
  else signal?.addEventListener('abort', wait, { once: true });
  return late.signal;
}
