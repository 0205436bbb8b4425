/**
 * State as the API answers it. AWS omits a member that has no value, except for lists and counts
 * that it always sends; clients (Terraform's provider first) rely on both.
 */
import { breakerThreshold } from './circuit-breaker.js';
import { cpuArchitecture, platformFamily, resolvePlatformVersion } from './platform.js';
import { remainingResources } from './resources.js';
import type { HookRun } from './stages.js';
import type {
  Cluster,
  ContainerInstance,
  Deployment,
  Service,
  ServiceDeployment,
  ServiceRevision,
  Task,
  TaskContainer,
  TaskDefinition,
} from './state.js';
import { tagsOf } from './tags.js';

/** Epoch seconds with a fraction. */
const seconds = (milliseconds: number): number => milliseconds / 1000;

/** Drops members without a value. */
function present<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

const secondsOrNothing = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : seconds(milliseconds);

export function describeCluster(cluster: Cluster, include: readonly string[]): object {
  const active = [...cluster.tasks.values()].filter((task) => task.lastStatus !== 'STOPPED');
  const services = [...cluster.services.values()].filter((service) => service.status === 'ACTIVE');
  const instances = [...cluster.instances.values()].filter((instance) => instance.status !== 'INACTIVE');
  return present({
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    configuration: include.includes('CONFIGURATIONS') ? cluster.configuration : undefined,
    status: cluster.status,
    registeredContainerInstancesCount: instances.length,
    runningTasksCount: active.filter((task) => task.lastStatus === 'RUNNING').length,
    pendingTasksCount: active.filter(isPending).length,
    activeServicesCount: services.length,
    statistics: include.includes('STATISTICS') ? clusterStatistics(active, services) : [],
    tags: include.includes('TAGS') ? tagsOf(cluster.account, cluster.arn) : [],
    settings: include.includes('SETTINGS') ? cluster.settings : [],
    capacityProviders: cluster.capacityProviders,
    defaultCapacityProviderStrategy: cluster.defaultCapacityProviderStrategy,
    serviceConnectDefaults: cluster.serviceConnectDefaults,
  });
}

function clusterStatistics(tasks: readonly Task[], services: readonly Service[]): object[] {
  const count = (launchType: string, pending: boolean): string =>
    String(
      tasks.filter(
        (task) =>
          task.launchType === launchType && (pending ? isPending(task) : task.lastStatus === 'RUNNING'),
      ).length,
    );
  const servicesOf = (launchType: string): string =>
    String(services.filter((service) => (service.configuration?.launchType ?? 'EC2') === launchType).length);
  return [
    { name: 'runningEC2TasksCount', value: count('EC2', false) },
    { name: 'runningFargateTasksCount', value: count('FARGATE', false) },
    { name: 'pendingEC2TasksCount', value: count('EC2', true) },
    { name: 'pendingFargateTasksCount', value: count('FARGATE', true) },
    { name: 'activeEC2ServiceCount', value: servicesOf('EC2') },
    { name: 'activeFargateServiceCount', value: servicesOf('FARGATE') },
    { name: 'drainingEC2ServiceCount', value: '0' },
    { name: 'drainingFargateServiceCount', value: '0' },
  ];
}

export function describeTaskDefinition(taskDefinition: TaskDefinition): object {
  return present({
    ...taskDefinition.members,
    taskDefinitionArn: taskDefinition.arn,
    family: taskDefinition.family,
    revision: taskDefinition.revision,
    status: taskDefinition.status,
    registeredAt: seconds(taskDefinition.registeredAt),
    registeredBy: taskDefinition.registeredBy,
    deregisteredAt: secondsOrNothing(taskDefinition.deregisteredAt),
    deleteRequestedAt: secondsOrNothing(taskDefinition.deleteRequestedAt),
    requiresAttributes: taskDefinition.requiresAttributes,
    compatibilities: taskDefinition.compatibilities,
  });
}

export const isPending = (task: Task): boolean =>
  ['PROVISIONING', 'PENDING', 'ACTIVATING'].includes(task.lastStatus);

/** Tasks of a service (or of one of its deployments) that are starting and running. */
export function countTasks(
  service: Service,
  deployment?: Deployment,
): { runningCount: number; pendingCount: number } {
  let runningCount = 0;
  let pendingCount = 0;
  for (const task of service.cluster.tasks.values()) {
    if (task.service !== service) continue;
    if (deployment !== undefined && task.deployment !== deployment) continue;
    if (task.lastStatus === 'RUNNING') runningCount += 1;
    else if (isPending(task) && task.desiredStatus === 'RUNNING') pendingCount += 1;
  }
  return { runningCount, pendingCount };
}

const UNFINISHED = ['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'];

export const isUnfinished = (serviceDeployment: ServiceDeployment): boolean =>
  UNFINISHED.includes(serviceDeployment.status);

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
    taskSets: service.deploymentController === 'ECS' ? undefined : [],
    deployments: service.deployments.map((deployment) => describeDeployment(service, deployment)),
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
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
    serviceConnectConfiguration: configuration.serviceConnectConfiguration,
    volumeConfigurations: configuration.volumeConfigurations,
    vpcLatticeConfigurations: configuration.vpcLatticeConfigurations,
  });
}

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
      ...trafficOf(deployment, (weight) => 100 - weight),
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

