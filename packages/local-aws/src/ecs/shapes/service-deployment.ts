import { breakerThreshold } from '../circuit-breaker.js';
import { resolvePlatformVersion } from '../platform.js';
import { isUnfinished } from '../service-deployment-status.js';
import type { HookRun } from '../stages.js';
import type { Service, ServiceDeployment, ServiceRevision } from '../state.js';
import { countTasks } from '../task-counts.js';
import { present, seconds, secondsOrNothing } from './members.js';

/** A `ServiceDeploymentBrief` of the API. */
export function describeServiceDeploymentBriefly(service: Service, deployment: ServiceDeployment): object {
  return present({
    serviceDeploymentArn: deployment.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    startedAt: secondsOrNothing(deployment.startedAt),
    createdAt: seconds(deployment.createdAt),
    finishedAt: secondsOrNothing(deployment.finishedAt),
    targetServiceRevisionArn: deployment.target.arn,
    status: deployment.status,
    statusReason: deployment.statusReason,
  });
}

/** A `ServiceDeployment` of the API. */
export function describeServiceDeployment(service: Service, deployment: ServiceDeployment): object {
  return present({
    serviceDeploymentArn: deployment.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    createdAt: seconds(deployment.createdAt),
    startedAt: secondsOrNothing(deployment.startedAt),
    finishedAt: secondsOrNothing(deployment.finishedAt),
    stoppedAt: secondsOrNothing(deployment.stoppedAt),
    updatedAt: seconds(deployment.updatedAt),
    sourceServiceRevisions: deployment.sources.map(({ revision, requestedTaskCount }) => ({
      ...summariseRevision(service, revision, requestedTaskCount),
      ...trafficOf(deployment, (weight) => (revision === deployment.serving ? 100 - weight : 0)),
    })),
    targetServiceRevision: {
      ...summariseRevision(service, deployment.target, service.desiredCount),
      ...trafficOf(deployment, (weight) => weight),
    },
    status: deployment.status,
    statusReason: deployment.statusReason,
    ...describeStage(deployment),
    deploymentConfiguration: deployment.configuration,
    rollback: deployment.rollback && {
      reason: deployment.rollback.reason,
      startedAt: seconds(deployment.rollback.startedAt),
      serviceRevisionArn: deployment.rollback.revision.arn,
    },
    deploymentCircuitBreaker: describeBreaker(service, deployment),
    alarms: describeAlarms(deployment),
  });
}

function summariseRevision(service: Service, revision: ServiceRevision, requested: number): object {
  const deployment = service.deployments.find((candidate) => candidate.revision === revision);
  const { runningCount, pendingCount } =
    deployment === undefined ? { runningCount: 0, pendingCount: 0 } : countTasks(service, deployment);
  return {
    arn: revision.arn,
    requestedTaskCount: requested,
    runningTaskCount: runningCount,
    pendingTaskCount: pendingCount,
  };
}

function describeStage(deployment: ServiceDeployment): object {
  const step = deployment.steps[deployment.position.index];
  const hooks = [...deployment.pastHooks, ...deployment.position.hooks];
  return present({
    lifecycleStage: deployment.position.entered ? step?.stage : undefined,
    lifecycleHookDetails: hooks.length === 0 ? undefined : hooks.map(describeHook),
  });
}

function describeHook(hook: HookRun): object {
  return present({
    hookId: hook.id,
    targetType: hook.targetType,
    targetArn: hook.targetArn,
    status: hook.status,
    expiresAt: seconds(hook.expiresAt),
    timeoutAction: hook.timeoutAction,
  });
}

/** Weights of a revision in a deployment that shifts traffic; a rollback has shifted it all back. */
function trafficOf(deployment: ServiceDeployment, share: (weight: number) => number): object {
  const { steps, position, rollback } = deployment;
  if (steps.length === 0) return {};
  const step = position.entered ? steps[position.index] : steps[position.index - 1];
  const back = rollback !== undefined || step === undefined;
  return {
    requestedTestTrafficWeight: share(back ? 0 : step.testWeight),
    requestedProductionTrafficWeight: share(back ? 0 : step.productionWeight),
  };
}

function describeBreaker(service: Service, deployment: ServiceDeployment): object {
  const breaker = deployment.configuration.deploymentCircuitBreaker;
  const threshold = breakerThreshold(service.desiredCount, breaker);
  if (breaker?.enable !== true) return { status: 'DISABLED', failureCount: 0, threshold };
  const status = deployment.breakerTriggered
    ? 'TRIGGERED'
    : isUnfinished(deployment)
      ? 'MONITORING'
      : 'MONITORING_COMPLETE';
  return { status, failureCount: deployment.failureCount, threshold };
}

function describeAlarms(deployment: ServiceDeployment): object {
  const { alarms } = deployment.configuration;
  if (alarms?.enable !== true) return { status: 'DISABLED' };
  const triggered = deployment.triggeredAlarms.length > 0;
  const status = triggered ? 'TRIGGERED' : isUnfinished(deployment) ? 'MONITORING' : 'MONITORING_COMPLETE';
  return { status, alarmNames: alarms.alarmNames, triggeredAlarmNames: deployment.triggeredAlarms };
}

/** A `ServiceRevision` of the API. */
export function describeServiceRevision(service: Service, revision: ServiceRevision): object {
  const { configuration } = revision;
  return present({
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    taskDefinition: configuration.taskDefinition.arn,
    capacityProviderStrategy: configuration.capacityProviderStrategy,
    launchType: configuration.launchType,
    platformVersion: resolvePlatformVersion(configuration.platformVersion),
    platformFamily: configuration.platformFamily,
    loadBalancers: configuration.loadBalancers,
    resolvedConfiguration: resolvedConfiguration(revision),
    serviceRegistries: configuration.serviceRegistries,
    networkConfiguration: configuration.networkConfiguration,
    containerImages: configuration.taskDefinition.containerDefinitions.map(({ name, image }) =>
      present({ containerName: name, image, imageDigest: revision.imageDigests.get(name) }),
    ),
    guardDutyEnabled: false,
    serviceConnectConfiguration: configuration.serviceConnectConfiguration,
    volumeConfigurations: configuration.volumeConfigurations,
    vpcLatticeConfigurations: configuration.vpcLatticeConfigurations,
    createdAt: seconds(revision.createdAt),
  });
}

function resolvedConfiguration({ loadBalancers }: ServiceRevision): object | undefined {
  if (loadBalancers.length === 0) return undefined;
  return {
    loadBalancers: loadBalancers.map(({ targetGroupArn, advancedConfiguration }) =>
      present({ targetGroupArn, productionListenerRule: advancedConfiguration?.productionListenerRule }),
    ),
  };
}
