import { describe, expect, test } from '@jest/globals';
import { createPace } from '../../../src/ecs/rollout/pace.js';
import { ManualClock } from '../manual-clock.js';

/** The intervals at which one waiter polls for `ms`. */
async function intervals(clock: ManualClock, ms: number, random: () => number): Promise<number[]> {
  const pace = createPace(clock, random);
  const lengths: number[] = [];
  const until = clock.now() + ms;
  while (clock.now() < until) {
    const before = clock.now();
    await clock.run(pace.next(until));
    lengths.push(clock.now() - before);
  }
  return lengths;
}

describe('createPace', () => {
  test('polls every 5 s at first and every 10 s after two minutes', async () => {
    const lengths = await intervals(new ManualClock(), 300_000, () => 0);
    expect(lengths[0]).toBe(5_000);
    expect(lengths.slice(0, -1)).toEqual([...lengths.slice(0, -1)].sort((a, b) => a - b));
    expect(lengths.at(-2)).toBe(10_000);
  });

  test('takes up to a tenth off by chance', async () => {
    const lengths = await intervals(new ManualClock(), 30_000, () => 0.99);
    expect(lengths[0]).toBe(4_505);
  });

  test('knows when polls come at the earliest, whatever chance and throttling do', async () => {
    const clock = new ManualClock();
    const pace = createPace(clock, () => 0.999);
    const soonest = pace.soonest(4 * 60_000);
    expect(soonest[0]).toBe(4_500);
    expect(soonest.at(-1)! - soonest.at(-2)!).toBe(9_000);
    for (const at of soonest) {
      pace.slowDown();
      pace.recover();
      await clock.run(pace.next(Number.MAX_SAFE_INTEGER));
      expect(clock.now()).toBeGreaterThanOrEqual(at);
    }
  });

  test('wakes at the end of the budget, not after it', async () => {
    const clock = new ManualClock();
    const pace = createPace(clock, () => 0);
    const until = clock.now() + 1_234;
    await clock.run(pace.next(until));
    expect(clock.now()).toBe(until);
  });

  test('slows down while AWS throttles and recovers step by step', async () => {
    const clock = new ManualClock();
    const pace = createPace(clock, () => 0);
    const wait = async () => {
      const before = clock.now();
      await clock.run(pace.next(Number.MAX_SAFE_INTEGER));
      return clock.now() - before;
    };
    const usual = await wait();
    pace.slowDown();
    pace.slowDown();
    pace.slowDown();
    expect(await wait()).toBeGreaterThan(usual * 3.9);
    pace.recover();
    expect(await wait()).toBeLessThan(usual * 3.9);
    pace.recover();
    expect(await wait()).toBeLessThan(usual * 2);
  });

  test('wakes everybody who waits at the same moment', async () => {
    const clock = new ManualClock();
    const pace = createPace(clock, () => 0);
    const woken: number[] = [];
    const one = pace.next(Number.MAX_SAFE_INTEGER).then(() => woken.push(clock.now()));
    await clock.advance(3_000);
    const other = pace.next(Number.MAX_SAFE_INTEGER).then(() => woken.push(clock.now()));
    await clock.run(Promise.all([one, other]));
    expect(new Set(woken).size).toBe(1);
  });

  test('rejects with the reason of the signal, and leaves no timer behind', async () => {
    const clock = new ManualClock();
    const pace = createPace(clock, () => 0);
    const cancel = new AbortController();
    const waiting = pace.next(Number.MAX_SAFE_INTEGER, cancel.signal);
    cancel.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
  });

  test('one who gives up does not wake the others', async () => {
    const clock = new ManualClock();
    const pace = createPace(clock, () => 0);
    const cancel = new AbortController();
    const one = pace.next(Number.MAX_SAFE_INTEGER, cancel.signal);
    const other = pace.next(Number.MAX_SAFE_INTEGER);
    cancel.abort(new Error('enough'));
    await expect(one).rejects.toThrow('enough');
    await clock.run(other);
    expect(clock.now()).toBe(5_000);
  });
});
