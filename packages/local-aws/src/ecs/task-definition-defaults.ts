import { isFargateSize } from './fargate.js';
import type { TaskDefinition } from './state.js';
import type { Attribute, ContainerDefinition, PortMapping, TaskDefinitionInput } from './wire.js';

type NetworkMode = TaskDefinition['networkMode'];

/** `1 vCPU` and `.5 vCPU` to CPU units, `2 GB` to MiB; a plain number stays. */
export function toUnits(text: string, unit: 'cpu' | 'memory'): string {
  const match = (unit === 'cpu' ? /^\s*(\d*\.?\d+)\s*vcpu\s*$/i : /^\s*(\d*\.?\d+)\s*gb\s*$/i).exec(text);
  return match === null ? text.trim() : String(Math.round(Number(match[1]) * 1024));
}

/** What ECS keeps of a registration: the input with the server's defaults, and what it derives. */
export function normaliseTaskDefinition(
  input: TaskDefinitionInput & { tags?: unknown },
): Pick<
  TaskDefinition,
  | 'containerDefinitions'
  | 'networkMode'
  | 'compatibilities'
  | 'requiresAttributes'
  | 'placementConstraints'
  | 'cpu'
  | 'memory'
  | 'members'
> {
  const { tags: _tags, ...registered } = input;
  const networkMode = input.networkMode ?? 'bridge';
  const cpu = input.cpu === undefined ? undefined : toUnits(input.cpu, 'cpu');
  const memory = input.memory === undefined ? undefined : toUnits(input.memory, 'memory');
  const containerDefinitions = input.containerDefinitions.map((definition) =>
    withContainerDefaults(definition, networkMode),
  );
  const placementConstraints = input.placementConstraints ?? [];
  const size = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
  return {
    containerDefinitions,
    networkMode,
    placementConstraints,
    ...size,
    compatibilities: compatibilitiesOf(networkMode, cpu, memory),
    requiresAttributes: requiredAttributes(input),
    members: {
      ...registered,
      ...size,
      containerDefinitions,
      networkMode,
      placementConstraints,
      volumes: input.volumes ?? [],
    },
  };
}

function withContainerDefaults(
  definition: ContainerDefinition,
  networkMode: NetworkMode,
): ContainerDefinition {
  return {
    ...definition,
    cpu: definition.cpu ?? 0,
    essential: definition.essential ?? true,
    portMappings: (definition.portMappings ?? []).map((mapping) => withPortDefaults(mapping, networkMode)),
    environment: definition.environment ?? [],
    mountPoints: definition.mountPoints ?? [],
    volumesFrom: definition.volumesFrom ?? [],
    systemControls: definition['systemControls'] ?? [],
    ...(definition.healthCheck && {
      healthCheck: { interval: 30, timeout: 5, retries: 3, ...definition.healthCheck },
    }),
  };
}

function withPortDefaults(mapping: PortMapping, networkMode: NetworkMode): PortMapping {
  const protocol = mapping.protocol ?? 'tcp';
  if (mapping.containerPort === undefined) return { ...mapping, protocol };
  const hostPort = mapping.hostPort ?? (networkMode === 'bridge' ? 0 : mapping.containerPort);
  return { ...mapping, hostPort, protocol };
}

function compatibilitiesOf(
  networkMode: NetworkMode,
  cpu: string | undefined,
  memory: string | undefined,
): string[] {
  if (networkMode !== 'awsvpc') return ['EXTERNAL', 'EC2'];
  return isFargateSize(Number(cpu), Number(memory)) ? ['EC2', 'FARGATE'] : ['EC2'];
}

const ECR_IMAGE = /^\d{12}\.dkr[.-]ecr\./;

/** Attributes that a container instance must have to run the definition. */
function requiredAttributes(input: TaskDefinitionInput): Attribute[] {
  const containers = input.containerDefinitions;
  const executionRole = input.executionRoleArn !== undefined;
  const drivers = new Set(
    containers.flatMap(({ logConfiguration }) =>
      logConfiguration === undefined ? [] : [logConfiguration.logDriver],
    ),
  );
  const names = [...drivers].map((driver) => `com.amazonaws.ecs.capability.logging-driver.${driver}`);
  if (drivers.has('awslogs') && executionRole) names.push('ecs.capability.execution-role-awslogs');
  if (containers.some(({ image }) => ECR_IMAGE.test(image))) {
    names.push('com.amazonaws.ecs.capability.ecr-auth');
    if (executionRole) names.push('ecs.capability.execution-role-ecr-pull');
  }
  if (input.taskRoleArn !== undefined) names.push('com.amazonaws.ecs.capability.task-iam-role');
  if (input.networkMode === 'awsvpc') names.push('ecs.capability.task-eni');
  if (containers.some(({ healthCheck }) => healthCheck !== undefined)) {
    names.push('ecs.capability.container-health-check');
  }
  if (containers.some(({ dependsOn }) => dependsOn !== undefined && dependsOn.length > 0)) {
    names.push('ecs.capability.container-ordering');
  }
  const sources = containers.flatMap(({ secrets }) => secrets ?? []).map(({ valueFrom }) => valueFrom);
  if (sources.some((source) => source.includes(':secretsmanager:'))) {
    names.push('ecs.capability.secrets.asm.environment-variables');
  }
  if (sources.some((source) => !source.includes(':secretsmanager:'))) {
    names.push('ecs.capability.secrets.ssm.environment-variables');
  }
  names.push('com.amazonaws.ecs.capability.docker-remote-api.1.18');
  return names.map((name) => ({ name }));
}

/** What the agent of an ordinary container instance offers. */
export const agentCapabilities: readonly string[] = [
  'com.amazonaws.ecs.capability.docker-remote-api.1.18',
  'com.amazonaws.ecs.capability.ecr-auth',
  'com.amazonaws.ecs.capability.task-iam-role',
  ...['awslogs', 'awsfirelens', 'fluentd', 'gelf', 'journald', 'json-file', 'none', 'splunk', 'syslog'].map(
    (driver) => `com.amazonaws.ecs.capability.logging-driver.${driver}`,
  ),
  'ecs.capability.execution-role-awslogs',
  'ecs.capability.execution-role-ecr-pull',
  'ecs.capability.task-eni',
  'ecs.capability.container-health-check',
  'ecs.capability.container-ordering',
  'ecs.capability.secrets.asm.environment-variables',
  'ecs.capability.secrets.ssm.environment-variables',
];
