import { StopTaskCommand, type Task } from '@aws-sdk/client-ecs';
import { fromAwsError } from '../../aws-errors.js';
import { resolveTaskDefinition, type ResolvedTaskDefinition } from '../deploy/task-definition.js';
import { coverSecrets } from '../diagnose/cover.js';
import { createPace } from '../rollout/pace.js';
import { conclude, formatMinutes, outcomeOf, type TaskRun } from './conclude.js';
import { followTaskLogs } from './follow-logs.js';
import { judgeTask } from './judge.js';
import { launchTasks, notStarted } from './launch.js';
import { DEFAULT_TASK_TIMEOUT_MS, type RunTaskOptions, type TaskToRun } from './options.js';
import type { TaskRunResult } from './result.js';
import { prepareTaskRun } from './prepare.js';
import { watchTasks, type TaskWatch } from './watch.js';

/** How long a task that was told to stop is watched for its last words, ms: ECS's longest stop timeout. */
const STOP_GRACE_MS = 120_000;

/**
 * Runs one-off tasks to their end and tells what became of them, showing their logs meanwhile.
 *
 * A task that fails is a result, not an exception: see {@link TaskRunResult.outcome} and `TASK_RUN_ERROR_CODES`. Thrown
 * are the errors that keep tasks from being run or watched: `INPUT_INVALID` (awsvpc without subnets, an override of no container),
 * `CLUSTER_NOT_FOUND`, `SERVICE_NOT_FOUND`, `TASK_DEFINITION_*` (the first three before anything is registered),
 * `ACCESS_DENIED`, `CREDENTIALS_EXPIRED` and the other errors of `callAws`.
 *
 * @example
 * const result = await runTask(
 *   { ecs, cluster: 'prod', taskDefinition: { revision: 'migrate' } },
 *   { clock: systemClock, likeService: 'web', logs: () => logs, onEvent: (event) => print(formatTaskRunEvent(event)) },
 * );
 */
export async function runTask(subject: TaskToRun, options: RunTaskOptions): Promise<TaskRunResult> {
  const { ecs, cluster } = subject;
  const { clock, signal, onEvent = () => {} } = options;
  const startedAt = clock.now();
  const { definition, settings, ...prepared } = await prepareTaskRun(subject, options);
  requireGoingOn(signal);
  const taskDefinition = await settle(subject, prepared.taskDefinitionArn, options);
  const { taskDefinitionArn } = taskDefinition;
  requireGoingOn(signal);

  const launch = { ecs, cluster, taskDefinition: taskDefinitionArn, settings };
  const { tasks, failures } = await launchTasks(launch, { clock, signal });
  const taskArns = tasks.flatMap(({ taskArn }) => taskArn ?? []);
  if (taskArns.length > 0) onEvent({ type: 'placed', taskArns, at: clock.now() });
  const run: TaskRun = { subject, options, definition, taskDefinition, failures, startedAt };
  if (taskArns.length === 0) return conclude(run, 'not-placed', []);
  if (options.wait === false) {
    const ran = tasks.map((task) =>
      judgeTask({ task, containerDefinitions: definition.containerDefinitions }),
    );
    return conclude(run, failures.length > 0 ? 'not-placed' : 'started', ran);
  }
  return waitFor(run, tasks, taskArns);
}

function requireGoingOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw notStarted(signal.reason);
}

/** Registers a document, or finds that an equal revision is there; `named` is the ARN of one that was named. */
async function settle(
  { ecs, taskDefinition }: TaskToRun,
  named: string | undefined,
  { clock, signal, logger, provenance, onEvent }: RunTaskOptions,
): Promise<ResolvedTaskDefinition> {
  if (named !== undefined) return { taskDefinitionArn: named, origin: 'named' };
  const settled = await resolveTaskDefinition(ecs, taskDefinition, { clock, signal, logger, provenance });
  const { taskDefinitionArn, origin } = settled;
  onEvent?.({ type: 'registered', taskDefinitionArn, reused: origin === 'reused', at: clock.now() });
  return settled;
}

async function waitFor(
  run: TaskRun,
  tasks: readonly Task[],
  taskArns: readonly string[],
): Promise<TaskRunResult> {
  const { subject, options, definition } = run;
  const { clock, signal, logs, redact, timeoutMs = DEFAULT_TASK_TIMEOUT_MS, onEvent = () => {} } = options;
  const { containerDefinitions } = definition;
  const watch: TaskWatch = {
    ecs: subject.ecs,
    cluster: subject.cluster,
    taskArns,
    containerDefinitions,
    readNewLines:
      logs === undefined
        ? () => Promise.resolve([])
        : followTaskLogs({ logs, taskArns, containerDefinitions, redact, now: () => clock.now() }),
    clock,
    pace: createPace(clock, options.random ?? Math.random),
    tell: onEvent,
    cover: coverSecrets(containerDefinitions, redact ?? []),
    tasks: new Map(tasks.map((task) => [task.taskArn ?? '', task])),
    stoppedFirst: new Map(),
  };
  const ended = await watchTasks(watch, clock.now() + timeoutMs, signal);
  const judge = () =>
    [...watch.tasks].map(([taskArn, task]) =>
      judgeTask({ task, containerDefinitions, stoppedFirst: watch.stoppedFirst.get(taskArn) }),
    );
  if (ended === 'stopped') {
    const ran = judge();
    return conclude(run, run.failures.length > 0 ? 'not-placed' : outcomeOf(ran), ran);
  }
  if (ended === 'aborted') {
    await stopTasks(watch, 'The job was cancelled.');
    return conclude(run, 'cancelled', judge());
  }
  await stopTasks(watch, `It did not end within ${formatMinutes(timeoutMs)}.`);
  await watchTasks(watch, clock.now() + STOP_GRACE_MS, signal);
  return conclude(run, 'timed-out', judge());
}

/** Asks ECS to stop what still runs. All are tried before the first failure is thrown. */
async function stopTasks({ ecs, cluster, tasks, clock, tell }: TaskWatch, reason: string): Promise<void> {
  const running = [...tasks].filter(([, { lastStatus }]) => lastStatus !== 'STOPPED');
  const stopped = await Promise.allSettled(
    running.map(async ([taskArn]) => {
      tell({ type: 'stopping', taskArn, reason, at: clock.now() });
      try {
        await ecs.send(new StopTaskCommand({ cluster, task: taskArn, reason }));
      } catch (error) {
        throw fromAwsError(error, `stop task ${taskArn}`, 'ecs:StopTask');
      }
    }),
  );
  const failed = stopped.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
