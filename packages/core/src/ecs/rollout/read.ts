import {
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  type ECSClient,
  type Service,
  type ServiceDeployment,
  type ServiceDeploymentBrief,
  type Task,
} from '@aws-sdk/client-ecs';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import type { Clock } from '../../ports.js';
import { shortName } from '../names.js';
import type { CallBudget } from './budget.js';
import type { DescribeService, DescribeServiceDeployment } from './batched-reads.js';
import {
  DESCRIBE_SERVICE_DEPLOYMENTS,
  hasEnded,
  isRevisionOf,
  isSince,
  ownDeployment,
  primaryDeployment,
  shiftsTraffic,
  type ExpectedRollout,
  type ServiceSnapshot,
  type UnreadableSource,
} from './snapshot.js';

/**
 * Reads a rollout once more. Gets the snapshot before, and carries over from it what was not read
 * anew. Rejects with the AWS client's error if the service itself cannot be read.
 */
export type ReadSnapshot = (
  previous: ServiceSnapshot | undefined,
  signal?: AbortSignal,
) => Promise<ServiceSnapshot>;

/** DescribeTasks and ListTasks take this many tasks a call. */
const TASKS_PER_CALL = 100;
/** Pages of stopped tasks that are looked through: a service with more of them fails in no other way. */
const MOST_PAGES = 10;
/** Details are read this often, ms, whether or not anything seems to have changed … */
const DETAILS_EVERY_MS = 60_000;
/** … and, of a service where something changes all the time, no more often than this. */
const CHANGES_EVERY_MS = 20_000;
/** A page of stopped tasks takes so many calls: one that lists them, one that describes what is new. */
const CALLS_PER_PAGE = 2;
/** What is kept when the service is read besides its service deployment: for the next times … */
const CALLS_KEPT = 5;
/** … and, if it was left out the last time, for the one read after the end. */
const CALLS_KEPT_IF_SKIPPED = 1;

/** What a reader needs of the world. */
export interface RolloutSource {
  readonly ecs: ECSClient;
  readonly clock: Clock;
  /** Shared by the readers of one run, so that their calls are batched. */
  readonly describeService: DescribeService;
  readonly describeServiceDeployment: DescribeServiceDeployment;
  /** One for all readers of a service. */
  readonly budget: CallBudget;
}

/**
 * The reader for one rollout. Every read makes the one call that tells whether it has ended: of the
 * service, or of its service deployment while the verdict hangs on that (a rollback, traffic that is
 * shifted). What the budget has room for comes on top: the other of the two, and the stopped tasks
 * after something changed and once a minute.
 *
 * Details that may not be read (`ecs:ListServiceDeployments`, `ecs:ListTasks`, …) are done without
 * and listed in the snapshot's `unreadable`; expired credentials end the read.
 */
