import type { Task } from './state.js';
import { timings } from './timings.js';

/** UNHEALTHY if an essential container is, HEALTHY if every checked essential one is. */
export function taskHealth(task: Task): 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' {
  const checked = task.containers.filter(
    ({ definition }) => definition.healthCheck !== undefined && definition.essential !== false,
  );
  if (checked.some(({ health }) => health === 'UNHEALTHY')) return 'UNHEALTHY';
  return checked.length > 0 && checked.every(({ health }) => health === 'HEALTHY') ? 'HEALTHY' : 'UNKNOWN';
}

/** Checked and found good; or, where nothing checks it, 40 s after RUNNING. */
export function isHealthy(task: Task, now: number): boolean {
  if (task.lastStatus !== 'RUNNING' || task.desiredStatus !== 'RUNNING') return false;
  if (task.failedCheck !== undefined) return false;
  const containerChecked = task.containers.some(
    ({ definition }) => definition.healthCheck !== undefined && definition.essential !== false,
  );
  const targets = task.loadBalancers.length > 0;
  if (containerChecked && taskHealth(task) !== 'HEALTHY') return false;
  if (targets && task.targetHealth !== 'HEALTHY') return false;
  return containerChecked || targets || now - (task.startedAt ?? now) >= timings.healthyWithoutCheck;
}
