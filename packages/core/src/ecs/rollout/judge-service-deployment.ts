import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import { taskDefinitionName } from '../names.js';
import { judgePatienceWithRollback } from './fail-fast.js';
import type { Verdict } from './outcome.js';
import {
  currentServiceDeployment,
  isNewer,
  ownDeployment,
  primaryDeployment,
  type ExpectedRollout,
  type ServiceSnapshot,
} from './snapshot.js';
import {
  endedBy,
  HOOK_FAILED,
  rollbackWords,
  rolledBack,
  stopped,
  succeeded,
  superseded,
  withReason,
  type Finding,
} from './verdicts.js';

/** Judges by the service deployment, while what is known of it holds. */
export function judgeServiceDeployment(snapshot: ServiceSnapshot, rollout: ExpectedRollout): Finding {
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
