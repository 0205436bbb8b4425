import type { InstanceView } from './placement.js';
import { remainingResources } from './resources.js';
import type { Cluster, ContainerInstance } from './state.js';
import type { Resource } from './wire.js';

/** Active container instances as placement sees them, in order of registration. */
export function instanceViews(
  cluster: Cluster,
  instances: Iterable<ContainerInstance> = cluster.instances.values(),
): InstanceView[] {
  return [...instances].filter((instance) => instance.status === 'ACTIVE').map(instanceView);
}

export function instanceView(instance: ContainerInstance): InstanceView {
  const remaining = remainingResources(instance);
  const tasks = [...instance.cluster.tasks.values()].filter(
    (task) => task.instance === instance && task.lastStatus !== 'STOPPED',
  );
  return {
    id: instance.id,
    arn: instance.arn,
    ec2InstanceId: instance.ec2InstanceId,
    agentConnected: instance.agentConnected,
    attributes: new Map(instance.attributes.map(({ name, value }) => [name, value ?? ''])),
    cpu: amount(remaining, 'CPU'),
    memory: amount(remaining, 'MEMORY'),
    takenTcpPorts: ports(remaining, 'PORTS'),
    takenUdpPorts: ports(remaining, 'PORTS_UDP'),
    tasks: tasks.length,
    groups: tasks.map((task) => task.group),
  };
}

const find = (resources: readonly Resource[], name: string): Resource | undefined =>
  resources.find((resource) => resource.name === name);

const amount = (resources: readonly Resource[], name: string): number =>
  find(resources, name)?.integerValue ?? 0;

const ports = (resources: readonly Resource[], name: string): Set<number> =>
  new Set(find(resources, name)?.stringSetValue?.map(Number) ?? []);
