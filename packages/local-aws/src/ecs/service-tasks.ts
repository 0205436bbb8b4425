import type { Engine } from './engine.js';
import { eventText, placeOf, recordEvent } from './events.js';
import { explainRefusal, type Placement } from './placement.js';
import type { RolloutPlan } from './rollout.js';
import { uncoveredInstances } from './service-view.js';
import type { Deployment, Service, Task } from './state.js';
import { createTask, type TaskRequest } from './task-factory.js';
import type { TaskRunner } from './task-lifecycle.js';
import { propagateTags } from './task-tags.js';

/** Carries out what the scheduler decided, and writes the events that tell of it. */
export interface ServiceTasks {
  /**
   * Starts up to `count` tasks. Where one finds no place, `refused` says how many were not started,
   * and the event says why.
   */
  start(
    service: Service,
    primary: Deployment,
    count: number,
    options: { readonly replaced: boolean },
  ): { readonly refused: number };
  /** How many tasks were stopped for a failed check. */
  carryOut(service: Service, plan: RolloutPlan): number;
  stopForScaling(service: Service, tasks: readonly Task[]): void;
}

/** Acts through the task runner, at the world's time. */
export function createServiceTasks(engine: Engine, runner: TaskRunner): ServiceTasks {
  const { clock } = engine;

  function start(
    service: Service,
    primary: Deployment,
    count: number,
    { replaced }: { replaced: boolean },
  ): { refused: number } {
    const started: Task[] = [];
    let refusal: Placement | undefined;
    while (started.length < count && refusal === undefined) {
      const made = createTask(engine, taskRequest(service, primary));
      if ('refused' in made) {
        refusal = made.refused;
      } else {
        propagateTags(made.task);
        runner.launch(made.task);
        started.push(made.task);
      }
    }
    const now = clock.now();
    if (started.length > 0) {
      const text = replaced ? eventText.replaced : eventText.started;
      recordEvent(service, now, text(service.name, idsOf(started)));
    }
    if (refusal !== undefined) {
      recordEvent(service, now, refusalText(service.name, refusal), { once: true });
    }
    return { refused: count - started.length };
  }

  function carryOut(service: Service, plan: RolloutPlan): number {
    const tasks = (ids: readonly string[]): Task[] =>
      ids.flatMap((id) => service.cluster.tasks.get(id) ?? []);
    for (const task of tasks(plan.stopFailed)) {
      runner.stop(task, { code: 'ServiceSchedulerInitiated', reason: failedCheckReason(task) });
    }
    stopForScaling(service, tasks([...plan.stopOthers, ...plan.scaleIn]));
    return plan.stopFailed.length;
  }

  function stopForScaling(service: Service, tasks: readonly Task[]): void {
    const running = tasks.filter((task) => task.lastStatus === 'RUNNING');
    const pending = tasks.length - running.length;
    const now = clock.now();
    if (running.length > 0) recordEvent(service, now, eventText.stoppedRunning(service.name, idsOf(running)));
    if (pending > 0) recordEvent(service, now, eventText.stoppedPending(service.name, pending));
    for (const task of tasks) {
      const reason = `Scaling activity initiated by (deployment ${task.deployment?.id ?? ''})`;
      runner.stop(task, { code: 'ServiceSchedulerInitiated', reason });
    }
  }

  return { start, carryOut, stopForScaling };
}

const idsOf = (tasks: readonly Task[]): string[] => tasks.map((task) => task.id);

function taskRequest(service: Service, primary: Deployment): TaskRequest {
  return {
    ...primary.revision.configuration,
    cluster: service.cluster,
    group: `service:${service.name}`,
    startedBy: primary.id,
    service,
    deployment: primary,
    enableExecuteCommand: service.enableExecuteCommand,
    placementConstraints: service.placementConstraints,
    placementStrategy: service.placementStrategy,
    ...(service.schedulingStrategy === 'DAEMON' && { instances: uncoveredInstances(service, primary) }),
  };
}

function refusalText(service: string, refusal: Placement): string {
  return refusal.kind === 'no-capacity'
    ? eventText.noCapacity(service, refusal.reason)
    : eventText.cannotPlace(service, explainRefusal(refusal));
}

function failedCheckReason(task: Task): string {
  if (task.failedCheck?.kind !== 'target-group') return 'Task failed container health checks';
  const [loadBalancer = {}] = task.loadBalancers;
  return `Task failed ELB health checks in ${placeOf(loadBalancer)}`;
}
