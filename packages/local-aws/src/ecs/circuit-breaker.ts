import type { DeploymentCircuitBreaker } from './wire.js';

/**
 * After how many failures a deployment of `desiredCount` tasks has failed: half the desired count,
 * no less than 3 and no more than 200, unless `thresholdConfiguration` says otherwise.
 */
export function breakerThreshold(
  desiredCount: number,
  breaker: DeploymentCircuitBreaker | undefined,
): number {
  const { type = 'BOUNDED_PERCENT', value = 50 } = breaker?.thresholdConfiguration ?? {};
  if (type === 'COUNT') return value;
  const share = Math.max(1, Math.ceil((desiredCount * value) / 100));
  return type === 'UNBOUNDED_PERCENT' ? share : Math.min(200, Math.max(3, share));
}

/** What became of one task of a deployment. */
export type TaskVerdict = 'failed' | 'healthy';

/** The count of failures after one more verdict on a task of the deployment. */
export function countFailures(
  failures: number,
  verdict: TaskVerdict,
  breaker: DeploymentCircuitBreaker | undefined,
): number {
  if (verdict === 'failed') return failures + 1;
  return breaker?.enable === true && breaker.resetOnHealthyTask === false ? failures : 0;
}

/** A task that has stopped, as far as its deployment cares. */
export interface EndedTask {
  readonly stopCode: string | undefined;
  /** It was healthy at some time. */
  readonly wasHealthy: boolean;
  /** A container or target-group check failed it. */
  readonly failedCheck: boolean;
}

/** Whether a stopped task counts against its deployment: it never got healthy, or a check failed it. */
export function isDeploymentFailure(task: EndedTask): boolean {
  if (task.failedCheck) return true;
  if (task.stopCode === 'TaskFailedToStart') return true;
  return task.stopCode === 'EssentialContainerExited' && !task.wasHealthy;
}

/**
 * How long the scheduler waits before the next start, after `failures` in a row of a deployment of
 * `desiredCount` tasks, in milliseconds: nothing for three rounds, then a gap that doubles.
 */
export function restartGap(
  failures: number,
  desiredCount: number,
  { first, largest }: { first: number; largest: number },
): number {
  const rounds = Math.floor(failures / Math.max(1, desiredCount));
  if (rounds <= 3) return 0;
  return Math.min(largest, first * 2 ** (rounds - 4));
}
