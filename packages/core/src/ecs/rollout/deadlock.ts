import type { Deployment, Service } from '@aws-sdk/client-ecs';
import { eventsSince } from './service-events.js';
import {
  ownDeployment,
  primaryDeployment,
  shiftsTraffic,
  type ExpectedRollout,
  type ServiceSnapshot,
} from './snapshot.js';

/** ECS takes some seconds to act on an update, and its clock need not be ours, ms. */
const REACTION_MS = 60_000;
/** What ECS takes for percentages that are not set. */
const DEFAULT_MINIMUM_PERCENT = 100;
const DEFAULT_MAXIMUM_PERCENT = 200;

/**
 * Says that the percentages allow ECS neither to start nor to stop a task, or `undefined` where they
 * do. An event of ECS says so once in six hours only ("Service event messages"): without one it
 * follows from the numbers (API reference, DeploymentConfiguration: the minimum is rounded up, the
 * maximum down).
 */
export function describeDeadlock(snapshot: ServiceSnapshot, rollout: ExpectedRollout): string | undefined {
  const { service } = snapshot;
  if (service === undefined || rollout.untilSteady === true) return undefined;
  if (!isSaid(service, rollout) && !isReckoned(snapshot, service, rollout)) return undefined;
  const { minimum, maximum } = percentagesOf(service);
  const { desiredCount = 0 } = service;
  const what = desiredCount === 1 ? 'the one task' : `even one of ${desiredCount} tasks`;
  return `minimumHealthyPercent ${minimum} and maximumPercent ${maximum} leave ECS no room to replace ${what}`;
}

function isSaid(service: Service, rollout: ExpectedRollout): boolean {
  return eventsSince(service, rollout).some(({ kind }) => kind === 'deadlocked');
}

function isReckoned({ at }: ServiceSnapshot, service: Service, rollout: ExpectedRollout): boolean {
  const own = ownDeployment(service, rollout);
  if (own?.rolloutState !== 'IN_PROGRESS' || own.id !== primaryDeployment(service)?.id) return false;
  if (service.schedulingStrategy === 'DAEMON' || shiftsTraffic(service)) return false;
  if (at - rollout.createdAt < REACTION_MS) return false;
  const { desiredCount = 0, deployments = [] } = service;
  const { minimum, maximum } = percentagesOf(service);
  const mayStop = Math.ceil((desiredCount * minimum) / 100) < desiredCount;
  const mayStart = Math.floor((desiredCount * maximum) / 100) > desiredCount;
  const total = deployments.reduce((sum, one) => sum + tasksOf(one), 0);
  return !mayStop && !mayStart && tasksOf(own) < desiredCount && total >= desiredCount;
}

function tasksOf({ runningCount = 0, pendingCount = 0 }: Deployment): number {
  return runningCount + pendingCount;
}

function percentagesOf({ deploymentConfiguration }: Service) {
  return {
    minimum: deploymentConfiguration?.minimumHealthyPercent ?? DEFAULT_MINIMUM_PERCENT,
    maximum: deploymentConfiguration?.maximumPercent ?? DEFAULT_MAXIMUM_PERCENT,
  };
}
