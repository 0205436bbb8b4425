import type { Container, ContainerDefinition, Task } from '@aws-sdk/client-ecs';
import type { RanContainer, RanTask } from './result.js';

/** Of a container that got a SIGTERM, or a SIGKILL after its stop timeout. */
const TERMINATED = 143;
const KILLED = 137;

/** Stop codes of a task that somebody or something ended before its containers had: an exit code of 0 says nothing then. */
const ENDED_FROM_OUTSIDE: ReadonlySet<string> = new Set([
  'UserInitiated',
  'ServiceSchedulerInitiated',
  'SpotInterruption',
  'TerminationNotice',
  'InfrastructureHealth',
]);

export interface JudgedTask {
  readonly task: Task;
  /** Of the task definition: they say which containers are essential. */
  readonly containerDefinitions: readonly ContainerDefinition[];
  /** The essential container that was seen to stop while the others still ran. */
  readonly stoppedFirst?: string | undefined;
}

/**
 * What became of a task, by the exit codes of its essential containers. An essential container that ECS ended because
 * another one had done its work (exit code 0) did not fail; nor did any container that is not essential.
 */
export function judgeTask({ task, containerDefinitions, stoppedFirst }: JudgedTask): RanTask {
  const containers = (task.containers ?? []).map((container) => describe(container, containerDefinitions));
  const ran = (outcome: RanTask['outcome'], reason: string): RanTask => ({
    taskArn: task.taskArn ?? '',
    outcome,
    reason,
    containers,
    task,
  });
  if (task.lastStatus !== 'STOPPED') return ran('unfinished', `The task is ${task.lastStatus ?? 'unknown'}.`);

  const essential = containers.filter((container) => container.essential);
  const culprit = findCulprit(essential, stoppedFirst);
  const neverRan = essential.filter(({ exitCode }) => exitCode === undefined);
  if (culprit !== undefined) return ran('failed', describeCulprit(culprit));
  if (ENDED_FROM_OUTSIDE.has(task.stopCode ?? ''))
    return ran('failed', `The task was stopped before it was done (${task.stopCode}): ${whyStopped(task)}`);
  if (neverRan.length > 0) {
    const names = neverRan.map(({ name }) => name).join(', ');
    // A task that had started and has no exit code lost its host, or its agent.
    return task.startedAt === undefined || neverRan.some(({ reason }) => reason !== undefined)
      ? ran('not-started', `Container ${names} never started: ${whyStopped(task)}`)
      : ran('failed', `Container ${names} ended without an exit code: ${whyStopped(task)}`);
  }
  return ran('succeeded', `${essential.map(({ name }) => name).join(', ')} ended with exit code 0.`);
}

/** The exit code of a whole run: of the first container that is to blame, 0 if there is none and all ended. */
export function exitCodeOf(tasks: readonly RanTask[]): number | undefined {
  if (tasks.length > 0 && tasks.every(({ outcome }) => outcome === 'succeeded')) return 0;
  const failed = tasks.find(({ outcome }) => outcome === 'failed');
  return findCulprit(failed?.containers.filter(({ essential }) => essential) ?? [], undefined)?.exitCode;
}

/** The essential container that stopped while others still ran; `undefined` if that cannot be told. */
export function findStoppedFirst(
  task: Task,
  containerDefinitions: readonly ContainerDefinition[],
): string | undefined {
  const essential = (task.containers ?? []).filter(
    (container) => describe(container, containerDefinitions).essential,
  );
  const stopped = essential.filter(({ lastStatus }) => lastStatus === 'STOPPED');
  return stopped.length === 1 && essential.length > 1 ? stopped[0]?.name : undefined;
}

function describe(container: Container, definitions: readonly ContainerDefinition[]): RanContainer {
  const name = container.name ?? 'container';
  const definition = definitions.find((candidate) => candidate.name === name);
  return {
    name,
    essential: definition !== undefined && definition.essential !== false,
    exitCode: container.exitCode,
    reason: container.reason === '' ? undefined : container.reason,
  };
}

function findCulprit(
  essential: readonly RanContainer[],
  stoppedFirst: string | undefined,
): RanContainer | undefined {
  const finished = essential.some(({ exitCode }) => exitCode === 0);
  const failed = essential.filter(
    (container) =>
      container.exitCode !== undefined &&
      container.exitCode !== 0 &&
      !(finished && endedByEcs(container, stoppedFirst)),
  );
  const ownDoing = ({ exitCode }: RanContainer) => exitCode !== TERMINATED && exitCode !== KILLED;
  return failed.find(({ name }) => name === stoppedFirst) ?? failed.find(ownDoing) ?? failed[0];
}

/**
 * Whether a container's end followed from another's. A SIGKILL may also be the container's own fault (memory), so that
 * one has to have been seen to outlive the other.
 */
function endedByEcs({ name, exitCode, reason }: RanContainer, stoppedFirst: string | undefined): boolean {
  if (reason !== undefined || name === stoppedFirst) return false;
  return exitCode === TERMINATED || (exitCode === KILLED && stoppedFirst !== undefined);
}

function describeCulprit({ name, exitCode, reason }: RanContainer): string {
  return `Container ${name} ended with exit code ${exitCode}${reason === undefined ? '' : `: ${reason}`}.`;
}

/** Everything ECS says about the end of a task, each thing once. */
function whyStopped(task: Task): string {
  const said = [task.stoppedReason, ...(task.containers ?? []).map(({ reason }) => reason)];
  const reasons = new Set(said.filter((reason) => reason !== undefined && reason !== ''));
  return reasons.size === 0 ? 'ECS gives no reason.' : [...reasons].join('; ');
}
