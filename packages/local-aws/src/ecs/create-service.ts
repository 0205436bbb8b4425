import type { CallContext } from '../protocol/service.js';
import { ecsArn } from './ids.js';
import { configureRevision } from './revision-configuration.js';
import type { CreateServiceInput } from './service-input.js';
import {
  checkDeploymentConfiguration,
  checkDesiredCount,
  checkGracePeriod,
  checkZoneRebalancing,
} from './service-rules.js';
import type { AccountState, Cluster, RevisionConfiguration, Service } from './state.js';
import type { DeploymentConfiguration } from './wire.js';

/** The ARN of a service given by name or ARN. */
export function serviceArn(cluster: Cluster, nameOrArn: string): string {
  if (nameOrArn.startsWith('arn:')) return nameOrArn;
  return ecsArn(cluster.account.scope, `service/${cluster.name}/${nameOrArn}`);
}

/** A new service and what its first deployment would run (nothing under the EXTERNAL controller). */
export function buildService(
  account: AccountState,
  cluster: Cluster,
  name: string,
  input: CreateServiceInput,
  context: CallContext,
  now: number,
): { service: Service; configuration: RevisionConfiguration | undefined } {
  const schedulingStrategy = input.schedulingStrategy ?? 'REPLICA';
  const deploymentController = input.deploymentController?.type ?? 'ECS';
  checkDesiredCount(schedulingStrategy, input.desiredCount);
  const deploymentConfiguration = withDeploymentDefaults(
    input.deploymentConfiguration ?? {},
    schedulingStrategy,
  );
  checkDeploymentConfiguration(deploymentConfiguration, schedulingStrategy);
  checkZoneRebalancing(input.availabilityZoneRebalancing, deploymentConfiguration);

  const external = deploymentController === 'EXTERNAL';
  const configuration = external ? undefined : configureRevision(account, cluster, input, schedulingStrategy);
  const loadBalancers = configuration?.loadBalancers ?? [];
  checkGracePeriod(input.healthCheckGracePeriodSeconds, loadBalancers);
  const gracePeriod = input.healthCheckGracePeriodSeconds ?? (loadBalancers.length > 0 ? 0 : undefined);
  const managed = loadBalancers.length > 0 || configuration?.networkConfiguration !== undefined;
  const roleArn = input.role ?? (managed ? serviceLinkedRole(account) : undefined);

  const service: Service = {
    cluster,
    name,
    arn: serviceArn(cluster, name),
    status: 'ACTIVE',
    schedulingStrategy,
    deploymentController,
    desiredCount: input.desiredCount ?? 0,
    ...(configuration !== undefined && { configuration }),
    deploymentConfiguration,
    placementConstraints: input.placementConstraints ?? [],
    placementStrategy: input.placementStrategy ?? [],
    ...(gracePeriod !== undefined && { healthCheckGracePeriodSeconds: gracePeriod }),
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    enableECSManagedTags: input.enableECSManagedTags ?? false,
    propagateTags: input.propagateTags ?? 'NONE',
    availabilityZoneRebalancing:
      input.availabilityZoneRebalancing ?? defaultRebalancing(schedulingStrategy, deploymentConfiguration),
    ...(roleArn !== undefined && { roleArn }),
    createdAt: now,
    createdBy: context.principalArn,
    ...(input.clientToken !== undefined && { clientToken: input.clientToken }),
    deployments: [],
    serviceDeployments: [],
    revisions: new Map(),
    events: [],
    steady: false,
  };
  return { service, configuration };
}

function defaultRebalancing(
  schedulingStrategy: Service['schedulingStrategy'],
  { maximumPercent = 200 }: DeploymentConfiguration,
): string {
  return schedulingStrategy === 'REPLICA' && maximumPercent > 100 ? 'ENABLED' : 'DISABLED';
}

function serviceLinkedRole({ scope }: AccountState): string {
  return `arn:aws:iam::${scope.accountId}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`;
}

function withDeploymentDefaults(
  given: DeploymentConfiguration,
  schedulingStrategy: Service['schedulingStrategy'],
): DeploymentConfiguration {
  const daemon = schedulingStrategy === 'DAEMON';
  return {
    deploymentCircuitBreaker: { enable: false, rollback: false },
    maximumPercent: daemon ? 100 : 200,
    minimumHealthyPercent: daemon ? 0 : 100,
    strategy: 'ROLLING',
    bakeTimeInMinutes: 0,
    ...given,
  };
}
