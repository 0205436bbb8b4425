import type { ECSClient, Service } from '@aws-sdk/client-ecs';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  paginateListClusters,
  paginateListServices,
  paginateListTasks,
} from '@aws-sdk/client-ecs';
import { callAws } from '../aws-errors.js';
import { familyOf } from './ecs-calls.js';
import type { FoundRevisions } from './found-revisions.js';
import { batches, joinRevisions, undescribedIn } from './found-revisions.js';
import { findRevisionsOfDeployments } from './revisions-of-deployments.js';

/** What one call takes. Source: API reference, DescribeServices and DescribeTasks. */
const SERVICES_PER_CALL = 10;
const TASKS_PER_CALL = 100;

/**
 * The revisions of `family` that something in the region could still need: tasks that run or are about to,
 * services with all their deployments and task sets, deployments under way with what they came from, and the
 * task definitions that each service has last run successfully, one of which a rollback would bring back.
 * `active` are the ARNs of those revisions that can be deployed: a rollback passes over any other.
 */
export async function findRevisionsInUse(
  ecs: ECSClient,
  family: string,
  active: ReadonlySet<string>,
): Promise<FoundRevisions> {
  const found: FoundRevisions[] = [];
  for (const cluster of await listClusters(ecs)) {
    found.push(await revisionsOfTasks(ecs, cluster, family), await revisionsOfServices(ecs, cluster, active));
  }
  const { revisions, undescribed } = joinRevisions(found);
  return { revisions: revisions.filter((arn) => familyOf(arn) === family), undescribed };
}

async function listClusters(ecs: ECSClient): Promise<readonly string[]> {
  return callAws('list the clusters', 'ecs:ListClusters', () =>
    collect(paginateListClusters({ client: ecs }, {}), ({ clusterArns = [] }) => clusterArns),
  );
}

async function revisionsOfTasks(ecs: ECSClient, cluster: string, family: string): Promise<FoundRevisions> {
  const arns = await callAws(`list the tasks in cluster ${cluster}`, 'ecs:ListTasks', () =>
    collect(paginateListTasks({ client: ecs }, { cluster, family }), ({ taskArns = [] }) => taskArns),
  );
  const described = await Promise.all(
    batches(arns, TASKS_PER_CALL).map((tasks) =>
      callAws(`describe the tasks in cluster ${cluster}`, 'ecs:DescribeTasks', () =>
        ecs.send(new DescribeTasksCommand({ cluster, tasks })),
      ),
    ),
  );
  const tasks = described.flatMap((answer) => answer.tasks ?? []);
  return {
    revisions: tasks.flatMap(({ taskDefinitionArn }) => taskDefinitionArn ?? []),
    undescribed: described.flatMap(undescribedIn),
  };
}

async function revisionsOfServices(
  ecs: ECSClient,
  cluster: string,
  active: ReadonlySet<string>,
): Promise<FoundRevisions> {
  const arns = await callAws(`list the services in cluster ${cluster}`, 'ecs:ListServices', () =>
    collect(paginateListServices({ client: ecs }, { cluster }), ({ serviceArns = [] }) => serviceArns),
  );
  const described = await Promise.all(
    batches(arns, SERVICES_PER_CALL).map((services) =>
      callAws(`describe the services in cluster ${cluster}`, 'ecs:DescribeServices', () =>
        ecs.send(new DescribeServicesCommand({ cluster, services })),
      ),
    ),
  );
  const found: FoundRevisions[] = [{ revisions: [], undescribed: described.flatMap(undescribedIn) }];
  for (const service of described.flatMap(({ services = [] }) => services)) {
    found.push({ revisions: revisionsOfService(service), undescribed: [] });
    // Also of a service that runs another family by now: a rollback brings this one back.
    found.push(await findRevisionsOfDeployments({ ecs, cluster, service }, active));
  }
  return joinRevisions(found);
}

function revisionsOfService({ taskDefinition, deployments = [], taskSets = [] }: Service): readonly string[] {
  return [{ taskDefinition }, ...deployments, ...taskSets].flatMap((part) => part.taskDefinition ?? []);
}

async function collect<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[],
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...itemsOf(page));
  return items;
}
