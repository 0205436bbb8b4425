import { randomBytes, randomUUID } from 'node:crypto';
import type { BackendEvent } from '../backends/backend.js';
import type { Engine } from './engine.js';
import type { StopCode, Task, TaskContainer, TaskStatus } from './state.js';
import { isHealthy, taskHealth } from './task-health.js';
import { awslogsTarget, taskSpec } from './task-spec.js';
import { targetTimings } from './target-timings.js';
import { timings } from './timings.js';

/** What the scheduler of a service is told of its tasks. */
export type TaskChange =
  | { readonly type: 'status' }
  | { readonly type: 'targets-registered' }
  | { readonly type: 'targets-draining' }
  | { readonly type: 'targets-deregistered' }
  | { readonly type: 'became-healthy' }
  | { readonly type: 'failed-check' }
  | { readonly type: 'stopped' };

/** Makes tasks live and die. */
export interface TaskRunner {
  /** Takes a new task through its states, from PROVISIONING or PENDING on. */
  launch(task: Task): void;
  /** Asks a task to stop; one that is stopping already keeps its first reason. */
  stop(task: Task, why: { code: StopCode; reason: string }): void;
}

/** Plays the life of tasks: states on the world's clock, containers through the backend. */
export function createTaskRunner(
  engine: Engine,
  onChange: (task: Task, change: TaskChange) => void,
): TaskRunner {
  const { clock } = engine;

  function later(task: Task, ms: number, act: () => void): void {
    const timer = clock.schedule(ms, () => {
      task.timers.delete(timer);
      act();
    });
    task.timers.add(timer);
  }

  function cancelTimers(task: Task): void {
    for (const timer of task.timers) timer.cancel();
    task.timers.clear();
  }

  function enter(task: Task, status: TaskStatus): void {
    task.lastStatus = status;
    task.version += 1;
    onChange(task, { type: 'status' });
  }

  function launch(task: Task): void {
    task.cluster.tasks.set(task.id, task);
    if (task.taskDefinition.networkMode !== 'awsvpc') {
      startContainers(task);
      return;
    }
    const fargate = task.launchType === 'FARGATE';
    later(task, fargate ? timings.provisioningFargate : timings.provisioningAwsvpc, () => {
      attachNetworkInterface(task);
      startContainers(task);
    });
  }

  function startContainers(task: Task): void {
    enter(task, 'PENDING');
    task.connectivityAt = clock.now();
    task.pullStartedAt = clock.now();
    task.running = engine.backend.start(taskSpec(task), (event) => onBackendEvent(task, event));
  }

  function onBackendEvent(task: Task, event: BackendEvent): void {
    if (task.executionStoppedAt !== undefined) return;
    if (event.type === 'start-failed') {
      failToStart(task, event.reason, event.container);
      return;
    }
    const container = task.containers.find(({ definition }) => definition.name === event.container);
    if (container === undefined) return;
    if (event.type === 'pulled') onPulled(task, container, event.imageDigest);
    else if (event.type === 'container-running') onContainerRunning(task, container, event.hostPorts);
    else if (event.type === 'container-health') onContainerHealth(task, container, event.health);
    else if (event.type === 'target-health') {
      const isTarget = task.loadBalancers.some(({ containerName }) => containerName === event.container);
      if (isTarget) onTargetHealth(task, event.health, event.reason);
    } else onContainerStopped(task, container, event);
  }

  function onPulled(task: Task, container: TaskContainer, imageDigest: string | undefined): void {
    task.pullStoppedAt = clock.now();
    // The log is opened before the container starts: its first words count, too.
    const fault = logGroupFault(engine, task, container);
    if (fault !== undefined) {
      failToStart(task, fault, container.definition.name);
      task.running?.stop();
      return;
    }
    if (imageDigest === undefined) return;
    container.imageDigest = imageDigest;
    task.deployment?.revision.imageDigests.set(container.definition.name, imageDigest);
  }

  function onContainerRunning(
    task: Task,
    container: TaskContainer,
    hostPorts: TaskContainer['hostPorts'],
  ): void {
    container.lastStatus = 'RUNNING';
    container.runtimeId = runtimeId(task);
    container.hostPorts = hostPorts;
    const started = task.containers.every(({ lastStatus }) => lastStatus !== 'PENDING');
    if (started && task.lastStatus === 'PENDING' && task.desiredStatus === 'RUNNING') activate(task);
  }

  function activate(task: Task): void {
    if (task.loadBalancers.length === 0) {
      enterRunning(task);
      return;
    }
    enter(task, 'ACTIVATING');
    later(task, timings.activating, () => {
      task.registeredTargets = true;
      onChange(task, { type: 'targets-registered' });
      enterRunning(task);
      later(task, targetTimings(task, engine.findTargetGroup).healthyMs, () => {
        if (task.targetHealth === 'UNKNOWN') onTargetHealth(task, 'HEALTHY');
      });
    });
  }

  function enterRunning(task: Task): void {
    task.startedAt = clock.now();
    enter(task, 'RUNNING');
    later(task, timings.healthyWithoutCheck, () => reviewHealth(task));
    reviewHealth(task);
  }

  function onContainerHealth(task: Task, container: TaskContainer, health: 'HEALTHY' | 'UNHEALTHY'): void {
    container.health = health;
    task.version += 1;
    reviewHealth(task);
    if (taskHealth(task) === 'UNHEALTHY') {
      failCheck(task, { kind: 'container', reason: 'Task failed container health checks' });
    }
  }

  function onTargetHealth(
    task: Task,
    health: 'HEALTHY' | 'UNHEALTHY',
    reason = 'Health checks failed',
  ): void {
    task.targetHealth = health;
    task.targetHealthReason = health === 'UNHEALTHY' ? reason : undefined;
    reviewHealth(task);
    if (health === 'HEALTHY' || task.desiredStatus === 'STOPPED') return;
    const grace = (task.service?.healthCheckGracePeriodSeconds ?? 0) * 1000;
    const elapsed = clock.now() - (task.startedAt ?? clock.now());
    const { unhealthyMs } = targetTimings(task, engine.findTargetGroup);
    later(task, Math.max(unhealthyMs, grace - elapsed), () => {
      if (task.targetHealth === 'UNHEALTHY') failCheck(task, { kind: 'target-group', reason });
    });
  }

  function failCheck(task: Task, failure: NonNullable<Task['failedCheck']>): void {
    if (task.failedCheck !== undefined || task.desiredStatus === 'STOPPED') return;
    task.healthy = false;
    task.failedCheck = failure;
    onChange(task, { type: 'failed-check' });
  }

  function reviewHealth(task: Task): void {
    const healthy = isHealthy(task, clock.now());
    if (healthy === task.healthy) return;
    task.healthy = healthy;
    if (!healthy) return;
    task.wasHealthy = true;
    onChange(task, { type: 'became-healthy' });
  }

  function onContainerStopped(
    task: Task,
    container: TaskContainer,
    { exitCode, reason }: { exitCode?: number; reason?: string },
  ): void {
    container.lastStatus = 'STOPPED';
    if (exitCode !== undefined) container.exitCode = exitCode;
    if (reason !== undefined) container.reason = reason;
    container.health = 'UNKNOWN';
    task.version += 1;
    const everyOneStopped = task.containers.every(({ lastStatus }) => lastStatus === 'STOPPED');
    if (task.desiredStatus === 'RUNNING') {
      if (container.definition.essential !== false || everyOneStopped) {
        beginStop(task, { code: 'EssentialContainerExited', reason: 'Essential container in task exited' });
        leaveTargets(task, 0);
        signalStop(task);
        return;
      } else if (
        task.lastStatus === 'PENDING' &&
        task.containers.every(({ lastStatus }) => lastStatus !== 'PENDING')
      ) {
        activate(task);
      }
    }
    if (everyOneStopped) deprovision(task);
  }

  function failToStart(task: Task, reason: string, containerName: string | undefined): void {
    const container = task.containers.find(({ definition }) => definition.name === containerName);
    if (container !== undefined) container.reason = reason;
    if (task.desiredStatus === 'RUNNING') {
      const spoken =
        task.launchType === 'FARGATE' || container === undefined ? reason : 'Task failed to start';
      beginStop(task, { code: 'TaskFailedToStart', reason: spoken });
    }
    for (const each of task.containers) each.lastStatus = 'STOPPED';
    deprovision(task);
  }

  function stop(task: Task, why: { code: StopCode; reason: string }): void {
    if (task.desiredStatus === 'STOPPED') return;
    const wasUp = task.lastStatus === 'RUNNING' || task.lastStatus === 'ACTIVATING';
    const started = task.running !== undefined;
    beginStop(task, why);
    if (!started) {
      for (const container of task.containers) container.lastStatus = 'STOPPED';
      deprovision(task);
      return;
    }
    const signal = (): void => {
      enter(task, 'STOPPING');
      later(task, timings.stopSignal, () => signalStop(task));
    };
    if (wasUp && task.registeredTargets) {
      enter(task, 'DEACTIVATING');
      leaveTargets(task, targetTimings(task, engine.findTargetGroup).drainingMs, signal);
    } else signal();
  }

  /** A container that has not started yet never will: the backend has nothing to report of it. */
  function signalStop(task: Task): void {
    task.running?.stop();
    for (const container of task.containers) {
      if (container.lastStatus === 'PENDING') container.lastStatus = 'STOPPED';
    }
    if (task.containers.every(({ lastStatus }) => lastStatus === 'STOPPED')) deprovision(task);
  }

  function beginStop(task: Task, why: { code: StopCode; reason: string }): void {
    cancelTimers(task);
    task.desiredStatus = 'STOPPED';
    task.healthy = false;
    task.stopCode = why.code;
    task.stoppedReason = why.reason;
    task.stoppingAt = clock.now();
    task.version += 1;
  }

  function leaveTargets(task: Task, drainMs: number, then?: () => void): void {
    if (!task.registeredTargets) return;
    task.registeredTargets = false;
    onChange(task, { type: 'targets-deregistered' });
    if (drainMs === 0) return;
    onChange(task, { type: 'targets-draining' });
    later(task, drainMs, () => then?.());
  }

  function deprovision(task: Task): void {
    if (task.executionStoppedAt !== undefined) return;
    cancelTimers(task);
    task.executionStoppedAt = clock.now();
    enter(task, 'DEPROVISIONING');
    later(task, deprovisioningTime(task), () => {
      for (const attachment of task.attachments) attachment.status = 'DELETED';
      task.stoppedAt = clock.now();
      enter(task, 'STOPPED');
      onChange(task, { type: 'stopped' });
      clock.schedule(timings.stoppedTaskRetention, () => {
        task.cluster.tasks.delete(task.id);
        task.cluster.account.tags.delete(task.arn);
      });
    });
  }

  return { launch, stop };
}

