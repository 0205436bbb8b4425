import { remainingResources } from '../resources.js';
import type { ContainerInstance } from '../state.js';
import { tagsOf } from '../tags.js';
import { isPending } from '../task-counts.js';
import { seconds } from './members.js';

/** A `ContainerInstance` of the API. */
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
