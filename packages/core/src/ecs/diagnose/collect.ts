import type { Task, TaskDefinition } from '@aws-sdk/client-ecs';
import { mostTellingContainer, type Evidence, type LogTail } from './evidence.js';
import { groupBy } from './group-by.js';
import { tailContainerLog, type LogsForRegion } from './log-tail.js';
import { failureSignature, isScalingActivity } from './signature.js';

/** Ways of failing whose log is read: further ones are told without. */
const MOST_LOGS = 3;

/**
 * Gathers what stopped tasks leave behind: the tasks themselves and, for the newest task of each
 * way of failing (the three most frequent), the last log lines of the container that tells most.
 *
 * `taskDefinition` is the one the tasks ran; without it, or without `logs`, no log is read.
 * Never throws for a log that is missing or not readable; throws `CREDENTIALS_EXPIRED`.
 */
export async function collectTaskEvidence(
  subject: {
    readonly tasks: readonly Task[];
    readonly taskDefinition?: TaskDefinition | undefined;
    readonly logs?: LogsForRegion | undefined;
  },
  options: Parameters<typeof tailContainerLog>[1] = {},
): Promise<Evidence> {
  const { tasks, taskDefinition, logs } = subject;
  if (taskDefinition === undefined || logs === undefined) return { tasks, taskDefinition };
  const telling = groupBy(
    tasks.filter((task) => !isScalingActivity(task)),
    failureSignature,
  )
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST_LOGS)
    .map(newest);
  const tails = await Promise.all(
    telling.map(async (task): Promise<LogTail[]> => {
      const containerName = mostTellingContainer(task, taskDefinition);
      // A container that never started wrote nothing: its reason says all there is.
      if (containerName === undefined || !hasStarted(task, containerName)) return [];
      return [await tailContainerLog({ logs, task, taskDefinition, containerName }, options)];
    }),
  );
  return { tasks, taskDefinition, logTails: tails.flat() };
}

function hasStarted(task: Task, containerName: string): boolean {
  const container = task.containers?.find(({ name }) => name === containerName);
  return task.startedAt !== undefined || container?.exitCode !== undefined;
}

function newest(tasks: readonly Task[]): Task {
  return tasks.reduce((a, b) => ((b.stoppedAt?.getTime() ?? 0) > (a.stoppedAt?.getTime() ?? 0) ? b : a));
}
