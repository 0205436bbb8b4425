import { cpuArchitecture, platformFamily } from '../platform.js';
import type { Task, TaskContainer } from '../state.js';
import { tagsOf } from '../tags.js';
import { taskHealth } from '../task-health.js';
import { present, seconds, secondsOrNothing } from './members.js';

/** A `Task` of the API. */
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
