import type { Cluster, Service, Task } from '../state.js';
import { tagsOf } from '../tags.js';
import { isPending } from '../task-counts.js';
import { present } from './members.js';

/** `include`: CONFIGURATIONS, SETTINGS, STATISTICS, TAGS. */
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
