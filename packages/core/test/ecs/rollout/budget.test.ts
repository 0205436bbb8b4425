import { describe, expect, test } from '@jest/globals';
import { createCallBudget } from '../../../src/ecs/rollout/budget.js';
import { ManualClock } from '../manual-clock.js';
import { busiestMinute } from '../promptness.js';

const budgetAt = (intervalMs: number) => {
  const clock = new ManualClock();
  const soonest = (until: number) => {
    const polls = Math.ceil((until - clock.now()) / intervalMs) - 1;
    return Array.from({ length: polls }, (_, index) => clock.now() + (index + 1) * intervalMs);
  };
  return { clock, budget: createCallBudget(clock, { soonest }) };
};

describe('createCallBudget', () => {
  test.each([
    ['every 5 s', 5_000, 6],
    ['every 9 s', 9_000, 11],
    ['every minute', 60_000, 17],
  ])('has room for what polls %s and the end leave of 20', (_, intervalMs, room) => {
    const { budget } = budgetAt(intervalMs);
    expect(budget.affords(room)).toBe(true);
    expect(budget.affords(room + 1)).toBe(false);
    expect(budget.affords(room + 1, 2)).toBe(true);
  });

  test.each([4_500, 5_000, 7_500, 10_000])(
    'a poll every %i ms always has its call, however much is asked for besides',
    async (intervalMs) => {
      const { clock, budget } = budgetAt(intervalMs);
      const calls: number[] = [];
      const call = () => {
        calls.push(clock.now());
        budget.spend();
      };
      for (let poll = 0; poll < 100; poll += 1) {
        call();
        for (let more = poll % 4; more > 0 && budget.affords(1); more -= 1) call();
        await clock.advance(intervalMs);
      }
      expect(busiestMinute(calls)).toBeLessThanOrEqual(17);
      expect(calls.length).toBeGreaterThan(100);
    },
  );
});
