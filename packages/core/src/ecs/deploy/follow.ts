import { taskDefinitionName } from '../names.js';
import type { ExpectedRollout } from '../rollout/snapshot.js';
import type { Started } from './begin.js';
import { askToRollBack, rollBack, type FailedRollout } from './bring-back.js';
import type { DeployServiceOptions, Run } from './options.js';
import { unknownEnd, watchOnce, type End, type FollowContext } from './watch-once.js';

const DEFAULT_TIMEOUT_MS = 30 * 60_000;

/** Whether there is something to wait for, or to take back, and that is wanted. A cancelled run answers as `onCancel` says. */
export function isFollowed({ state }: Started, { wait, signal }: DeployServiceOptions): boolean {
  return state !== 'unchanged' && (wait !== false || signal?.aborted === true);
}

/** Waits for the end, if that is wanted, and brings a failed deployment back where ECS does not. */
export async function follow(run: Run, started: Started, context: FollowContext): Promise<End> {
  const { options } = run;
  const { rollout } = started;
  const name = taskDefinitionName(rollout.taskDefinitionArn);
  const unchanged: End = { outcome: 'unchanged', reason: `The service runs ${name} already: nothing to do.` };
  if (started.state === 'unchanged') return unchanged;
  if (!isFollowed(started, options) && started.state === 'settling') return unchanged;
  if (!isFollowed(started, options))
    return { outcome: 'started', reason: `The rollout of ${name} was started and is not waited for.` };
  const deadline = options.clock.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const watched = await watchOnce(run, rollout, { deadline, report: context.report });
  if ('error' in watched) return unknownEnd(`ECS goes on with the rollout of ${name}`, rollout, watched);
  const { verdict, snapshot } = watched;
  if (verdict.outcome === 'succeeded' && started.state === 'settling') return { ...unchanged, snapshot };
  // What was found while it was watched need not be looked for again to stop it.
  const { serviceDeploymentArn = snapshot?.serviceDeployment?.serviceDeploymentArn } = rollout;
  const known = { ...rollout, serviceDeploymentArn };
  const failed: FailedRollout = { ...context, rollout: known, verdict, snapshot, deadline };
  switch (answerTo(failed, options)) {
    case 'none':
      return { ...verdict, snapshot };
    case 'nowhere-to-go':
      return { ...verdict, reason: `${verdict.reason} ${whyNotBack(rollout)}`, snapshot };
    case 'request-rollback':
      return askToRollBack(run, failed);
    case 'rollback':
      return rollBack(run, failed);
  }
}

type Answer = 'none' | 'request-rollback' | 'rollback';

/** What we do about a rollout that has not succeeded: nothing, ask ECS to roll back, or also wait for that. */
function answerTo(failed: FailedRollout, options: DeployServiceOptions): Answer | 'nowhere-to-go' {
  const { verdict, rollout } = failed;
  const wanted = wantedAnswer(failed, options);
  if (wanted === 'none' || (rollout.first !== true && rollout.untilSteady !== true)) return wanted;
  // What ECS has given up itself is said to have nothing to go back to already.
  return verdict.outcome === 'failed' && verdict.endedBy !== 'fail-fast' ? 'none' : 'nowhere-to-go';
}

function wantedAnswer(
  { verdict: { outcome, endedBy }, snapshot }: FailedRollout,
  { onFailure, onCancel }: DeployServiceOptions,
): Answer {
  if (outcome === 'cancelled') return onCancel === 'rollback' ? 'request-rollback' : 'none';
  if (outcome === 'timed-out') return onFailure === 'rollback' ? 'request-rollback' : 'none';
  if (outcome !== 'failed') return 'none';
  // A circuit breaker or alarm without rollback was configured so: only an explicit wish overrides it.
  const { enable, rollback } = snapshot?.service?.deploymentConfiguration?.deploymentCircuitBreaker ?? {};
  const leaves = enable === true && rollback !== true;
  if (endedBy === 'fail-fast' && !leaves) return onFailure === 'leave' ? 'none' : 'rollback';
  return onFailure === 'rollback' ? 'rollback' : 'none';
}

function whyNotBack({ first }: ExpectedRollout): string {
  return first === true
    ? 'It was not rolled back: the service has no earlier deployment that completed.'
    : 'It was not rolled back: nothing was deployed.';
}
