import {
  DescribeTasksCommand,
  type ContainerDefinition,
  type ECSClient,
  type Task,
} from '@aws-sdk/client-ecs';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import type { Clock } from '../../ports.js';
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
    await readTasks(watch, startedAt, tell, signal);
    if (isAborted()) return 'aborted';
    for (const event of await watch.readNewLines(signal)) tell(event);
    if (allStopped(watch)) {
      await readLastLines(watch, signal);
      return 'stopped';
    }
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

async function readTasks(
  watch: TaskWatch,
  startedAt: number,
  tell: (event: TaskRunEvent) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { ecs, cluster, taskArns, clock, pace } = watch;
  try {
    const answer = await ecs.send(
      new DescribeTasksCommand({ cluster, tasks: [...taskArns] }),
      signal === undefined ? {} : { abortSignal: signal },
    );
    pace.recover();
    for (const task of answer.tasks ?? []) takeIn(watch, task, tell);
    for (const { arn = '', reason } of answer.failures ?? []) {
      const late = clock.now() - startedAt > MISSING_MS;
      // Gone for good: ECS forgets a stopped task after about an hour.
      if (reason === 'MISSING' && late) takeIn(watch, goneTask(watch.tasks.get(arn), arn), tell);
    }
  } catch (error) {
    if (signal?.aborted === true) return;
    const typed = fromAwsError(error, `describe the tasks in cluster ${cluster}`, 'ecs:DescribeTasks');
    const kind = classifyAwsError(error);
    if (kind !== 'throttled' && kind !== 'transient') throw typed;
    if (kind === 'throttled') pace.slowDown();
    tell({ type: 'read-failed', message: typed.message, at: clock.now() });
  }
}

function takeIn(watch: TaskWatch, task: Task, tell: (event: TaskRunEvent) => void): void {
  const taskArn = task.taskArn ?? '';
  for (const event of observeTask(watch.tasks.get(taskArn), task, watch.clock.now())) tell(event);
  watch.tasks.set(taskArn, task);
  const first = findStoppedFirst(task, watch.containerDefinitions);
  if (first !== undefined && !watch.stoppedFirst.has(taskArn)) watch.stoppedFirst.set(taskArn, first);
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
