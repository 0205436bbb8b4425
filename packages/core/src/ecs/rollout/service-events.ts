import type { Service } from '@aws-sdk/client-ecs';
import { isSince, type ExpectedRollout } from './snapshot.js';

/** A service event (`events[]` of DescribeServices), understood. */
export type ServiceEventFact =
  | { readonly kind: 'tasks-started'; readonly taskIds: readonly string[] }
  | { readonly kind: 'tasks-stopped'; readonly taskIds: readonly string[] }
  | { readonly kind: 'targets-registered'; readonly count: number; readonly targetGroup: string }
  | { readonly kind: 'targets-deregistered'; readonly count: number; readonly targetGroup: string }
  | { readonly kind: 'draining' }
  | { readonly kind: 'unhealthy'; readonly taskId: string | undefined }
  | { readonly kind: 'rolling-back'; readonly toDeploymentId: string }
  | { readonly kind: 'deployment-completed'; readonly deploymentId: string | undefined }
  | {
      readonly kind: 'deployment-failed';
      readonly deploymentId: string | undefined;
      readonly reason: string | undefined;
    }
  | { readonly kind: 'steady' }
  | { readonly kind: 'deadlocked' }
  | { readonly kind: 'impeded' }
  | { readonly kind: 'other' };

const DEPLOYMENT_ID = /\(deployment (ecs-svc\/\d+)\)/;
const TASK_ID = /\(task ([^)]+)\)/g;
const TARGETS = /(?<!de)registered (\d+) targets? in \(target-group ([^)]+)\)/;
const GONE_TARGETS = /deregistered (\d+) targets? in \(target-group ([^)]+)\)/;

const taskIds = (message: string): string[] => [...message.matchAll(TASK_ID)].map((match) => match[1]!);

/** Reads the sentence of a service event. Its shapes are those of the ECS developer guide, "Service event messages". */
export function parseServiceEvent(message: string): ServiceEventFact {
  const deploymentId = DEPLOYMENT_ID.exec(message)?.[1];
  const gone = GONE_TARGETS.exec(message);
  if (gone !== null) return { kind: 'targets-deregistered', count: Number(gone[1]), targetGroup: gone[2]! };
  const registered = TARGETS.exec(message);
  if (registered !== null)
    return { kind: 'targets-registered', count: Number(registered[1]), targetGroup: registered[2]! };
  const back = /rolling back to deployment (ecs-svc\/\d+)/.exec(message);
  if (back !== null) return { kind: 'rolling-back', toDeploymentId: back[1]! };
  if (/deployment completed/.test(message)) return { kind: 'deployment-completed', deploymentId };
  const failed = /deployment failed(?:: (.+))?/s.exec(message);
  if (failed !== null) return { kind: 'deployment-failed', deploymentId, reason: failed[1] };
  if (/because of the service deployment configuration/.test(message)) return { kind: 'deadlocked' };
  if (/failed container health checks|is unhealthy/.test(message))
    return { kind: 'unhealthy', taskId: taskIds(message)[0] };
  if (/\bunable to\b|throttl|insufficient|misconfigured/i.test(message)) return { kind: 'impeded' };
  if (/has started \d+ tasks?:/.test(message)) return { kind: 'tasks-started', taskIds: taskIds(message) };
  if (/stopped \d+ (running |pending )?tasks?/.test(message))
    return { kind: 'tasks-stopped', taskIds: taskIds(message) };
  if (/begun draining connections/.test(message)) return { kind: 'draining' };
  if (/has reached a steady state/.test(message)) return { kind: 'steady' };
  return { kind: 'other' };
}

/** The events of a service that belong to what is waited for, understood, newest first. */
export function eventsSince(service: Service | undefined, rollout: ExpectedRollout): ServiceEventFact[] {
  return (service?.events ?? [])
    .filter(({ createdAt }) => isSince(createdAt, rollout))
    .map(({ message = '' }) => parseServiceEvent(message));
}
