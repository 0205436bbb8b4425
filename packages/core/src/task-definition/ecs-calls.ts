import type { Deployment, ECSClient, Service, Tag, TaskDefinition } from '@aws-sdk/client-ecs';
import {
  DeregisterTaskDefinitionCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  paginateListTaskDefinitions,
} from '@aws-sdk/client-ecs';
import { callAws } from '../aws-errors.js';
import { inCluster } from '../ecs/cluster.js';
import { EcsActionsError } from '../errors.js';
import { readVerbatim } from './verbatim.js';

/** What `DescribeTaskDefinition` answers, with members newer than the SDK, and dates as numbers. */
interface DescribedTaskDefinition {
  readonly taskDefinition: Omit<TaskDefinition, 'registeredAt' | 'deregisteredAt' | 'deleteRequestedAt'>;
  readonly tags: readonly Tag[];
}

/** A task definition that was read, with the ARN that identifies it. */
export interface FetchedTaskDefinition extends DescribedTaskDefinition {
  readonly taskDefinitionArn: string;
}

/**
 * A revision of a task definition with its tags. `taskDefinition` is a family (its latest active
 * revision), `family:revision` or an ARN. Throws `TASK_DEFINITION_NOT_FOUND`.
 */
export async function fetchRevision(
  ecs: ECSClient,
  taskDefinition: string,
  signal?: AbortSignal,
): Promise<FetchedTaskDefinition> {
  const found = await findRevision(ecs, taskDefinition, signal);
  if (found === undefined) {
    throw new EcsActionsError('TASK_DEFINITION_NOT_FOUND', `ECS has no task definition ${taskDefinition}.`, {
      hint: 'Check the family and revision, and that aws-region and the account are the right ones. A family that has only deregistered revisions has no latest one.',
    });
  }
  return found;
}

/** {@link fetchRevision}, with `undefined` for what ECS does not have. */
export async function findRevision(
  ecs: ECSClient,
  taskDefinition: string,
  signal?: AbortSignal,
): Promise<FetchedTaskDefinition | undefined> {
  return callAws(`describe task definition ${taskDefinition}`, 'ecs:DescribeTaskDefinition', async () => {
    try {
      const command = new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] });
      const answer = (await readVerbatim(ecs, command, signal)) as Partial<DescribedTaskDefinition>;
      const taskDefinitionArn = answer.taskDefinition?.taskDefinitionArn;
      if (answer.taskDefinition === undefined || taskDefinitionArn === undefined) return undefined;
      const { taskDefinition: described, tags = [] } = answer;
      return { taskDefinitionArn, taskDefinition: described, tags };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  });
}

/** ECS says `ClientException: Unable to describe task definition.` for a family or revision it does not have. */
function isNotFound(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'ClientException' &&
    /unable to describe task definition|not found|does not exist/i.test(error.message)
  );
}

/** What a service runs; see {@link TaskDefinitionSource}. */
interface ServiceSource {
  readonly cluster: string;
  readonly service: string;
  readonly base?: 'running' | 'latest' | undefined;
  readonly family?: string | undefined;
}

/**
 * The task definition of a service. Throws `TASK_DEFINITION_NOT_FOUND` if it names none, or one of
 * another family than is expected.
 */
export async function fetchServiceTaskDefinition(
  ecs: ECSClient,
  { cluster, service, base = 'running', family }: ServiceSource,
): Promise<FetchedTaskDefinition> {
  const described = await describeService(ecs, cluster, service);
  const running = runningTaskDefinition(described);
  if (running === undefined) {
    throw new EcsActionsError(
      'TASK_DEFINITION_NOT_FOUND',
      `Service ${service} in cluster ${cluster} names no task definition.`,
      {
        hint: 'Its deployments are made by CodeDeploy or another controller: pass the family or ARN as task-definition.',
      },
    );
  }
  if (family !== undefined && family !== familyOf(running)) {
    throw new EcsActionsError(
      'TASK_DEFINITION_NOT_FOUND',
      `Service ${service} in cluster ${cluster} runs ${running}, which is no revision of ${family}.`,
      {
        hint: 'Leave task-definition out to take what the service runs, or take the latest revision of the family (base: latest).',
      },
    );
  }
  return fetchRevision(ecs, base === 'running' ? running : familyOf(running));
}

/**
 * The task definition that a service runs. While a rollout is going on, or after one has failed, that
 * is the one of the completed deployment, not the one that was asked for last.
 */
function runningTaskDefinition(service: Service): string | undefined {
  const deployments: readonly Deployment[] = service.deployments ?? [];
  const primary = deployments.find(({ status }) => status === 'PRIMARY');
  if (primary?.rolloutState === 'IN_PROGRESS' || primary?.rolloutState === 'FAILED') {
    const completed = deployments.find(({ rolloutState }) => rolloutState === 'COMPLETED');
    if (completed?.taskDefinition !== undefined) return completed.taskDefinition;
  }
  const taskSet = service.taskSets?.find(({ status }) => status === 'PRIMARY');
  return service.taskDefinition ?? primary?.taskDefinition ?? taskSet?.taskDefinition;
}

/** A service that is not deleted. Throws `SERVICE_NOT_FOUND` and `CLUSTER_NOT_FOUND`. */
export async function describeService(ecs: ECSClient, cluster: string, service: string): Promise<Service> {
  const doing = `describe service ${service} in cluster ${cluster}`;
  return callAws(doing, 'ecs:DescribeServices', async () => {
    const answer = await inCluster(cluster, () =>
      ecs.send(new DescribeServicesCommand({ cluster, services: [service] })),
    );
    const [found] = answer.services ?? [];
    if (found !== undefined && found.status !== 'INACTIVE') return found;
    throw new EcsActionsError('SERVICE_NOT_FOUND', `There is no service ${service} in cluster ${cluster}.`, {
      hint: 'Check its name and its cluster, and that aws-region and the account are the right ones.',
    });
  });
}

/** `arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7` → `web`. */
export function familyOf(taskDefinition: string): string {
  return taskDefinition.replace(/^.*\//, '').replace(/:\d+$/, '');
}

/** `…task-definition/web:7` → 7. */
export function revisionOf(taskDefinition: string): number {
  return Number(/:(\d+)$/.exec(taskDefinition)?.[1] ?? Number.NaN);
}

/** ARNs of the active revisions of a family, newest first. */
export async function listRevisions(ecs: ECSClient, family: string): Promise<readonly string[]> {
  const arns: string[] = [];
  await callAws(`list the revisions of ${family}`, 'ecs:ListTaskDefinitions', async () => {
    const query = { familyPrefix: family, status: 'ACTIVE', sort: 'DESC' } as const;
    for await (const page of paginateListTaskDefinitions({ client: ecs }, query)) {
      arns.push(...(page.taskDefinitionArns ?? []));
    }
  });
  return arns.filter((arn) => familyOf(arn) === family).sort((a, b) => revisionOf(b) - revisionOf(a));
}

/** Makes a revision inactive: nothing new can use it, what runs goes on. */
export async function deregisterRevision(ecs: ECSClient, taskDefinition: string): Promise<void> {
  await callAws(`deregister ${taskDefinition}`, 'ecs:DeregisterTaskDefinition', () =>
    ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition })),
  );
}
