import { isDeepStrictEqual } from 'node:util';
import { AwsError, type CallContext, type JsonService } from '../protocol/service.js';
import { checkStrategyOfCluster, requireCluster, withStrategyDefaults } from './clusters.js';
import { abandonDeployment, beginDeployment } from './deployments.js';
import type { Engine } from './engine.js';
import { invalidParameter, serviceNotFound } from './errors.js';
import { ecsArn, lastSegment } from './ids.js';
import { paginate } from './pagination.js';
import { platformFamily } from './platform.js';
import type { Scheduler } from './scheduler.js';
import {
  checkDeploymentConfiguration,
  checkDesiredCount,
  checkGracePeriod,
  checkLaunch,
  checkLoadBalancers,
  checkServiceName,
  checkZoneRebalancing,
} from './service-rules.js';
import { describeService } from './shapes/service.js';
import type { AccountState, Cluster, RevisionConfiguration, Service } from './state.js';
import { checkTags, setTags } from './tags.js';
import { requireTaskDefinition } from './task-definitions.js';
import type {
  CapacityProviderStrategyItem,
  DeploymentConfiguration,
  Failure,
  LaunchType,
  LoadBalancer,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
  Tag,
} from './wire.js';

interface ServiceInput {
  cluster?: string;
  taskDefinition?: string;
  desiredCount?: number;
  launchType?: LaunchType;
  capacityProviderStrategy?: CapacityProviderStrategyItem[];
  platformVersion?: string;
  networkConfiguration?: NetworkConfiguration;
  loadBalancers?: LoadBalancer[];
  serviceRegistries?: unknown[];
  serviceConnectConfiguration?: unknown;
  volumeConfigurations?: unknown[];
  vpcLatticeConfigurations?: unknown[];
  deploymentConfiguration?: DeploymentConfiguration;
  placementConstraints?: PlacementConstraint[];
  placementStrategy?: PlacementStrategy[];
  healthCheckGracePeriodSeconds?: number;
  enableExecuteCommand?: boolean;
  enableECSManagedTags?: boolean;
  propagateTags?: string;
  availabilityZoneRebalancing?: string;
}

interface CreateInput extends ServiceInput {
  serviceName?: string;
  clientToken?: string;
  role?: string;
  schedulingStrategy?: Service['schedulingStrategy'];
  deploymentController?: { type?: Service['deploymentController'] };
  tags?: Tag[];
}

interface UpdateInput extends ServiceInput {
  service: string;
  forceNewDeployment?: boolean;
}

/** The service of a name or ARN in its cluster, whatever its status. */
export function findService(cluster: Cluster, nameOrArn: string): Service | undefined {
  const service = cluster.services.get(lastSegment(nameOrArn));
  return nameOrArn.startsWith('arn:') && service?.arn !== nameOrArn ? undefined : service;
}

export function requireService(cluster: Cluster, nameOrArn: string | undefined): Service {
  if (!nameOrArn) throw invalidParameter('Service can not be blank.');
  const service = findService(cluster, nameOrArn);
  if (service === undefined) throw serviceNotFound();
  return service;
}

export function createServiceOperations(engine: Engine, scheduler: Scheduler): JsonService['operations'] {
  const { clock } = engine;
  return {
    CreateService(input: CreateInput, context: CallContext) {
      checkServiceName(input.serviceName);
      const account = engine.account(context);
      const cluster = requireCluster(account, input.cluster);
      const existing = cluster.services.get(input.serviceName);
      if (existing?.status === 'DRAINING') {
        throw invalidParameter('Unable to Start a service that is still Draining.');
      }
      if (existing?.status === 'ACTIVE') return { service: describeAgain(existing, input) };
      checkTags(input.tags);
      const { service, configuration } = build(
        account,
        cluster,
        input.serviceName,
        input,
        context,
        clock.now(),
      );
      cluster.services.set(service.name, service);
      setTags(account, service.arn, input.tags);
      if (configuration !== undefined) beginDeployment(service, configuration, clock.now());
      scheduler.wake(service);
      return { service: describeService(service, { tags: true }) };
    },

    UpdateService(input: UpdateInput, context: CallContext) {
      const account = engine.account(context);
      const service = requireService(requireCluster(account, input.cluster), input.service);
      if (service.status !== 'ACTIVE') {
        throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
      }
      update(account, service, input, clock.now());
      scheduler.wake(service);
      return { service: describeService(service, { tags: true }) };
    },

    DescribeServices(
      input: { cluster?: string; services?: string[]; include?: string[] },
      context: CallContext,
    ) {
      const account = engine.account(context);
      const cluster = requireCluster(account, input.cluster);
      const names = input.services ?? [];
      if (names.length === 0) throw invalidParameter('Services cannot be empty.');
      if (names.length > 10) throw invalidParameter('Services cannot have more than 10 elements.');
      const services = [];
      const failures: Failure[] = [];
      for (const name of names) {
        const service = findService(cluster, name);
        if (service === undefined) failures.push({ arn: serviceArn(cluster, name), reason: 'MISSING' });
        else services.push(describeService(service, { tags: input.include?.includes('TAGS') ?? false }));
      }
      return { services, failures };
    },

    ListServices(
      input: {
        cluster?: string;
        launchType?: string;
        schedulingStrategy?: string;
        maxResults?: number;
        nextToken?: string;
      },
      context: CallContext,
    ) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const arns = [...cluster.services.values()]
        .filter((service) => service.status !== 'INACTIVE')
        .filter(
          (service) =>
            input.launchType === undefined || service.configuration?.launchType === input.launchType,
        )
        .filter(
          (service) =>
            input.schedulingStrategy === undefined || service.schedulingStrategy === input.schedulingStrategy,
        )
        .map((service) => service.arn);
      const { page, ...more } = paginate(arns, input, 10);
      return { serviceArns: page, ...more };
    },

    DeleteService(input: { cluster?: string; service: string; force?: boolean }, context: CallContext) {
      const service = requireService(requireCluster(engine.account(context), input.cluster), input.service);
      if (service.status === 'INACTIVE') throw serviceNotFound();
      refuseDeletion(service, input.force ?? false);
      if (service.status === 'ACTIVE') {
        service.status = 'DRAINING';
        service.desiredCount = 0;
        for (const deployment of service.deployments) deployment.desiredCount = 0;
        abandonDeployment(service, clock.now());
        scheduler.wake(service);
      }
      return { service: describeService(service, { tags: true }) };
    },
  };
}

