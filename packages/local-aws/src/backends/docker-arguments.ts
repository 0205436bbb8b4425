import type { ContainerSpec, TaskSpec } from './backend.js';

/** Every container carries it, so that no other world's are touched. */
export const WORLD_LABEL = 'local-aws.world';

export interface Placement {
  readonly worldId: string;
  /** The container whose network this one joins; `undefined` for a task of one container. */
  readonly networkOf: string | undefined;
}

/**
 * The arguments of `docker create`. Values of environment variables are not among them: they reach the CLI through its
 * own environment, since arguments can be read by every user of the machine.
 */
export function createArguments(
  task: TaskSpec,
  spec: ContainerSpec,
  { worldId, networkOf }: Placement,
): string[] {
  const [entryPoint, ...entryArguments] = spec.entryPoint ?? [];
  const command = [...entryArguments, ...(spec.command ?? [])];
  const flag = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  return [
    'create',
    ...identify(task, worldId, spec.name),
    ...Object.entries(spec.dockerLabels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    ...(networkOf === undefined ? publish(task) : ['--network', `container:${networkOf}`]),
    ...Object.keys(spec.environment).flatMap((name) => ['--env', name]),
    ...flag('--workdir', spec.workingDirectory),
    ...flag('--user', spec.user),
    ...flag('--memory', spec.memoryMiB === undefined ? undefined : `${spec.memoryMiB}m`),
    ...healthArguments(spec),
    ...flag('--entrypoint', entryPoint),
    spec.image,
    ...command,
  ];
}

/** The arguments of `docker create` for the container that holds a task's network and publishes its ports. */
export function pauseArguments(task: TaskSpec, worldId: string, image: string): string[] {
  return ['create', ...identify(task, worldId, '_pause'), ...publish(task), image];
}

function identify(task: TaskSpec, worldId: string, name: string): string[] {
  return [
    ...['--name', `ecs-${worldId}-${task.taskId}-${name}`],
    ...['--label', `${WORLD_LABEL}=${worldId}`],
    ...['--label', `com.amazonaws.ecs.task-arn=${task.taskArn}`],
  ];
}

/** One place publishes the ports of all containers: they share a network. */
function publish(task: TaskSpec): string[] {
  return task.containers
    .flatMap((container) => container.portMappings)
    .flatMap(({ containerPort, protocol }) => ['--publish', `127.0.0.1::${containerPort}/${protocol}`]);
}

function healthArguments({ healthCheck }: ContainerSpec): string[] {
  if (healthCheck === undefined) return [];
  const [kind, ...words] = healthCheck.command;
  // What begins with neither is a program with its arguments.
  const program = kind === 'CMD' ? words : [kind ?? '', ...words];
  const command = kind === 'CMD-SHELL' ? words.join(' ') : program.map(quote).join(' ');
  return [
    ...['--health-cmd', command],
    ...['--health-interval', `${healthCheck.intervalMs}ms`],
    ...['--health-timeout', `${healthCheck.timeoutMs}ms`],
    ...['--health-retries', String(healthCheck.retries)],
    ...['--health-start-period', `${healthCheck.startPeriodMs}ms`],
  ];
}

/** `--health-cmd` always goes through a shell; this keeps the words of a `CMD` check whole. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Containers in an order in which each comes after what it depends on. Cycles were refused at registration. */
export function inStartOrder(containers: readonly ContainerSpec[]): ContainerSpec[] {
  const ordered: ContainerSpec[] = [];
  const visit = (spec: ContainerSpec) => {
    if (ordered.includes(spec)) return;
    for (const { containerName } of spec.dependsOn) {
      const needed = containers.find(({ name }) => name === containerName);
      if (needed !== undefined) visit(needed);
    }
    ordered.push(spec);
  };
  containers.forEach(visit);
  return ordered;
}
