import type { Failure, ServiceEvent, Task, TaskDefinition } from '@aws-sdk/client-ecs';

/** The last lines of a container, or why there are none to show. */
export type LogTail =
  | {
      readonly kind: 'lines';
      readonly taskArn: string;
      readonly containerName: string;
      readonly logGroup: string;
      readonly logStream: string;
      readonly region: string | undefined;
      /** Oldest first. */
      readonly lines: readonly string[];
    }
  | {
      readonly kind: 'unavailable';
      readonly taskArn: string;
      readonly containerName: string;
      /** A sentence, e.g. that the container logs to another driver than awslogs. */
      readonly reason: string;
    };

/** Everything that may tell why tasks do not run. Plain data, gathered by whoever can read it. */
export interface Evidence {
  /** Stopped tasks. Those that the scheduler stopped to scale in or drain are left out by {@link diagnose}. */
  readonly tasks?: readonly Task[] | undefined;
  /** Service events, in any order. */
  readonly events?: readonly ServiceEvent[] | undefined;
  /** `failures[]` of RunTask, StartTask or a Describe call. */
  readonly failures?: readonly Failure[] | undefined;
  /** Sentences from elsewhere: a status reason, the message of an error that AWS answered. */
  readonly statements?: readonly string[] | undefined;
  readonly logTails?: readonly LogTail[] | undefined;
}

/** One thing that was said, by whom, in the form the catalogue looks at. */
export interface Fact {
  readonly source: 'task' | 'event' | 'failure' | 'statement';
  /** Everything that was said, never cut: the decisive words tend to be at the end. */
  readonly text: string;
  readonly stopCode?: string | undefined;
  /** Containers that ended with a code other than 0, or that gave a reason. */
  readonly containers: readonly FailedContainer[];
  /** The last log lines of the failing container, joined by line feeds. */
  readonly log: string;
  /** Whether the task ever reached RUNNING; `undefined` where no task is concerned. */
  readonly ran?: boolean | undefined;
}

export interface FailedContainer {
  readonly name: string;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
}

/** The containers of a stopped task that ended badly: a code other than 0, or a reason. */
export function failedContainers(task: Task): FailedContainer[] {
  return (task.containers ?? []).flatMap(({ name = 'container', exitCode, reason }) =>
    (exitCode !== undefined && exitCode !== 0) || (reason !== undefined && reason !== '')
      ? [{ name, exitCode, reason }]
      : [],
  );
}

/**
 * The container whose log is worth reading: an essential one that ended badly, else any that did,
 * else an essential one that ended at all.
 */
export function mostTellingContainer(
  task: Task,
  taskDefinition: TaskDefinition | undefined,
): string | undefined {
  const isEssential = (name: string | undefined) =>
    taskDefinition?.containerDefinitions?.find((definition) => definition.name === name)?.essential !== false;
  // 137 and 143 are what the others get when the task is stopped because of the first one.
  const killed = (exitCode: number | undefined) => exitCode === 137 || exitCode === 143;
  const failed = failedContainers(task);
  const candidates = [
    failed.find(({ name, exitCode }) => isEssential(name) && !killed(exitCode)),
    failed.find(({ name }) => isEssential(name)),
    failed[0],
    task.containers?.find(({ name, exitCode }) => isEssential(name) && exitCode !== undefined),
    task.containers?.find(({ name }) => isEssential(name)),
  ];
  return candidates.find((candidate) => candidate?.name !== undefined)?.name;
}
