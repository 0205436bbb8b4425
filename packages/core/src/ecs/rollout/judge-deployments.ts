import type { Deployment, Service } from '@aws-sdk/client-ecs';
import { taskDefinitionName } from '../names.js';
import { judgePatienceWithRollback } from './fail-fast.js';
import { eventsSince } from './service-events.js';
import {
  currentServiceDeployment,
  isGoingBack,
  isNewer,
  isRevisionOf,
  ownDeployment,
  primaryDeployment,
  rollbackReason,
  shiftsTraffic,
  type ExpectedRollout,
  type ServiceSnapshot,
} from './snapshot.js';
import {
  endedBy,
  endedByWords,
  ownEndedBy,
  rollbackWords,
  rolledBack,
  succeeded,
  superseded,
  withReason,
  type Finding,
} from './verdicts.js';

/** Judges by what DescribeServices shows of the deployments. */
export function judgeDeployments(snapshot: ServiceSnapshot, rollout: ExpectedRollout): Finding {
  const { service } = snapshot;
  const primary = primaryDeployment(service);
  if (service === undefined || primary === undefined) return 'open';
  if (primary.id === rollout.deploymentId) return judgeOwnPrimary(primary, service, snapshot, rollout);
  const rollingBack = isRollbackTarget(primary, service, snapshot, rollout);
  if (isNewer(primary, rollout) && !rollingBack) return superseded(primary);
  // Going back, or an answer from before our update: the service deployment, where there is one, will tell.
  if (currentServiceDeployment(snapshot) !== undefined || !rollingBack) return 'open';
  return judgeRollbackByDeployments(primary, service, snapshot, rollout);
}

function judgeOwnPrimary(
  own: Deployment,
  service: Service,
  snapshot: ServiceSnapshot,
  rollout: ExpectedRollout,
): Finding {
  // What was seen going back is no success, whatever an answer says that may be older.
  if (isGoingBack(snapshot.serviceDeployment) && own.rolloutState !== 'FAILED') return 'open';
  const goesBack =
    rollout.rollbackRequested === true ||
    isGoingBack(snapshot.serviceDeployment) ||
    rollsBackByItself(service, own);
  switch (own.rolloutState) {
    case 'COMPLETED':
      if (rollout.untilSteady === true)
        return isSteady(own, service) ? succeeded(service, rollout) : undefined;
      return shiftsTraffic(service) && !isTrafficShifted(own, service, snapshot)
        ? 'open'
        : succeeded(service, rollout);
    case 'FAILED':
      if (goesBack && rollout.first !== true) return 'open';
      return {
        outcome: 'failed',
        reason: withReason(
          rollout.first === true
            ? 'The deployment failed, and there is no earlier one to go back to'
            : 'The deployment failed, and ECS did not roll it back',
          own.rolloutStateReason,
        ),
        endedBy: ownEndedBy(own.rolloutStateReason),
      };
    case 'IN_PROGRESS':
      return undefined;
    // Absent where ECS does not keep it (Classic Load Balancer): then, and only then, by counting.
    case undefined:
      return isSteady(own, service) ? succeeded(service, rollout) : undefined;
  }
}

/**
 * Whether a deployment that shifts traffic is over, by DescribeServices alone: it may say COMPLETED
 * while the bake time goes on, but what ran before is scaled in only after that (CLEAN_UP). Where nothing
 * ran before, the time itself has to be waited for.
 */
function isTrafficShifted(own: Deployment, service: Service, snapshot: ServiceSnapshot): boolean {
  const { at, completedSince = at, othersRan = false } = snapshot;
  const bakeMs = (service.deploymentConfiguration?.bakeTimeInMinutes ?? 0) * 60_000;
  const isBaked = at - completedSince >= bakeMs;
  const isOver = isAlone(own, service) && (othersRan || isBaked);
  return currentServiceDeployment(snapshot) === undefined && isOver;
}

function judgeRollbackByDeployments(
  primary: Deployment,
  service: Service,
  snapshot: ServiceSnapshot,
  rollout: ExpectedRollout,
): Finding {
  const back = taskDefinitionName(primary.taskDefinition);
  // Seen last while it went back, the service deployment said why and by whom.
  const seen = isGoingBack(snapshot.serviceDeployment) ? snapshot.serviceDeployment : undefined;
  const reason = (seen && rollbackWords(seen)) ?? whyRolledBack(primary, service, rollout);
  const by = seen === undefined ? endedByWords(reason ?? '', rollout) : endedBy(seen, rollout);
  if (primary.rolloutState === 'FAILED')
    return {
      outcome: 'failed',
      reason: withReason(
        `The deployment failed, and so did its rollback to ${back}`,
        primary.rolloutStateReason,
      ),
      endedBy: by,
    };
  return primary.rolloutState === 'IN_PROGRESS'
    ? (judgePatienceWithRollback(snapshot, rollout) ?? 'open')
    : rolledBack(back, reason, by);
}

/** ECS forgets a deployment that it has rolled back, but not the event that said why. */
function whyRolledBack(primary: Deployment, service: Service, rollout: ExpectedRollout): string | undefined {
  const own = ownDeployment(service, rollout);
  if (own?.rolloutState === 'FAILED' && own.rolloutStateReason !== undefined) return own.rolloutStateReason;
  const event = eventsSince(service, rollout).find(
    (one) => one.kind === 'deployment-failed' && one.deploymentId === rollout.deploymentId,
  );
  return event?.kind === 'deployment-failed' && event.reason !== undefined
    ? event.reason
    : rollbackReason(primary);
}

/**
 * Whether ECS goes back to `primary`. A rollback reuses the old deployment's id, so an old primary
 * alone could also be a stale answer; what tells them apart is that a rollback touched it after our
 * deployment began, announced it as an event, or left ours FAILED.
 */
function isRollbackTarget(
  primary: Deployment,
  service: Service,
  { serviceDeployment }: ServiceSnapshot,
  rollout: ExpectedRollout,
): boolean {
  const announced = eventsSince(service, rollout).some(
    (event) => event.kind === 'rolling-back' && event.toDeploymentId === primary.id,
  );
  if (announced || isRevisionOf(serviceDeployment?.rollback?.serviceRevisionArn, primary.id ?? ''))
    return true;
  if (isNewer(primary, rollout)) return false;
  return (
    ownDeployment(service, rollout)?.rolloutState === 'FAILED' ||
    (primary.updatedAt?.getTime() ?? 0) > rollout.createdAt
  );
}

function rollsBackByItself({ deploymentConfiguration }: Service, own: Deployment): boolean {
  const { deploymentCircuitBreaker: breaker, alarms, lifecycleHooks = [] } = deploymentConfiguration ?? {};
  return (
    (breaker?.enable === true && breaker.rollback === true) ||
    (alarms?.enable === true && alarms.rollback === true) ||
    // What a hook ends is rolled back always.
    (lifecycleHooks.length > 0 && ownEndedBy(own.rolloutStateReason) === 'ecs')
  );
}

function isSteady(own: Deployment, service: Service): boolean {
  return (
    own.desiredCount === service.desiredCount &&
    own.runningCount === own.desiredCount &&
    (own.pendingCount ?? 0) === 0 &&
    isAlone(own, service)
  );
}

/** Whether no task of another deployment runs. */
function isAlone(own: Deployment, { deployments = [] }: Service): boolean {
  return deployments.every(({ id, runningCount = 0 }) => id === own.id || runningCount === 0);
}
