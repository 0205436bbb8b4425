import {
  breakerThreshold,
  countFailures,
  isDeploymentFailure,
  restartGap,
  type TaskVerdict,
} from './circuit-breaker.js';
import {
  circuitBreakerTripped,
  completeDeployment,
  currentServiceDeployment,
  failDeployment,
  finishServiceDeployment,
  stopRequested,
} from './deployments.js';
import type { Engine } from './engine.js';
import { eventText, recordEvent } from './events.js';
import { instanceViews } from './instance-views.js';
import { explainRefusal, placeTask } from './placement.js';
import { isRolloutComplete, planRollout, type RolloutPlan, type TaskView } from './rollout.js';
import type { ContainerInstance, Deployment, Service, ServiceDeployment, Task } from './state.js';
import { createTask } from './task-factory.js';
import { awaitsReplacement, holdsPlace } from './task-queries.js';
import type { TaskChange, TaskRunner } from './task-lifecycle.js';
import { propagateTags } from './task-tags.js';
import { timings } from './timings.js';

/** Keeps services at what they should be: starts and stops tasks, ends deployments well or badly. */
export interface Scheduler {
  /** Has a look at the service after `delayMs`, or sooner if one is due anyway. */
  wake(service: Service, delayMs?: number): void;
  onTaskChange(task: Task, change: TaskChange): void;
  /** A stop was asked for: rolls back to the last completed deployment, or only ends this one. */
  stopServiceDeployment(service: Service, deployment: ServiceDeployment, how: 'ROLLBACK' | 'ABORT'): void;
}

