import type { WorldClock } from './clock.js';

/** What every service of the embedded AWS shares. */
export interface World {
  readonly clock: WorldClock;
  /** Account and region of callers that do not say otherwise. */
  readonly accountId: string;
  readonly region: string;
  /** `127.0.0.1:PORT` of the server: also the registry's host in image references. */
  host(): string;
}
