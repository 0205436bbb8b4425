import { describe, expect, it } from '@jest/globals';
import { RunningClock } from '../../src/world/running-clock.js';

const hour = 60 * 60 * 1000;

describe('a running clock', () => {
  it('goes as fast as it is told', async () => {
    const clock = new RunningClock(0, 360_000);
    expect(clock.kind).toBe('scaled');
    // Two hours in a fiftieth of a second.
    await new Promise<void>((resolve) => clock.schedule(2 * hour, resolve));
    expect(clock.now()).toBeGreaterThanOrEqual(2 * hour);
    expect(clock.now()).toBeLessThan(1000 * hour);
  });

  it('fires in order, and not what is cancelled or cleared', async () => {
    const clock = new RunningClock(0, 100_000);
    const seen: string[] = [];
    clock.schedule(hour / 2, () => seen.push('cancelled')).cancel();
    clock.schedule(hour, () => seen.push('second'));
    clock.schedule(hour / 4, () => seen.push('first'));
    await new Promise<void>((resolve) => clock.schedule(1.5 * hour, resolve));
    clock.schedule(hour / 4, () => seen.push('cleared'));
    clock.clear();
    await new Promise<void>((resolve) => clock.schedule(hour, resolve));
    expect(seen).toEqual(['first', 'second']);
  });

  it('does not fire at once what is further off than a timer of Node can be', async () => {
    const clock = new RunningClock(0);
    let fired = false;
    clock.schedule(60 * 24 * hour, () => (fired = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(fired).toBe(false);
    clock.clear();
  });

  it('is not advanced by hand', async () => {
    const clock = new RunningClock(0);
    expect(clock.kind).toBe('real');
    await expect(clock.advance()).rejects.toThrow('only a manual one is advanced');
    expect(() => new RunningClock(0, 0)).toThrow(RangeError);
  });
});