export function createScheduler(engine: Engine, runner: TaskRunner): Scheduler {
  const { clock } = engine;

  function wake(service: Service, delayMs: number = timings.serviceReaction): void {
    const at = clock.now() + delayMs;
    if (service.wake !== undefined && service.wake.at <= at) return;
    service.wake?.timer.cancel();
    const timer = clock.schedule(delayMs, () => {
      delete service.wake;
      reconcile(service);
    });
    service.wake = { at, timer };
  }

  function reconcile(service: Service): void {
    const [primary] = service.deployments;
    if (service.status === 'DRAINING') drain(service);
    else if (service.status === 'ACTIVE' && primary !== undefined) roll(service, primary);
  }

  function roll(service: Service, primary: Deployment): void {
    const now = clock.now();
    begin(service, now);
    if (service.schedulingStrategy === 'DAEMON')
      service.desiredCount = daemonInstances(service, primary).length;
    setDesiredCounts(service, primary);
    const plan = planRollout(rolloutView(service, primary, now));
    const stopped = stopTasks(service, plan);
    const replaced = stopped > 0 && plan.stopFailed.length > 0 && primary.rolloutState !== 'IN_PROGRESS';
    startTasks(service, primary, plan.start, { replaced });
    if (plan.deadlock) recordEvent(service, now, eventText.deadlock(service.name), { once: true });
    if (plan.protectedTasks > 0) {
      wake(service, protectionEnds(service, now) - now);
      recordEvent(service, now, eventText.protectedTasks(service.name, plan.protectedTasks), { once: true });
    }
    setDesiredCounts(service, primary);
    forgetEmptyDeployments(service, primary);
    settle(service, primary);
    if (primary.notBefore > now) wake(service, primary.notBefore - now);
  }

  function begin(service: Service, now: number): void {
    const current = currentServiceDeployment(service);
    if (current?.status !== 'PENDING') return;
    current.status = 'IN_PROGRESS';
    current.startedAt = now;
    current.updatedAt = now;
  }

  function rolloutView(service: Service, primary: Deployment, now: number) {
    const tasks = tasksOf(service);
    const wanted = tasks.filter((task) => task.desiredStatus === 'RUNNING');
    const stays = (task: Task): boolean =>
      task.deployment === primary && (task.instance === undefined || task.instance.status === 'ACTIVE');
    return {
      desiredCount: service.desiredCount,
      minimumHealthyPercent: service.deploymentConfiguration.minimumHealthyPercent ?? 100,
      maximumPercent: service.deploymentConfiguration.maximumPercent ?? 200,
      primary: wanted.filter(stays).map((task) => taskView(task, now)),
      primaryEnding: tasks.filter((task) => task.deployment === primary && awaitsReplacement(task)).length,
      others: wanted.filter((task) => !stays(task)).map((task) => taskView(task, now)),
      stoppingAgainstCeiling: tasks.filter(
        (task) => holdsPlace(task) && !(task.deployment === primary && awaitsReplacement(task)),
      ).length,
      mayStart: primary.rolloutState !== 'FAILED' && primary.notBefore <= now,
      placementBlocked: primary.placementBlocked,
    };
  }

  function stopTasks(service: Service, plan: RolloutPlan): number {
    const tasks = (ids: readonly string[]): Task[] =>
      ids.flatMap((id) => service.cluster.tasks.get(id) ?? []);
    for (const task of tasks(plan.stopFailed)) {
      runner.stop(task, { code: 'ServiceSchedulerInitiated', reason: failedCheckReason(task) });
    }
    stopForScaling(service, tasks([...plan.stopOthers, ...plan.scaleIn]));
    return plan.stopFailed.length + plan.stopOthers.length + plan.scaleIn.length;
  }

  function stopForScaling(service: Service, tasks: readonly Task[]): void {
    const running = tasks.filter((task) => task.lastStatus === 'RUNNING');
    const pending = tasks.length - running.length;
    const now = clock.now();
    if (running.length > 0) {
      recordEvent(
        service,
        now,
        eventText.stoppedRunning(
          service.name,
          running.map((task) => task.id),
        ),
      );
    }
    if (pending > 0) recordEvent(service, now, eventText.stoppedPending(service.name, pending));
    for (const task of tasks) {
      const reason = `Scaling activity initiated by (deployment ${task.deployment?.id ?? ''})`;
      runner.stop(task, { code: 'ServiceSchedulerInitiated', reason });
    }
  }

  function startTasks(
    service: Service,
    primary: Deployment,
    count: number,
    { replaced }: { replaced: boolean },
  ): void {
    const started: Task[] = [];
    primary.placementBlocked = false;
    while (started.length < count) {
      const made = createTask(engine, taskRequest(service, primary));
      if ('refused' in made) {
        refusePlacement(service, primary, explainRefusal(made.refused), count - started.length);
        break;
      }
      propagateTags(made.task);
      runner.launch(made.task);
      started.push(made.task);
    }
    if (started.length === 0) return;
    const text = replaced ? eventText.replaced : eventText.started;
    recordEvent(
      service,
      clock.now(),
      text(
        service.name,
        started.map((task) => task.id),
      ),
    );
  }

  function taskRequest(service: Service, primary: Deployment) {
    const { configuration } = primary.revision;
    return {
      ...configuration,
      cluster: service.cluster,
      group: `service:${service.name}`,
      startedBy: primary.id,
      service,
      deployment: primary,
      enableExecuteCommand: service.enableExecuteCommand,
      placementConstraints: service.placementConstraints,
      placementStrategy: service.placementStrategy,
      ...(service.schedulingStrategy === 'DAEMON' && {
        instances: daemonInstances(service, primary).filter(
          (instance) => !hasTaskOf(service, primary, instance),
        ),
      }),
    };
  }

  function refusePlacement(service: Service, primary: Deployment, why: string, count: number): void {
    const now = clock.now();
    primary.placementBlocked = true;
    recordEvent(service, now, eventText.cannotPlace(service.name, why), { once: true });
    for (let failed = 0; failed < count; failed += 1) judge(service, primary, 'failed');
    primary.notBefore = now + timings.placementRetry;
    wake(service, timings.placementRetry);
  }

  /** One more verdict on a task of the deployment: counts it, and trips the circuit breaker. */
  function judge(service: Service, deployment: Deployment, verdict: TaskVerdict): void {
    const now = clock.now();
    const breaker = service.deploymentConfiguration.deploymentCircuitBreaker;
    const current = currentServiceDeployment(service);
    deployment.failedTasks = countFailures(deployment.failedTasks, verdict, breaker);
    deployment.updatedAt = now;
    if (service.deployments[0] !== deployment || deployment.rolloutState !== 'IN_PROGRESS') return;
    if (current !== undefined) current.failureCount = deployment.failedTasks;
    if (verdict === 'healthy' || breaker?.enable !== true) return;
    if (deployment.failedTasks < breakerThreshold(service.desiredCount, breaker)) return;
    if (current !== undefined) current.breakerTriggered = true;
    failDeployment(service, deployment, { end: circuitBreakerTripped, rollback: breaker.rollback, now });
    wake(service, timings.taskReaction);
  }

  /** Tasks that never reach RUNNING are tried again at growing intervals. */
  function slowDown(service: Service, deployment: Deployment): void {
    const now = clock.now();
    const gap = restartGap(deployment.failedTasks, service.desiredCount, {
      first: timings.firstRestartGap,
      largest: timings.largestRestartGap,
    });
    if (gap === 0) return;
    deployment.notBefore = now + gap;
    recordEvent(service, now, eventText.cannotStart(service.name), { once: true });
  }

  function settle(service: Service, primary: Deployment): void {
    const tasks = tasksOf(service);
    const complete = isRolloutComplete({
      desiredCount: service.desiredCount,
      primary: tasks
        .filter((task) => task.deployment === primary && task.desiredStatus === 'RUNNING')
        .map((task) => taskView(task, clock.now())),
      othersLeft: tasks.filter((task) => task.deployment !== primary && task.lastStatus !== 'STOPPED').length,
    });
    if (!complete) {
      service.steady = false;
      return;
    }
    if (primary.rolloutState === 'IN_PROGRESS') completeDeployment(service, primary, clock.now());
    if (primary.rolloutState === 'COMPLETED' && !service.steady) announceSteadyState(service);
  }

  function announceSteadyState(service: Service): void {
    service.steady = true;
    service.steadyTimer?.cancel();
    recordEvent(service, clock.now() + 1, eventText.steadyState(service.name));
    service.steadyTimer = clock.schedule(timings.steadyStateRepeat, () => {
      if (service.steady && service.status === 'ACTIVE') announceSteadyState(service);
    });
  }

  function drain(service: Service): void {
    const tasks = tasksOf(service);
    stopForScaling(
      service,
      tasks.filter((task) => task.desiredStatus === 'RUNNING'),
    );
    if (tasks.some((task) => task.lastStatus !== 'STOPPED')) return;
    service.status = 'INACTIVE';
    service.deployments = [];
    service.steadyTimer?.cancel();
    service.cluster.account.tags.delete(service.arn);
  }

  function onTaskChange(task: Task, change: TaskChange): void {
    const { service, deployment } = task;
    if (service === undefined || deployment === undefined) return;
    if (change.type === 'stopped') onStopped(service, deployment, task);
    else if (change.type === 'became-healthy') {
      deployment.notBefore = 0;
      judge(service, deployment, 'healthy');
    } else if (change.type !== 'status') tellOfTargets(service, deployment, task, change);
    if (service.status !== 'INACTIVE') wake(service, timings.taskReaction);
  }

  function onStopped(service: Service, deployment: Deployment, task: Task): void {
    const { stopCode, wasHealthy, startedAt } = task;
    const failure = isDeploymentFailure({
      stopCode,
      wasHealthy,
      failedCheck: task.failedCheck !== undefined,
    });
    if (service.status !== 'ACTIVE' || !failure) return;
    judge(service, deployment, 'failed');
    if (startedAt === undefined) slowDown(service, deployment);
  }

  function tellOfTargets(service: Service, deployment: Deployment, task: Task, change: TaskChange): void {
    const now = clock.now();
    if (change.type === 'failed-check' && task.failedCheck?.kind === 'container') {
      recordEvent(service, now, eventText.failedContainerChecks(service.name, task.id));
    }
    if (change.type === 'targets-draining') {
      recordEvent(service, now, eventText.draining(service.name, deployment.id, 1));
    }
    for (const { targetGroupArn = '', containerPort = 0 } of task.loadBalancers) {
      if (change.type === 'targets-registered') {
        recordEvent(service, now, eventText.registered(service.name, 1, targetGroupArn));
      } else if (change.type === 'targets-deregistered') {
        recordEvent(service, now, eventText.deregistered(service.name, 1, targetGroupArn));
      } else if (change.type === 'failed-check' && task.failedCheck?.kind === 'target-group') {
        const { reason } = task.failedCheck;
        recordEvent(
          service,
          now,
          eventText.targetUnhealthy(service.name, task.id, containerPort, targetGroupArn, reason),
        );
      }
    }
  }

  function stopServiceDeployment(
    service: Service,
    deployment: ServiceDeployment,
    how: 'ROLLBACK' | 'ABORT',
  ): void {
    deployment.status = how === 'ROLLBACK' ? 'ROLLBACK_REQUESTED' : 'STOP_REQUESTED';
    deployment.updatedAt = clock.now();
    clock.schedule(timings.serviceReaction, () => {
      const [primary] = service.deployments;
      if (primary === undefined || currentServiceDeployment(service) !== deployment) return;
      failDeployment(service, primary, {
        end: stopRequested,
        rollback: how === 'ROLLBACK',
        now: clock.now(),
      });
      wake(service, timings.taskReaction);
    });
  }

  return { wake, onTaskChange, stopServiceDeployment };
}

