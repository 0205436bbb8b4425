import { GetLogEventsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { inFull } from '../../errors.js';
import { coverLines } from '../diagnose/cover-lines.js';
import { coverSecrets } from '../diagnose/cover.js';
import { locateContainerLog, type LogsForRegion } from '../diagnose/log-tail.js';
import type { TaskRunEvent } from './events.js';

/** Reads what the containers of the tasks have written since the last call, oldest first. */
export type ReadNewLines = (signal?: AbortSignal) => Promise<TaskRunEvent[]>;

/** Pages read of one stream in one go: a container that writes more is caught up with at the next poll. */
const MOST_PAGES = 20;

interface Stream {
  readonly taskArn: string;
  readonly container: string;
  readonly group: string;
  readonly name: string;
  readonly client: CloudWatchLogsClient;
  /** Covers secret values in a line. */
  readonly cover: (line: string) => string;
  token: string | undefined;
  readable: boolean;
}

/**
 * Follows the awslogs streams of tasks. A container whose output is elsewhere, or whose stream may not be read, is told
 * once and left alone; what the environment of a container says is secret is covered in its lines; a stream that is not there yet is looked for again. Throws `CREDENTIALS_EXPIRED`.
 */
export function followTaskLogs(subject: {
  readonly logs: LogsForRegion;
  readonly taskArns: readonly string[];
  readonly containerDefinitions: readonly ContainerDefinition[];
  /** Environment variables whose values are covered, besides those whose names tell that they are secret. */
  readonly redact?: readonly string[] | undefined;
  /** Epoch ms, for what is told about a log rather than read from it. */
  readonly now: () => number;
}): ReadNewLines {
  const cover = coverLines(coverSecrets(subject.containerDefinitions, subject.redact ?? []));
  const streams: Stream[] = [];
  let untold: TaskRunEvent[] = [];
  for (const taskArn of subject.taskArns) {
    for (const definition of subject.containerDefinitions) {
      const container = definition.name ?? 'container';
      const destination = locateContainerLog(definition, taskArn);
      if (destination.kind === 'elsewhere') {
        const { reason } = destination;
        untold.push({ type: 'log-unavailable', taskArn, container, reason, at: subject.now() });
      } else {
        const { group, stream: name, region } = destination;
        const client = subject.logs(region);
        streams.push({ taskArn, container, group, name, client, cover, token: undefined, readable: true });
      }
    }
  }

  return async (signal) => {
    const read = streams
      .filter(({ readable }) => readable)
      .map((stream) => readStream(stream, subject.now(), signal));
    const events = [...untold, ...(await Promise.all(read)).flat()];
    untold = [];
    return events.sort((a, b) => a.at - b.at);
  };
}

async function readStream(stream: Stream, now: number, signal?: AbortSignal): Promise<TaskRunEvent[]> {
  const { taskArn, container } = stream;
  const events: TaskRunEvent[] = [];
  try {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await stream.client.send(
        new GetLogEventsCommand({
          logGroupName: stream.group,
          logStreamName: stream.name,
          startFromHead: true,
          ...(stream.token === undefined ? {} : { nextToken: stream.token }),
        }),
        signal === undefined ? {} : { abortSignal: signal },
      );
      for (const { message = '', timestamp = now } of answer.events ?? []) {
        events.push({
          type: 'log-line',
          taskArn,
          container,
          line: stream.cover(message.replace(/\r?\n$/, '')),
          at: timestamp,
        });
      }
      // The same token again means that the end was reached (API reference, GetLogEvents).
      const reachedEnd = answer.nextForwardToken === stream.token;
      stream.token = answer.nextForwardToken;
      if (reachedEnd || (answer.events ?? []).length === 0) break;
    }
  } catch (error) {
    if (signal?.aborted === true || isNotThereYet(error)) return events;
    const kind = classifyAwsError(error);
    if (kind === 'throttled' || kind === 'transient') return events;
    const doing = `read log stream ${stream.name} in ${stream.group}`;
    const typed = fromAwsError(error, doing, 'logs:GetLogEvents');
    if (kind === 'expired') throw typed;
    stream.readable = false;
    events.push({ type: 'log-unavailable', taskArn, container, reason: inFull(typed), at: now });
  }
  return events;
}

/** The driver creates the stream when the container starts. */
function isNotThereYet(error: unknown): boolean {
  return error instanceof Error && error.name === 'ResourceNotFoundException';
}
