import { abortedIn } from '../../abort.js';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import type { Clock } from '../../ports.js';
import type { RolloutEvent } from './events.js';
import { judgeRollout } from './judge.js';
import { countTasks, observeRollout } from './observe.js';
import type { Verdict } from './outcome.js';
import type { Pace } from './pace.js';
import type { ReadSnapshot } from './read.js';
import { isOlderAnswer, ownDeployment, type ExpectedRollout, type ServiceSnapshot } from './snapshot.js';

export interface WatchOptions {
  readonly clock: Clock;
  /** Share one between the services of a run. See `createPace`. */
  readonly pace: Pace;
  /** The whole time budget, ms. All of it is used before a rollout counts as timed out, and no more. */
  readonly timeoutMs: number;
  /** Ends the watch with the outcome `cancelled`; the rollout itself goes on in ECS. */
  readonly signal?: AbortSignal | undefined;
  /** Goes on from here, one poll later: what it shows already is no news. */
  readonly from?: ServiceSnapshot | undefined;
  /**
   * A signal that aborts after `ms`. Default `AbortSignal.timeout`: a connection that hangs does so
   * by the wall's clock, whatever `clock` goes by.
   */
  readonly timeout?: ((ms: number) => AbortSignal) | undefined;
}

/** How a watch ended. */
export interface WatchedRollout {
  readonly verdict: Verdict;
  /** What was known at the end; `undefined` if not even one read went through. */
  readonly snapshot: ServiceSnapshot | undefined;
}

/** A line at least this often, ms. */
const HEARTBEAT_MS = 60_000;
/** Reads that failed were told, and go on failing, until none has for so long, ms. */
const QUIET_MS = 60_000;
/** What the read at the very end of the budget may take, ms. */
const LAST_READ_MS = 5_000;

/**
 * Follows one rollout to its end: yields what happens, returns the outcome.
 *
 * Throttling, server errors and lost connections cost a poll, not the rollout. Anything else that
 * goes wrong with the read is thrown at once: `ACCESS_DENIED`, `CREDENTIALS_EXPIRED`,
 * `CREDENTIALS_MISSING`, `AWS_REQUEST_FAILED`.
 *
 * @example
 * const watch = watchRollout(rollout, createRolloutReader(source, rollout), options);
 * for (let step = await watch.next(); ; step = await watch.next()) {
 *   if (step.done) return step.value.verdict.outcome;
 *   print(describeEvent(step.value));
 * }
 */
export async function* watchRollout(
  rollout: ExpectedRollout,
  readSnapshot: ReadSnapshot,
  { clock, pace, timeoutMs, signal, from, timeout = abortedIn }: WatchOptions,
): AsyncGenerator<RolloutEvent, WatchedRollout, void> {
  const startedAt = clock.now();
  const deadline = startedAt + timeoutMs;
  let snapshot = from;
  let complainedAt = Number.NEGATIVE_INFINITY;
  let spokeAt = startedAt;

  const readOnce = async (previous: ServiceSnapshot | undefined): Promise<ReadResult> => {
    const limit = timeout(Math.max(deadline - clock.now(), LAST_READ_MS));
    try {
      const next = await readSnapshot(
        previous,
        signal === undefined ? limit : AbortSignal.any([signal, limit]),
      );
      pace.recover();
      return { kind: 'read', snapshot: next };
    } catch (error) {
      if (signal?.aborted === true) return { kind: 'cancelled' };
      if (limit.aborted) return { kind: 'late' };
      const kind = classifyAwsError(error);
      if (kind !== 'throttled' && kind !== 'transient') throw fromReadError(error, rollout);
      if (kind === 'throttled') pace.slowDown();
      return {
        kind: 'failed',
        throttled: kind === 'throttled',
        message: fromReadError(error, rollout).message,
      };
    }
  };

  let waits = from !== undefined;
  for (;;) {
    if (waits) {
      try {
        await pace.next(deadline, signal);
      } catch (error) {
        if (signal?.aborted === true) return { verdict: cancelled(rollout), snapshot };
        throw error;
      }
    }
    waits = true;
    const read = await readOnce(snapshot);
    if (read.kind === 'read' && !isOlderAnswer(read.snapshot.service, snapshot?.service)) {
      const events = observeRollout(snapshot, read.snapshot, rollout);
      snapshot = read.snapshot;
      if (events.length > 0) spokeAt = clock.now();
      yield* events;
      const verdict = judgeRollout(snapshot, rollout);
      if (verdict !== undefined) return { verdict, snapshot };
    } else if (read.kind === 'cancelled') {
      return { verdict: cancelled(rollout), snapshot };
    } else if (read.kind === 'failed') {
      // Told once, as long as it goes on: also where every other read goes through.
      if (clock.now() - complainedAt >= QUIET_MS)
        yield { type: 'read-failed', message: read.message, throttled: read.throttled, at: clock.now() };
      complainedAt = clock.now();
    }
    const now = clock.now();
    if (now >= deadline) return { verdict: timedOut(rollout, snapshot, timeoutMs), snapshot };
    if (now - spokeAt >= HEARTBEAT_MS) {
      spokeAt = now;
      const own = ownDeployment(snapshot?.service, rollout);
      const counts = own === undefined ? undefined : countTasks(own);
      yield { type: 'heartbeat', elapsedMs: now - startedAt, counts, at: now };
    }
  }
}

type ReadResult =
  | { readonly kind: 'read'; readonly snapshot: ServiceSnapshot }
  | { readonly kind: 'failed'; readonly throttled: boolean; readonly message: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'late' };

function fromReadError(error: unknown, { service, cluster }: ExpectedRollout) {
  return fromAwsError(error, `read service ${service} in cluster ${cluster}`, 'ecs:DescribeServices');
}

function cancelled({ service }: ExpectedRollout): Verdict {
  const happened = 'This run was cancelled.';
  return {
    outcome: 'cancelled',
    reason: `${happened} The rollout of service ${service} goes on in ECS.`,
    happened,
    endedBy: 'somebody',
  };
}

function timedOut(
  rollout: ExpectedRollout,
  snapshot: ServiceSnapshot | undefined,
  timeoutMs: number,
): Verdict {
  const own = ownDeployment(snapshot?.service, rollout);
  const { running, desired } = own === undefined ? { running: 0, desired: 0 } : countTasks(own);
  const state = own === undefined ? '' : ` with ${running} of ${desired} tasks running`;
  const happened = `After ${formatSpan(timeoutMs)} the rollout of service ${rollout.service} had not ended${state}.`;
  return { outcome: 'timed-out', reason: `${happened} It goes on in ECS.`, happened };
}

/** `30 seconds`, `1 minute`, `1.5 minutes`. */
export function formatSpan(ms: number): string {
  if (ms < 60_000) return plural(Math.ceil(ms / 1_000), 'second');
  return plural(Math.round(ms / 6_000) / 10, 'minute');
}

const plural = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;
