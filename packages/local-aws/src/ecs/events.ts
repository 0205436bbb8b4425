import { randomUUID } from 'node:crypto';
import type { Service, ServiceEvent } from './state.js';
import { timings } from './timings.js';
import type { LoadBalancer } from './wire.js';

const LARGEST_HISTORY = 100;

/** Writes a service event, unless the same words stand there within the hours ECS suppresses repeats. */
export function recordEvent(
  service: Service,
  now: number,
  message: string,
  { once = false }: { once?: boolean } = {},
): void {
  if (once && repeats(service.events, now, message)) return;
  service.events.unshift({ id: randomUUID(), createdAt: now, message });
  service.events.length = Math.min(service.events.length, LARGEST_HISTORY);
}

function repeats(events: readonly ServiceEvent[], now: number, message: string): boolean {
  return events.some(
    (event) => event.message === message && now - event.createdAt < timings.eventSuppression,
  );
}

const TROUBLESHOOTING =
  'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.';

/** Where a task is registered: `(target-group ARN)`, or `(elb NAME)` for a Classic Load Balancer. */
export function placeOf({ targetGroupArn, loadBalancerName = '' }: LoadBalancer): string {
  return targetGroupArn === undefined ? `(elb ${loadBalancerName})` : `(target-group ${targetGroupArn})`;
}

const unitOf = (where: string): string => (where.startsWith('(elb ') ? 'instances' : 'targets');

const list = (ids: readonly string[]): string => ids.map((id) => `(task ${id})`).join(' ');

/** ECS's words. `service` is the service's name. */
export const eventText = {
  started: (service: string, ids: readonly string[]) =>
    `(service ${service}) has started ${ids.length} tasks: ${list(ids)}.`,
  replaced: (service: string, ids: readonly string[]) =>
    `(service ${service}) has started ${ids.length} tasks: ${list(ids)}. Amazon ECS replaced ${ids.length} tasks due to an unhealthy status.`,
  stoppedRunning: (service: string, ids: readonly string[]) =>
    `(service ${service}) has stopped ${ids.length} running tasks: ${list(ids)}.`,
  stoppedPending: (service: string, count: number) => `(service ${service}) stopped ${count} pending tasks.`,
  draining: (service: string, deploymentId: string, count: number) =>
    `(service ${service}, taskSet ${deploymentId}) has begun draining connections on ${count} tasks.`,
  /** `where`: as of `placeOf`. The targets of a Classic Load Balancer are called instances. */
  registered: (service: string, count: number, where: string) =>
    `(service ${service}) registered ${count} ${unitOf(where)} in ${where}`,
  deregistered: (service: string, count: number, where: string) =>
    `(service ${service}) deregistered ${count} ${unitOf(where)} in ${where}`,
  targetUnhealthy: (service: string, task: string, port: number, where: string, reason: string) =>
    `(service ${service}) (task ${task}) (port ${port}) is unhealthy in ${where} due to (reason ${reason}).`,
  failedContainerChecks: (service: string, task: string) =>
    `(service ${service}) (task ${task}) failed container health checks.`,
  deploymentCompleted: (service: string, deploymentId: string) =>
    `(service ${service}) (deployment ${deploymentId}) deployment completed.`,
  deploymentFailed: (service: string, deploymentId: string, why: string) =>
    `(service ${service}) (deployment ${deploymentId}) deployment failed: ${why}.`,
  rollingBack: (service: string, deploymentId: string) =>
    `(service ${service}) rolling back to deployment ${deploymentId}.`,
  steadyState: (service: string) => `(service ${service}) has reached a steady state.`,
  cannotStart: (service: string) =>
    `(service ${service}) is unable to consistently start tasks successfully. ${TROUBLESHOOTING}`,
  noCapacity: (service: string, reason: string) =>
    `(service ${service}) was unable to place a task. Reason: ${reason}. ${TROUBLESHOOTING}`,
  cannotLaunch: (service: string, error: string) =>
    `(service ${service}) failed to launch a task with (error ${error}).`,
  cannotPlace: (service: string, why: string) =>
    `(service ${service}) was unable to place a task because no container instance met all of its requirements. ${why} ${TROUBLESHOOTING}`,
  deadlock: (service: string) =>
    `(service ${service}) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.`,
  protectedTasks: (service: string, count: number) =>
    `(service ${service}) was unable to scale in due to (reason ${count} tasks under protection)`,
} as const;
