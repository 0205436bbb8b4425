import { describe, expect, test } from '@jest/globals';
import type { RolloutEvent } from '../../../src/ecs/rollout/events.js';
import { createPace } from '../../../src/ecs/rollout/pace.js';
import type { ReadSnapshot } from '../../../src/ecs/rollout/read.js';
import type { ServiceSnapshot } from '../../../src/ecs/rollout/snapshot.js';
import { watchRollout, type WatchedRollout } from '../../../src/ecs/rollout/watch.js';
import { ManualClock } from '../manual-clock.js';
import { seeded } from '../promptness.js';
import { old, ours, rollout, service, serviceEvent, snapshot } from './snapshots.js';

const MINUTE = 60_000;

interface Watch {
  readonly read: ReadSnapshot;
  readonly clock?: ManualClock;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly random?: () => number;
  readonly timeout?: (ms: number) => AbortSignal;
  readonly from?: ServiceSnapshot;
}

/** Watches to the end; what happened, and how it ended. */
async function watch({
  read,
  clock = new ManualClock(),
  timeoutMs = 30 * MINUTE,
  signal,
  timeout,
  from,
  random = () => 0,
}: Watch) {
  const events: RolloutEvent[] = [];
  const ended = (async (): Promise<WatchedRollout> => {
    const steps = watchRollout(rollout, read, {
      clock,
      pace: createPace(clock, random),
      timeoutMs,
      signal,
      timeout,
      from,
    });
    for (;;) {
      const step = await steps.next();
      if (step.done === true) return step.value;
      events.push(step.value);
    }
  })();
  return { ...(await clock.run(ended)), events, clock };
}

/** A service whose deployment completes `ms` after the clock's start. */
const completesAt =
  (clock: ManualClock, ms: number): ReadSnapshot =>
  async () =>
    snapshot({
      at: clock.now(),
      service: service([clock.now() >= ms ? ours({ rolloutState: 'COMPLETED' }) : ours(), old()]),
    });

const awsError = (name: string, status?: number) =>
  Object.assign(new Error(`${name} said no`), {
    name,
    ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
  });

