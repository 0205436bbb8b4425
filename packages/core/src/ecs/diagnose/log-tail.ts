import { GetLogEventsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { ContainerDefinition, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { inFull } from '../../errors.js';
import { shortName } from '../names.js';
import { coverLines } from './cover-lines.js';
import { coverSecrets } from './cover.js';
import type { LogTail } from './evidence.js';

/** A client for the CloudWatch Logs of a region; `undefined` means the region that everything else uses. */
export type LogsForRegion = (region: string | undefined) => CloudWatchLogsClient;

/** Where a container of a task writes. */
export type LogDestination =
  | {
      readonly kind: 'awslogs';
      readonly group: string;
      readonly stream: string;
      readonly region: string | undefined;
    }
  | { readonly kind: 'elsewhere'; readonly reason: string };

/** Lines shown of a failing container, unless asked otherwise. */
const DEFAULT_LINES = 20;

/**
 * Where a container's output is, by its log configuration: for awslogs, the stream
 * `prefix/container/task-id` (ECS developer guide, "Using the awslogs log driver").
 */
export function locateContainerLog(container: ContainerDefinition, taskArn: string): LogDestination {
  const { logConfiguration, name = '' } = container;
  if (logConfiguration?.logDriver === undefined)
    return {
      kind: 'elsewhere',
      reason: `Container ${name} has no logConfiguration, so its output is not kept.`,
    };
  if (logConfiguration.logDriver !== 'awslogs')
    return {
      kind: 'elsewhere',
      reason: `Container ${name} logs with ${logConfiguration.logDriver}, which cannot be read from here.`,
    };
  const options = logConfiguration.options ?? {};
  const group = options['awslogs-group'];
  const prefix = options['awslogs-stream-prefix'];
  if (group === undefined) return { kind: 'elsewhere', reason: `Container ${name} names no awslogs-group.` };
  if (prefix === undefined)
    return {
      kind: 'elsewhere',
      reason: `Container ${name} has no awslogs-stream-prefix, so its log stream in ${group} cannot be told.`,
    };
  return {
    kind: 'awslogs',
    group,
    stream: `${prefix}/${name}/${shortName(taskArn)}`,
    region: options['awslogs-region'],
  };
}

/**
 * The last lines a container of a task wrote. Never throws for what is missing or not allowed: then
 * it says so; expired credentials do throw (`CREDENTIALS_EXPIRED`).
 */
export async function tailContainerLog(
  subject: {
    readonly logs: LogsForRegion;
    readonly task: Pick<Task, 'taskArn'>;
    readonly taskDefinition: Pick<TaskDefinition, 'containerDefinitions'>;
    readonly containerName: string;
  },
  options: {
    /** Default 20. */
    readonly lines?: number | undefined;
    /** Environment variables whose values are covered, besides those whose names tell that they are secret. */
    readonly redact?: readonly string[] | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<LogTail> {
  const { logs, task, taskDefinition, containerName } = subject;
  const taskArn = task.taskArn ?? '';
  const unavailable = (reason: string): LogTail => ({ kind: 'unavailable', taskArn, containerName, reason });
  const container = taskDefinition.containerDefinitions?.find(({ name }) => name === containerName);
  if (container === undefined) return unavailable(`The task definition has no container ${containerName}.`);
  const destination = locateContainerLog(container, taskArn);
  if (destination.kind === 'elsewhere') return unavailable(destination.reason);
  const { group, stream, region } = destination;
  try {
    const answer = await logs(region).send(
      new GetLogEventsCommand({
        logGroupName: group,
        logStreamName: stream,
        limit: options.lines ?? DEFAULT_LINES,
        startFromHead: false,
      }),
      options.signal === undefined ? {} : { abortSignal: options.signal },
    );
    const cover = coverLines(coverSecrets(taskDefinition.containerDefinitions ?? [], options.redact ?? []));
    const lines = (answer.events ?? []).map(({ message = '' }) => cover(message.replace(/\r?\n$/, '')));
    if (lines.length === 0) return unavailable(`Log stream ${stream} in ${group} is empty.`);
    return { kind: 'lines', taskArn, containerName, logGroup: group, logStream: stream, region, lines };
  } catch (error) {
    if (classifyAwsError(error) === 'expired') throw fromAwsError(error, `read log stream ${stream}`);
    if (error instanceof Error && error.name === 'ResourceNotFoundException')
      return unavailable(
        `Container ${containerName} wrote nothing: log stream ${stream} in ${group} does not exist.`,
      );
    return unavailable(
      inFull(fromAwsError(error, `read log stream ${stream} in ${group}`, 'logs:GetLogEvents')),
    );
  }
}
