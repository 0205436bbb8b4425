import { ecsArn } from '../ids.js';
import { resolvePlatformVersion } from '../platform.js';
import { isUnfinished } from '../service-deployment-status.js';
import { currentStep } from '../stage-progress.js';
import type { Deployment, Service } from '../state.js';
import { countTasks } from '../task-counts.js';
import { present, seconds } from './members.js';

/** `…:task-set/CLUSTER/SERVICE/ecs-svc/N`. */
export function taskSetArn(service: Service, deployment: Deployment): string {
  const { cluster } = service;
  return ecsArn(cluster.account.scope, `task-set/${cluster.name}/${service.name}/${deployment.id}`);
}

/** The replacement has production traffic only once it was shifted. */
function indexOfPrimary(service: Service): number {
  const [shift] = service.serviceDeployments;
  if (shift === undefined || !isUnfinished(shift) || shift.rollback !== undefined) return 0;
  if (shift.steps.length === 0) return 0;
  return (currentStep(shift)?.productionWeight ?? 0) >= 100 ? 0 : 1;
}

/** Deployments of a service under CODE_DEPLOY as the API shows them. */
export function describeTaskSets(service: Service): object[] {
  const primary = indexOfPrimary(service);
  return service.deployments.map((deployment, index) => {
    const { configuration } = deployment.revision;
    const counts = countTasks(service, deployment);
    const steady = counts.runningCount === deployment.desiredCount && counts.pendingCount === 0;
    return present({
      id: deployment.id,
      taskSetArn: taskSetArn(service, deployment),
      serviceArn: service.arn,
      clusterArn: service.cluster.arn,
      startedBy: 'CODE_DEPLOY',
      externalId: deployment.externalId,
      status: index === primary ? 'PRIMARY' : 'ACTIVE',
      taskDefinition: configuration.taskDefinition.arn,
      computedDesiredCount: deployment.desiredCount,
      ...counts,
      createdAt: seconds(deployment.createdAt),
      updatedAt: seconds(deployment.updatedAt),
      launchType: configuration.launchType,
      capacityProviderStrategy: configuration.capacityProviderStrategy,
      platformVersion: resolvePlatformVersion(configuration.platformVersion),
      platformFamily: configuration.platformFamily,
      networkConfiguration: configuration.networkConfiguration,
      loadBalancers: deployment.revision.loadBalancers.map(
        ({ advancedConfiguration: _routes, ...loadBalancer }) => loadBalancer,
      ),
      serviceRegistries: configuration.serviceRegistries,
      scale: { value: 100, unit: 'PERCENT' },
      stabilityStatus: steady ? 'STEADY_STATE' : 'STABILIZING',
      stabilityStatusAt: seconds(deployment.updatedAt),
      tags: [],
    });
  });
}
