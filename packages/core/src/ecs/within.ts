import type { Clock } from '../ports.js';

/** What {@link within} rejects with when the time is over. */
export const OUT_OF_TIME = Symbol('out of time');

/**
 * Runs `body` for at most `ms` of the clock's time; then aborts the signal it got and rejects with
 * {@link OUT_OF_TIME}. An abort of `signal` reaches `body` too.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const late = new AbortController();
  clock.sleep(ms, done.signal).then(
    () => late.abort(OUT_OF_TIME),
    () => {},
  );
  try {
    return await body(signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]));
  } catch (error) {
    throw late.signal.aborted ? OUT_OF_TIME : error;
  } finally {
    done.abort();
  }
}