function tasksOf(service: Service): Task[] {
  return [...service.cluster.tasks.values()].filter((task) => task.service === service);
}

/** When the first protection of one of its tasks runs out. */
function protectionEnds(service: Service, now: number): number {
  const ends = tasksOf(service).flatMap(({ protection }) => protection?.expiresAt ?? []);
  return Math.min(...ends.filter((end) => end > now));
}

function taskView(task: Task, now: number): TaskView {
  return {
    id: task.id,
    healthy: task.healthy,
    protected: task.protection !== undefined && task.protection.expiresAt > now,
    createdAt: task.createdAt,
    failedCheck: task.failedCheck !== undefined,
  };
}

function failedCheckReason(task: Task): string {
  if (task.failedCheck?.kind !== 'target-group') return 'Task failed container health checks';
  return `Task failed ELB health checks in (target-group ${task.loadBalancers[0]?.targetGroupArn ?? ''})`;
}

/** PRIMARY shows what it is to reach, an older deployment what it still runs. */
function setDesiredCounts(service: Service, primary: Deployment): void {
  for (const deployment of service.deployments) {
    deployment.desiredCount =
      deployment === primary
        ? service.desiredCount
        : tasksOf(service).filter(
            (task) => task.deployment === deployment && task.desiredStatus === 'RUNNING',
          ).length;
  }
}

