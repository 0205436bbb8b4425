import type { ContainerDefinition, Failure } from '@aws-sdk/client-ecs';
import type { ResolvedTaskDefinition } from '../deploy/task-definition.js';
import { collectTaskEvidence } from '../diagnose/collect.js';
import { diagnose, type Diagnosis } from '../diagnose/diagnose.js';
import { exitCodeOf } from './judge.js';
import type { LaunchedTaskDefinition } from './launch.js';
import { DEFAULT_TASK_TIMEOUT_MS, type RunTaskOptions, type TaskToRun } from './options.js';
import type { RanTask, TaskRunOutcome, TaskRunResult } from './result.js';

/** What of a task definition has to be known to run and to judge its tasks. */
export interface KnownTaskDefinition extends LaunchedTaskDefinition {
  readonly containerDefinitions: readonly ContainerDefinition[];
}

/** One call of `runTask`, once its tasks have been asked for. */
export interface TaskRun {
  readonly subject: TaskToRun;
  readonly options: RunTaskOptions;
  readonly definition: KnownTaskDefinition;
  readonly taskDefinition: ResolvedTaskDefinition;
  readonly failures: readonly Failure[];
  readonly startedAt: number;
}

/** The outcome of a run whose tasks have all stopped. */
export function outcomeOf(tasks: readonly RanTask[]): TaskRunOutcome {
  const outcomes = tasks.map(({ outcome }) => outcome);
  if (outcomes.includes('not-started')) return 'not-started';
  return outcomes.every((outcome) => outcome === 'succeeded') ? 'succeeded' : 'failed';
}

/** Puts the result together, with a diagnosis of what failed. */
export async function conclude(
  run: TaskRun,
  outcome: TaskRunOutcome,
  tasks: readonly RanTask[],
): Promise<TaskRunResult> {
  const { subject, options, taskDefinition, failures, startedAt } = run;
  const diagnoses = outcome === 'cancelled' ? [] : await explain(run, tasks);
  return {
    cluster: subject.cluster,
    taskDefinitionArn: taskDefinition.taskDefinitionArn,
    taskDefinitionOrigin: taskDefinition.origin,
    outcome,
    reason: reasonOf(run, outcome, tasks),
    tasks,
    failures,
    exitCode: exitCodeOf(tasks),
    diagnoses,
    startedAt,
    endedAt: options.clock.now(),
  };
}

async function explain(
  { options, definition, failures }: TaskRun,
  tasks: readonly RanTask[],
): Promise<readonly Diagnosis[]> {
  const bad = tasks.filter(({ outcome }) => outcome === 'failed' || outcome === 'not-started');
  if (bad.length === 0 && failures.length === 0) return [];
  const evidence = await collectTaskEvidence(
    {
      tasks: bad.map(({ task }) => task),
      taskDefinition: { containerDefinitions: [...definition.containerDefinitions] },
      logs: options.logs,
    },
    { lines: options.logLines, redact: options.redact },
  );
  return diagnose({ ...evidence, failures });
}

function reasonOf(
  { failures, options }: TaskRun,
  outcome: TaskRunOutcome,
  tasks: readonly RanTask[],
): string {
  switch (outcome) {
    case 'started':
      return `${tasks.length === 1 ? 'The task was' : `${tasks.length} tasks were`} started, and nobody waited for the end.`;
    case 'not-placed': {
      const reasons = [
        ...new Set(failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': '))),
      ];
      const asked = tasks.length + failures.length;
      return `ECS found no place for ${failures.length} of ${asked} tasks: ${reasons.join('; ') || 'no reason was given'}.`;
    }
    case 'timed-out':
      return `After ${formatMinutes(options.timeoutMs ?? DEFAULT_TASK_TIMEOUT_MS)} the task had not ended; it was stopped.`;
    case 'cancelled':
      return 'This run was cancelled, and the task was stopped.';
    case 'failed':
    case 'not-started':
      return tasks.find((task) => task.outcome === outcome)?.reason ?? 'The task failed.';
    case 'succeeded':
      return tasks[0]?.reason ?? 'The task succeeded.';
  }
}

export function formatMinutes(ms: number): string {
  const minutes = Math.round(ms / 6_000) / 10;
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