export function createRolloutReader(source: RolloutSource, rollout: ExpectedRollout): ReadSnapshot {
  const { ecs, clock, describeService, describeServiceDeployment, budget } = source;
  const unreadable = new Map<string, UnreadableSource>();
  const inspected = new Set<string>();
  let serviceDeploymentArn = rollout.serviceDeploymentArn;
  let deploymentAt = Number.NEGATIVE_INFINITY;
  let tasksAt = Number.NEGATIVE_INFINITY;
  /** Whether something has changed since then. */
  let isDeploymentStale = true;
  let areTasksStale = true;
  /** Whether the last read was of the service deployment only: rarely twice running. */
  let skippedService = false;

  const call = <T>(run: () => Promise<T>): Promise<T> => {
    budget.spend();
    return run();
  };

  /** Runs a read that only adds to the picture: `fallback` if it fails in a way that passes, or is not allowed. */
  const optional = async <T>(
    action: string,
    doing: string,
    fallback: T,
    read: () => Promise<T>,
  ): Promise<T> => {
    if (unreadable.has(action)) return fallback;
    try {
      return await read();
    } catch (error) {
      const kind = classifyAwsError(error);
      if (kind === 'expired' || kind === 'no-credentials') throw error;
      if (kind === 'denied' || kind === 'refused') {
        const { message, hint } = fromAwsError(error, doing, action);
        unreadable.set(action, { action, message, hint });
      }
      return fallback;
    }
  };

  /** `undefined` if it did not answer. */
  const readServiceDeployment = async (
    signal: AbortSignal | undefined,
  ): Promise<ServiceDeployment | undefined> => {
    serviceDeploymentArn ??= await optional(
      'ecs:ListServiceDeployments',
      `list the deployments of service ${rollout.service}`,
      undefined,
      async () => (await call(() => findServiceDeployment(ecs, rollout, signal)))?.serviceDeploymentArn,
    );
    if (serviceDeploymentArn === undefined) return undefined;
    const arn = serviceDeploymentArn;
    return optional(DESCRIBE_SERVICE_DEPLOYMENTS, `describe ${arn}`, undefined, () =>
      call(() => describeServiceDeployment(arn, signal)),
    );
  };

  const readTasks = (
    known: readonly Task[],
    mayGoOn: () => boolean,
    signal: AbortSignal | undefined,
  ): Promise<readonly Task[]> =>
    optional('ecs:ListTasks', `list the stopped tasks of service ${rollout.service}`, [], async () => {
      for (const { taskArn } of known) inspected.add(taskArn ?? '');
      const tasks = await readStoppedTasks(ecs, rollout, { skip: inspected, call, mayGoOn, signal });
      const ended = tasks.filter(({ lastStatus }) => lastStatus === 'STOPPED');
      for (const { taskArn } of ended) inspected.add(taskArn ?? '');
      return ended.filter((task) => isStoppedTaskOf(rollout, task));
    });

  return async (previous, signal) => {
    const at = clock.now();
    const describe = () => call(() => describeService(rollout.cluster, rollout.service, signal));
    let service = previous?.service;
    let serviceDeployment = previous?.serviceDeployment;
    serviceDeploymentArn ??= serviceDeployment?.serviceDeploymentArn;
    let unansweredSince = previous?.unansweredSince;
    const isDecisiveNow = () =>
      !hasEnded(serviceDeployment) && isDecisive(service, serviceDeployment, rollout);
    const decided = isDecisiveNow();

    const ask = async (): Promise<boolean> => {
      const answer = await readServiceDeployment(signal);
      unansweredSince = answer === undefined ? (unansweredSince ?? at) : undefined;
      serviceDeployment = answer ?? serviceDeployment;
      return answer !== undefined;
    };
    // What does not answer tells nothing: then the service itself is read first.
    const asked = decided && serviceDeploymentArn !== undefined && unansweredSince === undefined;
    let answered = asked && (await ask());
    // What has ended is judged with the service as it is after that.
    const mayWait = answered && !hasEnded(serviceDeployment);
    skippedService = mayWait && !budget.affords(1, skippedService ? CALLS_KEPT_IF_SKIPPED : CALLS_KEPT);
    if (!skippedService) service = await describe();
    if (hasChanged(previous?.service, service)) isDeploymentStale = areTasksStale = true;

    const isDue = (readAt: number, isStale: boolean) =>
      at - readAt >= (isStale ? CHANGES_EVERY_MS : DETAILS_EVERY_MS);
    // At the first read nothing has stopped. While the service deployment is read at every poll, the
    // budget has room for tasks once a minute.
    const areTasksDue = previous !== undefined && isDue(tasksAt, areTasksStale && !decided);
    const isDeploymentDue =
      !hasEnded(serviceDeployment) &&
      isDue(deploymentAt, isDeploymentStale) &&
      !(areTasksDue && tasksAt < deploymentAt);
    const callsOfDeployment = serviceDeploymentArn === undefined ? 2 : 1;
    if (!asked && (isDeploymentDue || isDecisiveNow()) && budget.affords(callsOfDeployment)) {
      answered = await ask();
      if (hasEnded(serviceDeployment)) service = await describe();
    }
    if (answered) {
      deploymentAt = at;
      isDeploymentStale = false;
    }
    let stoppedTasks = previous?.stoppedTasks ?? [];
    const affordsPage = () => budget.affords(CALLS_PER_PAGE);
    if (areTasksDue && affordsPage()) {
      const found = await readTasks(stoppedTasks, () => !decided && affordsPage(), signal);
      stoppedTasks = [...stoppedTasks, ...found].sort(
        (a, b) => (a.stoppedAt?.getTime() ?? 0) - (b.stoppedAt?.getTime() ?? 0),
      );
      tasksAt = at;
      areTasksStale = false;
    }
    const isCompleted = ownDeployment(service, rollout)?.rolloutState === 'COMPLETED';
    return {
      at,
      service,
      completedSince: isCompleted ? (previous?.completedSince ?? at) : undefined,
      othersRan: previous?.othersRan === true || isBesideOthers(service, rollout),
      missingSince: service === undefined ? (previous?.missingSince ?? at) : undefined,
      serviceDeployment,
      unansweredSince,
      stoppedTasks,
      unreadable: [...unreadable.values()],
    };
  };
}

