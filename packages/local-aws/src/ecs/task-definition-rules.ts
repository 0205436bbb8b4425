import { clientException } from './errors.js';
import { isFargateSize } from './fargate.js';
import { toUnits } from './task-definition-defaults.js';
import type { ContainerDefinition, TaskDefinitionInput } from './wire.js';

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const LARGEST_BYTES = 65_536;
const MOST_CONTAINERS = 10;
const ECR_IMAGE = /^\d{12}\.dkr[.-]ecr\./;
const FARGATE_LOG_DRIVERS = ['awslogs', 'splunk', 'awsfirelens'];

/** Refuses a registration as the server does: the first fault only, in its words. */
export function checkTaskDefinition(input: TaskDefinitionInput): void {
  const { value: fault } = faultsOf(input).next();
  if (typeof fault === 'string') throw clientException(fault);
}

function* faultsOf(input: TaskDefinitionInput): Generator<string> {
  if (!input.family) yield 'Family should not be null or empty.';
  if (!NAME.test(input.family)) yield 'Family contains invalid characters.';
  const containers = input.containerDefinitions ?? [];
  if (containers.length === 0) yield 'Container list cannot be empty.';
  if (containers.length > MOST_CONTAINERS) {
    yield `Too many containers. The maximum number of containers in a task definition is ${MOST_CONTAINERS}.`;
  }
  const { tags: _tags, ...definition } = input;
  const bytes = Buffer.byteLength(JSON.stringify(definition));
  if (bytes > LARGEST_BYTES)
    yield `Actual length: '${bytes}'. Max allowed length is '${LARGEST_BYTES}' bytes.`;

  for (const container of containers) yield* containerFaults(input, container);
  const names = containers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) yield `Container names must be unique. '${twice}' is used more than once.`;
  if (!containers.some(({ essential }) => essential !== false)) {
    yield 'At least one container in the task definition must be marked as essential.';
  }
  yield* sizeFaults(input, containers);
  yield* dependencyFaults(containers);
  if (input.requiresCompatibilities?.includes('FARGATE')) yield* fargateFaults(input, containers);
}

function* containerFaults(input: TaskDefinitionInput, container: ContainerDefinition): Generator<string> {
  if (!container.name) yield 'Container.name should not be null or empty.';
  if (!NAME.test(container.name)) yield 'Container.name contains invalid characters.';
  if (!container.image) yield 'Container.image should not be null or empty.';
  if (container.image.length > 255 && !container.image.includes('@')) {
    yield `Container.image repository length exceeds 255.`;
  }
  const { name, memory, memoryReservation } = container;
  if (input.memory === undefined && memory === undefined && memoryReservation === undefined) {
    yield `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`;
  }
  for (const [setting, value] of Object.entries({ memory, memoryReservation })) {
    if (value !== undefined && value < 6)
      yield `Invalid '${setting}' setting for container '${name}'. Values must be at least 6.`;
  }
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory) {
    yield `Invalid setting for container '${name}'. The 'memory' setting must be greater than or equal to 'memoryReservation'.`;
  }
  yield* portFaults(input, container);
  const volumes = (input.volumes ?? []).map((volume) => volume.name);
  for (const { sourceVolume } of container.mountPoints ?? []) {
    if (sourceVolume !== undefined && !volumes.includes(sourceVolume))
      yield `Unknown volume '${sourceVolume}'.`;
  }
  if (container.healthCheck !== undefined) yield* healthCheckFaults(container);
  const variables = (container.environment ?? []).map((variable) => variable.name);
  for (const secret of container.secrets ?? []) {
    if (variables.includes(secret.name)) {
      yield `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${secret.name}'`;
    }
  }
}

function* portFaults(input: TaskDefinitionInput, container: ContainerDefinition): Generator<string> {
  for (const { containerPort, hostPort } of container.portMappings ?? []) {
    if (input.networkMode === 'none') yield `When networkMode=none, port mappings are not allowed.`;
    const fixed = input.networkMode === 'awsvpc' || input.networkMode === 'host';
    if (fixed && hostPort !== undefined && hostPort !== 0 && hostPort !== containerPort) {
      yield `When networkMode=${input.networkMode}, the host ports and container ports in port mappings must match.`;
    }
    if (containerPort !== undefined && (containerPort < 1 || containerPort > 65_535)) {
      yield `Invalid 'containerPort' setting for container '${container.name}'. Ports must be between 1 and 65535.`;
    }
  }
}

function* healthCheckFaults({ name, healthCheck }: ContainerDefinition): Generator<string> {
  if (healthCheck === undefined) return;
  // The reference asks for CMD or CMD-SHELL at the front; pages of AWS's own do without, and have worked.
  if ((healthCheck.command ?? []).length === 0) {
    yield `Invalid 'healthCheck' setting for container '${name}'. The command must not be empty.`;
  }
  const bounds = { interval: [5, 300], timeout: [2, 60], retries: [1, 10], startPeriod: [0, 300] } as const;
  for (const [setting, [least, most]] of Object.entries(bounds)) {
    const value = healthCheck[setting as keyof typeof bounds];
    if (value !== undefined && (value < least || value > most)) {
      yield `Invalid 'healthCheck.${setting}' setting for container '${name}'. Values must be between ${least} and ${most}.`;
    }
  }
}

