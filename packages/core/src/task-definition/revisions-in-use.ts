import type { ECSClient, Service, ServiceDeploymentBrief } from '@aws-sdk/client-ecs';
import {
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  paginateListClusters,
  paginateListServices,
  paginateListTasks,
} from '@aws-sdk/client-ecs';
import { callAws } from '../aws-errors.js';
import { familyOf } from './ecs-calls.js';

/** What one call takes. Source: API reference, DescribeServices and DescribeTasks. */
const SERVICES_PER_CALL = 10;
const TASKS_PER_CALL = 100;

/** Source: API reference, DescribeServiceRevisions. */
const SERVICE_REVISIONS_PER_CALL = 20;

/** What a rollback could want: this many different task definitions that a service has last run. */
const ROLLBACK_DEPTH = 2;

/** Deployments that have reached their end; any other may still return to where it came from. */
const FINISHED: ReadonlySet<string | undefined> = new Set([
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
]);

/**
 * ARNs of the revisions of `family` that something in the region could still need: tasks that run or
 * are about to, services with all their deployments and task sets, deployments under way, and the
 * task definitions that each service has last run successfully, one of which a rollback would bring back.
 */
export async function findRevisionsInUse(ecs: ECSClient, family: string): Promise<ReadonlySet<string>> {
  const inUse = new Set<string>();
  const add = (arns: readonly string[]) => arns.forEach((arn) => inUse.add(arn));
  for (const cluster of await listClusters(ecs)) {
    add(await revisionsOfTasks(ecs, cluster, family));
    for (const service of await describeServices(ecs, cluster)) {
      add(revisionsOfService(service));
      // Also of a service that runs another family by now: a rollback brings this one back.
      add(await revisionsToGoBackTo(ecs, cluster, service));
    }
  }
  return new Set([...inUse].filter((arn) => familyOf(arn) === family));
}

async function listClusters(ecs: ECSClient): Promise<readonly string[]> {
  return callAws('list the clusters', 'ecs:ListClusters', () =>
    collect(paginateListClusters({ client: ecs }, {}), ({ clusterArns = [] }) => clusterArns),
  );
}

async function revisionsOfTasks(ecs: ECSClient, cluster: string, family: string): Promise<readonly string[]> {
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
  return described.flatMap(({ tasks = [] }) => tasks).flatMap((task) => task.taskDefinitionArn ?? []);
}

async function describeServices(ecs: ECSClient, cluster: string): Promise<readonly Service[]> {
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
  return described.flatMap(({ services = [] }) => services);
}

function revisionsOfService({ taskDefinition, deployments = [], taskSets = [] }: Service): readonly string[] {
  return [{ taskDefinition }, ...deployments, ...taskSets].flatMap((part) => part.taskDefinition ?? []);
}

async function revisionsToGoBackTo(
  ecs: ECSClient,
  cluster: string,
  { serviceArn = '', deploymentController }: Service,
): Promise<readonly string[]> {
  // Deployments by others are task sets, which DescribeServices has shown already.
  if ((deploymentController?.type ?? 'ECS') !== 'ECS') return [];
  const deployments = await callAws(
    `list the deployments of ${serviceArn}`,
    'ecs:ListServiceDeployments',
    () => listDeployments(ecs, cluster, serviceArn),
  );
  const newestFirst = deployments.sort((a, b) => timeOf(b.createdAt) - timeOf(a.createdAt));
  const unfinished = newestFirst.filter(({ status }) => !FINISHED.has(status));
  const successful = newestFirst.filter(({ status }) => status === 'SUCCESSFUL');
  const found = new Set<string>();
  for (const batch of batches(successful, SERVICE_REVISIONS_PER_CALL)) {
    const taskDefinitions = await taskDefinitionsOf(ecs, serviceArn, batch);
    for (const arn of taskDefinitions) if (found.size < ROLLBACK_DEPTH) found.add(arn);
    if (found.size === ROLLBACK_DEPTH) break;
  }
  for (const batch of batches(unfinished, SERVICE_REVISIONS_PER_CALL)) {
    for (const arn of await taskDefinitionsOf(ecs, serviceArn, batch)) found.add(arn);
  }
  return [...found];
}

/** The task definitions of at most {@link SERVICE_REVISIONS_PER_CALL} deployments, in their order. */
async function taskDefinitionsOf(
  ecs: ECSClient,
  service: string,
  deployments: readonly ServiceDeploymentBrief[],
): Promise<readonly string[]> {
  const serviceRevisionArns = deployments.flatMap(
    ({ targetServiceRevisionArn }) => targetServiceRevisionArn ?? [],
  );
  if (serviceRevisionArns.length === 0) return [];
  const { serviceRevisions = [] } = await callAws(
    `describe the service revisions of ${service}`,
    'ecs:DescribeServiceRevisions',
    () => ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns })),
  );
  const byArn = new Map(
    serviceRevisions.map((revision) => [revision.serviceRevisionArn, revision.taskDefinition]),
  );
  return serviceRevisionArns.flatMap((arn) => byArn.get(arn) ?? []);
}

async function listDeployments(
  ecs: ECSClient,
  cluster: string,
  service: string,
): Promise<ServiceDeploymentBrief[]> {
  const deployments: ServiceDeploymentBrief[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ecs.send(new ListServiceDeploymentsCommand({ cluster, service, nextToken }));
    deployments.push(...(page.serviceDeployments ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return deployments;
}

function timeOf(date: Date | undefined): number {
  return date?.getTime() ?? 0;
}

async function collect<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[],
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...itemsOf(page));
  return items;
}

function batches<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