function isBesideOthers(service: Service | undefined, { deploymentId }: ExpectedRollout): boolean {
  const { deployments = [] } = service ?? {};
  return deployments.some(({ id, runningCount = 0 }) => id !== deploymentId && runningCount > 0);
}

/** Finds the service deployment that belongs to a deployment id, among the service's newest. */
export async function findServiceDeployment(
  ecs: ECSClient,
  rollout: Pick<ExpectedRollout, 'cluster' | 'service' | 'deploymentId'>,
  signal?: AbortSignal,
): Promise<ServiceDeploymentBrief | undefined> {
  const answer = await ecs.send(
    new ListServiceDeploymentsCommand({ cluster: rollout.cluster, service: rollout.service }),
    signal === undefined ? {} : { abortSignal: signal },
  );
  return answer.serviceDeployments
    ?.filter(({ targetServiceRevisionArn }) => isRevisionOf(targetServiceRevisionArn, rollout.deploymentId))
    .sort((a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0))[0];
}

/**
 * Stopped tasks of a service that ECS still remembers (about an hour), of every deployment: ECS
 * allows no filter by deployment together with one by service. `skip` holds task ARNs to leave out.
 */
export async function readStoppedTasks(
  ecs: ECSClient,
  { cluster, service }: Pick<ExpectedRollout, 'cluster' | 'service'>,
  options: {
    readonly skip?: ReadonlySet<string> | undefined;
    readonly call?: <T>(run: () => Promise<T>) => Promise<T>;
    /** Whether a further page may be asked for. */
    readonly mayGoOn?: () => boolean;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<Task[]> {
  const { skip, call = (run) => run(), mayGoOn = () => true, signal } = options;
  const abort = signal === undefined ? {} : { abortSignal: signal };
  const serviceName = shortName(service);
  const found: Task[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const list = new ListTasksCommand({
      cluster,
      serviceName,
      desiredStatus: 'STOPPED',
      maxResults: TASKS_PER_CALL,
      nextToken,
    });
    const listed = await call(() => ecs.send(list, abort));
    nextToken = listed.nextToken;
    const tasks = (listed.taskArns ?? []).filter((arn) => skip?.has(arn) !== true);
    if (tasks.length > 0) {
      const described = await call(() => ecs.send(new DescribeTasksCommand({ cluster, tasks }), abort));
      found.push(...(described.tasks ?? []));
    }
    if (nextToken === undefined || !mayGoOn()) break;
  }
  return found;
}

/** Whether a stopped task says something about what is waited for. */
export function isStoppedTaskOf(rollout: ExpectedRollout, { startedBy, stoppedAt }: Task): boolean {
  const tooOld = stoppedAt !== undefined && !isSince(stoppedAt, rollout);
  return startedBy === rollout.deploymentId && !tooOld;
}

/** Whether anything differs that makes a look at the details worth its calls. */
function hasChanged(previous: Service | undefined, next: Service | undefined): boolean {
  return fingerprint(previous) !== fingerprint(next);
}

function fingerprint(service: Service | undefined): string {
  if (service === undefined) return 'missing';
  const deployments = (service.deployments ?? []).map((deployment) => [
    deployment.id,
    deployment.status,
    deployment.rolloutState,
    deployment.runningCount,
    deployment.pendingCount,
    deployment.failedTasks,
  ]);
  return JSON.stringify([service.status, service.events?.[0]?.id, deployments]);
}

/** Whether the verdict may hang on the service deployment right now, so that it is read at every poll. */
function isDecisive(
  service: Service | undefined,
  last: ServiceDeployment | undefined,
  rollout: ExpectedRollout,
): boolean {
  if (service === undefined) return false;
  if (shiftsTraffic(service) || rollout.rollbackRequested === true) return true;
  if (last !== undefined && last.status !== 'PENDING' && last.status !== 'IN_PROGRESS') return true;
  if (ownDeployment(service, rollout)?.rolloutState === 'FAILED') return true;
  return primaryDeployment(service)?.id !== rollout.deploymentId;
}
