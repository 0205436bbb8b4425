import type { WorldClock } from '../world/clock.js';
import type { ElbState, Target, TargetGroup } from './state.js';

type TargetAddress = Pick<Target, 'id' | 'port'>;

/** How long a target that is leaving takes where the group does not say (and no connection is open), in ms. */
const IDLE_DRAINING_MS = 50_000;

/** The life of targets that callers register: checked (and found good), drained. Unknown ones are passed over. */
export interface Targets {
  /** Adds a target, which passes its first check when that falls due; one that was draining comes back. */
  register(group: TargetGroup, target: TargetAddress & { readonly zone?: string }): void;
  /** Lets the target finish what it has begun for `drainMs`, then forgets it. */
  deregister(group: TargetGroup, address: TargetAddress, drainMs: number): void;
}

/** On the world's clock. */
export function createTargets(clock: WorldClock): Targets {
  const find = (group: TargetGroup, address: TargetAddress): Target | undefined =>
    group.targets.get(keyOf(address));
  return {
    register(group, { id, port, zone }) {
      find(group, { id, port })?.timer?.cancel();
      const target: Target = { id, port, ...(zone !== undefined && { zone }), state: 'initial' };
      target.timer = clock.schedule(timeToHealthyMs(group), () => {
        target.state = 'healthy';
      });
      group.targets.set(keyOf(target), target);
    },
    deregister(group, address, drainMs) {
      const target = find(group, address);
      if (target === undefined || target.state === 'draining') return;
      target.timer?.cancel();
      target.state = 'draining';
      target.timer = clock.schedule(drainMs, () => group.targets.delete(keyOf(address)));
    },
  };
}

const keyOf = ({ id, port }: TargetAddress): string => `${id}:${port}`;

/** A new target is healthy once it has passed one check; on average half an interval away. */
export function timeToHealthyMs({ healthCheck }: TargetGroup): number {
  return (healthCheck.intervalSeconds * 1000) / 2;
}

/** As many checks in a row as the threshold says have to fail. */
export function timeToUnhealthyMs({ healthCheck }: TargetGroup): number {
  return healthCheck.intervalSeconds * healthCheck.unhealthyThresholdCount * 1000;
}

/** The deregistration delay, where it was set. */
export function drainingMs({ attributes }: ElbState, { arn }: TargetGroup): number {
  const seconds = attributes.get(arn)?.get('deregistration_delay.timeout_seconds');
  return seconds === undefined ? IDLE_DRAINING_MS : Number(seconds) * 1000;
}
