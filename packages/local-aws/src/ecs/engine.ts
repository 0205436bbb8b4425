import type { Backend } from '../backends/backend.js';
import type { WorldClock } from '../world/clock.js';
import type { FindImage, FindTargetGroup, ForwardTraffic, LogSink } from '../world/ports.js';
import type { World } from '../world/world.js';
import type { Scope } from './ids.js';
import type { AccountState } from './state.js';

/** What every part of this ECS works with. */
export interface Engine {
  readonly world: World;
  readonly clock: WorldClock;
  readonly backend: Backend;
  readonly findImage: FindImage;
  readonly logs: LogSink;
  readonly findTargetGroup: FindTargetGroup;
  readonly forward: ForwardTraffic;
  /** The state of an account and region, made on first use. */
  account(scope: Scope): AccountState;
  accounts(): Iterable<AccountState>;
  /** Forgets every account. */
  clear(): void;
}

/** What this ECS needs of its world. Without load balancing every target group is taken at its word. */
export interface EnginePorts {
  readonly findImage: FindImage;
  readonly logs: LogSink;
  readonly backend: Backend;
  readonly findTargetGroup?: FindTargetGroup;
  readonly forward?: ForwardTraffic;
}

/** Starts without any account. */
export function createEngine(world: World, ports: EnginePorts): Engine {
  const accounts = new Map<string, AccountState>();
  return {
    world,
    clock: world.clock,
    findTargetGroup: () => undefined,
    forward: () => {},
    ...ports,
    account({ accountId, region }) {
      const key = `${accountId}/${region}`;
      const known = accounts.get(key);
      if (known !== undefined) return known;
      const fresh: AccountState = {
        scope: { accountId, region },
        clusters: new Map(),
        taskDefinitions: new Map(),
        tags: new Map(),
        accountSettings: new Map(),
        alarms: new Set(),
      };
      accounts.set(key, fresh);
      return fresh;
    },
    accounts: () => accounts.values(),
    clear: () => accounts.clear(),
  };
}
