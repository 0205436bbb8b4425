import { failureSignature, isFailureOfTask } from '../diagnose/signature.js';
import { taskDefinitionName } from '../names.js';
import { describeDeadlock } from './deadlock.js';
import type { Verdict } from './outcome.js';
import { ownDeployment, primaryDeployment, type ExpectedRollout, type ServiceSnapshot } from './snapshot.js';

/** Gives up where ECS would go on for ever: nobody but us watches a deployment without a circuit breaker. */
export function judgePatience(snapshot: ServiceSnapshot, rollout: ExpectedRollout): Verdict | undefined {
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
export function judgePatienceWithRollback(
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

function gaveUp(reason: string): Verdict {
  return { outcome: 'failed', reason: `Given up: ${reason}.`, endedBy: 'fail-fast' };
}