describe('watchRollout', () => {
  test('yields what happens and returns the outcome', async () => {
    const clock = new ManualClock();
    const { verdict, events } = await watch({ clock, read: completesAt(clock, 42_000) });
    expect(verdict.outcome).toBe('succeeded');
    expect(events.map(({ type }) => type)).toEqual([
      'deployment-visible',
      'rollout-state',
      'deployment-completed',
    ]);
  });

  test('uses the whole time budget, looks once more at its very end, and not a moment longer', async () => {
    const clock = new ManualClock();
    const reads: number[] = [];
    const { verdict } = await watch({
      clock,
      timeoutMs: 10 * MINUTE,
      read: async () => {
        reads.push(clock.now());
        return snapshot({ at: clock.now() });
      },
    });
    expect(verdict).toMatchObject({ outcome: 'timed-out' });
    expect(verdict.reason).toContain(
      'After 10 minutes the rollout of service web had not ended with 0 of 0 tasks running.',
    );
    expect(clock.now()).toBe(10 * MINUTE);
    expect(reads.at(-1)).toBe(10 * MINUTE);
  });

  test.each([
    [30_000, 'After 30 seconds '],
    [1_000, 'After 1 second '],
    [MINUTE, 'After 1 minute '],
    [90_000, 'After 1.5 minutes '],
  ])('names a budget of %i ms in words', async (timeoutMs, words) => {
    const clock = new ManualClock();
    const { verdict } = await watch({ clock, timeoutMs, read: completesAt(clock, Number.POSITIVE_INFINITY) });
    expect(verdict.reason.slice(0, words.length)).toBe(words);
  });

  test('succeeds if the deployment completes just before the end of the budget', async () => {
    const clock = new ManualClock();
    const { verdict } = await watch({
      clock,
      timeoutMs: 10 * MINUTE,
      read: completesAt(clock, 10 * MINUTE - 1),
    });
    expect(verdict.outcome).toBe('succeeded');
  });

  test('goes on from a snapshot one poll later, and tells only what is new', async () => {
    const clock = new ManualClock();
    const reads: number[] = [];
    const { verdict, events } = await watch({
      clock,
      from: snapshot({ at: 0, service: service([ours(), old()]) }),
      read: (previous) => {
        reads.push(clock.now());
        return completesAt(clock, 0)(previous);
      },
    });
    expect(verdict.outcome).toBe('succeeded');
    expect(reads).toEqual([5_000]);
    expect(events.map(({ type }) => type)).toEqual(['deployment-completed']);
  });

  test('says something each minute when nothing changes', async () => {
    const clock = new ManualClock();
    const { events } = await watch({
      clock,
      timeoutMs: 5 * MINUTE,
      read: completesAt(clock, Number.POSITIVE_INFINITY),
    });
    const beats = events.filter(({ type }) => type === 'heartbeat').map(({ at }) => at);
    expect(beats.length).toBeGreaterThanOrEqual(4);
    for (const [index, beat] of beats.entries())
      expect(beat - (beats[index - 1] ?? 0)).toBeLessThanOrEqual(70_000);
  });

  test.each([
    ['throttling', awsError('ThrottlingException')],
    ['a server error', awsError('ServerException', 500)],
    ['a reset', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['a time-out', awsError('TimeoutError')],
  ])('%s costs patience only, and is told once', async (_, error) => {
    const clock = new ManualClock();
    let reads = 0;
    const good = completesAt(clock, 60_000);
    const { verdict, events } = await watch({
      clock,
      read: async (previous) => {
        reads += 1;
        if (reads >= 2 && reads <= 4) throw error;
        return good(previous);
      },
    });
    expect(verdict.outcome).toBe('succeeded');
    expect(events.filter(({ type }) => type === 'read-failed')).toHaveLength(1);
  });

  test('reads that fail now and then are told once, and once more after a minute without', async () => {
    const clock = new ManualClock();
    const good = completesAt(clock, 10 * MINUTE);
    const isBad = () => clock.now() < 3 * MINUTE || clock.now() > 5 * MINUTE;
    let reads = 0;
    const { events } = await watch({
      clock,
      read: async (previous) => {
        reads += 1;
        if (reads % 2 === 0 && isBad()) throw awsError('ServerException', 500);
        return good(previous);
      },
    });
    expect(events.filter(({ type }) => type === 'read-failed')).toHaveLength(2);
  });

  test.each([
    ['AccessDeniedException', 'ACCESS_DENIED', 'ecs:DescribeServices'],
    ['ExpiredTokenException', 'CREDENTIALS_EXPIRED', 'role-to-assume'],
    ['CredentialsProviderError', 'CREDENTIALS_MISSING', 'role-to-assume'],
    ['ClusterNotFoundException', 'AWS_REQUEST_FAILED', undefined],
  ])('%s ends the watch at once', async (name, code, hint) => {
    const clock = new ManualClock();
    const watching = watch({
      clock,
      read: async () => {
        throw awsError(name, 400);
      },
    });
    await expect(watching).rejects.toMatchObject({
      code,
      ...(hint === undefined ? {} : { hint: expect.stringContaining(hint) }),
    });
    expect(clock.now()).toBe(0);
  });

  test('an answer that is older than the one before says nothing, and what it lacks is told once', async () => {
    const clock = new ManualClock();
    const started = serviceEvent(5, 'has started 2 tasks: (task a) (task b).');
    const earlier = serviceEvent(-500, 'has reached a steady state.');
    let reads = 0;
    const { verdict, events } = await watch({
      clock,
      read: async () => {
        reads += 1;
        if (reads === 2)
          return snapshot({ service: service([old({ status: 'PRIMARY' })], { events: [earlier] }) });
        const own = reads < 5 ? ours() : ours({ rolloutState: 'COMPLETED' });
        return snapshot({ service: service([own, old()], { events: [started, earlier] }) });
      },
    });
    expect(verdict.outcome).toBe('succeeded');
    expect(events.map(({ type }) => type)).toEqual([
      'task-started',
      'deployment-visible',
      'rollout-state',
      'deployment-completed',
    ]);
  });

  test('a cancelled run ends at once and says that the rollout goes on', async () => {
    const clock = new ManualClock();
    const cancel = new AbortController();
    const watching = watch({
      clock,
      signal: cancel.signal,
      read: async () => {
        if (clock.now() > 20_000) cancel.abort(new Error('cancelled'));
        return snapshot({ at: clock.now() });
      },
    });
    const { verdict } = await watching;
    expect(verdict).toMatchObject({
      outcome: 'cancelled',
      reason: expect.stringContaining('goes on in ECS'),
    });
    expect(clock.pending).toBe(0);
  });

  test('a read that hangs at the end of the budget is given up', async () => {
    const clock = new ManualClock();
    const limits: number[] = [];
    const { verdict } = await watch({
      clock,
      timeoutMs: MINUTE,
      timeout: (ms) => {
        limits.push(ms);
        return AbortSignal.abort();
      },
      read: (_, signal) => {
        signal?.throwIfAborted();
        return new Promise(() => {});
      },
    });
    expect(verdict.outcome).toBe('timed-out');
    expect(clock.now()).toBe(MINUTE);
    expect(limits[0]).toBe(MINUTE);
    expect(limits.at(-1)).toBe(5_000);
  });

  test('finds out promptly: 6 s at the median, 11 s at the 99th percentile of 1,200 rollouts', async () => {
    const random = seeded(7);
    const lags: number[] = [];
    for (let run = 0; run < 1_200; run += 1) {
      const clock = new ManualClock();
      // From 20 s to 30 min, as many short ones as long ones.
      const endsAt = 20_000 * 90 ** random();
      const { verdict } = await watch({
        clock,
        random,
        timeoutMs: 60 * MINUTE,
        read: completesAt(clock, endsAt),
      });
      expect(verdict.outcome).toBe('succeeded');
      lags.push(clock.now() - endsAt);
    }
    lags.sort((a, b) => a - b);
    expect(lags[Math.floor(lags.length * 0.5)]).toBeLessThanOrEqual(6_000);
    expect(lags[Math.floor(lags.length * 0.99)]).toBeLessThanOrEqual(11_000);
  });
});
