import {
  breakerThreshold,
  countFailures,
  isDeploymentFailure,
  restartGap,
  type TaskVerdict,
} from './circuit-breaker.js';
import {
  alarmDetected,
  circuitBreakerTripped,
  completeDeployment,
  currentServiceDeployment,
  type DeploymentEnd,
  failDeployment,
  hookFailed,
  stopRequested,
} from './deployments.js';
import type { Engine } from './engine.js';
import { eventText, recordEvent } from './events.js';
import { isRolloutComplete, meetsEarlySuccess, planRollout } from './rollout.js';
import { createServiceTasks } from './service-tasks.js';
import {
  completionView,
  daemonInstances,
  forgetEmptyDeployments,
  overtakenTasks,
  protectionEnds,
  rolloutView,
  setDesiredCounts,
  tasksOf,
} from './service-view.js';
import { currentStep, progress } from './stage-progress.js';
import type { Deployment, Service, ServiceDeployment, Task } from './state.js';
import { recordTaskEvents } from './task-events.js';
import type { TaskChange, TaskRunner } from './task-lifecycle.js';
import { timings } from './timings.js';
import { steerTraffic } from './traffic.js';

/** Keeps services at what they should be: starts and stops tasks, ends deployments well or badly. */
export interface Scheduler {
  /** Has a look at the service after `delayMs`, or sooner if one is due anyway. */
  wake(service: Service, delayMs?: number): void;
  onTaskChange(task: Task, change: TaskChange): void;
  /** A stop was asked for: rolls back to the last completed deployment, or only ends this one. */
  stopServiceDeployment(service: Service, deployment: ServiceDeployment, how: 'ROLLBACK' | 'ABORT'): void;
}

