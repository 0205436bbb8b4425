import type { ECSClient, Service } from '@aws-sdk/client-ecs';
import { fromAwsError } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock, Logger } from '../../ports.js';
import type { TaskDefinitionDiff } from '../../task-definition/diff.js';
import type { Diagnosis } from '../diagnose/diagnose.js';
import type { LogsForRegion } from '../diagnose/log-tail.js';
import { shortName, taskDefinitionName } from '../names.js';
import type { DeploymentEvent, DeploymentFact } from '../rollout/events.js';
import { isFailure, type Outcome, type Verdict } from '../rollout/outcome.js';
import { createPace, type Pace } from '../rollout/pace.js';
import { batchDescribeServices, createRolloutReader, type DescribeService } from '../rollout/read.js';
import { primaryDeployment, type ExpectedRollout, type ServiceSnapshot } from '../rollout/snapshot.js';
import { watchRollout, type WatchedRollout } from '../rollout/watch.js';
import { compareTaskDefinitions, hideVariables } from './compare.js';
import { explainRollout } from './explain.js';
import {
  circuitBreakerThreshold,
  completedTaskDefinition,
  hasNoCompletedDeployment,
  planService,
  type ServiceDefinition,
  type ServiceSettings,
} from './plan.js';
import { readServices } from './preflight.js';
import { findRollbackTarget, requestRollback } from './rollback.js';
import { createService, updateService } from './start.js';
import {
  resolveEachOnce,
  type DeployableTaskDefinition,
  type ResolvedTaskDefinition,
} from './task-definition.js';

/** One service of a deployment. */
export interface ServiceToDeploy {
  /** Name or ARN. */
  readonly service: string;
  /** Absent: keep what the service has, for a forced deployment or a change of settings. */
  readonly taskDefinition?: DeployableTaskDefinition | undefined;
}

export interface DeployServiceOptions {
  readonly clock: Clock;
  /** Chance for the jitter of polling: a number in [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Reads the logs of failing containers; without it a diagnosis has no log lines. */
  readonly logs?: LogsForRegion | undefined;
  /** Told of everything as it happens; `service` as in {@link ServiceToDeploy}. */
  readonly onEvent?: ((event: DeploymentEvent, service: string) => void) | undefined;
  /** Ends the wait with the outcome `cancelled`; see `onCancel`. Before the service is updated it rejects instead. */
  readonly signal?: AbortSignal | undefined;
  /** Whether to wait until the rollout has ended. Default true. */
  readonly wait?: boolean | undefined;
  /** Time budget of the wait, ms, from the update on, a rollback included. Default 30 minutes. */
  readonly timeoutMs?: number | undefined;
  /** Further settings for UpdateService; what the service has already is not sent. */
  readonly settings?: ServiceSettings | undefined;
  /** Creates a service that does not exist. */
  readonly createIfMissing?: ServiceDefinition | undefined;
  /**
   * What to do with a deployment that failed and that ECS does not roll back. `leave` leaves it as
   * it is. Default `rollback`, unless the service has a circuit breaker: one with `rollback: false`
   * says on purpose that failures stay.
   */
  readonly onFailure?: 'rollback' | 'leave' | undefined;
  /** Whether a cancelled run asks ECS to roll back. Default `leave`. */
  readonly onCancel?: 'rollback' | 'leave' | undefined;
  /**
   * Equal failures after which a deployment without a circuit breaker is given up; 0 never. Default
   * by the circuit breaker's formula: half the desired count, at least 3, at most 200.
   */
  readonly failFastAfter?: number | undefined;
  /** Tags for a revision that is registered, e.g. commit and run; they do not count in a comparison. */
  readonly provenance?: Readonly<Record<string, string>> | undefined;
  /** Hears of waits and fallbacks while a task definition is registered. */
  readonly logger?: Logger | undefined;
  /** Environment variables whose values are never shown, besides those whose names tell. */
  readonly redact?: readonly string[] | undefined;
  /** Log lines of a failing container. Default 20. */
  readonly logLines?: number | undefined;
}

