import { parseServiceEvent } from '../rollout/service-events.js';

/** Whether a service event tells of trouble, rather than of ordinary progress. */
export function serviceEventConcern(message: string): boolean {
  switch (parseServiceEvent(message).kind) {
    case 'unhealthy':
    case 'deadlocked':
    case 'impeded':
      return true;
    case 'other':
      return /fail|error|denied|missing|alarm/i.test(message);
    default:
      return false;
  }
}
