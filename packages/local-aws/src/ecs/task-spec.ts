import type { ContainerSpec, TaskSpec } from '../backends/backend.js';
import type { Task } from './state.js';
import type { ContainerDefinition, ContainerOverride, KeyValuePair } from './wire.js';

const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

/** What a backend is to run for a task: its definition with the overrides applied. */
export function taskSpec(task: Task): TaskSpec {
  return {
    taskArn: task.arn,
    taskId: task.id,
    clusterName: task.cluster.name,
    family: task.taskDefinition.family,
    ...task.cluster.account.scope,
    launchType: task.launchType,
    containers: task.containers.map(({ definition }) =>
      containerSpec(
        task,
        definition,
        task.overrides.containerOverrides?.find(({ name }) => name === definition.name),
      ),
    ),
  };
}

function containerSpec(
  task: Task,
  definition: ContainerDefinition,
  override?: ContainerOverride,
): ContainerSpec {
  const command = override?.command ?? definition.command;
  const memoryMiB = override?.memory ?? definition.memory;
  const { entryPoint, workingDirectory, user, healthCheck } = definition;
  const log = awslogsTarget(task, definition);
  return {
    name: definition.name,
    image: definition.image,
    essential: definition.essential !== false,
    ...(command !== undefined && { command }),
    ...(entryPoint !== undefined && { entryPoint }),
    ...(workingDirectory !== undefined && { workingDirectory }),
    ...(user !== undefined && { user }),
    environment: { ...toRecord(definition.environment), ...toRecord(override?.environment) },
    dockerLabels: definition.dockerLabels ?? {},
    portMappings: (definition.portMappings ?? []).flatMap(({ containerPort, hostPort, protocol = 'tcp' }) =>
      containerPort === undefined
        ? []
        : [{ containerPort, ...(hostPort !== undefined && { hostPort }), protocol }],
    ),
    ...(memoryMiB !== undefined && { memoryMiB }),
    ...(healthCheck !== undefined && {
      healthCheck: {
        command: healthCheck.command,
        intervalMs: (healthCheck.interval ?? 30) * 1000,
        timeoutMs: (healthCheck.timeout ?? 5) * 1000,
        retries: healthCheck.retries ?? 3,
        startPeriodMs: (healthCheck.startPeriod ?? 0) * 1000,
      },
    }),
    ...(log !== undefined && { log }),
    dependsOn: definition.dependsOn ?? [],
    stopTimeoutMs: (definition.stopTimeout ?? DEFAULT_STOP_TIMEOUT_SECONDS) * 1000,
  };
}

function toRecord(pairs: readonly KeyValuePair[] = []): Record<string, string> {
  return Object.fromEntries(
    pairs.flatMap(({ name, value }) => (name === undefined ? [] : [[name, value ?? '']])),
  );
}

/** Group and stream of a container's awslogs driver: `prefix/container/taskId`. */
export function awslogsTarget(
  task: Pick<Task, 'id'>,
  { name, logConfiguration }: ContainerDefinition,
): { group: string; stream: string } | undefined {
  if (logConfiguration?.logDriver !== 'awslogs') return undefined;
  const group = logConfiguration.options?.['awslogs-group'];
  if (group === undefined) return undefined;
  const prefix = logConfiguration.options?.['awslogs-stream-prefix'];
  return { group, stream: prefix === undefined ? task.id : `${prefix}/${name}/${task.id}` };
}
