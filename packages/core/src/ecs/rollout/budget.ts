import type { Clock } from '../../ports.js';
import type { Pace } from './pace.js';

/**
 * What reading one service may cost: {@link CALLS_PER_MINUTE} calls in any minute. One for all that
 * watches the service in a run, one after the other.
 *
 * A poll's first call, which tells whether the rollout has ended, is made without asking; everything
 * else asks first. So the verdict never waits for details.
 */
export interface CallBudget {
  /** Counts a call that is made now. A call that the SDK repeats counts once. */
  spend(): void;
  /**
   * Whether so many calls can be made now, and every poll of the coming minute still makes its first
   * one, and the end of the rollout `keep` more. Default 3: the service once more, a look for
   * what is to be rolled back, and one for the tasks that stopped last.
   */
  affords(calls: number, keep?: number): boolean;
}

/** Calls that a service costs at most in any minute of waiting. */
const CALLS_PER_MINUTE = 20;
const CALLS_AT_THE_END = 3;
const MINUTE_MS = 60_000;

/** `pace` says how many polls are to come. */
export function createCallBudget(clock: Clock, pace: Pick<Pace, 'soonest'>): CallBudget {
  let spent: readonly number[] = [];
  return {
    spend: () => {
      const now = clock.now();
      spent = [...spent.filter((at) => at > now - MINUTE_MS), now];
    },
    affords: (calls, keep = CALLS_AT_THE_END) => {
      const now = clock.now();
      // Now and at each coming poll: what the minute before it has cost by then, that poll included.
      return [now, ...pace.soonest(now + MINUTE_MS)].every((at, polls) => {
        const counted = spent.filter((one) => one > at - MINUTE_MS).length;
        return counted + calls + polls + keep <= CALLS_PER_MINUTE;
      });
    },
  };
}
