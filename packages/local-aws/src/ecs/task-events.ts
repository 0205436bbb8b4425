import { eventText, placeOf, recordEvent } from './events.js';
import type { Deployment, Service, Task } from './state.js';
import type { TaskChange } from './task-lifecycle.js';

/** Writes the service events that tell of a task's roles, target groups and checks. */
export function recordTaskEvents(
  {
    service,
    deployment,
    task,
    change,
  }: { service: Service; deployment: Deployment; task: Task; change: TaskChange },
  now: number,
): void {
  const record = (message: string): void => recordEvent(service, now, message);
  const { failedCheck } = task;
  if (change.type === 'targets-draining') record(eventText.draining(service.name, deployment.id, 1));
  if (change.type === 'stopped' && isRoleFault(task)) {
    const error = task.stoppedReason?.replace(/\.$/, '') ?? '';
    recordEvent(service, now, eventText.cannotLaunch(service.name, error), { once: true });
  }
  if (change.type === 'failed-check' && failedCheck?.kind === 'container') {
    record(eventText.failedContainerChecks(service.name, task.id));
  }
  for (const loadBalancer of task.loadBalancers) {
    const where = placeOf(loadBalancer);
    const { containerPort = 0 } = loadBalancer;
    if (change.type === 'targets-registered') record(eventText.registered(service.name, 1, where));
    if (change.type === 'targets-deregistered') record(eventText.deregistered(service.name, 1, where));
    if (change.type === 'failed-check' && failedCheck?.kind === 'target-group') {
      const { reason } = failedCheck;
      record(eventText.targetUnhealthy(service.name, task.id, containerPort, where, reason));
    }
  }
}

/** A role that cannot be assumed is a matter of the service as a whole: the event says so, not just the task. */
function isRoleFault({ stopCode, stoppedReason = '' }: Task): boolean {
  return stopCode === 'TaskFailedToStart' && stoppedReason.startsWith('ECS was unable to assume the role');
}
