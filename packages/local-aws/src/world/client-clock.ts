import type { Activity } from './activity.js';
import type { ClientClock, Timer, WorldClock } from './clock.js';
import { ManualClock } from './manual-clock.js';

const dayMs = 24 * 60 * 60 * 1000;
/** Wall time for which `runUntil` waits for a client that neither sleeps nor sends anything. */
const stuckMs = 10_000;

/** Wraps the world's clock for those outside of it. */
export function createClientClock(clock: WorldClock, activity: Activity): ClientClock {
  const schedule = (ms: number, callback: () => void): Timer => {
    let asleep = true;
    activity.sleep();
    const timer = clock.schedule(ms, () => {
      asleep = false;
      activity.wake();
      callback();
    });
    const cancel = () => {
      if (asleep) activity.cancelSleep();
      asleep = false;
      timer.cancel();
    };
    return { cancel };
  };
  return {
    kind: clock.kind,
    now: () => clock.now(),
    schedule,
    advance: (ms) => clock.advance(ms),
    sleep: (ms, signal) => sleepOn(schedule, ms, signal),
    runUntil: (promise, { limitMs = dayMs } = {}) =>
      clock instanceof ManualClock ? runManually(clock, activity, promise, limitMs) : promise,
  };
}

function sleepOn(schedule: WorldClock['schedule'], ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const abort = () => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = schedule(ms, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}

async function runManually<T>(
  clock: ManualClock,
  activity: Activity,
  promise: Promise<T>,
  limitMs: number,
): Promise<T> {
  let settled = false;
  const isSettled = () => settled;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  const endAt = clock.now() + limitMs;
  let idleSince: number | undefined;
  activity.expectClient();
  await activity.settleClients(isSettled);
  while (!isSettled()) {
    const next = clock.nextAt();
    if (next === undefined) {
      idleSince ??= performance.now();
      if (performance.now() - idleSince > stuckMs) {
        throw new Error('Nothing is scheduled on the manual clock, and what it is run for has not settled.');
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    idleSince = undefined;
    if (next > endAt) throw new Error(`Not settled within ${limitMs} ms of the manual clock.`);
    await clock.advance(next - clock.now());
    await activity.settleClients(isSettled);
  }
  return promise;
}
