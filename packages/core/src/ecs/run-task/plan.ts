import { taskDefinitionName } from '../names.js';
import type { TaskSettings } from './launch.js';
import type { RunTaskOptions, TaskToRun } from './options.js';
import { prepareTaskRun } from './prepare.js';

/** What `runTask` would do. */
export interface PlannedTaskRun {
  /** One sentence. */
  readonly reason: string;
  /** What RunTask would be told. */
  readonly settings: TaskSettings;
  /** IAM actions that it needs and that nothing can try without changing something. */
  readonly unchecked: readonly string[];
}

/** Finds out what `runTask` would do, and does none of it. Throws what `runTask` throws before it registers anything. */
export async function planTaskRun(subject: TaskToRun, options: RunTaskOptions): Promise<PlannedTaskRun> {
  const { taskDefinition, cluster } = subject;
  const { taskDefinitionArn, settings } = await prepareTaskRun(subject, options);
  const name =
    'document' in taskDefinition
      ? `task definition ${taskDefinition.document.family ?? ''}`.trim()
      : taskDefinitionName(taskDefinitionArn);
  const parts = [
    `Would run ${name} once in cluster ${cluster}`,
    ...describeCapacity(settings),
    ...describeNetwork(settings),
    ...describeOverrides(settings),
    options.wait === false ? 'without waiting for its end' : 'and wait for its end',
  ];
  return {
    reason: `${parts.join(', ')}.`,
    settings,
    unchecked: ['ecs:RunTask', 'iam:PassRole', ...(options.wait === false ? [] : ['ecs:StopTask'])],
  };
}

function describeCapacity({ launchType, capacityProviderStrategy = [] }: TaskSettings): string[] {
  if (launchType !== undefined) return [`on ${launchType}`];
  const providers = capacityProviderStrategy.map(({ capacityProvider }) => capacityProvider);
  return providers.length === 0 ? [] : [`on ${providers.join(' or ')}`];
}

function describeNetwork({ networkConfiguration }: TaskSettings): string[] {
  const { subnets = [], securityGroups = [] } = networkConfiguration?.awsvpcConfiguration ?? {};
  return [
    ...(subnets.length === 0 ? [] : [`in ${subnets.join(' or ')}`]),
    ...(securityGroups.length === 0 ? [] : [`with ${securityGroups.join(' and ')}`]),
  ];
}

/** Which members of which containers; never their values, which may be secret. */
function describeOverrides({ overrides }: TaskSettings): string[] {
  return (overrides?.containerOverrides ?? []).map(({ name, ...members }) => {
    const given = Object.entries(members).flatMap(([member, value]) => (value === undefined ? [] : member));
    return `with another ${given.join(' and ')} for container ${name}`;
  });
}