function deprovisioningTime(task: Task): number {
  if (task.launchType === 'FARGATE') return timings.deprovisioningFargate;
  return task.taskDefinition.networkMode === 'awsvpc' ? timings.deprovisioningAwsvpc : 0;
}

/** ECS's words where the log group of a container is not there (and it may not make it). */
function logGroupFault(engine: Engine, task: Task, container: TaskContainer): string | undefined {
  const target = awslogsTarget(task, container.definition);
  if (target === undefined) return undefined;
  const { scope } = task.cluster.account;
  const options = container.definition.logConfiguration?.options ?? {};
  const where = { ...scope, region: options['awslogs-region'] ?? scope.region };
  if (engine.logs.hasGroup(target.group, where)) return undefined;
  if (options['awslogs-create-group'] === 'true') {
    engine.logs.createGroup(target.group, where);
    return undefined;
  }
  const cause = `failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.`;
  return task.launchType === 'FARGATE'
    ? `ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: ${cause} : exit status 1`
    : `CannotStartContainerError: Error response from daemon: failed to create task for container: failed to initialize logging driver: ${cause}`;
}

function runtimeId(task: Task): string {
  return task.launchType === 'FARGATE'
    ? `${task.id}-${String(randomBytes(4).readUInt32BE()).padStart(10, '0')}`
    : randomBytes(32).toString('hex');
}

