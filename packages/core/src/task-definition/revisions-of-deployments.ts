import type { ECSClient, Service, ServiceDeploymentBrief } from '@aws-sdk/client-ecs';
import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  ListServiceDeploymentsCommand,
} from '@aws-sdk/client-ecs';
import { callAws } from '../aws-errors.js';
import type { FoundRevisions } from './found-revisions.js';
import { batches, joinRevisions, undescribedIn } from './found-revisions.js';

/** Source: API reference, DescribeServiceDeployments and DescribeServiceRevisions. */
const PER_CALL = 20;

/** What a rollback could want: this many different task definitions that a service has last run. */
const ROLLBACK_DEPTH = 2;

/** Deployments that have reached their end; any other may still go on, or return to where it came from. */
const FINISHED: ReadonlySet<string | undefined> = new Set([
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
]);

/** A service, and who is asked about it. */
interface Subject {
  readonly ecs: ECSClient;
  readonly cluster: string;
  readonly service: Service;
}

/**
 * The task definitions that the deployments of a service could still need: those under way, wherever they go,
 * and a rollback. `active` are the ARNs of the revisions that can be deployed, of the family in question.
 */
export async function findRevisionsOfDeployments(
  { ecs, cluster, service }: Subject,
  active: ReadonlySet<string>,
): Promise<FoundRevisions> {
  const { serviceArn = '', deploymentController, taskDefinition } = service;
  // Deployments by others are task sets, which DescribeServices has shown already.
  if ((deploymentController?.type ?? 'ECS') !== 'ECS') return joinRevisions([]);
  const deployments = await callAws(
    `list the deployments of ${serviceArn}`,
    'ecs:ListServiceDeployments',
    () => listDeployments(ecs, cluster, serviceArn),
  );
  const isTarget = (arn: string) => arn === taskDefinition || active.has(arn);
  const newestFirst = deployments.sort((a, b) => timeOf(b.createdAt) - timeOf(a.createdAt));
  return joinRevisions([
    await revisionsUnderWay(ecs, serviceArn, newestFirst),
    await revisionsToGoBackTo(ecs, serviceArn, newestFirst, isTarget),
  ]);
}

/** Both sides of every deployment under way: DescribeServices may be late, and history ends after 90 days. */
async function revisionsUnderWay(
  ecs: ECSClient,
  service: string,
  deployments: readonly ServiceDeploymentBrief[],
): Promise<FoundRevisions> {
  const unfinished = deployments.filter(({ status }) => !FINISHED.has(status));
  const arns = unfinished.flatMap(({ serviceDeploymentArn }) => serviceDeploymentArn ?? []);
  const described = await Promise.all(
    batches(arns, PER_CALL).map((serviceDeploymentArns) =>
      callAws(`describe the deployments of ${service}`, 'ecs:DescribeServiceDeployments', () =>
        ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns })),
      ),
    ),
  );
  const serviceRevisions = described
    .flatMap(({ serviceDeployments = [] }) => serviceDeployments)
    .flatMap(({ sourceServiceRevisions = [], targetServiceRevision }) =>
      [...sourceServiceRevisions, targetServiceRevision].flatMap((revision) => revision?.arn ?? []),
    );
  const found = await Promise.all(
    batches([...new Set(serviceRevisions)], PER_CALL).map((batch) => taskDefinitionsOf(ecs, service, batch)),
  );
  return joinRevisions([...found, { revisions: [], undescribed: described.flatMap(undescribedIn) }]);
}

/**
 * The last {@link ROLLBACK_DEPTH} task definitions that a rollback could take: it passes over those that were
 * deregistered. One of another family may be such, so that it does not count.
 */
async function revisionsToGoBackTo(
  ecs: ECSClient,
  service: string,
  newestFirst: readonly ServiceDeploymentBrief[],
  isTarget: (taskDefinition: string) => boolean,
): Promise<FoundRevisions> {
  const arns = newestFirst
    .filter(({ status }) => status === 'SUCCESSFUL')
    .flatMap(({ targetServiceRevisionArn }) => targetServiceRevisionArn ?? []);
  const targets = new Set<string>();
  const missing: string[] = [];
  for (const batch of batches(arns, PER_CALL)) {
    const { revisions, undescribed } = await taskDefinitionsOf(ecs, service, batch);
    missing.push(...undescribed);
    for (const arn of revisions) if (targets.size < ROLLBACK_DEPTH && isTarget(arn)) targets.add(arn);
    if (targets.size === ROLLBACK_DEPTH) break;
  }
  return { revisions: [...targets], undescribed: missing };
}

/** The task definitions of at most {@link PER_CALL} service revisions, in their order. */
async function taskDefinitionsOf(
  ecs: ECSClient,
  service: string,
  serviceRevisionArns: string[],
): Promise<FoundRevisions> {
  const answer = await callAws(
    `describe the service revisions of ${service}`,
    'ecs:DescribeServiceRevisions',
    () => ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns })),
  );
  const byArn = new Map(
    answer.serviceRevisions?.map((revision) => [revision.serviceRevisionArn, revision.taskDefinition]),
  );
  return {
    revisions: serviceRevisionArns.flatMap((arn) => byArn.get(arn) ?? []),
    undescribed: undescribedIn(answer),
  };
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
