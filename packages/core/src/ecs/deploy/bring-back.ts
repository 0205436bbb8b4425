import { fromAwsError } from '../../aws-errors.js';
import { inFull, type EcsActionsError } from '../../errors.js';
import { taskDefinitionName } from '../names.js';
import type { Outcome, Verdict } from '../rollout/outcome.js';
import type { ExpectedRollout, ServiceSnapshot } from '../rollout/snapshot.js';
import { expectRollout } from './begin.js';
import type { Run } from './options.js';
import { settingsToGoBack } from './plan.js';
import { LAST_REQUEST_MS } from './grace.js';
import { requestRollback, type RollbackRequest } from './request-rollback.js';
import { findRollbackTarget, type RollbackOptions } from './rollback.js';
import { updateService } from './start.js';
import { unknownEnd, watchOnce, type End, type FollowContext } from './watch-once.js';

/** A rollout that did not succeed, and what is known about it. */
export interface FailedRollout extends FollowContext {
  readonly rollout: ExpectedRollout;
  readonly verdict: Verdict;
  readonly snapshot: ServiceSnapshot | undefined;
  /** End of the time budget, epoch ms. */
  readonly deadline: number;
}

/** Asks ECS to roll back and leaves it at that: there is no time left to wait. Never throws. */
export async function askToRollBack(
  { ecs, options: { clock } }: Run,
  { rollout, verdict, snapshot, previousTaskDefinitionArn, report }: FailedRollout,
): Promise<End> {
  const until = clock.now() + LAST_REQUEST_MS;
  const asked = await requestRollback(ecs, rollout, { clock, until }).catch(
    (error: unknown): RollbackRequest => ({
      requested: false,
      isOpen: false,
      reason: inFull(typedError(error, rollout)),
    }),
  );
  const how = 'StopServiceDeployment';
  if (asked.requested)
    report({
      type: 'rollback-requested',
      toTaskDefinitionArn: previousTaskDefinitionArn,
      how,
      at: clock.now(),
    });
  const what = asked.requested
    ? 'ECS was asked to roll it back and is doing so.'
    : asked.isOpen
      ? asked.reason
      : `It could not be rolled back and goes on in ECS: ${asked.reason}`;
  return { outcome: verdict.outcome, reason: `${verdict.happened ?? verdict.reason} ${what}`, snapshot };
}

/** A rollback that is under way, and how it is told. */
interface Rollback {
  readonly rollout: ExpectedRollout;
  readonly from: ServiceSnapshot | undefined;
  /** What was asked of ECS. */
  readonly asked: string;
  /** How the rollback's own end is to be understood. */
  readonly understand: (verdict: Verdict) => Verdict;
}

/**
 * Brings the service back to what it ran before, and waits for that as long as the time budget
 * lasts. A request that is throttled is not repeated beyond it. Never throws.
 */
export async function rollBack(run: Run, failed: FailedRollout): Promise<End> {
  const { verdict, snapshot, deadline, report, rollout } = failed;
  const { clock, signal } = run.options;
  const limits = { clock, signal, until: Math.max(deadline, clock.now() + LAST_REQUEST_MS) };
  let back: Rollback;
  let open: string | undefined;
  try {
    const asked = goesOn(verdict) ? await requestRollback(run.ecs, rollout, limits) : undefined;
    if (asked?.requested === false && asked.isOpen) open = asked.reason;
    back = asked?.requested === true ? byEcs(run, failed) : await byUpdate(run, failed, limits);
  } catch (error) {
    return signal?.aborted === true
      ? cancelledBefore(run, failed, error, open)
      : notRolledBack(failed, error, open);
  }
  const watched = await watchOnce(run, back.rollout, { deadline, report, from: back.from });
  if ('error' in watched) {
    const seen = { ...watched, snapshot: back.from === undefined ? snapshot : watched.snapshot };
    return unknownEnd(`${verdict.reason} ${back.asked}`, rollout, seen);
  }
  const { outcome, reason } = back.understand(watched.verdict);
  const unfinished: Partial<Record<Outcome, string>> = {
    'timed-out': 'which had not ended when the time to wait was over. It goes on in ECS.',
    cancelled: 'but this run was cancelled before that had ended. It goes on in ECS.',
  };
  const rest = unfinished[outcome];
  return {
    outcome,
    reason: `${verdict.reason} ${rest === undefined ? reason : `${back.asked}, ${rest}`}`,
    // Of another deployment's snapshots nothing explains why ours failed.
    snapshot: back.from === undefined ? snapshot : (watched.snapshot ?? snapshot),
  };
}