export function describeTask(task: Task, { tags = false }: { tags?: boolean } = {}): object {
  const fargate = task.launchType === 'FARGATE';
  const storage = task.taskDefinition.members['ephemeralStorage'] as { sizeInGiB: number } | undefined;
  const size = storage ?? (fargate ? { sizeInGiB: 20 } : undefined);
  return present({
    attachments: task.attachments,
    attributes: [{ name: 'ecs.cpu-architecture', value: cpuArchitecture(task.taskDefinition) }],
    availabilityZone: task.availabilityZone,
    capacityProviderName: task.capacityProviderName,
    clusterArn: task.cluster.arn,
    connectivity: task.connectivityAt === undefined ? undefined : 'CONNECTED',
    connectivityAt: secondsOrNothing(task.connectivityAt),
    containerInstanceArn: task.instance?.arn,
    containers: task.containers.map((container) => describeContainer(task, container)),
    cpu: task.overrides.cpu ?? task.taskDefinition.cpu ?? '0',
    createdAt: seconds(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: task.enableExecuteCommand,
    ephemeralStorage: size,
    executionStoppedAt: secondsOrNothing(task.executionStoppedAt),
    fargateEphemeralStorage: fargate ? size : undefined,
    group: task.group,
    healthStatus: taskHealth(task),
    lastStatus: task.lastStatus,
    launchType: task.launchType,
    memory: task.overrides.memory ?? task.taskDefinition.memory ?? String(task.reservation.memory),
    overrides: {
      ...task.overrides,
      containerOverrides: task.containers.map(
        ({ definition: { name } }) =>
          task.overrides.containerOverrides?.find((override) => override.name === name) ?? { name },
      ),
      inferenceAcceleratorOverrides: [],
    },
    platformFamily: fargate ? platformFamily(task.taskDefinition) : undefined,
    platformVersion: task.platformVersion,
    pullStartedAt: secondsOrNothing(task.pullStartedAt),
    pullStoppedAt: secondsOrNothing(task.pullStoppedAt),
    startedAt: secondsOrNothing(task.startedAt),
    startedBy: task.startedBy,
    stopCode: task.stopCode,
    stoppedAt: secondsOrNothing(task.stoppedAt),
    stoppedReason: task.stoppedReason,
    stoppingAt: secondsOrNothing(task.stoppingAt),
    tags: tags ? tagsOf(task.cluster.account, task.arn) : [],
    taskArn: task.arn,
    taskDefinitionArn: task.taskDefinition.arn,
    version: task.version,
  });
}

/** UNHEALTHY if an essential container is, HEALTHY if every checked essential one is. */
export function taskHealth(task: Task): 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' {
  const checked = task.containers.filter(
    ({ definition }) => definition.healthCheck !== undefined && definition.essential !== false,
  );
  if (checked.some(({ health }) => health === 'UNHEALTHY')) return 'UNHEALTHY';
  return checked.length > 0 && checked.every(({ health }) => health === 'HEALTHY') ? 'HEALTHY' : 'UNKNOWN';
}

function describeContainer(task: Task, container: TaskContainer): object {
  const { definition } = container;
  const override = task.overrides.containerOverrides?.find(({ name }) => name === definition.name);
  const memory = override?.memory ?? definition.memory;
  const memoryReservation = override?.memoryReservation ?? definition.memoryReservation;
  return present({
    containerArn: container.arn,
    taskArn: task.arn,
    name: definition.name,
    image: definition.image,
    imageDigest: container.imageDigest,
    runtimeId: container.runtimeId,
    lastStatus: container.lastStatus,
    exitCode: container.exitCode,
    reason: container.reason,
    networkBindings: container.hostPorts
      .filter(({ bindIp }) => bindIp !== undefined || task.taskDefinition.networkMode !== 'awsvpc')
      .map(({ containerPort, hostPort, protocol, bindIp = '0.0.0.0' }) => ({
        bindIP: bindIp,
        containerPort,
        hostPort,
        protocol,
      })),
    networkInterfaces: task.attachments
      .filter(({ type }) => type === 'ElasticNetworkInterface')
      .map(({ id }) => present({ attachmentId: id, privateIpv4Address: task.privateIpv4Address })),
    healthStatus: container.health,
    cpu: String(override?.cpu ?? definition.cpu ?? 0),
    memory: memory === undefined ? undefined : String(memory),
    memoryReservation: memoryReservation === undefined ? undefined : String(memoryReservation),
  });
}

export function describeInstance(
  instance: ContainerInstance,
  { tags = false }: { tags?: boolean } = {},
): object {
  const tasks = [...instance.cluster.tasks.values()].filter((task) => task.instance === instance);
  return {
    containerInstanceArn: instance.arn,
    ec2InstanceId: instance.ec2InstanceId,
    version: instance.version,
    versionInfo: instance.versionInfo,
    remainingResources: remainingResources(instance),
    registeredResources: instance.registeredResources,
    status: instance.status,
    agentConnected: instance.agentConnected,
    runningTasksCount: tasks.filter((task) => task.lastStatus === 'RUNNING').length,
    pendingTasksCount: tasks.filter(isPending).length,
    attributes: instance.attributes,
    registeredAt: seconds(instance.registeredAt),
    attachments: [],
    tags: tags ? tagsOf(instance.cluster.account, instance.arn) : [],
  };
}