function attachNetworkInterface(task: Task): void {
  const [third = 0, fourth = 0] = randomBytes(2);
  const address = `10.0.${third}.${fourth}`;
  const eni = `eni-${randomBytes(9).toString('hex').slice(0, 17)}`;
  const subnet = task.networkConfiguration?.awsvpcConfiguration?.subnets?.[0] ?? 'subnet-local';
  const mac = `02:00:0a:00:${hex(third)}:${hex(fourth)}`;
  task.privateIpv4Address = address;
  for (const attachment of task.attachments) {
    attachment.status = 'ATTACHED';
    attachment.details = [
      { name: 'subnetId', value: subnet },
      { name: 'networkInterfaceId', value: eni },
      { name: 'macAddress', value: mac },
      { name: 'privateDnsName', value: `ip-${address.replaceAll('.', '-')}.ec2.internal` },
      { name: 'privateIPv4Address', value: address },
    ];
  }
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** The interface an awsvpc task asks for, before it is attached. */
export function requestNetworkInterface(subnet: string | undefined): Task['attachments'][number] {
  return {
    id: randomUUID(),
    type: 'ElasticNetworkInterface',
    status: 'PRECREATED',
    details: [{ name: 'subnetId', value: subnet ?? 'subnet-local' }],
  };
}
