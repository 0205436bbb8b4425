import type { Task } from '@aws-sdk/client-ecs';
import { shortName, taskDefinitionName } from '../names.js';

/** Something that happens while one-off tasks run. `at` is in epoch ms of the injected clock. */
export type TaskRunEvent =
  | {
      readonly type: 'registered';
      readonly taskDefinitionArn: string;
      readonly reused: boolean;
      readonly at: number;
    }
  | { readonly type: 'placed'; readonly taskArns: readonly string[]; readonly at: number }
  | { readonly type: 'task-status'; readonly taskArn: string; readonly status: string; readonly at: number }
  | {
      readonly type: 'container-exited';
      readonly taskArn: string;
      readonly container: string;
      readonly exitCode: number | undefined;
      readonly reason: string | undefined;
      readonly at: number;
    }
  /** A line that a container wrote; `at` is when it did. */
  | {
      readonly type: 'log-line';
      readonly taskArn: string;
      readonly container: string;
      readonly line: string;
      readonly at: number;
    }
  | {
      readonly type: 'log-unavailable';
      readonly taskArn: string;
      readonly container: string;
      /** A sentence. */
      readonly reason: string;
      readonly at: number;
    }
  | { readonly type: 'read-failed'; readonly message: string; readonly at: number }
  | { readonly type: 'stopping'; readonly taskArn: string; readonly reason: string; readonly at: number }
  | { readonly type: 'heartbeat'; readonly elapsedMs: number; readonly status: string; readonly at: number };

/** What changed in a task between two looks at it. Pure. */
export function observeTask(previous: Task | undefined, next: Task, at: number): TaskRunEvent[] {
  const taskArn = next.taskArn ?? '';
  const exited = (next.containers ?? []).filter(({ name, lastStatus }) => {
    const before = previous?.containers?.find((container) => container.name === name);
    return lastStatus === 'STOPPED' && before?.lastStatus !== 'STOPPED';
  });
  return [
    ...exited.map(({ name = 'container', exitCode, reason }): TaskRunEvent => ({
      type: 'container-exited',
      taskArn,
      container: name,
      exitCode,
      reason: reason === '' ? undefined : reason,
      at,
    })),
    ...(next.lastStatus === previous?.lastStatus
      ? []
      : [{ type: 'task-status', taskArn, status: next.lastStatus ?? 'UNKNOWN', at } as const]),
  ];
}

/** An event in one line for a log. With `several` tasks, a container's line says whose it is. */
export function formatTaskRunEvent(event: TaskRunEvent, { several = false } = {}): string {
  switch (event.type) {
    case 'registered':
      return `${event.reused ? 'Using' : 'Registered'} task definition ${taskDefinitionName(event.taskDefinitionArn)}`;
    case 'placed':
      return event.taskArns.map((taskArn) => `Task ${shortName(taskArn)} is starting`).join('\n');
    case 'task-status':
      return `Task ${shortName(event.taskArn)} is ${event.status}`;
    case 'container-exited':
      return `Container ${event.container} of task ${shortName(event.taskArn)} ended ${
        event.exitCode === undefined ? 'without having started' : `with exit code ${event.exitCode}`
      }${event.reason === undefined ? '' : `: ${event.reason}`}`;
    case 'log-line':
      return `[${event.container}${several ? ` ${shortName(event.taskArn).slice(0, 8)}` : ''}] ${event.line}`;
    case 'log-unavailable':
      return `The log of container ${event.container} cannot be shown: ${event.reason}`;
    case 'read-failed':
      return `${event.message} Trying again.`;
    case 'stopping':
      return `Stopping task ${shortName(event.taskArn)}: ${event.reason}`;
    case 'heartbeat':
      return `Still ${event.status} after ${Math.round(event.elapsedMs / 60_000)} min`;
  }
}
