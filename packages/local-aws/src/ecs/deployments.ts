import { eventText, recordEvent } from './events.js';
import { ecsArn, randomRevisionNumber, randomServiceDeploymentId } from './ids.js';
import { isUnfinished } from './service-deployment-status.js';
import { currentStep } from './stage-progress.js';
import { planSteps } from './stages.js';
import { resolveLoadBalancers } from './target-group-pairs.js';
import type {
  Deployment,
  RevisionConfiguration,
  Service,
  ServiceDeployment,
  ServiceDeploymentStatus,
  ServiceRevision,
} from './state.js';
import type { DeploymentConfiguration, LoadBalancer } from './wire.js';

/** The changes of state that make up a deployment's life. The scheduler decides when. */

/**
 * Makes a new service revision the PRIMARY deployment; whatever was under way is overtaken. An
 * external controller brings a deployment configuration of its own.
 */
export function beginDeployment(
  service: Service,
  configuration: RevisionConfiguration,
  now: number,
  external?: {
    readonly configuration: DeploymentConfiguration;
    readonly loadBalancers: readonly LoadBalancer[];
    readonly externalId: string;
  },
): Deployment {
  const { loadBalancers } = external ?? configuration;
  acceptIfBaked(service);
  const serving = servingDeployment(service)?.revision;
  const revision = createRevision(service, configuration, { loadBalancers, serving, now });
  const deployment: Deployment = {
    id: `ecs-svc/${revision.number}`,
    revision,
    ...(external !== undefined && { externalId: external.externalId }),
    status: 'PRIMARY',
    desiredCount: 0,
    createdAt: now,
    updatedAt: now,
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ecs-svc/${revision.number} in progress.`,
    failedTasks: 0,
    completed: false,
    notBefore: 0,
    placementBlocked: false,
  };
  for (const overtaken of service.serviceDeployments.filter(isUnfinished)) {
    finishServiceDeployment(
      overtaken,
      'STOPPED',
      now,
      'Service deployment stopped because a newer service deployment was started.',
    );
  }
  service.serviceDeployments.unshift(
    createServiceDeployment(service, revision, {
      configuration: external?.configuration ?? service.deploymentConfiguration,
      serving,
      now,
    }),
  );
  demote(service, now);
  service.deployments = [deployment, ...service.deployments];
  service.configuration = configuration;
  service.steady = false;
  return deployment;
}

/** Past its bake time a deployment has all of the traffic and stops what it replaced: a newer one starts from it, as if it had completed. */
function acceptIfBaked(service: Service): void {
  const current = currentServiceDeployment(service);
  const [primary] = service.deployments;
  if (current === undefined || current.rollback !== undefined || primary === undefined) return;
  if (currentStep(current)?.stage === 'CLEAN_UP') service.lastCompleted = primary;
}

/** The deployment that production traffic goes (back) to: the one that completed last, or else the very first. */
function servingDeployment({ lastCompleted, deployments }: Service): Deployment | undefined {
  return lastCompleted ?? deployments.at(-1);
}

function createRevision(
  service: Service,
  configuration: RevisionConfiguration,
  {
    loadBalancers,
    serving,
    now,
  }: {
    readonly loadBalancers: readonly LoadBalancer[];
    readonly serving: ServiceRevision | undefined;
    readonly now: number;
  },
): ServiceRevision {
  const number = randomRevisionNumber();
  const path = `${service.cluster.name}/${service.name}`;
  const revision: ServiceRevision = {
    number,
    arn: ecsArn(service.cluster.account.scope, `service-revision/${path}/${number}`),
    createdAt: now,
    configuration,
    loadBalancers: resolveLoadBalancers(loadBalancers, serving?.loadBalancers ?? []),
    imageDigests: new Map(),
  };
  service.revisions.set(revision.arn, revision);
  return revision;
}

function createServiceDeployment(
  service: Service,
  target: ServiceRevision,
  {
    configuration,
    serving,
    now,
  }: {
    readonly configuration: DeploymentConfiguration;
    readonly serving: ServiceRevision | undefined;
    readonly now: number;
  },
): ServiceDeployment {
  const path = `${service.cluster.name}/${service.name}`;
  return {
    arn: ecsArn(service.cluster.account.scope, `service-deployment/${path}/${randomServiceDeploymentId()}`),
    createdAt: now,
    target,
    sources: service.deployments.map(({ revision, desiredCount }) => ({
      revision,
      requestedTaskCount: desiredCount,
    })),
    serving,
    configuration,
    updatedAt: now,
    status: 'PENDING',
    steps: planSteps(configuration, service.deployments.length),
    position: { index: 0, entered: false, enteredAt: now, hooks: [] },
    pastHooks: [],
    ignoredAlarms: [...service.cluster.account.alarms],
    triggeredAlarms: [],
    breakerTriggered: false,
    failureCount: 0,
  };
}

function demote(service: Service, now: number): void {
  for (const deployment of service.deployments) {
    deployment.status = 'ACTIVE';
    deployment.updatedAt = now;
  }
}

function finishServiceDeployment(
  deployment: ServiceDeployment,
  status: ServiceDeploymentStatus,
  now: number,
  reason?: string,
): void {
  deployment.status = status;
  deployment.finishedAt = now;
  deployment.updatedAt = now;
  if (status === 'STOPPED') deployment.stoppedAt = now;
  if (reason !== undefined) deployment.statusReason = reason;
}

/** The service deployment that is under way. */
export function currentServiceDeployment(service: Service): ServiceDeployment | undefined {
  return service.serviceDeployments.find(isUnfinished);
}

/** The PRIMARY deployment has what it needs to be called a success. */
export function completeDeployment(service: Service, primary: Deployment, now: number): void {
  primary.rolloutState = 'COMPLETED';
  primary.rolloutStateReason = `ECS deployment ${primary.id} completed.`;
  primary.completed = true;
  primary.updatedAt = now;
  service.lastCompleted = primary;
  const current = currentServiceDeployment(service);
  if (current !== undefined) {
    finishServiceDeployment(
      current,
      current.rollback === undefined ? 'SUCCESSFUL' : 'ROLLBACK_SUCCESSFUL',
      now,
    );
  }
  if (service.deploymentController === 'ECS') {
    recordEvent(service, now, eventText.deploymentCompleted(service.name, primary.id));
  }
}

/** Why a deployment ends badly, in the words of the three places that say so. */
export interface DeploymentEnd {
  /** `rolloutStateReason` of the deployment that failed. */
  readonly rolloutStateReason: string;
  /** In the event, after `deployment failed: `. */
  readonly event: string;
  /** `statusReason` and `rollback.reason` of the service deployment that rolls back. */
  readonly rollbackReason: string;
  /** `statusReason` of a service deployment that ends here. */
  readonly stopReason: string;
  /** Before `rolling back to deploymentId …` in the old deployment's `rolloutStateReason`. */
  readonly rollbackBy: string;
}

/** The failures of a deployment reached the threshold of its circuit breaker. */
export const circuitBreakerTripped: DeploymentEnd = {
  rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
  event: 'tasks failed to start',
  rollbackReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
  stopReason: 'Service deployment stopped because the circuit breaker threshold was exceeded.',
  rollbackBy: 'ECS deployment circuit breaker',
};

/** `names`: the CloudWatch alarms in ALARM. */
export function alarmDetected(names: readonly string[]): DeploymentEnd {
  const alarms = names.join(', ');
  return {
    rolloutStateReason: 'ECS deployment failed: alarm detected.',
    event: 'alarm detected',
    rollbackReason: `Service deployment rolled back because alarms were detected: ${alarms}.`,
    stopReason: `Service deployment stopped because alarms were detected: ${alarms}.`,
    rollbackBy: 'ECS deployment alarm',
  };
}

/** `reason`: a sentence that starts with `Service deployment rolled back because`. */
export function hookFailed(reason: string): DeploymentEnd {
  return {
    rolloutStateReason: reason,
    event: 'hook execution failure(s) detected',
    rollbackReason: reason,
    stopReason: reason,
    rollbackBy: 'ECS deployment lifecycle hook',
  };
}

/** Somebody called StopServiceDeployment, or CodeDeploy gave up. */
export const stopRequested: DeploymentEnd = {
  rolloutStateReason: 'ECS deployment stopped: a stop of the service deployment was requested.',
  event: 'a stop of the service deployment was requested',
  rollbackReason: 'Service deployment rolled back because a stop was requested.',
  stopReason: 'Service deployment stopped because a stop was requested.',
  rollbackBy: 'ECS deployment stopped',
};

/** The PRIMARY deployment fails: ECS goes back to the last completed one, or leaves things as they are. */
export function failDeployment(
  service: Service,
  failed: Deployment,
  { end, rollback, now }: { end: DeploymentEnd; rollback: boolean; now: number },
): void {
  failed.rolloutState = 'FAILED';
  failed.rolloutStateReason = end.rolloutStateReason;
  failed.updatedAt = now;
  recordEvent(service, now, eventText.deploymentFailed(service.name, failed.id, end.event));

  const current = currentServiceDeployment(service);
  if (current === undefined) return;
  current.failureCount = failed.failedTasks;
  if (current.rollback !== undefined) {
    finishServiceDeployment(
      current,
      'ROLLBACK_FAILED',
      now,
      `Service deployment rollback failed: ${end.event}.`,
    );
  } else if (!rollback) {
    finishServiceDeployment(current, 'STOPPED', now, end.stopReason);
  } else if (service.lastCompleted === undefined || service.lastCompleted === failed) {
    finishServiceDeployment(
      current,
      'ROLLBACK_FAILED',
      now,
      'No rollback candidate was found to run the rollback.',
    );
  } else {
    rollBack(service, current, service.lastCompleted, end, now);
  }
}

/** The old deployment is PRIMARY again, under its old id. */
function rollBack(
  service: Service,
  current: ServiceDeployment,
  candidate: Deployment,
  end: DeploymentEnd,
  now: number,
): void {
  current.status = 'ROLLBACK_IN_PROGRESS';
  current.statusReason = end.rollbackReason;
  current.updatedAt = now;
  current.rollback = { reason: end.rollbackReason, startedAt: now, revision: candidate.revision };
  demote(service, now);
  Object.assign(candidate, {
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `${end.rollbackBy}: rolling back to deploymentId ${candidate.id}.`,
    failedTasks: 0,
    notBefore: 0,
    placementBlocked: false,
    updatedAt: now,
  } satisfies Partial<Deployment>);
  service.deployments = [candidate, ...service.deployments.filter((other) => other !== candidate)];
  service.configuration = candidate.revision.configuration;
  recordEvent(service, now, eventText.rollingBack(service.name, candidate.id));
}

/** A deletion ends whatever was rolling out. */
export function abandonDeployment(service: Service, now: number): void {
  const current = currentServiceDeployment(service);
  if (current === undefined) return;
  finishServiceDeployment(
    current,
    'STOPPED',
    now,
    'Service deployment stopped because the service was deleted.',
  );
}
