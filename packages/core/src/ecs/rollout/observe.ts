import type { Deployment, Service, ServiceDeployment, ServiceEvent } from '@aws-sdk/client-ecs';
import type { RolloutEvent, RolloutFact, TaskCounts } from './events.js';
import { isScalingActivity } from '../diagnose/signature.js';
import { pausedHook } from './judge-service-deployment.js';
import { parseServiceEvent } from './service-events.js';
import {
  isNewer,
  isSince,
  ownDeployment,
  primaryDeployment,
  rollbackReason,
  type ExpectedRollout,
  type ServiceSnapshot,
} from './snapshot.js';

/**
 * What happened between two snapshots of a rollout, oldest first. `previous` is `undefined` at the
 * first: then everything is news that ECS has recorded since our deployment was created.
 */
export function observeRollout(
  previous: ServiceSnapshot | undefined,
  next: ServiceSnapshot,
  rollout: ExpectedRollout,
): RolloutEvent[] {
  const told = observeServiceEvents(previous?.service, next.service, rollout);
  const noticed = [
    ...observeService(previous?.service, next.service),
    ...observeOwn(ownDeployment(previous?.service, rollout), ownDeployment(next.service, rollout)),
    ...observeServiceDeployment(previous?.serviceDeployment, next.serviceDeployment),
    ...observeUnreadable(previous, next),
    // What ECS has told in an event, with its time, need not be concluded.
    ...observePrimary(previous?.service, next, rollout).filter(
      ({ type }) => !told.some((event) => event.type === type),
    ),
  ].map((fact): RolloutEvent => ({ ...fact, at: next.at }));
  return [...told, ...observeStoppedTasks(previous, next), ...noticed].sort((a, b) => a.at - b.at);
}

/** The numbers that describe a deployment's progress. */
export function countTasks(deployment: Deployment): TaskCounts {
  return {
    desired: deployment.desiredCount ?? 0,
    pending: deployment.pendingCount ?? 0,
    running: deployment.runningCount ?? 0,
    failed: deployment.failedTasks ?? 0,
  };
}

function observeUnreadable(previous: ServiceSnapshot | undefined, next: ServiceSnapshot): RolloutFact[] {
  return next.unreadable
    .slice(previous?.unreadable.length ?? 0)
    .map(({ message, hint }) => ({ type: 'read-denied', message, hint }));
}

function observeService(previous: Service | undefined, next: Service | undefined): RolloutFact[] {
  if (previous === undefined || next === undefined) return [];
  const facts: RolloutFact[] = [];
  if (next.status !== undefined && next.status !== previous.status)
    facts.push({ type: 'service-status', to: next.status });
  const from = previous.desiredCount ?? 0;
  const to = next.desiredCount ?? 0;
  if (from !== to) facts.push({ type: 'desired-count', from, to });
  return facts;
}

function observeOwn(previous: Deployment | undefined, next: Deployment | undefined): RolloutFact[] {
  if (next === undefined) return [];
  const facts: RolloutFact[] = [];
  if (previous === undefined)
    facts.push({
      type: 'deployment-visible',
      deploymentId: next.id ?? '',
      taskDefinitionArn: next.taskDefinition ?? '',
    });
  const from =
    previous === undefined ? { desired: 0, pending: 0, running: 0, failed: 0 } : countTasks(previous);
  const to = countTasks(next);
  if (from.pending !== to.pending || from.running !== to.running || from.failed !== to.failed)
    facts.push({ type: 'task-counts', from, to });
  if (next.rolloutState !== undefined && next.rolloutState !== previous?.rolloutState) {
    if (next.rolloutState === 'COMPLETED')
      facts.push({ type: 'deployment-completed', deploymentId: next.id ?? '' });
    else
      facts.push({
        type: 'rollout-state',
        from: previous?.rolloutState,
        to: next.rolloutState,
        reason: next.rolloutStateReason,
      });
  }
  return facts;
}

function observeServiceDeployment(
  previous: ServiceDeployment | undefined,
  next: ServiceDeployment | undefined,
): RolloutFact[] {
  if (next === undefined) return [];
  const facts: RolloutFact[] = [];
  if (next.status !== undefined && next.status !== previous?.status && !isOrdinaryStart(previous, next))
    facts.push({ type: 'deployment-status', to: next.status, reason: next.statusReason });
  if (next.lifecycleStage !== undefined && next.lifecycleStage !== previous?.lifecycleStage)
    facts.push({ type: 'lifecycle-stage', from: previous?.lifecycleStage, to: next.lifecycleStage });
  const before = previous?.targetServiceRevision;
  const after = next.targetServiceRevision;
  const production = after?.requestedProductionTrafficWeight;
  const test = after?.requestedTestTrafficWeight;
  const moved = (was: number | undefined, is: number | undefined) => (is ?? 0) !== (was ?? 0);
  if (
    moved(before?.requestedProductionTrafficWeight, production) ||
    moved(before?.requestedTestTrafficWeight, test)
  )
    facts.push({ type: 'traffic-shifted', production, test });
  const { failureCount, threshold } = next.deploymentCircuitBreaker ?? {};
  if (failureCount !== undefined && failureCount > (previous?.deploymentCircuitBreaker?.failureCount ?? 0))
    facts.push({ type: 'circuit-breaker-count', failureCount, threshold });
  const triggered = next.alarms?.triggeredAlarmNames ?? [];
  if (triggered.length > (previous?.alarms?.triggeredAlarmNames?.length ?? 0))
    facts.push({ type: 'alarm-triggered', alarmNames: triggered });
  const hook = pausedHook(next);
  if (hook !== undefined && hook.hookId !== pausedHook(previous)?.hookId)
    facts.push({
      type: 'paused',
      hookId: hook.hookId,
      stage: next.lifecycleStage,
      expiresAt: hook.expiresAt,
    });
  return facts;
}