/** What became of one service. */
export interface DeploymentResult {
  /** As it was named; `undefined` where a task definition was registered for no service. */
  readonly service: string | undefined;
  readonly cluster: string;
  readonly serviceArn: string | undefined;
  readonly outcome: Outcome;
  /** One sentence. */
  readonly reason: string;
  /** What the service was told to run. */
  readonly taskDefinitionArn: string | undefined;
  /** What it ran before. */
  readonly previousTaskDefinitionArn: string | undefined;
  /** `ecs-svc/…` of our own deployment. */
  readonly deploymentId: string | undefined;
  readonly serviceDeploymentArn: string | undefined;
  /** What the new task definition changes against the previous one; absent where there is nothing to compare. */
  readonly diff?: TaskDefinitionDiff | undefined;
  /** Why it failed, most telling first; empty for a success. */
  readonly diagnoses: readonly Diagnosis[];
  /** Everything that happened, oldest first. */
  readonly events: readonly DeploymentEvent[];
  /** Epoch ms of the injected clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** What kept the deployment from being started or followed; `outcome` then says how far it came. */
  readonly error?: EcsActionsError | undefined;
}

const DEFAULT_TIMEOUT_MS = 30 * 60_000;
/** What a request may take that is made when the time is over, ms: the runner kills a cancelled step soon. */
const LAST_REQUEST_MS = 5_000;

/**
 * Deploys a task definition to a service and tells what happened.
 *
 * A rollout that fails is a result, not an exception: see {@link DeploymentResult.outcome} and
 * `OUTCOME_ERROR_CODES`. Thrown are the errors that keep it from being started or followed:
 * `CLUSTER_NOT_FOUND`, `SERVICE_NOT_FOUND`, `SERVICE_NOT_ACTIVE`, `SERVICE_CONTROLLER_UNSUPPORTED`
 * (all before anything is registered), `TASK_DEFINITION_*`, `SERVICE_UPDATE_REFUSED`,
 * `ACCESS_DENIED`, `CREDENTIALS_EXPIRED` and the other errors of `callAws`.
 *
 * @example
 * const result = await deployService(
 *   { ecs, cluster: 'prod', service: 'web', taskDefinition: { revision: 'web:12' } },
 *   { clock: systemClock, onEvent: (event) => print(event) },
 * );
 */
export async function deployService(
  subject: { readonly ecs: ECSClient; readonly cluster: string } & ServiceToDeploy,
  options: DeployServiceOptions,
): Promise<DeploymentResult> {
  const { ecs, cluster, ...service } = subject;
  const [result] = await deployServices({ ecs, cluster, services: [service] }, options);
  if (result?.error !== undefined) throw result.error;
  return result!;
}

/**
 * Deploys several services of a cluster together: all are checked before anything is registered, a
 * document that several share is registered once, the rollouts run side by side and are polled
 * together. Results are in the order of `services`.
 *
 * Throws what {@link deployService} throws before anything is started; what goes wrong with one
 * service after that is the `error` of its result, so that the others are still followed.
 */
export async function deployServices(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly services: readonly ServiceToDeploy[];
  },
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  const { ecs, cluster, services } = subject;
  const { clock, signal, logger, provenance } = options;
  const names = services.map(({ service }) => service);
  const mayBeMissing = options.createIfMissing !== undefined;
  const found = await readServices(ecs, cluster, names, { clock, signal, mayBeMissing });
  const resolve = resolveEachOnce(ecs, { clock, signal, logger, provenance });
  const resolved = await Promise.all(
    services.map(async ({ taskDefinition }) =>
      taskDefinition === undefined ? undefined : resolve(taskDefinition),
    ),
  );
  const run: Run = {
    ecs,
    cluster,
    options,
    describeService: batchDescribeServices(ecs),
    pace: createPace(clock, options.random ?? Math.random),
  };
  return Promise.all(
    services.map((one, index) => deployOne(run, one, found.get(one.service), resolved[index])),
  );
}

/** What the services of one call share. */
interface Run {
  readonly ecs: ECSClient;
  readonly cluster: string;
  readonly options: DeployServiceOptions;
  readonly describeService: DescribeService;
  readonly pace: Pace;
}

/** A deployment that was started, adopted, or found unnecessary. */
interface Started {
  /**
   * `unchanged`: there is nothing to wait for. `settling`: nothing was changed either, but tasks are
   * still being replaced. `rolling-out`: a deployment is under way.
   */
  readonly state: 'unchanged' | 'settling' | 'rolling-out';
  readonly service: Service;
  readonly rollout: ExpectedRollout;
}

/** How a deployment ended, and what was seen last. */
interface End {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly snapshot?: ServiceSnapshot | undefined;
}

type Tell = (fact: DeploymentFact) => void;