/** ECS rolls back what it was asked to stop. */
function byEcs(
  { options: { clock } }: Run,
  { rollout, snapshot, previousTaskDefinitionArn, report }: FailedRollout,
): Rollback {
  const how = 'StopServiceDeployment';
  report({
    type: 'rollback-requested',
    toTaskDefinitionArn: previousTaskDefinitionArn,
    how,
    at: clock.now(),
  });
  const others = snapshot?.service?.deployments?.filter(({ id }) => id !== rollout.deploymentId) ?? [];
  const failedBefore = Math.max(0, ...others.map(({ failedTasks = 0 }) => failedTasks));
  return {
    rollout: { ...rollout, rollbackRequested: true, failedBefore },
    from: snapshot,
    asked: 'ECS was asked to roll it back',
    understand: (back) => back,
  };
}

/** For a deployment that has ended, or that could not be stopped. */
async function byUpdate(
  { ecs, cluster, options }: Run,
  { rollout, snapshot, before, previousTaskDefinitionArn, report }: FailedRollout,
  limits: RollbackOptions,
): Promise<Rollback> {
  const { clock } = options;
  const except = rollout.taskDefinitionArn;
  const target =
    previousTaskDefinitionArn ??
    (await findRollbackTarget({ ecs, cluster, service: rollout.service, except }, limits));
  const name = taskDefinitionName(target);
  const settings = before === undefined ? {} : settingsToGoBack(before, target, options.settings ?? {});
  // A forced deployment of the same definition has the same definition to go back to.
  const forced = target === rollout.taskDefinitionArn ? { forceNewDeployment: true } : {};
  const service = await updateService(
    {
      ecs,
      cluster,
      service: rollout.service,
      taskDefinitionArn: target,
      settings: { ...settings, ...forced },
      before: snapshot?.service,
    },
    limits,
  );
  report({ type: 'rollback-requested', toTaskDefinitionArn: target, how: 'UpdateService', at: clock.now() });
  return {
    rollout: expectRollout(cluster, rollout.service, service, options, {}),
    from: undefined,
    asked: `ECS was asked to go back to ${name}`,
    understand: (back) => understandUpdate(back, name, Object.keys(settings)),
  };
}

function understandUpdate(back: Verdict, name: string, settings: readonly string[]): Verdict {
  const also = settings.length === 0 ? '' : `, its ${settings.join(', ')} too`;
  if (back.outcome === 'succeeded')
    return { outcome: 'rolled-back', reason: `The service was brought back to ${name}${also}.` };
  return back.outcome === 'failed'
    ? { ...back, reason: `Going back to ${name} failed, too. ${back.reason}` }
    : back;
}

/** The deployment has failed, and stays so; with credentials that ran out nothing more can be found out. */
function notRolledBack(
  { verdict, snapshot, rollout }: FailedRollout,
  error: unknown,
  open: string | undefined,
): End {
  const typed = typedError(error, rollout);
  const what = open === undefined ? 'It could not be rolled back' : `${open} Going back by an update failed`;
  const reason = `${verdict.reason} ${what}: ${inFull(typed)}`;
  const expired = typed.code === 'CREDENTIALS_EXPIRED';
  return { outcome: 'failed', reason, snapshot, error: expired ? typed : undefined };
}

/** Cancelled while ECS was being asked: then `onCancel` decides, as it does at any other moment. */
function cancelledBefore(
  run: Run,
  failed: FailedRollout,
  error: unknown,
  open: string | undefined,
): Promise<End> | End {
  const { verdict: why, rollout, snapshot } = failed;
  const typed = typedError(error, rollout);
  // The update back was sent and not answered any more: it may be under way.
  if (typed.code === 'DEPLOYMENT_CANCELLED')
    return { outcome: 'cancelled', reason: `${why.reason} ${typed.message}`, snapshot };
  const reason = `${why.reason} This run was cancelled before it was rolled back.`;
  const verdict: Verdict = { outcome: 'cancelled', reason, endedBy: 'somebody' };
  if (run.options.onCancel === 'rollback') return askToRollBack(run, { ...failed, verdict });
  const rest = open ?? (goesOn(why) ? 'It goes on in ECS.' : undefined);
  return { ...verdict, reason: rest === undefined ? reason : `${reason} ${rest}`, snapshot };
}

/** Whether ECS still tries, since it was us who gave up. */
function goesOn({ endedBy }: Verdict): boolean {
  return endedBy === 'fail-fast';
}

function typedError(error: unknown, { service }: ExpectedRollout): EcsActionsError {
  return fromAwsError(error, `roll service ${service} back`);
}
