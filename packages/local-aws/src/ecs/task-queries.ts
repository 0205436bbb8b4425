import type { Task } from './state.js';

/** It failed before it was ever healthy: its place is filled again once it has stopped. */
export function awaitsReplacement(task: Task): boolean {
  return (
    task.desiredStatus === 'STOPPED' &&
    task.lastStatus !== 'STOPPED' &&
    !task.wasHealthy &&
    (task.stopCode === 'TaskFailedToStart' || task.stopCode === 'EssentialContainerExited')
  );
}

/** It is being stopped but its containers still take room on a container instance. */
export function holdsPlace(task: Task): boolean {
  return (
    task.desiredStatus === 'STOPPED' && task.executionStoppedAt === undefined && task.instance !== undefined
  );
}