/** PENDING and IN_PROGRESS say no more than that the deployment exists. */
function isOrdinaryStart(previous: ServiceDeployment | undefined, { status }: ServiceDeployment): boolean {
  const early = (value: string | undefined) =>
    value === undefined || value === 'PENDING' || value === 'IN_PROGRESS';
  return early(previous?.status) && early(status);
}

function observePrimary(
  previous: Service | undefined,
  { service, serviceDeployment }: ServiceSnapshot,
  rollout: ExpectedRollout,
): RolloutFact[] {
  const before = primaryDeployment(previous);
  const primary = primaryDeployment(service);
  if (primary === undefined || primary.id === rollout.deploymentId) return [];
  const leftOurs = before?.id === rollout.deploymentId;
  const newer = isNewer(primary, rollout);
  const byEcs = serviceDeployment?.status?.startsWith('ROLLBACK') ?? false;
  const toTaskDefinitionArn = primary.taskDefinition;
  if (leftOurs && newer && !byEcs)
    return [{ type: 'superseded', byDeploymentId: primary.id, taskDefinitionArn: toTaskDefinitionArn }];
  const facts: RolloutFact[] = [];
  if (leftOurs) {
    const reason = serviceDeployment?.rollback?.reason ?? rollbackReason(primary);
    facts.push({ type: 'rollback-started', toTaskDefinitionArn, reason });
  }
  const wasGoingBack = before?.id === primary.id && before?.rolloutState === 'IN_PROGRESS';
  if ((leftOurs || wasGoingBack) && primary.rolloutState === 'COMPLETED')
    facts.push({ type: 'rolled-back', toTaskDefinitionArn });
  return facts;
}

function observeStoppedTasks(previous: ServiceSnapshot | undefined, next: ServiceSnapshot): RolloutEvent[] {
  const known = new Set(previous?.stoppedTasks.map(({ taskArn }) => taskArn));
  return next.stoppedTasks
    .filter((task) => !known.has(task.taskArn) && !isScalingActivity(task))
    .map((task) => ({ type: 'task-stopped', task, at: task.stoppedAt?.getTime() ?? next.at }));
}

function observeServiceEvents(
  previous: Service | undefined,
  next: Service | undefined,
  rollout: ExpectedRollout,
): RolloutEvent[] {
  const known = new Set(previous?.events?.map(({ id }) => id));
  return (next?.events ?? [])
    .filter(({ id, createdAt }) => !known.has(id) && isSince(createdAt, rollout))
    .reverse()
    .flatMap((event) => {
      const fact = understand(event, next, rollout);
      return fact === undefined ? [] : [{ ...fact, at: event.createdAt?.getTime() ?? 0 }];
    });
}

/** What a service event adds to what the deployments themselves tell; `undefined` for an echo of them. */
function understand(
  { message = '' }: ServiceEvent,
  service: Service | undefined,
  rollout: ExpectedRollout,
): RolloutFact | undefined {
  const event = parseServiceEvent(message);
  const taskDefinitionOf = (deploymentId: string | undefined) =>
    service?.deployments?.find(({ id }) => id === deploymentId)?.taskDefinition;
  switch (event.kind) {
    case 'tasks-started':
      return { type: 'task-started', taskIds: event.taskIds };
    case 'tasks-stopped':
      // Tasks that were still pending are only counted.
      return event.taskIds.length === 0
        ? { type: 'service-event', message }
        : { type: 'tasks-retired', taskIds: event.taskIds };
    case 'targets-registered':
    case 'targets-deregistered':
      return { type: event.kind, count: event.count, targetGroup: event.targetGroup };
    case 'draining':
      return { type: 'draining', message };
    case 'unhealthy':
      return { type: 'unhealthy', message };
    case 'deadlocked':
    case 'impeded':
      return { type: 'impeded', message };
    case 'rolling-back':
      return {
        type: 'rollback-started',
        toTaskDefinitionArn: taskDefinitionOf(event.toDeploymentId),
        reason: undefined,
      };
    case 'deployment-completed':
      return isOlder(event.deploymentId, service, rollout)
        ? { type: 'rolled-back', toTaskDefinitionArn: taskDefinitionOf(event.deploymentId) }
        : undefined;
    case 'deployment-failed':
    case 'steady':
      return undefined;
    case 'other':
      return { type: 'service-event', message };
  }
}

/** Whether the deployment of this id came before ours: that it completes now means that the service went back to it. */
function isOlder(
  deploymentId: string | undefined,
  service: Service | undefined,
  { createdAt }: ExpectedRollout,
): boolean {
  const deployment = service?.deployments?.find(({ id }) => id === deploymentId);
  return deployment !== undefined && (deployment.createdAt?.getTime() ?? createdAt) < createdAt;
}
