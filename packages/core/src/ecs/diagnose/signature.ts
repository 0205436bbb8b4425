import type { Task } from '@aws-sdk/client-ecs';

/** Parts of a reason that differ between two occurrences of the same failure. */
const VARYING: readonly [RegExp, string][] = [
  [/arn:[\w-]+:ecs:[\w-]*:\d*:(task|container-instance|container)\/\S+/g, '<$1>'],
  [/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\((task|container-instance|instance) [^)]+\)/g, '($1 …)'],
  [/\becs-svc\/\d+/g, 'ecs-svc/…'],
  [/(?<![@:\w])[0-9a-f]{32}\b/g, '<id>'],
  [/\b\d{4}-\d\d-\d\d[T ][\d:.]+Z?\b/g, '<time>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<ip>'],
  [/\beni-[0-9a-f]+\b/g, '<eni>'],
];

const NOT_OUR_FAULT: ReadonlySet<string> = new Set([
  'UserInitiated',
  'SpotInterruption',
  'TerminationNotice',
  'InfrastructureHealth',
]);

/** A reason without what varies between occurrences (task ids, request ids, times, addresses). */
export function normalizeReason(reason: string): string {
  return VARYING.reduce((text, [pattern, name]) => text.replace(pattern, name), reason).trim();
}

/** Everything ECS says about why a task stopped: its own reason, then one line per container that has one. */
export function stopText(task: Task): string {
  const containers = (task.containers ?? []).flatMap(({ name, reason }) =>
    reason === undefined || reason === '' ? [] : [`${name ?? 'container'}: ${reason}`],
  );
  return [task.stoppedReason ?? '', ...containers].filter((line) => line !== '').join('\n');
}

/** True for a task that was stopped by the scheduler's own arithmetic (scale-in, draining), not by a failure. */
export function isScalingActivity(task: Pick<Task, 'stoppedReason'>): boolean {
  return task.stoppedReason?.startsWith('Scaling activity initiated by') ?? false;
}

/** True for a stopped task that says something against what is deployed: not draining, Spot or somebody's StopTask. */
export function isFailureOfTask(task: Pick<Task, 'stoppedReason' | 'stopCode'>): boolean {
  return !isScalingActivity(task) && !NOT_OUR_FAULT.has(task.stopCode ?? '');
}

/** Two tasks with the same signature failed the same way: same words, same exit codes. */
export function failureSignature(task: Task): string {
  const exits = (task.containers ?? []).flatMap(({ name, exitCode }) =>
    exitCode === undefined || exitCode === 0 ? [] : [`${name}=${exitCode}`],
  );
  return [task.stopCode ?? '', normalizeReason(stopText(task)), ...exits.sort()].join('\n');
}
