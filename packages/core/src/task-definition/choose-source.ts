import type { ECSClient } from '@aws-sdk/client-ecs';
import { isTaskDefinitionReference } from './input-syntax.js';
import type { TaskDefinitionSource } from './load.js';

/** A task definition as it is named in a workflow or on a command line. */
export interface NamedTaskDefinition {
  /** A path, a family, `family:revision` or an ARN; absent for what the service runs. */
  readonly taskDefinition?: string | undefined;
  /** Which revision is meant where there are several. `running` needs a service, and goes with a family alone. */
  readonly base?: 'running' | 'latest' | undefined;
  /** Name or ARN. Default is the one that the ARN of `service` names, then `default`. */
  readonly cluster?: string | undefined;
  /** Name or ARN. */
  readonly service?: string | undefined;
}

/**
 * Where a named task definition is read from. `ecs` is called only if that is ECS; `directory` is what
 * the path of a file is relative to.
 */
export async function chooseTaskDefinitionSource(
  { taskDefinition, base, cluster, service }: NamedTaskDefinition,
  { ecs, directory }: { readonly ecs: () => Promise<ECSClient>; readonly directory?: string | undefined },
): Promise<TaskDefinitionSource> {
  if (taskDefinition !== undefined && !isTaskDefinitionReference(taskDefinition)) {
    return { file: taskDefinition, directory };
  }
  const ofService = service !== undefined && (taskDefinition === undefined || base === 'running');
  if (ofService) {
    const named = cluster ?? clusterOf(service) ?? 'default';
    return { ecs: await ecs(), cluster: named, service, base, family: taskDefinition };
  }
  return { ecs: await ecs(), taskDefinition: taskDefinition ?? '' };
}

/** `arn:aws:ecs:eu-west-1:123456789012:service/prod/web` → `prod`. Older ARNs, and names, do not have it. */
function clusterOf(service: string): string | undefined {
  return /^arn:[^/]+:service\/([^/]+)\/[^/]+$/.exec(service)?.[1];
}
