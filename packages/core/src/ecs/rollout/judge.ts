import type { Deployment, Service, ServiceDeployment } from '@aws-sdk/client-ecs';
import { failureSignature, isFailureOfTask } from '../diagnose/signature.js';
import { taskDefinitionName } from '../names.js';
import { describeDeadlock } from './deadlock.js';
import type { EndedBy, Verdict } from './outcome.js';
import { eventsSince } from './service-events.js';
import {
  currentServiceDeployment,
  isRevisionOf,
  ownDeployment,
  primaryDeployment,
  rollbackReason,
  shiftsTraffic,
  type ExpectedRollout,
  type ServiceSnapshot,
} from './snapshot.js';

/** How long a service that DescribeServices calls MISSING may be a stale answer. */
const MISSING_GRACE_MS = 10_000;

/** `'open'`: this source has nothing to say against the rollout going on, and the others need not be asked. */
type Finding = Verdict | 'open' | undefined;

/**
 * Decides how a rollout ended, or `undefined` while it has not.
 *
 * The service deployment is believed first, since it alone remembers; DescribeServices decides
 * where it is absent or cannot be read any more. Never judged by "one deployment left" or "running
 * equals desired": both are true at moments when nothing has been deployed yet.
 */
export function judgeRollout(snapshot: ServiceSnapshot, rollout: ExpectedRollout): Verdict | undefined {
  const finding =
    judgeExistence(snapshot) ??
    judgeServiceDeployment(snapshot, rollout) ??
    judgeDeployments(snapshot, rollout) ??
    judgePatience(snapshot, rollout);
  return finding === 'open' ? undefined : finding;
}

function judgeExistence({ at, service, missingSince }: ServiceSnapshot): Finding {
  if (service === undefined) {
    const gone = missingSince !== undefined && at - missingSince >= MISSING_GRACE_MS;
    return gone ? stopped('The service was deleted while it was being deployed.') : 'open';
  }
  if (service.status === 'DRAINING' || service.status === 'INACTIVE')
    return stopped(`The service was deleted while it was being deployed (status ${service.status}).`);
  return undefined;
}

function judgeServiceDeployment(snapshot: ServiceSnapshot, rollout: ExpectedRollout): Finding {
  const { service } = snapshot;
  const serviceDeployment = currentServiceDeployment(snapshot);
  switch (serviceDeployment?.status) {
    case 'SUCCESSFUL':
      return rollout.untilSteady === true || isUnderWayAgain(serviceDeployment, snapshot, rollout)
        ? undefined
        : succeeded(service, rollout);
    case 'ROLLBACK_SUCCESSFUL':
      return judgeRollback(serviceDeployment, snapshot, rollout);
    case 'ROLLBACK_FAILED':
      return {
        outcome: 'failed',
        reason: withReason('The deployment failed, and so did its rollback', serviceDeployment.statusReason),
        endedBy: endedBy(serviceDeployment, rollout),
      };
    case 'STOPPED':
      return judgeStop(serviceDeployment, snapshot, rollout);
    case 'STOP_REQUESTED':
    case 'ROLLBACK_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS':
      return judgePatienceWithRollback(snapshot, rollout) ?? 'open';
    case 'PENDING':
    case 'IN_PROGRESS':
      return judgePause(serviceDeployment, rollout);
    case undefined:
      return undefined;
  }
}

/** A deployment that ECS rolls back to has the service deployment of its first time, which succeeded then. */
function isUnderWayAgain(
  { finishedAt }: ServiceDeployment,
  { service }: ServiceSnapshot,
  rollout: ExpectedRollout,
): boolean {
  const own = ownDeployment(service, rollout);
  if (own?.rolloutState !== 'IN_PROGRESS' || finishedAt === undefined) return false;
  return (own.updatedAt?.getTime() ?? 0) > finishedAt.getTime();
}

function judgeRollback(
  serviceDeployment: ServiceDeployment,
  { service }: ServiceSnapshot,
  rollout: ExpectedRollout,
): Verdict {
  const back = taskDefinitionName(primaryDeployment(service)?.taskDefinition);
  return rolledBack(back, rollbackWords(serviceDeployment), endedBy(serviceDeployment, rollout));
}

