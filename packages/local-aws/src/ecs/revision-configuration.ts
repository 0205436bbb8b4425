import { isDeepStrictEqual } from 'node:util';
import { checkStrategyOfCluster, withStrategyDefaults } from './clusters.js';
import { invalidParameter } from './errors.js';
import { platformFamily } from './platform.js';
import type { ServiceInput } from './service-input.js';
import { checkLaunch, checkLoadBalancers } from './service-rules.js';
import type { AccountState, Cluster, RevisionConfiguration, Service } from './state.js';
import { requireTaskDefinition } from './task-definitions.js';
import type { NetworkConfiguration } from './wire.js';

/** The revision's part of an input: what is given, else what stood before. */
export function configureRevision(
  account: AccountState,
  cluster: Cluster,
  input: ServiceInput,
  schedulingStrategy: Service['schedulingStrategy'],
  before?: RevisionConfiguration,
): RevisionConfiguration {
  if (input.launchType !== undefined && (input.capacityProviderStrategy ?? []).length > 0) {
    throw invalidParameter(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    );
  }
  const taskDefinition =
    input.taskDefinition === undefined && before !== undefined
      ? before.taskDefinition
      : requireTaskDefinition(account, input.taskDefinition);
  const capacity = chooseCapacity(cluster, input, before);
  const fargate = capacity.launchType === 'FARGATE' || capacity.capacityProviderStrategy !== undefined;
  const network =
    input.networkConfiguration === undefined
      ? before?.networkConfiguration
      : withNetworkDefaults(input.networkConfiguration);
  const configuration: RevisionConfiguration = {
    taskDefinition,
    ...capacity,
    ...(fargate && {
      platformVersion: input.platformVersion ?? before?.platformVersion ?? 'LATEST',
      platformFamily: platformFamily(taskDefinition),
    }),
    ...(network !== undefined && { networkConfiguration: network }),
    loadBalancers: input.loadBalancers ?? before?.loadBalancers ?? [],
    serviceRegistries: input.serviceRegistries ?? before?.serviceRegistries ?? [],
    ...optional('serviceConnectConfiguration', input, before),
    ...optional('volumeConfigurations', input, before),
    ...optional('vpcLatticeConfigurations', input, before),
  };
  checkLaunch(fargate ? { ...configuration, launchType: 'FARGATE' } : configuration);
  checkLoadBalancers(configuration);
  if (schedulingStrategy === 'DAEMON' && fargate) {
    throw invalidParameter('The daemon scheduling strategy is not supported for the FARGATE launch type.');
  }
  return configuration;
}

function chooseCapacity(
  cluster: Cluster,
  input: ServiceInput,
  before: RevisionConfiguration | undefined,
): Pick<RevisionConfiguration, 'launchType' | 'capacityProviderStrategy'> {
  const asked = input.capacityProviderStrategy;
  if (asked !== undefined && asked.length > 0) {
    checkStrategyOfCluster(cluster, asked);
    return { capacityProviderStrategy: withStrategyDefaults(asked) };
  }
  if (input.launchType !== undefined) return { launchType: input.launchType };
  if (before?.capacityProviderStrategy !== undefined) {
    return { capacityProviderStrategy: before.capacityProviderStrategy };
  }
  if (before?.launchType !== undefined) return { launchType: before.launchType };
  if (cluster.defaultCapacityProviderStrategy.length > 0) {
    return { capacityProviderStrategy: cluster.defaultCapacityProviderStrategy };
  }
  return { launchType: 'EC2' };
}

function withNetworkDefaults(network: NetworkConfiguration): NetworkConfiguration {
  const { awsvpcConfiguration } = network;
  if (awsvpcConfiguration === undefined) return network;
  return {
    awsvpcConfiguration: { securityGroups: [], assignPublicIp: 'DISABLED', ...awsvpcConfiguration },
  };
}

function optional<
  Member extends 'serviceConnectConfiguration' | 'volumeConfigurations' | 'vpcLatticeConfigurations',
>(
  member: Member,
  input: ServiceInput,
  before: RevisionConfiguration | undefined,
): Pick<RevisionConfiguration, Member> {
  const value = input[member] ?? before?.[member];
  const absent = value === undefined || (Array.isArray(value) && value.length === 0);
  return (absent ? {} : { [member]: value }) as Pick<RevisionConfiguration, Member>;
}

/** A capacity provider strategy alone waits for the next deployment. */
export function changesRevision(before: RevisionConfiguration, after: RevisionConfiguration): boolean {
  const comparable = (configuration: RevisionConfiguration) => ({
    ...configuration,
    capacityProviderStrategy: undefined,
    launchType: undefined,
  });
  return !isDeepStrictEqual(comparable(before), comparable(after));
}
