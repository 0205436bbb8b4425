import { fromAwsError } from '../../aws-errors.js';
import type { EcsActionsError } from '../../errors.js';
import { taskDefinitionName } from '../names.js';
import type { DeploymentEvent } from '../rollout/events.js';
import type { Outcome, Verdict } from '../rollout/outcome.js';
import { createRolloutReader } from '../rollout/read.js';
import type { ExpectedRollout, ServiceSnapshot } from '../rollout/snapshot.js';
import { watchRollout, type WatchedRollout } from '../rollout/watch.js';
import { expectRollout, type Started } from './begin.js';
import type { DeployServiceOptions, Run } from './options.js';
import { findRollbackTarget, requestRollback } from './rollback.js';
import { updateService } from './start.js';

const DEFAULT_TIMEOUT_MS = 30 * 60_000;
/** What a request may take that is made when the time is over, ms: the runner kills a cancelled step soon. */
const LAST_REQUEST_MS = 5_000;

/** How a deployment ended, and what was seen last. */
export interface End {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly snapshot?: ServiceSnapshot | undefined;
  /** What kept it from being followed to its end: then the outcome is `failed`, and ECS goes on. */
  readonly error?: EcsActionsError | undefined;
}

interface FollowContext {
  readonly previousTaskDefinitionArn: string | undefined;
  readonly report: (event: DeploymentEvent) => void;
}

/** Waits for the end, if that is wanted, and brings a failed deployment back where ECS does not. */
export async function follow(run: Run, started: Started, context: FollowContext): Promise<End> {
  const { options } = run;
  const { rollout } = started;
  const name = taskDefinitionName(rollout.taskDefinitionArn);
  const unchanged: End = { outcome: 'unchanged', reason: `The service runs ${name} already: nothing to do.` };
  if (started.state === 'unchanged') return unchanged;
  // A cancelled run looks no more, but answers as `onCancel` says.
  if (options.wait === false && options.signal?.aborted !== true)
    return { outcome: 'started', reason: `The rollout of ${name} was started and is not waited for.` };
  const deadline = options.clock.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const watched = await watch(run, rollout, { deadline, report: context.report });
  if ('error' in watched) return unknownEnd(`ECS goes on with the rollout of ${name}`, rollout, watched);
  const { verdict, snapshot } = watched;
  if (verdict.outcome === 'succeeded' && started.state === 'settling') return { ...unchanged, snapshot };
  const answer = answerTo(verdict, rollout, options);
  if (answer === 'none') return { ...verdict, snapshot };
  const failed: FailedRollout = { rollout, verdict, snapshot, deadline };
  if (answer === 'request-rollback') return askToRollBack(run, failed, context);
  return rollBack(run, failed, context).catch((error: unknown) => notRolledBack(failed, error));
}

/** A watch that was refused, or whose credentials ran out. */
interface BrokenWatch {
  readonly error: unknown;
  readonly snapshot: ServiceSnapshot | undefined;
}

/** Follows one rollout, reporting every event. */
async function watch(
  { ecs, options, describeService, pace }: Run,
  rollout: ExpectedRollout,
  more: {
    readonly deadline: number;
    readonly report: (event: DeploymentEvent) => void;
    readonly from?: ServiceSnapshot | undefined;
  },
): Promise<WatchedRollout | BrokenWatch> {
  const { clock, signal } = options;
  const read = createRolloutReader({ ecs, clock, describeService }, rollout);
  let snapshot = more.from;
  const readAndKeep: typeof read = async (...given) => (snapshot = await read(...given));
  const timeoutMs = Math.max(0, more.deadline - clock.now());
  const steps = watchRollout(rollout, readAndKeep, { clock, pace, timeoutMs, signal, from: more.from });
  try {
    for (;;) {
      const step = await steps.next();
      if (step.done === true) return step.value;
      more.report(step.value);
    }
  } catch (error) {
    return { error, snapshot };
  }
}

/** A run that waits has to end, and must not guess: the step fails, and ECS does what it does. */
export function unknownEnd(
  goesOn: string,
  { service, cluster }: Pick<ExpectedRollout, 'service' | 'cluster'>,
  { error, snapshot }: BrokenWatch,
): End {
  const typed = fromAwsError(error, `follow service ${service} in cluster ${cluster}`);
  const reason = `${goesOn}, but how that ends is not known: this run could not watch it any further. ${typed.message}`;
  return { outcome: 'failed', reason, snapshot, error: typed };
}

/** What we do about a rollout that has not succeeded: nothing, ask ECS to roll back, or also wait for that. */
function answerTo(
  { outcome, endedBy }: Verdict,
  { first, untilSteady }: ExpectedRollout,
  { onFailure, onCancel }: DeployServiceOptions,
): 'none' | 'request-rollback' | 'rollback' {
  if (outcome === 'cancelled') return onCancel === 'rollback' ? 'request-rollback' : 'none';
  if (outcome === 'timed-out') return onFailure === 'rollback' ? 'request-rollback' : 'none';
  // Where nothing was deployed there is nothing to take back.
  if (outcome !== 'failed' || first === true || untilSteady === true) return 'none';
  if (endedBy === 'fail-fast') return onFailure === 'leave' ? 'none' : 'rollback';
  // A circuit breaker or alarm without rollback was configured so: only an explicit wish overrides it.
  return onFailure === 'rollback' ? 'rollback' : 'none';
}