function judgeStop(
  serviceDeployment: ServiceDeployment,
  { service }: ServiceSnapshot,
  rollout: ExpectedRollout,
): Verdict {
  const by = endedBy(serviceDeployment, rollout);
  const words = serviceDeployment.statusReason;
  if (by === 'circuit-breaker' || by === 'alarm' || HOOK_FAILED.test(words ?? ''))
    return {
      outcome: 'failed',
      reason: withReason('The deployment failed, and ECS did not roll it back', words),
      endedBy: by,
    };
  const primary = primaryDeployment(service);
  if (primary !== undefined && isNewer(primary, rollout)) return superseded(primary);
  if (/supersed|newer|replaced by|new(er)? (service )?deployment/i.test(words ?? ''))
    return { outcome: 'superseded', reason: withReason('A newer deployment took over', words) };
  if (rollout.rollbackRequested === true)
    return {
      outcome: 'failed',
      reason: withReason('The deployment was stopped but not rolled back', words),
      endedBy: 'us',
    };
  return stopped(withReason('Somebody stopped the deployment', words));
}

function judgePause(serviceDeployment: ServiceDeployment, { answeredHookId }: ExpectedRollout): Finding {
  const hook = pausedHook(serviceDeployment);
  if (hook === undefined || hook.hookId === answeredHookId) return undefined;
  const until = hook.expiresAt === undefined ? '' : ` until ${hook.expiresAt.toISOString()}`;
  return {
    outcome: 'paused',
    reason: `The deployment is paused at ${serviceDeployment.lifecycleStage ?? 'a lifecycle stage'} and waits for a decision${until}, then: ${hook.timeoutAction ?? 'ROLLBACK'}.`,
  };
}

/** The PAUSE hook that waits for somebody to continue or roll back, if one does. */
export function pausedHook(serviceDeployment: ServiceDeployment | undefined) {
  return serviceDeployment?.lifecycleHookDetails?.find(
    ({ targetType, status }) => targetType === 'PAUSE' && status === 'AWAITING_ACTION',
  );
}

