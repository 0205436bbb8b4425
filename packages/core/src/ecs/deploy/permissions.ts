import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  type ContainerDefinition,
  type ECSClient,
  type Service,
} from '@aws-sdk/client-ecs';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { inFull } from '../../errors.js';
import { locateContainerLog, type LogsForRegion } from '../diagnose/log-tail.js';
import { NO_TASK, shortName } from '../names.js';

/** What a dry run learned about what the credentials in use may do. */
export interface PermissionCheck {
  /** IAM actions that were tried, by a read that changes nothing. */
  readonly checked: readonly CheckedPermission[];
  /** IAM actions that the deployment needs and that nothing can try without changing something. */
  readonly unchecked: readonly string[];
}

export interface CheckedPermission {
  /** IAM action. */
  readonly action: string;
  /** AWS's refusal and the missing statement; absent where it is allowed. */
  readonly refusal?: string | undefined;
}

interface ProbedService {
  readonly ecs: ECSClient;
  readonly cluster: string;
  readonly name: string;
}

/**
 * Tries the reads that following and explaining a rollout makes: a deployment goes on without them,
 * but knows less. Only what is wrong with the credentials themselves throws (`CREDENTIALS_*`).
 */
export async function probeReads(
  { ecs, cluster, name }: ProbedService,
  found: Service,
): Promise<CheckedPermission[]> {
  const service = shortName(name);
  const byEcs = (found.deploymentController?.type ?? 'ECS') === 'ECS';
  return [
    { action: 'ecs:DescribeServices' },
    ...(byEcs ? await probeDeployments(ecs, cluster, service) : []),
    ...(await probe('ecs:ListTasks', `list the stopped tasks of service ${name}`, () =>
      ecs.send(
        new ListTasksCommand({ cluster, serviceName: service, desiredStatus: 'STOPPED', maxResults: 1 }),
      ),
    )),
    ...(await probe('ecs:DescribeTasks', `describe tasks in cluster ${cluster}`, () =>
      ecs.send(new DescribeTasksCommand({ cluster, tasks: [NO_TASK] })),
    )),
  ];
}

/** ECS's history of the deployments; what is in it can be asked about only where there is some. */
async function probeDeployments(
  ecs: ECSClient,
  cluster: string,
  service: string,
): Promise<CheckedPermission[]> {
  let arn: string | undefined;
  let revision: string | undefined;
  const listed = await probe(
    'ecs:ListServiceDeployments',
    `list the deployments of service ${service}`,
    async () => {
      const answer = await ecs.send(new ListServiceDeploymentsCommand({ cluster, service, maxResults: 1 }));
      const [last] = answer.serviceDeployments ?? [];
      arn = last?.serviceDeploymentArn;
      revision = last?.targetServiceRevisionArn;
    },
  );
  const describe = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn ?? ''] });
  const revisions = new DescribeServiceRevisionsCommand({ serviceRevisionArns: [revision ?? ''] });
  return [
    ...listed,
    ...(arn === undefined
      ? []
      : await probe('ecs:DescribeServiceDeployments', `describe ${arn}`, () => ecs.send(describe))),
    ...(revision === undefined
      ? []
      : await probe('ecs:DescribeServiceRevisions', `describe ${revision}`, () => ecs.send(revisions))),
  ];
}

/**
 * Tries to read the logs that a diagnosis would quote. The stream of no task is not there, which only
 * who may read is told; what is said of a group that is not there goes to `onMissingGroup`.
 */
export async function probeLogs(
  logs: LogsForRegion,
  containers: readonly ContainerDefinition[],
  onMissingGroup: (group: string) => void,
): Promise<CheckedPermission[]> {
  const groups = new Map<string, { region: string | undefined; stream: string; isCreated: boolean }>();
  for (const container of containers) {
    const log = locateContainerLog(container, NO_TASK);
    if (log.kind !== 'awslogs') continue;
    const isCreated = container.logConfiguration?.options?.['awslogs-create-group'] === 'true';
    groups.set(log.group, { region: log.region, stream: log.stream, isCreated });
  }
  const checks = await Promise.all(
    [...groups].map(([group, { region, stream, isCreated }]) =>
      probe('logs:GetLogEvents', `read the log group ${group}`, async () => {
        const command = new GetLogEventsCommand({ logGroupName: group, logStreamName: stream, limit: 1 });
        await logs(region)
          .send(command)
          .catch((error: unknown) => {
            if (!isCreated && isMissingGroup(error)) onMissingGroup(group);
            throw error;
          });
      }),
    ),
  );
  // One row for all groups: the refusal, if any of them may not be read.
  const [first] = checks
    .flat()
    .sort((a, b) => Number(b.refusal !== undefined) - Number(a.refusal !== undefined));
  return first === undefined ? [] : [first];
}

/** Whether a call is allowed; nothing where it failed for another reason than who asks. */
export async function probe(
  action: string,
  doing: string,
  call: () => Promise<unknown>,
): Promise<CheckedPermission[]> {
  try {
    await call();
    return [{ action }];
  } catch (error) {
    const kind = classifyAwsError(error);
    // AWS looks for a thing only once it has looked at the permission.
    if (kind === 'refused') return [{ action }];
    const typed = fromAwsError(error, doing, action);
    if (kind === 'denied') return [{ action, refusal: inFull(typed) }];
    if (typed.code.startsWith('CREDENTIALS_')) throw typed;
    return [];
  }
}

/** CloudWatch Logs names what is not there: the group or the stream. */
function isMissingGroup(error: unknown): boolean {
  return (
    error instanceof Error && error.name === 'ResourceNotFoundException' && /log group/i.test(error.message)
  );
}
