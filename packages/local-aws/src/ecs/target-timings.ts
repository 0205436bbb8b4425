import type { FindTargetGroup, TargetGroupTimings } from '../world/ports.js';
import type { Task } from './state.js';
import { timings } from './timings.js';

/** How long a task's targets take: the slowest of its target groups; usual ones for groups that were not made here. */
export function targetTimings(
  { loadBalancers }: Pick<Task, 'loadBalancers'>,
  find: FindTargetGroup,
): TargetGroupTimings {
  const all = loadBalancers.map(({ targetGroupArn = '' }) => find(targetGroupArn) ?? USUAL);
  const slowest = (pick: (group: TargetGroupTimings) => number): number => Math.max(...all.map(pick));
  return {
    healthyMs: slowest(({ healthyMs }) => healthyMs),
    unhealthyMs: slowest(({ unhealthyMs }) => unhealthyMs),
    drainingMs: slowest(({ drainingMs }) => drainingMs),
  };
}

const USUAL: TargetGroupTimings = {
  healthyMs: timings.targetHealthy,
  unhealthyMs: timings.targetUnhealthy,
  drainingMs: timings.deactivating,
};
