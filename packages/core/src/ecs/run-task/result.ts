import type { Failure, Task } from '@aws-sdk/client-ecs';
import type { ErrorCode } from '../../errors.js';
import type { ResolvedTaskDefinition } from '../deploy/task-definition.js';
import type { Diagnosis } from '../diagnose/diagnose.js';

/** How a run of one-off tasks ended. */
export type TaskRunOutcome =
  /** Every essential container of every task did its work. */
  | 'succeeded'
  /** An essential container ended badly, or a task was stopped before it was done. */
  | 'failed'
  /** A container never started: its image, secrets, network or log group is to blame. */
  | 'not-started'
  /** ECS found no place for a task. */
  | 'not-placed'
  /** The time budget was used up, and the tasks were stopped. */
  | 'timed-out'
  /** This run was cancelled, and the tasks were stopped. */
  | 'cancelled'
  /** The tasks were started, and nobody waited for them. */
  | 'started';

/** The code of the error that an outcome amounts to; `undefined` where it is none. */
export const TASK_RUN_ERROR_CODES: Readonly<Record<TaskRunOutcome, ErrorCode | undefined>> = {
  succeeded: undefined,
  started: undefined,
  failed: 'TASK_FAILED',
  'not-started': 'TASK_NOT_STARTED',
  'not-placed': 'TASK_NOT_PLACED',
  'timed-out': 'TASK_TIMED_OUT',
  cancelled: 'TASK_CANCELLED',
};

export interface RanContainer {
  readonly name: string;
  /** False also for containers that are not in the task definition, such as a security agent's. */
  readonly essential: boolean;
  /** Absent if it never started, or has not ended. */
  readonly exitCode: number | undefined;
  readonly reason: string | undefined;
}

/** What became of one task. */
export interface RanTask {
  readonly taskArn: string;
  /** `failed` also for a task that had not ended when the watch did. */
  readonly outcome: 'succeeded' | 'failed' | 'not-started' | 'unfinished';
  /** One sentence. */
  readonly reason: string;
  readonly containers: readonly RanContainer[];
  /** As ECS described it last. */
  readonly task: Task;
}

export interface TaskRunResult {
  readonly cluster: string;
  readonly taskDefinitionArn: string;
  /** Whether the task definition was registered for this run, was there already, or was named. */
  readonly taskDefinitionOrigin: ResolvedTaskDefinition['origin'];
  readonly outcome: TaskRunOutcome;
  /** One sentence. */
  readonly reason: string;
  readonly tasks: readonly RanTask[];
  /** `failures[]` of RunTask: one for each task that found no place. */
  readonly failures: readonly Failure[];
  /** 0 if all succeeded, else that of the first essential container that ended badly; absent if there is none. */
  readonly exitCode: number | undefined;
  /** Why it failed, most telling first; empty for a success. */
  readonly diagnoses: readonly Diagnosis[];
  /** Epoch ms of the injected clock. */
  readonly startedAt: number;
  readonly endedAt: number;
}
