import { classifyAwsError } from '../aws-errors.js';
import { isEcsActionsError } from '../errors.js';
import type { Clock } from '../ports.js';

/** Waits between attempts, ms: about two minutes in all, on top of the SDK's own three quick attempts. */
const WAITS_MS: readonly number[] = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];

/**
 * Makes a call again while AWS throttles it, fails on its side or cannot be reached, for about two
 * minutes, but not at or after `until` (epoch ms of `clock`); anything else that goes wrong is thrown
 * at once, as it is. Only for calls that may be made twice.
 */
export async function patiently<T>(
  clock: Clock,
  call: () => Promise<T>,
  signal?: AbortSignal,
  until = Number.POSITIVE_INFINITY,
): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await call();
    } catch (error) {
      // An error that was made typed on its way here has the client's own as its cause.
      const kind = classifyAwsError(isEcsActionsError(error) ? error.cause : error);
      if (signal?.aborted === true || (kind !== 'throttled' && kind !== 'transient')) throw error;
      if (clock.now() + wait >= until) throw error;
    }
    await clock.sleep(wait, signal);
  }
  return call();
}
