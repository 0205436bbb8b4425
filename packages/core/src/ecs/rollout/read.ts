import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
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
import {
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

/** Reads a service; `undefined` if DescribeServices calls it MISSING. */
export type DescribeService = (
  cluster: string,
  service: string,
  signal?: AbortSignal,
) => Promise<Service | undefined>;

/** DescribeServices takes this many services a call. */
const SERVICES_PER_CALL = 10;
/** DescribeTasks and ListTasks take this many tasks a call. */
const TASKS_PER_CALL = 100;
/** Pages of stopped tasks that are looked through: a service with more of them fails in no other way. */
const MOST_PAGES = 10;
/** Details are read at least this often, ms, whether or not anything seems to have changed. */
const DETAILS_EVERY_MS = 60_000;
/** Calls within a minute above which details wait, so that a service never costs more than 20 a minute … */
const CALLS_BEFORE_DETAILS_WAIT = 11;
/** … and above which even what the verdict may hang on waits for the next poll. */
const CALLS_BEFORE_ALL_WAITS = 18;
const MINUTE_MS = 60_000;

const TERMINAL: ReadonlySet<string> = new Set([
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
]);

/**
 * DescribeServices for many callers: whatever is asked for in the same turn of the event loop goes
 * out together, ten services a call. An aborted caller stops waiting; the call goes on for the others.
 */
export function batchDescribeServices(ecs: ECSClient): DescribeService {
  interface Asked {
    readonly service: string;
    readonly resolve: (service: Service | undefined) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting = new Map<string, Asked[]>();

  const send = async (cluster: string, asked: readonly Asked[]) => {
    try {
      const services = [...new Set(asked.map(({ service }) => service))];
      const answer = await ecs.send(new DescribeServicesCommand({ cluster, services }));
      for (const { service, resolve } of asked)
        resolve(
          answer.services?.find(
            (found) => found.serviceArn === service || found.serviceName === shortName(service),
          ),
        );
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };

  const flush = (cluster: string) => {
    const asked = waiting.get(cluster) ?? [];
    waiting.delete(cluster);
    for (let start = 0; start < asked.length; start += SERVICES_PER_CALL)
      void send(cluster, asked.slice(start, start + SERVICES_PER_CALL));
  };

  return (cluster, service, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      const asked = waiting.get(cluster);
      const one = { service, resolve, reject };
      if (asked !== undefined) return void asked.push(one);
      waiting.set(cluster, [one]);
      setImmediate(() => flush(cluster));
    });
}

/** What a reader needs of the world. */
export interface RolloutSource {
  readonly ecs: ECSClient;
  readonly clock: Clock;
  /** Shared by the readers of one run, so that their calls are batched. */
  readonly describeService: DescribeService;
}

/**
 * The reader for one rollout: the service at every call; its service deployment and stopped tasks
 * when something changed, while the verdict hangs on them, and once a minute.
 *
 * Details that may not be read (`ecs:ListServiceDeployments`, `ecs:ListTasks`, …) are done without
 * and listed in the snapshot's `unreadable`; expired credentials end the read.
 */
export function createRolloutReader(source: RolloutSource, rollout: ExpectedRollout): ReadSnapshot {
  const { ecs, clock, describeService } = source;
  const calls: number[] = [];
  const unreadable = new Map<string, UnreadableSource>();
  const inspected = new Set<string>();
  let serviceDeploymentArn = rollout.serviceDeploymentArn;
  let detailsAt = Number.NEGATIVE_INFINITY;

  const call = <T>(run: () => Promise<T>): Promise<T> => {
    calls.push(clock.now());
    return run();
  };
  const recentCalls = () => calls.filter((at) => at > clock.now() - MINUTE_MS).length;

  const mayGoOn = () => recentCalls() < CALLS_BEFORE_ALL_WAITS;

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

  const readServiceDeployment = async (
    last: ServiceDeployment | undefined,
    signal: AbortSignal | undefined,
  ): Promise<ServiceDeployment | undefined> => {
    serviceDeploymentArn ??= await optional(
      'ecs:ListServiceDeployments',
      `list the deployments of service ${rollout.service}`,
      undefined,
      async () => (await call(() => findServiceDeployment(ecs, rollout, signal)))?.serviceDeploymentArn,
    );
    if (serviceDeploymentArn === undefined) return last;
    const arn = serviceDeploymentArn;
    return optional('ecs:DescribeServiceDeployments', `describe ${arn}`, last, () =>
      call(async () => {
        const answer = await ecs.send(
          new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }),
          signal === undefined ? {} : { abortSignal: signal },
        );
        return answer.serviceDeployments?.[0] ?? last;
      }),
    );
  };

  const readTasks = (known: readonly Task[], signal: AbortSignal | undefined): Promise<readonly Task[]> =>
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
    let service = await describe();
    const last = previous?.serviceDeployment;
    const due = hasChanged(previous?.service, service) || at - detailsAt >= DETAILS_EVERY_MS;
    const details = due && recentCalls() < CALLS_BEFORE_DETAILS_WAIT;
    const ended = TERMINAL.has(last?.status ?? '');
    let serviceDeployment = last;
    const decisive = isDecisive(service, last, rollout) && mayGoOn();
    if (!ended && (details || decisive)) {
      serviceDeployment = await readServiceDeployment(last, signal);
      // It may have ended after the service was read: then what the service said is too old to be judged with it.
      if (TERMINAL.has(serviceDeployment?.status ?? '')) service = await describe();
    }
    let stoppedTasks = previous?.stoppedTasks ?? [];
    if (details) {
      const found = [...stoppedTasks, ...(await readTasks(stoppedTasks, signal))];
      stoppedTasks = found.sort((a, b) => (a.stoppedAt?.getTime() ?? 0) - (b.stoppedAt?.getTime() ?? 0));
      detailsAt = at;
    }
    return {
      at,
      service,
      missingSince: service === undefined ? (previous?.missingSince ?? at) : undefined,
      serviceDeployment,
      stoppedTasks,
      unreadable: [...unreadable.values()],
    };
  };
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
