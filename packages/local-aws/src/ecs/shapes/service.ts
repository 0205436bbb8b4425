import { resolvePlatformVersion } from '../platform.js';
import type { Deployment, RevisionConfiguration, Service } from '../state.js';
import { tagsOf } from '../tags.js';
import { countTasks } from '../task-counts.js';
import { isUnfinished } from '../service-deployment-status.js';
import { present, seconds } from './members.js';
import { describeTaskSets } from './task-set.js';

/** A `Service` of the API. */
export function describeService(service: Service, { tags = false }: { tags?: boolean } = {}): object {
  const { configuration } = service;
  const current = service.serviceDeployments.find(
    (candidate) => isUnfinished(candidate) && candidate.status !== 'PENDING',
  );
  const rolling = service.deploymentController === 'ECS';
  return present({
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.cluster.arn,
    loadBalancers: configuration?.loadBalancers ?? [],
    serviceRegistries: configuration?.serviceRegistries ?? [],
    status: service.status,
    desiredCount: service.desiredCount,
    ...countTasks(service),
    launchType: configuration?.launchType,
    capacityProviderStrategy: configuration?.capacityProviderStrategy,
    platformVersion: configuration?.platformVersion,
    platformFamily: configuration?.platformFamily,
    taskDefinition: configuration?.taskDefinition.arn,
    deploymentConfiguration: service.deploymentConfiguration,
    taskSets: rolling ? undefined : describeTaskSets(service),
    deployments: rolling
      ? service.deployments.map((deployment) => describeDeployment(service, deployment))
      : [],
    roleArn: service.roleArn,
    events: service.events.map((event) => ({
      id: event.id,
      createdAt: seconds(event.createdAt),
      message: event.message,
    })),
    createdAt: seconds(service.createdAt),
    createdBy: service.createdBy,
    currentServiceDeployment: rolling ? current?.arn : undefined,
    currentServiceRevisions: rolling ? describeCurrentRevisions(service) : undefined,
    placementConstraints: service.placementConstraints,
    placementStrategy: service.placementStrategy,
    networkConfiguration: configuration?.networkConfiguration,
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    schedulingStrategy: service.schedulingStrategy,
    deploymentController: { type: service.deploymentController },
    tags:
      tags && tagsOf(service.cluster.account, service.arn).length > 0
        ? tagsOf(service.cluster.account, service.arn)
        : undefined,
    enableECSManagedTags: service.enableECSManagedTags,
    propagateTags: service.propagateTags,
    enableExecuteCommand: service.enableExecuteCommand,
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
  });
}

function describeCurrentRevisions(service: Service): object[] | undefined {
  if (service.deployments.length === 0) return undefined;
  return service.deployments.map((deployment) => {
    const { runningCount, pendingCount } = countTasks(service, deployment);
    return {
      arn: deployment.revision.arn,
      requestedTaskCount: deployment.desiredCount,
      runningTaskCount: runningCount,
      pendingTaskCount: pendingCount,
    };
  });
}

/** ECS shows no rollout state for services behind one. */
function isBehindClassicLoadBalancer({ loadBalancers }: RevisionConfiguration): boolean {
  return loadBalancers.some(({ loadBalancerName }) => loadBalancerName !== undefined);
}

function describeDeployment(service: Service, deployment: Deployment): object {
  const { configuration } = deployment.revision;
  return present({
    id: deployment.id,
    status: deployment.status,
    taskDefinition: configuration.taskDefinition.arn,
    desiredCount: deployment.desiredCount,
    ...countTasks(service, deployment),
    failedTasks: deployment.failedTasks,
    createdAt: seconds(deployment.createdAt),
    updatedAt: seconds(deployment.updatedAt),
    capacityProviderStrategy: configuration.capacityProviderStrategy,
    launchType: configuration.launchType,
    platformVersion: resolvePlatformVersion(configuration.platformVersion),
    platformFamily: configuration.platformFamily,
    networkConfiguration: configuration.networkConfiguration,
    ...(isBehindClassicLoadBalancer(configuration)
      ? {}
      : { rolloutState: deployment.rolloutState, rolloutStateReason: deployment.rolloutStateReason }),
    serviceConnectConfiguration: configuration.serviceConnectConfiguration,
    volumeConfigurations: configuration.volumeConfigurations,
    vpcLatticeConfigurations: configuration.vpcLatticeConfigurations,
  });
}