function judgeDeployments(snapshot: ServiceSnapshot, rollout: ExpectedRollout): Finding {
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
 * while the bake time goes on, but what ran before is scaled in only after that (CLEAN_UP).
 */
function isTrafficShifted(own: Deployment, service: Service, snapshot: ServiceSnapshot): boolean {
  return currentServiceDeployment(snapshot) === undefined && isAlone(own, service);
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

/** Gives up where ECS would go on for ever: nobody but us watches a deployment without a circuit breaker. */
function judgePatience(snapshot: ServiceSnapshot, rollout: ExpectedRollout): Finding {
  const { service, stoppedTasks } = snapshot;
  const { failFastAfter } = rollout;
  if (failFastAfter === undefined || rollout.rollbackRequested === true) return undefined;
  // Where no task is started, a circuit breaker has nothing to count.
  const deadlock = describeDeadlock(snapshot, rollout);
  if (deadlock !== undefined) return gaveUp(deadlock);
  if (service?.deploymentConfiguration?.deploymentCircuitBreaker?.enable === true) return undefined;
  const { count, example } = mostFrequentFailure(stoppedTasks);
  if (count >= failFastAfter)
    return gaveUp(`${count} tasks failed the same way (${example}), and the service has no circuit breaker`);
  // A deployment that had completed before also counts what failed before.
  const failedTasks = rollout.untilSteady === true ? 0 : (ownDeployment(service, rollout)?.failedTasks ?? 0);
  if (failedTasks >= failFastAfter)
    return gaveUp(
      `${failedTasks} tasks in a row could not be started, and the service has no circuit breaker`,
    );
  return undefined;
}

/** Nor does anybody else watch the rollback of such a deployment, which ECS tries for ever as well. */
function judgePatienceWithRollback(
  { service }: ServiceSnapshot,
  { deploymentId, failFastAfter, failedBefore = 0, rollbackRequested }: ExpectedRollout,
): Verdict | undefined {
  const primary = primaryDeployment(service);
  const hasBreaker = service?.deploymentConfiguration?.deploymentCircuitBreaker?.enable === true;
  if (rollbackRequested !== true || failFastAfter === undefined || hasBreaker) return undefined;
  if (primary?.rolloutState !== 'IN_PROGRESS' || primary.id === deploymentId) return undefined;
  const failedTasks = (primary.failedTasks ?? 0) - failedBefore;
  if (failedTasks < failFastAfter) return undefined;
  const back = taskDefinitionName(primary.taskDefinition);
  return {
    outcome: 'failed',
    reason: `The rollback to ${back} does not succeed either: ${failedTasks} tasks in a row could not be started. ECS goes on trying.`,
    endedBy: 'us',
  };
}

function mostFrequentFailure(tasks: ServiceSnapshot['stoppedTasks']): { count: number; example: string } {
  const counts = new Map<string, { count: number; example: string }>();
  for (const task of tasks.filter(isFailureOfTask)) {
    const signature = failureSignature(task);
    const count = (counts.get(signature)?.count ?? 0) + 1;
    counts.set(signature, { count, example: task.stoppedReason ?? task.stopCode ?? 'no reason given' });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count)[0] ?? { count: 0, example: '' };
}

function isNewer(deployment: Deployment, rollout: ExpectedRollout): boolean {
  return (deployment.createdAt?.getTime() ?? 0) > rollout.createdAt;
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

function isGoingBack(
  serviceDeployment: ServiceDeployment | undefined,
): serviceDeployment is ServiceDeployment {
  const status = serviceDeployment?.status;
  return status === 'ROLLBACK_REQUESTED' || status === 'ROLLBACK_IN_PROGRESS';
}

function rollbackWords({ statusReason, rollback }: ServiceDeployment): string | undefined {
  return statusReason ?? rollback?.reason;
}

function endedBy(serviceDeployment: ServiceDeployment, rollout: ExpectedRollout): EndedBy {
  if (serviceDeployment.deploymentCircuitBreaker?.status === 'TRIGGERED') return 'circuit-breaker';
  if (serviceDeployment.alarms?.status === 'TRIGGERED') return 'alarm';
  return endedByWords(
    `${serviceDeployment.statusReason ?? ''} ${serviceDeployment.rollback?.reason ?? ''}`,
    rollout,
  );
}

function endedByWords(said: string, rollout: ExpectedRollout): EndedBy {
  if (rollout.rollbackRequested === true) return 'us';
  if (HOOK_FAILED.test(said)) return 'ecs';
  // How somebody has named a resource does not tell who ended the deployment.
  const words = said.replaceAll(/\barn:\S+/g, '');
  const named = ownEndedBy(words);
  if (named !== 'ecs') return named;
  return /\buser\b|manual|StopServiceDeployment|\brequest/i.test(words) ? 'somebody' : 'ecs';
}

/** A hook that somebody answered with a rollback has another ending in these words. */
const HOOK_FAILED = /lifecycle hook .*(?:returned FAILED|timed out)/is;

function ownEndedBy(words: string | undefined): EndedBy {
  if (/circuit breaker|tasks failed to start/i.test(words ?? '')) return 'circuit-breaker';
  return /\balarm/i.test(words ?? '') ? 'alarm' : 'ecs';
}

function succeeded(service: Service | undefined, { taskDefinitionArn }: ExpectedRollout): Verdict {
  const desired = service?.desiredCount;
  const at = desired === 0 ? ' at a desired count of 0: no task runs' : '';
  return {
    outcome: 'succeeded',
    reason: `The deployment of ${taskDefinitionName(taskDefinitionArn)} completed${at}.`,
  };
}

function rolledBack(back: string, words: string | undefined, by: EndedBy): Verdict {
  if (by === 'somebody')
    return {
      outcome: 'stopped',
      reason: withReason(`Somebody rolled the deployment back to ${back}`, words),
      endedBy: by,
    };
  return {
    outcome: 'rolled-back',
    reason: withReason(`The deployment was rolled back to ${back}`, words),
    endedBy: by,
  };
}

function superseded({ id, taskDefinition }: Deployment): Verdict {
  return {
    outcome: 'superseded',
    reason: `A newer deployment took over: ${id ?? 'unknown'} with ${taskDefinitionName(taskDefinition)}.`,
    endedBy: 'somebody',
  };
}

function stopped(reason: string): Verdict {
  return { outcome: 'stopped', reason, endedBy: 'somebody' };
}

function gaveUp(reason: string): Verdict {
  return { outcome: 'failed', reason: `Given up: ${reason}.`, endedBy: 'fail-fast' };
}

function withReason(sentence: string, words: string | undefined): string {
  return words === undefined || words === '' ? `${sentence}.` : `${sentence}: ${words}`;
}
