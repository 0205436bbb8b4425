import type { CallContext, JsonService } from '../protocol/service.js';
import { AwsError } from '../protocol/service.js';
import type { Engine } from './engine.js';
import { clientException, clusterNotFound, invalidParameter } from './errors.js';
import { ecsArn, lastSegment } from './ids.js';
import { paginate } from './pagination.js';
import { describeCluster } from './shapes/cluster.js';
import type { AccountState, Cluster } from './state.js';
import { setTags } from './tags.js';
import type { CapacityProviderStrategyItem, Failure, Tag } from './wire.js';

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const FARGATE_PROVIDERS = ['FARGATE', 'FARGATE_SPOT'];

/** The active cluster of a short name or ARN; `default` where none is given. */
export function requireCluster(account: AccountState, nameOrArn: string | undefined): Cluster {
  const cluster = findCluster(account, nameOrArn);
  if (cluster === undefined || cluster.status !== 'ACTIVE') throw clusterNotFound();
  return cluster;
}

function findCluster(account: AccountState, nameOrArn = 'default'): Cluster | undefined {
  const cluster = account.clusters.get(lastSegment(nameOrArn));
  return nameOrArn.startsWith('arn:') && cluster?.arn !== nameOrArn ? undefined : cluster;
}

/** Makes a cluster, or hands back the active one of that name. */
export function ensureCluster(account: AccountState, name: string): Cluster {
  const existing = account.clusters.get(name);
  if (existing?.status === 'ACTIVE') return existing;
  const cluster: Cluster = {
    account,
    name,
    arn: ecsArn(account.scope, `cluster/${name}`),
    status: 'ACTIVE',
    settings: [{ name: 'containerInsights', value: 'disabled' }],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
    services: new Map(),
    tasks: new Map(),
    instances: new Map(),
  };
  account.clusters.set(name, cluster);
  return cluster;
}

interface ClusterInput {
  clusterName?: string;
  cluster?: string;
  tags?: Tag[];
  settings?: { name: string; value: string }[];
  configuration?: unknown;
  capacityProviders?: string[];
  defaultCapacityProviderStrategy?: CapacityProviderStrategyItem[];
  serviceConnectDefaults?: { namespace?: string };
}

/** Clusters and their capacity providers (FARGATE and FARGATE_SPOT only). */
export function createClusterOperations(engine: Engine): JsonService['operations'] {
  return {
    CreateCluster(input: ClusterInput, context: CallContext) {
      const account = engine.account(context);
      const name = input.clusterName ?? 'default';
      if (!NAME.test(name)) throw invalidParameter('Invalid cluster name.');
      checkCapacityProviders(input.capacityProviders, input.defaultCapacityProviderStrategy);
      const fresh = account.clusters.get(name)?.status !== 'ACTIVE';
      const cluster = ensureCluster(account, name);
      if (fresh) {
        change(cluster, input);
        setTags(account, cluster.arn, input.tags);
      }
      return { cluster: describeCluster(cluster, ['SETTINGS', 'CONFIGURATIONS', 'TAGS']) };
    },

    DescribeClusters(input: { clusters?: string[]; include?: string[] }, context: CallContext) {
      const account = engine.account(context);
      const clusters = [];
      const failures: Failure[] = [];
      for (const nameOrArn of input.clusters ?? ['default']) {
        const cluster = findCluster(account, nameOrArn);
        if (cluster !== undefined) clusters.push(describeCluster(cluster, input.include ?? []));
        else {
          const arn = nameOrArn.startsWith('arn:')
            ? nameOrArn
            : ecsArn(account.scope, `cluster/${nameOrArn}`);
          failures.push({ arn, reason: 'MISSING' });
        }
      }
      return { clusters, failures };
    },

    ListClusters(input: { maxResults?: number; nextToken?: string }, context: CallContext) {
      const active = [...engine.account(context).clusters.values()].filter(
        (cluster) => cluster.status === 'ACTIVE',
      );
      const { page, ...more } = paginate(active, input);
      return { clusterArns: page.map((cluster) => cluster.arn), ...more };
    },

    UpdateCluster(input: ClusterInput, context: CallContext) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      change(cluster, input);
      return { cluster: describeCluster(cluster, ['SETTINGS', 'CONFIGURATIONS', 'TAGS']) };
    },

    UpdateClusterSettings(input: ClusterInput, context: CallContext) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      change(cluster, { ...(input.settings && { settings: input.settings }) });
      return { cluster: describeCluster(cluster, ['SETTINGS', 'CONFIGURATIONS', 'TAGS']) };
    },

    PutClusterCapacityProviders(input: ClusterInput, context: CallContext) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      checkCapacityProviders(input.capacityProviders, input.defaultCapacityProviderStrategy);
      change(cluster, input);
      return { cluster: describeCluster(cluster, ['SETTINGS', 'CONFIGURATIONS', 'TAGS']) };
    },

    DescribeCapacityProviders(input: { capacityProviders?: string[] }, context: CallContext) {
      const account = engine.account(context);
      const asked = (input.capacityProviders ?? FARGATE_PROVIDERS).map(lastSegment);
      return {
        capacityProviders: asked
          .filter((name) => FARGATE_PROVIDERS.includes(name))
          .map((name) => ({
            capacityProviderArn: ecsArn(account.scope, `capacity-provider/${name}`),
            name,
            status: 'ACTIVE',
            type: name,
            tags: [],
          })),
        failures: asked
          .filter((name) => !FARGATE_PROVIDERS.includes(name))
          .map((name) => ({ arn: ecsArn(account.scope, `capacity-provider/${name}`), reason: 'MISSING' })),
      };
    },

    DeleteCluster(input: { cluster: string }, context: CallContext) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      refuseDeletion(cluster);
      cluster.status = 'INACTIVE';
      return { cluster: describeCluster(cluster, ['SETTINGS', 'CONFIGURATIONS', 'TAGS']) };
    },
  };
}

