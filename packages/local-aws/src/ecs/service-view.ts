/** A service as the scheduler's decisions see it. */
import { instanceViews } from './instance-views.js';
import { placeTask } from './placement.js';
import type { RolloutView, TaskView } from './rollout.js';
import { allowancesOf, type Step } from './stages.js';
import type { ContainerInstance, Deployment, Service, ServiceDeployment, Task } from './state.js';

/** Every task of the service that is still known, stopped ones included. */
export function tasksOf(service: Service): Task[] {
  return [...service.cluster.tasks.values()].filter((task) => task.service === service);
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

/** Tasks of revisions that a deployment has overtaken: neither its own nor of the one that serves until then. */
export function overtakenTasks(service: Service, { target, serving }: ServiceDeployment): Task[] {
  return tasksOf(service).filter(
    ({ deployment }) => deployment?.revision !== target && deployment?.revision !== serving,
  );
}

/** `current`: the deployment under way. `step`: where it stands if it shifts traffic. */
export function rolloutView(
  service: Service,
  primary: Deployment,
  { now, current, step }: { now: number; current: ServiceDeployment | undefined; step: Step | undefined },
): RolloutView {
  const tasks = tasksOf(service);
  const wanted = tasks.filter((task) => task.desiredStatus === 'RUNNING');
  const stays = (task: Task): boolean =>
    task.deployment === primary && (task.instance === undefined || task.instance.status === 'ACTIVE');
  const ending = (task: Task): boolean => task.deployment === primary && awaitsReplacement(task);
  const allowances = step === undefined ? undefined : allowancesOf(step.stage);
  const overtaken = allowances?.scaleInOvertaken === true && current ? overtakenTasks(service, current) : [];
  const { minimumHealthyPercent = 100, maximumPercent = 200 } = service.deploymentConfiguration;
  return {
    desiredCount: service.desiredCount,
    minimumHealthyPercent,
    maximumPercent: step === undefined ? maximumPercent : undefined,
    primary: wanted.filter(stays).map((task) => taskView(task, now)),
    primaryEnding: tasks.filter(ending).length,
    others: wanted.filter((task) => !stays(task)).map((task) => taskView(task, now)),
    overtaken: overtaken
      .filter(({ desiredStatus }) => desiredStatus === 'RUNNING')
      .map((task) => taskView(task, now)),
    stoppingAgainstCeiling: tasks.filter((task) => holdsPlace(task) && !ending(task)).length,
    mayStart: primary.rolloutState !== 'FAILED' && primary.notBefore <= now && allowances?.mayStart !== false,
    mayStopOthers: allowances?.mayStopOthers !== false,
    placementBlocked: primary.placementBlocked,
  };
}

/** How far the PRIMARY deployment is. */
export function completionView(
  service: Service,
  primary: Deployment,
  now: number,
): { desiredCount: number; primary: TaskView[]; othersLeft: number } {
  const tasks = tasksOf(service);
  return {
    desiredCount: service.desiredCount,
    primary: tasks
      .filter((task) => task.deployment === primary && task.desiredStatus === 'RUNNING')
      .map((task) => taskView(task, now)),
    othersLeft: tasks.filter((task) => task.deployment !== primary && task.lastStatus !== 'STOPPED').length,
  };
}

/** It failed before it was ever healthy: its place is filled again once it has stopped. */
function awaitsReplacement(task: Task): boolean {
  return (
    task.desiredStatus === 'STOPPED' &&
    task.lastStatus !== 'STOPPED' &&
    !task.wasHealthy &&
    (task.stopCode === 'TaskFailedToStart' || task.stopCode === 'EssentialContainerExited')
  );
}

/** It is being stopped but its containers still take room on a container instance. */
function holdsPlace(task: Task): boolean {
  return (
    task.desiredStatus === 'STOPPED' && task.executionStoppedAt === undefined && task.instance !== undefined
  );
}

/** When the first protection of one of its tasks runs out. */
export function protectionEnds(service: Service, now: number): number {
  const ends = tasksOf(service).flatMap(({ protection }) => protection?.expiresAt ?? []);
  return Math.min(...ends.filter((end) => end > now));
}

/** PRIMARY shows what it is to reach, an older deployment what it still runs. */
export function setDesiredCounts(service: Service, primary: Deployment): void {
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
export function forgetEmptyDeployments(service: Service, primary: Deployment): void {
  const busy = new Set(
    tasksOf(service)
      .filter((task) => task.lastStatus !== 'STOPPED')
      .map((task) => task.deployment),
  );
  service.deployments = service.deployments.filter(
    (deployment) =>
      deployment === primary ||
      busy.has(deployment) ||
      (primary.rolloutState !== 'COMPLETED' &&
        (deployment === service.lastCompleted || deployment.rolloutState === 'FAILED')),
  );
}

/** Instances that a daemon service covers: whatever could run its task if nothing else ran there. */
export function daemonInstances(service: Service, primary: Deployment): ContainerInstance[] {
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

/** Of those, the ones without a task of the deployment. */
export function uncoveredInstances(service: Service, deployment: Deployment): ContainerInstance[] {
  const covered = new Set(
    tasksOf(service)
      .filter((task) => task.deployment === deployment && task.lastStatus !== 'STOPPED')
      .map((task) => task.instance),
  );
  return daemonInstances(service, deployment).filter((instance) => !covered.has(instance));
}