/** An overtaken deployment without tasks leaves the list; the last good one stays until the end. */
function forgetEmptyDeployments(service: Service, primary: Deployment): void {
  const busy = new Set(
    tasksOf(service)
      .filter((task) => task.lastStatus !== 'STOPPED')
      .map((task) => task.deployment),
  );
  service.deployments = service.deployments.filter(
    (deployment) =>
      deployment === primary ||
      busy.has(deployment) ||
      deployment === service.lastCompleted ||
      deployment.rolloutState === 'FAILED',
  );
}

/** Instances that a daemon service covers: whatever could run its task if nothing else ran there. */
function daemonInstances(service: Service, primary: Deployment): ContainerInstance[] {
  const { taskDefinition } = primary.revision.configuration;
  const views = instanceViews(service.cluster).filter(
    (view) =>
      placeTask([view], {
        reservation: { cpu: 0, memory: 0, tcpPorts: [], udpPorts: [] },
        requiredAttributes: taskDefinition.requiresAttributes,
        constraints: [...taskDefinition.placementConstraints, ...service.placementConstraints],
        strategy: [],
        group: '',
      }).kind === 'placed',
  );
  return views.flatMap(({ id }) => service.cluster.instances.get(id) ?? []);
}

function hasTaskOf(service: Service, deployment: Deployment, instance: ContainerInstance): boolean {
  return tasksOf(service).some(
    (task) => task.deployment === deployment && task.instance === instance && task.lastStatus !== 'STOPPED',
  );
}

/** A deletion ends whatever was rolling out. */
export function abandonDeployments(service: Service, now: number): void {
  const current = currentServiceDeployment(service);
  if (current === undefined) return;
  finishServiceDeployment(
    current,
    'STOPPED',
    now,
    'Service deployment stopped because the service was deleted.',
  );
}
