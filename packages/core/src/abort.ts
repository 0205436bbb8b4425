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
