import type { ContainerInstance, Reservation, Task, TaskDefinition } from './state.js';
import type { ContainerDefinition, Resource, TaskOverride } from './wire.js';

/** What a task of this definition takes of a container instance. */
export function reservationOf(taskDefinition: TaskDefinition, overrides: TaskOverride = {}): Reservation {
  const containers = taskDefinition.containerDefinitions.map((definition) => ({
    ...definition,
    ...overrides.containerOverrides?.find(({ name }) => name === definition.name),
  }));
  const cpu = overrides.cpu ?? taskDefinition.cpu;
  const memory = overrides.memory ?? taskDefinition.memory;
  return {
    cpu: cpu === undefined ? sum(containers.map((container) => container.cpu ?? 0)) : Number(cpu),
    memory:
      memory === undefined
        ? sum(containers.map((container) => container.memoryReservation ?? container.memory ?? 0))
        : Number(memory),
    tcpPorts: fixedHostPorts(taskDefinition, 'tcp'),
    udpPorts: fixedHostPorts(taskDefinition, 'udp'),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** An awsvpc task has its own interface: it takes no port of the instance. */
function fixedHostPorts(taskDefinition: TaskDefinition, protocol: 'tcp' | 'udp'): number[] {
  if (taskDefinition.networkMode === 'awsvpc' || taskDefinition.networkMode === 'none') return [];
  return taskDefinition.containerDefinitions
    .flatMap((container: ContainerDefinition) => container.portMappings ?? [])
    .filter((mapping) => (mapping.protocol ?? 'tcp') === protocol)
    .map((mapping) =>
      taskDefinition.networkMode === 'host' ? (mapping.containerPort ?? 0) : (mapping.hostPort ?? 0),
    )
    .filter((port) => port > 0);
}

/** Registered resources less what the instance's tasks hold until they have stopped. */
export function remainingResources(instance: ContainerInstance): Resource[] {
  const holding: Task[] = [...instance.cluster.tasks.values()].filter(
    (task) => task.instance === instance && task.lastStatus !== 'STOPPED',
  );
  return instance.registeredResources.map((resource) => {
    if (resource.name === 'CPU') return less(resource, sum(holding.map((task) => task.reservation.cpu)));
    if (resource.name === 'MEMORY')
      return less(resource, sum(holding.map((task) => task.reservation.memory)));
    const ports =
      resource.name === 'PORTS' ? 'tcpPorts' : resource.name === 'PORTS_UDP' ? 'udpPorts' : undefined;
    if (ports === undefined) return resource;
    const taken = holding.flatMap((task) => task.reservation[ports]).map(String);
    return { ...resource, stringSetValue: [...(resource.stringSetValue ?? []), ...taken] };
  });
}

function less(resource: Resource, amount: number): Resource {
  return { ...resource, integerValue: (resource.integerValue ?? 0) - amount };
}