/** One scheduler for every service of the world; it acts only from timers of the world's clock. */
export function createScheduler(engine: Engine, runner: TaskRunner): Scheduler {
  const { clock } = engine;
  const serviceTasks = createServiceTasks(engine, runner);

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

  const wakeAt = (service: Service, at: number): void => wake(service, at - clock.now());

  function reconcile(service: Service): void {
    const [primary] = service.deployments;
    if (service.status === 'DRAINING') drain(service);
    else if (service.status === 'ACTIVE' && primary !== undefined) roll(service, primary);
  }

  function roll(service: Service, primary: Deployment): void {
    const now = clock.now();
    const current = currentServiceDeployment(service);
    if (current?.status === 'PENDING') begin(current, now);
    if (endForAlarm(service, primary, current) || advanceStages(service, primary, current)) return;
    if (current !== undefined) steerTraffic(engine.forward, current);

    if (service.schedulingStrategy === 'DAEMON') {
      service.desiredCount = daemonInstances(service, primary).length;
    }
    const step = current === undefined || current.rollback ? undefined : currentStep(current);
    const plan = planRollout(rolloutView(service, primary, { now, current, step }));
    const failedChecks = serviceTasks.carryOut(service, plan);
    const replaced = failedChecks > 0 && primary.rolloutState !== 'IN_PROGRESS';
    startTasks(service, primary, plan.start, replaced);
    if (plan.deadlock) recordEvent(service, now, eventText.deadlock(service.name), { once: true });
    if (plan.protectedTasks > 0) {
      wakeAt(service, protectionEnds(service, now));
      recordEvent(service, now, eventText.protectedTasks(service.name, plan.protectedTasks), { once: true });
    }
    setDesiredCounts(service, primary);
    forgetEmptyDeployments(service, primary);
    settle(service, primary);
    if (primary.notBefore > now) wakeAt(service, primary.notBefore);
  }

  function begin(current: ServiceDeployment, now: number): void {
    current.status = 'IN_PROGRESS';
    current.startedAt = now;
    current.updatedAt = now;
  }

  function startTasks(service: Service, primary: Deployment, count: number, replaced: boolean): void {
    const { refused } = serviceTasks.start(service, primary, count, { replaced });
    primary.placementBlocked = refused > 0;
    if (refused === 0) return;
    primary.notBefore = clock.now() + timings.placementRetry;
    for (let failed = 0; failed < refused; failed += 1) judge(service, primary, 'failed');
  }

  /** One more verdict on a task of the deployment: counts it, and trips the circuit breaker. */
  function judge(service: Service, deployment: Deployment, verdict: TaskVerdict): void {
    const breaker = service.deploymentConfiguration.deploymentCircuitBreaker;
    const current = currentServiceDeployment(service);
    deployment.failedTasks = countFailures(deployment.failedTasks, verdict, breaker);
    deployment.updatedAt = clock.now();
    if (service.deployments[0] !== deployment || deployment.rolloutState !== 'IN_PROGRESS') return;
    if (current !== undefined) current.failureCount = deployment.failedTasks;
    if (verdict === 'healthy' || breaker?.enable !== true) return;
    if (deployment.failedTasks < breakerThreshold(service.desiredCount, breaker)) return;
    if (current !== undefined) current.breakerTriggered = true;
    end(service, deployment, circuitBreakerTripped, breaker.rollback);
  }

  function end(service: Service, deployment: Deployment, how: DeploymentEnd, rollback: boolean): void {
    failDeployment(service, deployment, { end: how, rollback, now: clock.now() });
    wake(service, timings.taskReaction);
  }

  /** True if a CloudWatch alarm ended the deployment. */
  function endForAlarm(
    service: Service,
    primary: Deployment,
    current: ServiceDeployment | undefined,
  ): boolean {
    const { alarms } = service.deploymentConfiguration;
    if (current === undefined || current.rollback !== undefined || alarms?.enable !== true) return false;
    const triggered = alarms.alarmNames.filter(
      (name) => service.cluster.account.alarms.has(name) && !current.ignoredAlarms.includes(name),
    );
    if (triggered.length === 0) return false;
    current.triggeredAlarms = triggered;
    end(service, primary, alarmDetected(triggered), alarms.rollback);
    return true;
  }

  /** True if a lifecycle hook ended the deployment. */
  function advanceStages(
    service: Service,
    primary: Deployment,
    current: ServiceDeployment | undefined,
  ): boolean {
    if (current === undefined || current.rollback !== undefined || current.steps.length === 0) return false;
    const now = clock.now();
    const view = completionView(service, primary, now);
    const scaledUp = isRolloutComplete({ ...view, othersLeft: 0 });
    const reconciled = overtakenTasks(service, current).every((task) => task.lastStatus === 'STOPPED');
    const reached = progress(current, { reconciled, scaledUp, cleanedUp: view.othersLeft === 0, now });
    if (reached.kind === 'failed') {
      end(service, primary, hookFailed(reached.reason), true);
      return true;
    }
    if (reached.kind === 'at' && reached.nextLook !== undefined) wakeAt(service, reached.nextLook);
    return false;
  }

  function settle(service: Service, primary: Deployment): void {
    const now = clock.now();
    const view = completionView(service, primary, now);
    const complete = isRolloutComplete(view);
    if (primary.rolloutState === 'IN_PROGRESS' && isSuccess(service, view, complete)) {
      completeDeployment(service, primary, now);
      forgetEmptyDeployments(service, primary);
    }
    if (!complete) service.steady = false;
    else if (primary.rolloutState === 'COMPLETED' && !service.steady) announceSteadyState(service);
  }

  /** Whether the deployment under way has done all that its configuration asks. */
  function isSuccess(service: Service, view: ReturnType<typeof completionView>, complete: boolean): boolean {
    const current = currentServiceDeployment(service);
    if (current === undefined || current.rollback !== undefined) return complete;
    if (current.steps.length > 0) return current.position.index === current.steps.length;
    const early = current.configuration.earlySuccessCriteria;
    const reached = early?.enable === true ? meetsEarlySuccess(view, early) : complete;
    if (!reached) {
      delete current.bakingSince;
      return false;
    }
    const now = clock.now();
    current.bakingSince ??= now;
    const bakedAt = current.bakingSince + (current.configuration.bakeTimeInMinutes ?? 0) * 60_000;
    if (now < bakedAt) wakeAt(service, bakedAt);
    return now >= bakedAt;
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
    serviceTasks.stopForScaling(
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
    if (service === undefined || deployment === undefined || service.status === 'INACTIVE') return;
    recordTaskEvents({ service, deployment, task, change }, clock.now());
    if (change.type === 'stopped') onStopped(service, deployment, task);
    if (change.type === 'became-healthy') {
      deployment.notBefore = 0;
      judge(service, deployment, 'healthy');
    }
    wake(service, timings.taskReaction);
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
      end(service, primary, stopRequested, how === 'ROLLBACK');
    });
  }

  return { wake, onTaskChange, stopServiceDeployment };
}
