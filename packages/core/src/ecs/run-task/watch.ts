import {
  DescribeTasksCommand,
  type ContainerDefinition,
  type ECSClient,
  type Task,
} from '@aws-sdk/client-ecs';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import type { Clock } from '../../ports.js';
import type { Cover } from '../../task-definition/cover.js';
import { coverTask } from '../diagnose/cover.js';
import type { Pace } from '../rollout/pace.js';
import { observeTask, type TaskRunEvent } from './events.js';
import type { ReadNewLines } from './follow-logs.js';
import { findStoppedFirst } from './judge.js';

/** Tasks being watched, and all that is known of them. */
export interface TaskWatch {
  readonly ecs: ECSClient;
  readonly cluster: string;
  readonly taskArns: readonly string[];
  readonly containerDefinitions: readonly ContainerDefinition[];
  readonly readNewLines: ReadNewLines;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly tell: (event: TaskRunEvent) => void;
  /** Covers secrets in the reasons that ECS gives. */
  readonly cover: Cover;
  /** By ARN, as described last. */
  readonly tasks: Map<string, Task>;
  /** By ARN: the essential container that was seen to stop while others ran. */
  readonly stoppedFirst: Map<string, string>;
}

/** A line at least this often, ms. */
const HEARTBEAT_MS = 60_000;
/** RunTask and DescribeTasks are eventually consistent: a task may be unknown for this long, ms. */
const MISSING_MS = 60_000;
/** What a container wrote last reaches CloudWatch Logs a little after it has ended, ms. */
const LAST_LINES_MS = 4_000;

/**
 * Watches tasks until all have stopped, `until` (epoch ms) is reached, or `signal` aborts: the first of them is
 * returned. Events and log lines are told as they come. Throttling and passing faults cost a poll; every other failure
 * is thrown at once, as a typed error.
 */
export async function watchTasks(
  watch: TaskWatch,
  until: number,
  signal?: AbortSignal,
): Promise<'stopped' | 'out-of-time' | 'aborted'> {
  const { clock, pace } = watch;
  const startedAt = clock.now();
  let spokeAt = startedAt;
  const tell = (event: TaskRunEvent) => {
    spokeAt = clock.now();
    watch.tell(event);
  };
  const isAborted = () => signal?.aborted === true;
  for (;;) {
    const happened = await readTasks(watch, startedAt, signal);
    if (isAborted()) return 'aborted';
    // What a container wrote is told before its end, as it happened.
    for (const event of happened.filter((event) => !isEnd(event))) tell(event);
    for (const event of await watch.readNewLines(signal)) tell(event);
    const stopped = allStopped(watch);
    if (stopped) await readLastLines(watch, signal);
    for (const event of happened.filter(isEnd)) tell(event);
    if (stopped) return 'stopped';
    if (clock.now() >= until) return 'out-of-time';
    if (clock.now() - spokeAt >= HEARTBEAT_MS) {
      tell({
        type: 'heartbeat',
        elapsedMs: clock.now() - startedAt,
        status: statusOf(watch),
        at: clock.now(),
      });
    }
    try {
      await pace.next(until, signal);
    } catch (error) {
      if (isAborted()) return 'aborted';
      throw error;
    }
  }
}

const STOPPING: ReadonlySet<string> = new Set(['DEACTIVATING', 'STOPPING', 'DEPROVISIONING', 'STOPPED']);

function isEnd(event: TaskRunEvent): boolean {
  return event.type === 'container-exited' || (event.type === 'task-status' && STOPPING.has(event.status));
}

async function readTasks(
  watch: TaskWatch,
  startedAt: number,
  signal: AbortSignal | undefined,
): Promise<TaskRunEvent[]> {
  const { ecs, cluster, taskArns, clock, pace } = watch;
  try {
    const answer = await ecs.send(
      new DescribeTasksCommand({ cluster, tasks: [...taskArns] }),
      signal === undefined ? {} : { abortSignal: signal },
    );
    pace.recover();
    const late = clock.now() - startedAt > MISSING_MS;
    // Gone for good: ECS forgets a stopped task after about an hour.
    const gone = (answer.failures ?? [])
      .filter(({ reason }) => reason === 'MISSING' && late)
      .map(({ arn = '' }) => goneTask(watch.tasks.get(arn), arn));
    return [...(answer.tasks ?? []), ...gone].flatMap((task) => takeIn(watch, coverTask(task, watch.cover)));
  } catch (error) {
    if (signal?.aborted === true) return [];
    const typed = fromAwsError(error, `describe the tasks in cluster ${cluster}`, 'ecs:DescribeTasks');
    const kind = classifyAwsError(error);
    if (kind !== 'throttled' && kind !== 'transient') throw typed;
    if (kind === 'throttled') pace.slowDown();
    return [{ type: 'read-failed', message: typed.message, at: clock.now() }];
  }
}

function takeIn(watch: TaskWatch, task: Task): TaskRunEvent[] {
  const taskArn = task.taskArn ?? '';
  const events = observeTask(watch.tasks.get(taskArn), task, watch.clock.now());
  watch.tasks.set(taskArn, task);
  const first = findStoppedFirst(task, watch.containerDefinitions);
  if (first !== undefined && !watch.stoppedFirst.has(taskArn)) watch.stoppedFirst.set(taskArn, first);
  return events;
}

function goneTask(last: Task | undefined, taskArn: string): Task {
  return { ...last, taskArn, lastStatus: 'STOPPED', stoppedReason: 'ECS does not know this task any more.' };
}

async function readLastLines(watch: TaskWatch, signal: AbortSignal | undefined): Promise<void> {
  try {
    await watch.clock.sleep(LAST_LINES_MS, signal);
    for (const event of await watch.readNewLines(signal)) watch.tell(event);
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

function allStopped({ taskArns, tasks }: TaskWatch): boolean {
  return taskArns.every((taskArn) => tasks.get(taskArn)?.lastStatus === 'STOPPED');
}

function statusOf({ taskArns, tasks }: TaskWatch): string {
  return [...new Set(taskArns.map((taskArn) => tasks.get(taskArn)?.lastStatus ?? 'unknown'))].join(', ');
}