function* sizeFaults(
  input: TaskDefinitionInput,
  containers: readonly ContainerDefinition[],
): Generator<string> {
  const cpu = input.cpu === undefined ? undefined : Number(toUnits(input.cpu, 'cpu'));
  const memory = input.memory === undefined ? undefined : Number(toUnits(input.memory, 'memory'));
  if (Number.isNaN(cpu)) yield `Invalid 'cpu' setting for task.`;
  if (Number.isNaN(memory)) yield `Invalid 'memory' setting for task.`;
  if (cpu !== undefined && (cpu < 128 || cpu > 196_608)) {
    yield `Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`;
  }
  const containerCpu = containers.reduce((total, container) => total + (container.cpu ?? 0), 0);
  if (cpu !== undefined && containerCpu > cpu) {
    yield `The total 'cpu' of the containers is greater than the 'cpu' of the task.`;
  }
  for (const container of containers) {
    if (memory !== undefined && (container.memory ?? 0) > memory) {
      yield `The 'memory' setting for container '${container.name}' is greater than for the task.`;
    }
  }
  const reserved = containers.reduce((total, container) => total + (container.memoryReservation ?? 0), 0);
  if (memory !== undefined && reserved > memory) {
    yield `The total 'memoryReservation' of the containers is greater than the 'memory' of the task.`;
  }
}

function* dependencyFaults(containers: readonly ContainerDefinition[]): Generator<string> {
  const byName = new Map(containers.map((container) => [container.name, container]));
  for (const { name, dependsOn = [] } of containers) {
    for (const { containerName, condition } of dependsOn) {
      const target = byName.get(containerName);
      if (target === undefined) {
        yield `Container '${name}' depends on container '${containerName}', which is not defined in the task definition.`;
      } else if (condition === 'HEALTHY' && target.healthCheck === undefined) {
        yield `Container '${containerName}' must have a health check, since container '${name}' depends on it being HEALTHY.`;
      } else if (['COMPLETE', 'SUCCESS'].includes(condition) && target.essential !== false) {
        yield `Container '${containerName}' must not be essential, since container '${name}' waits for it to exit.`;
      }
    }
  }
  if (hasCycle(byName)) yield 'The container dependencies contain a cycle.';
}

function hasCycle(byName: ReadonlyMap<string, ContainerDefinition>): boolean {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): boolean => {
    if (path.includes(name)) return true;
    if (done.has(name)) return false;
    const cyclic = (byName.get(name)?.dependsOn ?? []).some(({ containerName }) =>
      visit(containerName, [...path, name]),
    );
    done.add(name);
    return cyclic;
  };
  return [...byName.keys()].some((name) => visit(name, []));
}

function* fargateFaults(
  input: TaskDefinitionInput,
  containers: readonly ContainerDefinition[],
): Generator<string> {
  if (input.networkMode !== 'awsvpc') yield 'Fargate only supports network mode ‘awsvpc’.';
  if (input.cpu === undefined) yield `Fargate requires that 'cpu' be defined at the task level.`;
  if (input.memory === undefined) yield `Fargate requires that 'memory' be defined at the task level.`;
  const cpu = Number(toUnits(input.cpu ?? '', 'cpu'));
  const memory = Number(toUnits(input.memory ?? '', 'memory'));
  if (!isFargateSize(cpu, memory)) yield 'No Fargate configuration exists for given values.';
  if ((input.placementConstraints ?? []).length > 0)
    yield 'Fargate does not support task placement constraints.';
  if (input['ipcMode'] !== undefined) yield 'Fargate does not support ipc mode.';
  for (const container of containers) {
    if (container.privileged === true) yield 'Fargate does not support privileged containers.';
    if ((container.links ?? []).length > 0) yield 'Fargate does not support links.';
    const driver = container.logConfiguration?.logDriver;
    if (driver !== undefined && !FARGATE_LOG_DRIVERS.includes(driver)) {
      yield `Fargate only supports log drivers ${FARGATE_LOG_DRIVERS.join(', ')}.`;
    }
    if (driver === 'awslogs') yield* awslogsFaults(container);
    if (input.executionRoleArn !== undefined) continue;
    const needs = executionRoleNeed(container);
    if (needs !== undefined)
      yield `Fargate requires task definition to have execution role ARN to support ${needs}.`;
  }
  const storage = input.ephemeralStorage?.sizeInGiB;
  if (storage !== undefined && (storage < 21 || storage > 200)) {
    yield `Invalid 'ephemeralStorage' setting for task. The size must be between 21 and 200 GiB.`;
  }
}

function* awslogsFaults({ logConfiguration }: ContainerDefinition): Generator<string> {
  for (const option of ['awslogs-group', 'awslogs-region', 'awslogs-stream-prefix']) {
    if (!logConfiguration?.options?.[option]) {
      yield `Log driver awslogs requires options: awslogs-group, awslogs-region, awslogs-stream-prefix (missing: ${option}).`;
    }
  }
}

function executionRoleNeed(container: ContainerDefinition): string | undefined {
  if (ECR_IMAGE.test(container.image)) return 'ECR images';
  if (container.logConfiguration?.logDriver === 'awslogs') return 'log driver awslogs';
  if ((container.secrets ?? []).length > 0) return 'secrets';
  if (container.repositoryCredentials !== undefined) return 'private registry authentication';
  return undefined;
}