interface FailedRollout {
  readonly rollout: ExpectedRollout;
  readonly verdict: Verdict;
  readonly snapshot: ServiceSnapshot | undefined;
  /** End of the time budget, epoch ms. */
  readonly deadline: number;
}

/** Asks ECS to roll back and leaves it at that: there is no time left to wait. */
async function askToRollBack(
  { ecs, options }: Run,
  { rollout, verdict, snapshot }: FailedRollout,
  { previousTaskDefinitionArn, report }: FollowContext,
): Promise<End> {
  const { clock } = options;
  // The wall's clock, since it is the runner that will not wait.
  const limit = AbortSignal.timeout(LAST_REQUEST_MS);
  const asked = await requestRollback(ecs, rollout, { clock, signal: limit }).catch((error: unknown) => {
    if (!limit.aborted) throw error;
    return { requested: false as const, reason: 'ECS did not answer in time.' };
  });
  const how = 'StopServiceDeployment';
  const at = clock.now();
  if (asked.requested)
    report({ type: 'rollback-requested', toTaskDefinitionArn: previousTaskDefinitionArn, how, at });
  const [sentence] = verdict.reason.split(/(?<=\.) (?=It goes on|The rollout of)/);
  const what = asked.requested
    ? 'ECS was asked to roll it back and is doing so.'
    : `It could not be rolled back and goes on in ECS: ${asked.reason}`;
  return { outcome: verdict.outcome, reason: `${sentence} ${what}`, snapshot };
}

/** Brings the service back to what it ran before, and waits for that. */
async function rollBack(run: Run, failed: FailedRollout, context: FollowContext): Promise<End> {
  const { ecs, options } = run;
  const { clock, signal } = options;
  const { rollout, verdict, snapshot, deadline } = failed;
  const { previousTaskDefinitionArn, report } = context;
  const goingOn = verdict.endedBy === 'fail-fast';
  const asked = goingOn ? await requestRollback(ecs, rollout, { clock, signal }) : undefined;
  if (asked?.requested !== true) return updateBack(run, failed, context);
  report({
    type: 'rollback-requested',
    toTaskDefinitionArn: previousTaskDefinitionArn,
    how: 'StopServiceDeployment',
    at: clock.now(),
  });
  const back = await watch(
    run,
    { ...rollout, rollbackRequested: true },
    { deadline, report, from: snapshot },
  );
  if ('error' in back) return unknownEnd(`${verdict.reason} ECS was asked to roll it back`, rollout, back);
  return { ...afterRollback(verdict, back.verdict), snapshot: back.snapshot ?? snapshot };
}

/** The other way back: a deployment of the task definition that completed last. */
async function updateBack(run: Run, failed: FailedRollout, context: FollowContext): Promise<End> {
  const { ecs, cluster, options } = run;
  const { clock, signal } = options;
  const { rollout, verdict, snapshot, deadline } = failed;
  const { report } = context;
  const target =
    context.previousTaskDefinitionArn ??
    (await findRollbackTarget(
      { ecs, cluster, service: rollout.service, except: rollout.taskDefinitionArn },
      { clock, signal },
    ));
  // A forced deployment of the same definition has the same definition to go back to.
  const settings = target === rollout.taskDefinitionArn ? { forceNewDeployment: true } : {};
  const service = await updateService(
    { ecs, cluster, service: rollout.service, taskDefinitionArn: target, settings },
    { clock, signal },
  );
  report({ type: 'rollback-requested', toTaskDefinitionArn: target, how: 'UpdateService', at: clock.now() });
  const back = expectRollout(cluster, rollout.service, service, options, {});
  const watched = await watch(run, back, { deadline, report });
  if ('error' in watched)
    return unknownEnd(`${verdict.reason} ECS was asked to go back to ${taskDefinitionName(target)}`, rollout, {
      ...watched,
      snapshot,
    });
  const ended: Verdict =
    watched.verdict.outcome === 'succeeded'
      ? { outcome: 'rolled-back', reason: `The service was brought back to ${taskDefinitionName(target)}.` }
      : watched.verdict;
  return { ...afterRollback(verdict, ended), snapshot };
}

/** The deployment has failed, and stays so; with credentials that ran out nothing more can be found out. */
function notRolledBack({ verdict, snapshot, rollout }: FailedRollout, error: unknown): End {
  const typed = fromAwsError(error, `roll service ${rollout.service} back`);
  const why = [typed.message, typed.hint].filter((part) => part !== undefined).join(' ');
  const failed: End = {
    outcome: 'failed',
    reason: `${verdict.reason} It could not be rolled back: ${why}`,
    snapshot,
  };
  return typed.code === 'CREDENTIALS_EXPIRED' ? { ...failed, error: typed } : failed;
}

/** Joins why a deployment was given up with how its rollback went. */
function afterRollback(why: Verdict, back: Verdict): Verdict {
  return { outcome: back.outcome, reason: `${why.reason} ${back.reason}`, endedBy: why.endedBy };
}