async function deployOne(
  run: Run,
  { service: name, taskDefinition: wanted }: ServiceToDeploy,
  found: Service | undefined,
  taskDefinition: ResolvedTaskDefinition | undefined,
): Promise<DeploymentResult> {
  const { ecs, cluster, options } = run;
  const { clock } = options;
  const startedAt = clock.now();
  const events: DeploymentEvent[] = [];
  const report = (event: DeploymentEvent) => {
    events.push(event);
    options.onEvent?.(event, name);
  };
  const tell: Tell = (fact) => report({ ...fact, at: clock.now() });
  const previousTaskDefinitionArn = found === undefined ? undefined : completedTaskDefinition(found);
  if (taskDefinition !== undefined && taskDefinition.origin !== 'named') {
    const { taskDefinitionArn, origin } = taskDefinition;
    tell({ type: 'task-definition-registered', taskDefinitionArn, reused: origin === 'reused' });
  }

  let started: Started | undefined;
  let end: End;
  let diagnoses: readonly Diagnosis[] = [];
  let diff: TaskDefinitionDiff | undefined;
  let error: EcsActionsError | undefined;
  try {
    started = await start(run, name, found, taskDefinition?.taskDefinitionArn, tell);
    const changed = started.rollout.taskDefinitionArn !== previousTaskDefinitionArn;
    [end, diff] = await Promise.all([
      follow(run, started, { previousTaskDefinitionArn, report }),
      changed && previousTaskDefinitionArn !== undefined && wanted !== undefined
        ? compareTaskDefinitions(ecs, previousTaskDefinitionArn, wanted)
        : undefined,
    ]);
    if (isFailure(end.outcome) && end.outcome !== 'cancelled') {
      const explanation = await explainRollout(
        { ecs, logs: options.logs, rollout: started.rollout, snapshot: end.snapshot },
        { logLines: options.logLines, signal: options.signal },
      );
      diagnoses = explanation.diagnoses;
      for (const task of explanation.lateTasks)
        report({ type: 'task-stopped', task, at: task.stoppedAt?.getTime() ?? clock.now() });
    }
  } catch (thrown) {
    if (started === undefined && options.signal?.aborted === true) throw thrown;
    error = fromAwsError(thrown, `deploy service ${name} in cluster ${cluster}`);
    end =
      started === undefined
        ? { outcome: 'failed', reason: error.message }
        : { outcome: 'started', reason: `The rollout could not be followed to its end: ${error.message}` };
  }
  return {
    service: name,
    cluster,
    serviceArn: (end.snapshot?.service ?? started?.service ?? found)?.serviceArn,
    outcome: end.outcome,
    reason: end.reason,
    taskDefinitionArn: started?.rollout.taskDefinitionArn ?? taskDefinition?.taskDefinitionArn,
    previousTaskDefinitionArn,
    deploymentId: started?.rollout.deploymentId,
    serviceDeploymentArn: end.snapshot?.serviceDeployment?.serviceDeploymentArn,
    diff: diff === undefined ? undefined : hideVariables(diff, options.redact ?? []),
    diagnoses,
    events: events.sort((a, b) => a.at - b.at),
    startedAt,
    endedAt: clock.now(),
    error,
  };
}

/** Makes ECS work towards what is wanted, or finds that it does already. */
async function start(
  { ecs, cluster, options }: Run,
  name: string,
  found: Service | undefined,
  taskDefinitionArn: string | undefined,
  tell: Tell,
): Promise<Started> {
  const { clock, signal, settings = {}, createIfMissing } = options;
  if (found === undefined) {
    if (taskDefinitionArn === undefined || createIfMissing === undefined)
      throw new EcsActionsError(
        'INPUT_INVALID',
        `Service ${name} is to be created, but no task definition was given.`,
        {
          hint: 'Pass task-definition.',
        },
      );
    const service = await createService(
      { ecs, cluster, serviceName: shortName(name), taskDefinitionArn, definition: createIfMissing },
      { clock, signal },
    );
    tell({ type: 'service-created', serviceArn: service.serviceArn ?? name, taskDefinitionArn });
    return {
      state: 'rolling-out',
      service,
      rollout: expectRollout(cluster, name, service, options, { first: true }),
    };
  }
  const plan = planService(found, taskDefinitionArn, settings);
  const first = hasNoCompletedDeployment(found);
  if (plan.kind !== 'update') {
    const completed = plan.deployment.rolloutState === 'COMPLETED';
    const rollout = expectRollout(cluster, name, found, options, { first, untilSteady: completed });
    const { deploymentId } = rollout;
    tell(
      plan.kind === 'unchanged'
        ? { type: 'nothing-to-do', taskDefinitionArn: rollout.taskDefinitionArn }
        : { type: 'deployment-adopted', deploymentId, taskDefinitionArn: rollout.taskDefinitionArn },
    );
    const state = plan.kind === 'unchanged' ? 'unchanged' : completed ? 'settling' : 'rolling-out';
    return { state, service: found, rollout };
  }
  const before = primaryDeployment(found);
  const service = await updateService(
    { ecs, cluster, service: name, taskDefinitionArn, settings: plan.settings },
    { clock, signal },
  );
  const primary = primaryDeployment(service);
  const untilSteady = primary?.id === before?.id && primary?.rolloutState === 'COMPLETED';
  const rollout = expectRollout(cluster, name, service, options, { first, untilSteady });
  tell({
    type: 'service-updated',
    deploymentId: rollout.deploymentId,
    fromTaskDefinitionArn: before?.taskDefinition,
    toTaskDefinitionArn: rollout.taskDefinitionArn,
  });
  return { state: 'rolling-out', service, rollout };
}

