import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './ports.js';

/**
 * The real clock, for programs that have no other: `import { systemClock } from '@ecs-actions/core/system'`.
 * It is the one place of this package that reads wall time.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
};
