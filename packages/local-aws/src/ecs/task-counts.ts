import type { Deployment, Service, Task } from './state.js';

/** On its way to RUNNING. */
export const isPending = (task: Task): boolean =>
  ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(task.lastStatus);

/** Tasks of a service (or of one of its deployments) that are starting and running. */
export function countTasks(
  service: Service,
  deployment?: Deployment,
): { runningCount: number; pendingCount: number } {
  let runningCount = 0;
  let pendingCount = 0;
  for (const task of service.cluster.tasks.values()) {
    if (task.service !== service) continue;
    if (deployment !== undefined && task.deployment !== deployment) continue;
    if (task.lastStatus === 'RUNNING') runningCount += 1;
    else if (isPending(task) && task.desiredStatus === 'RUNNING') pendingCount += 1;
  }
  return { runningCount, pendingCount };
}