/** The rollout to wait for: the primary deployment of a service as ECS just answered. */
function expectRollout(
  cluster: string,
  name: string,
  service: Service,
  { failFastAfter, clock }: DeployServiceOptions,
  more: Pick<ExpectedRollout, 'first' | 'untilSteady'>,
): ExpectedRollout {
  const primary = primaryDeployment(service);
  const limit = failFastAfter ?? circuitBreakerThreshold(service.desiredCount ?? 0);
  return {
    cluster,
    service: name,
    deploymentId: primary?.id ?? '',
    createdAt: primary?.createdAt?.getTime() ?? clock.now(),
    taskDefinitionArn: primary?.taskDefinition ?? '',
    failFastAfter: limit === 0 ? undefined : limit,
    ...more,
  };
}

interface FollowContext {
  readonly previousTaskDefinitionArn: string | undefined;
  readonly report: (event: DeploymentEvent) => void;
}

/** Waits for the end, if that is wanted, and brings a failed deployment back where ECS does not. */
async function follow(run: Run, started: Started, context: FollowContext): Promise<End> {
  const { options } = run;
  const { rollout } = started;
  const name = taskDefinitionName(rollout.taskDefinitionArn);
  const unchanged: End = { outcome: 'unchanged', reason: `The service runs ${name} already: nothing to do.` };
  if (started.state === 'unchanged') return unchanged;
  if (options.wait === false)
    return { outcome: 'started', reason: `The rollout of ${name} was started and is not waited for.` };
  const deadline = options.clock.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const { verdict, snapshot } = await watch(run, rollout, { deadline, report: context.report });
  if (verdict.outcome === 'succeeded' && started.state === 'settling') return { ...unchanged, snapshot };
  const answer = answerTo(verdict, rollout, options);
  if (answer === 'none') return { ...verdict, snapshot };
  const failed: FailedRollout = { rollout, verdict, snapshot, deadline };
  return answer === 'request-rollback' ? askToRollBack(run, failed, context) : rollBack(run, failed, context);
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
): Promise<WatchedRollout> {
  const { clock, signal } = options;
  const read = createRolloutReader({ ecs, clock, describeService }, rollout);
  const timeoutMs = Math.max(0, more.deadline - clock.now());
  const steps = watchRollout(rollout, read, { clock, pace, timeoutMs, signal, from: more.from });
  for (;;) {
    const step = await steps.next();
    if (step.done === true) return step.value;
    more.report(step.value);
  }
}

/** What we do about a rollout that has not succeeded: nothing, ask ECS to roll back, or also wait for that. */
function answerTo(
  { outcome, endedBy }: Verdict,
  { first }: ExpectedRollout,
  { onFailure, onCancel }: DeployServiceOptions,
): 'none' | 'request-rollback' | 'rollback' {
  if (outcome === 'cancelled') return onCancel === 'rollback' ? 'request-rollback' : 'none';
  if (outcome === 'timed-out') return onFailure === 'rollback' ? 'request-rollback' : 'none';
  if (outcome !== 'failed' || first === true) return 'none';
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
  const ended: Verdict =
    watched.verdict.outcome === 'succeeded'
      ? { outcome: 'rolled-back', reason: `The service was brought back to ${taskDefinitionName(target)}.` }
      : watched.verdict;
  return { ...afterRollback(verdict, ended), snapshot };
}

/** Joins why a deployment was given up with how its rollback went. */
function afterRollback(why: Verdict, back: Verdict): Verdict {
  return { outcome: back.outcome, reason: `${why.reason} ${back.reason}`, endedBy: why.endedBy };
}