function change(cluster: Cluster, input: ClusterInput): void {
  if (input.settings !== undefined) {
    const kept = cluster.settings.filter((old) => input.settings?.every(({ name }) => name !== old.name));
    cluster.settings = [...kept, ...input.settings];
  }
  if (input.configuration !== undefined) cluster.configuration = input.configuration;
  if (input.capacityProviders !== undefined) cluster.capacityProviders = input.capacityProviders;
  if (input.defaultCapacityProviderStrategy !== undefined) {
    cluster.defaultCapacityProviderStrategy = withStrategyDefaults(input.defaultCapacityProviderStrategy);
  }
  if (input.serviceConnectDefaults !== undefined) {
    const { namespace } = input.serviceConnectDefaults;
    if (namespace === undefined || namespace === '') delete cluster.serviceConnectDefaults;
    else cluster.serviceConnectDefaults = { namespace };
  }
}

/** Weight and base as ECS answers them. */
export function withStrategyDefaults(
  strategy: readonly CapacityProviderStrategyItem[],
): CapacityProviderStrategyItem[] {
  return strategy.map(({ capacityProvider, weight = 0, base = 0 }) => ({ capacityProvider, weight, base }));
}

function checkCapacityProviders(
  providers: readonly string[] = [],
  strategy: readonly CapacityProviderStrategyItem[] = [],
): void {
  for (const name of [...providers, ...strategy.map((item) => item.capacityProvider)]) {
    if (!FARGATE_PROVIDERS.includes(lastSegment(name))) {
      throw invalidParameter(`The specified capacity provider ${name} was not found.`);
    }
  }
  for (const { capacityProvider } of strategy) {
    if (!providers.includes(capacityProvider)) {
      throw invalidParameter(
        `The specified capacity provider strategy contains a capacity provider that is not associated with the cluster. Associate the capacity provider ${capacityProvider} with the cluster and try again.`,
      );
    }
  }
}

function refuseDeletion(cluster: Cluster): void {
  if ([...cluster.instances.values()].some((instance) => instance.status !== 'INACTIVE')) {
    throw new AwsError(
      'ClusterContainsContainerInstancesException',
      'The Cluster cannot be deleted while Container Instances are active or draining.',
    );
  }
  if ([...cluster.services.values()].some((service) => service.status !== 'INACTIVE')) {
    throw new AwsError(
      'ClusterContainsServicesException',
      'The Cluster cannot be deleted while Services are active.',
    );
  }
  if ([...cluster.tasks.values()].some((task) => task.lastStatus !== 'STOPPED')) {
    throw new AwsError(
      'ClusterContainsTasksException',
      'The Cluster cannot be deleted while Tasks are active.',
    );
  }
}

/** Refuses a strategy that names providers the cluster does not have. */
export function checkStrategyOfCluster(
  cluster: Cluster,
  strategy: readonly CapacityProviderStrategyItem[],
): void {
  for (const { capacityProvider } of strategy) {
    if (!cluster.capacityProviders.map(lastSegment).includes(lastSegment(capacityProvider))) {
      throw invalidParameter(
        `The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.`,
      );
    }
  }
  if (strategy.every((item) => (item.weight ?? 0) === 0 && (item.base ?? 0) === 0) && strategy.length > 1) {
    throw clientException('At least one capacity provider in the strategy must have a weight above 0.');
  }
}
