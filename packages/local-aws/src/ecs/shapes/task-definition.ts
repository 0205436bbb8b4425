import type { TaskDefinition } from '../state.js';
import { present, seconds, secondsOrNothing } from './members.js';

/** A `TaskDefinition` of the API: what was registered, with the server's defaults and own members. */
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