function serviceArn(cluster: Cluster, nameOrArn: string): string {
  if (nameOrArn.startsWith('arn:')) return nameOrArn;
  return ecsArn(cluster.account.scope, `service/${cluster.name}/${nameOrArn}`);
}

/** A repeated CreateService is answered again if it says the same, or carries the same token. */
function describeAgain(existing: Service, input: CreateInput): object {
  const sameToken = input.clientToken !== undefined && input.clientToken === existing.clientToken;
  if (!sameToken) throw invalidParameter('Creation of service was not idempotent.');
  return describeService(existing, { tags: true });
}

function build(
  account: AccountState,
  cluster: Cluster,
  name: string,
  input: CreateInput,
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
  const configuration = external ? undefined : configure(account, cluster, input, schedulingStrategy);
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

/** The revision's part of an input: what is given, else what stood before. */
function configure(
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

function update(account: AccountState, service: Service, input: UpdateInput, now: number): void {
  checkController(service, input);
  checkDesiredCount(service.schedulingStrategy, input.desiredCount);
  const deploymentConfiguration = { ...service.deploymentConfiguration, ...input.deploymentConfiguration };
  checkDeploymentConfiguration(deploymentConfiguration, service.schedulingStrategy);
  checkZoneRebalancing(input.availabilityZoneRebalancing, deploymentConfiguration);
  const before = service.configuration;
  const configuration =
    before && configure(account, service.cluster, input, service.schedulingStrategy, before);
  checkGracePeriod(input.healthCheckGracePeriodSeconds, configuration?.loadBalancers ?? []);

  service.deploymentConfiguration = deploymentConfiguration;
  Object.assign(service, given(input, SERVICE_MEMBERS));
  if (configuration === undefined || before === undefined) return;
  if (input.forceNewDeployment === true || changesRevision(before, configuration)) {
    beginDeployment(service, configuration, now);
  } else service.configuration = configuration;
}

/** Under another controller a deployment is not UpdateService's to begin. */
function checkController({ deploymentController }: Service, input: UpdateInput): void {
  if (deploymentController === 'ECS') return;
  const refused =
    input.taskDefinition !== undefined
      ? 'update task definition'
      : input.networkConfiguration !== undefined
        ? 'update network parameters'
        : input.forceNewDeployment === true
          ? 'force a new deployment'
          : undefined;
  if (refused === undefined) return;
  const instead =
    deploymentController === 'CODE_DEPLOY' ? ' Use AWS CodeDeploy to trigger a new deployment.' : '';
  throw invalidParameter(
    `Unable to ${refused} on services with a ${deploymentController} deployment controller.${instead}`,
  );
}

/** Members that change the service in place, without a new deployment. */
const SERVICE_MEMBERS = [
  'desiredCount',
  'placementConstraints',
  'placementStrategy',
  'healthCheckGracePeriodSeconds',
  'enableExecuteCommand',
  'enableECSManagedTags',
  'propagateTags',
  'availabilityZoneRebalancing',
] as const;

function given(input: UpdateInput, members: readonly (keyof UpdateInput)[]): object {
  return Object.fromEntries(
    members.filter((member) => input[member] !== undefined).map((member) => [member, input[member]]),
  );
}

/** A capacity provider strategy alone waits for the next deployment. */
function changesRevision(before: RevisionConfiguration, after: RevisionConfiguration): boolean {
  const comparable = (configuration: RevisionConfiguration) => ({
    ...configuration,
    capacityProviderStrategy: undefined,
    launchType: undefined,
  });
  return !isDeepStrictEqual(comparable(before), comparable(after));
}

function refuseDeletion(service: Service, force: boolean): void {
  if (force || service.schedulingStrategy === 'DAEMON') return;
  if (service.desiredCount > 0) {
    throw invalidParameter('The service cannot be stopped while it is scaled above 0.');
  }
  if (service.deployments.length > 1) {
    throw invalidParameter('The service cannot be stopped while deployments are active.');
  }
}
