import { AwsError } from '../protocol/service.js';
import type { CallContext, JsonService, Operation } from '../protocol/service.js';
import type { LogSink } from '../world/ports.js';
import type { World } from '../world/world.js';
import { groupNotFound, invalidParameter } from './errors.js';
import {
  createGroup,
  createStream,
  describeGroup,
  describeStream,
  requireGroup,
  requireStream,
  setRetention,
} from './groups.js';
import { paginate } from './pagination.js';
import { sortOutEvents } from './put-events.js';
import { filterEvents, getEvents } from './read-events.js';
import { appendEvents } from './state.js';
import type { LogGroup, LogGroups, LogStream } from './state.js';

type Scope = Pick<CallContext, 'accountId' | 'region'>;

/** CloudWatch Logs: the API, and the sink that containers write into. */
export interface Logs {
  readonly service: JsonService;
  readonly sink: LogSink;
  /** Forgets every group. */
  reset(): void;
}

export function createLogs(world: World): Logs {
  const byScope = new Map<string, LogGroups>();
  let sequence = 0;
  const nextSequence = () => (sequence += 1);
  const now = () => world.clock.now();
  const groupsOf = ({ accountId, region }: Scope): LogGroups => {
    const key = `${accountId}/${region}`;
    const groups = byScope.get(key) ?? new Map<string, LogGroup>();
    byScope.set(key, groups);
    return groups;
  };

  const operations: Record<string, Operation> = {
    CreateLogGroup: (input, context) => {
      createGroup(groupsOf(context), input.logGroupName, input.tags ?? {}, context, now());
      return {};
    },
    DeleteLogGroup: (input, context) => {
      const groups = groupsOf(context);
      groups.delete(requireGroup(groups, input).name);
      return {};
    },
    DescribeLogGroups: (input, context) => describeGroups(groupsOf(context), input),
    PutRetentionPolicy: (input, context) => {
      setRetention(requireGroup(groupsOf(context), input), input.retentionInDays);
      return {};
    },
    DeleteRetentionPolicy: (input, context) => {
      delete requireGroup(groupsOf(context), input).retentionInDays;
      return {};
    },
    CreateLogStream: (input, context) => {
      createStream(requireGroup(groupsOf(context), input), input.logStreamName, now());
      return {};
    },
    DeleteLogStream: (input, context) => {
      const group = requireGroup(groupsOf(context), input);
      group.streams.delete(requireStream(group, input.logStreamName).name);
      return {};
    },
    DescribeLogStreams: (input, context) => describeStreams(requireGroup(groupsOf(context), input), input),
    PutLogEvents: (input, context) => {
      const group = requireGroup(groupsOf(context), input);
      const stream = requireStream(group, input.logStreamName);
      const { accepted, rejected } = sortOutEvents(group, input.logEvents, now());
      appendEvents(stream, accepted, now(), nextSequence);
      return {
        nextSequenceToken: String(sequence).padStart(56, '0'),
        ...(rejected && { rejectedLogEventsInfo: rejected }),
      };
    },
    GetLogEvents: (input, context) => {
      const group = requireGroup(groupsOf(context), input);
      return getEvents(group, requireStream(group, input.logStreamName), input, now());
    },
    FilterLogEvents: (input, context) => filterEvents(requireGroup(groupsOf(context), input), input, now()),
    ListTagsForResource: (input, context) => ({
      tags: Object.fromEntries(taggedGroup(groupsOf(context), input.resourceArn).tags),
    }),
    TagResource: (input, context) => {
      const { tags } = taggedGroup(groupsOf(context), input.resourceArn);
      for (const [key, value] of Object.entries(input.tags ?? {})) tags.set(key, String(value));
      return {};
    },
    UntagResource: (input, context) => {
      const { tags } = taggedGroup(groupsOf(context), input.resourceArn);
      for (const key of input.tagKeys ?? []) tags.delete(key);
      return {};
    },
  };

  return {
    service: { targetPrefix: 'Logs_20140328', signingName: 'logs', operations },
    sink: {
      hasGroup: (name, scope) => groupsOf(scope).has(name),
      createGroup: (name, scope) => void createGroup(groupsOf(scope), name, {}, scope, now()),
      write: (groupName, streamName, lines, scope) => {
        const group = groupsOf(scope).get(groupName);
        if (group === undefined) return;
        const stream = group.streams.get(streamName) ?? createStream(group, streamName, now());
        appendEvents(stream, lines, now(), nextSequence);
      },
    },
    reset: () => byScope.clear(),
  };
}

interface DescribeGroupsInput {
  readonly logGroupNamePrefix?: string;
  readonly logGroupNamePattern?: string;
  readonly nextToken?: string;
  readonly limit?: number;
}

function describeGroups(groups: LogGroups, input: DescribeGroupsInput): Record<string, unknown> {
  const { logGroupNamePrefix: prefix = '', logGroupNamePattern: pattern } = input;
  if (prefix !== '' && pattern !== undefined) {
    throw invalidParameter(
      'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    );
  }
  const found = [...groups.values()]
    .filter(
      ({ name }) => name.startsWith(prefix) && name.toLowerCase().includes((pattern ?? '').toLowerCase()),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { page, nextToken } = paginate(found, ({ name }) => name, input);
  return { logGroups: page.map(describeGroup), ...(nextToken !== undefined && { nextToken }) };
}

interface DescribeStreamsInput {
  readonly logStreamNamePrefix?: string;
  readonly orderBy?: 'LogStreamName' | 'LastEventTime';
  readonly descending?: boolean;
  readonly nextToken?: string;
  readonly limit?: number;
}

function describeStreams(group: LogGroup, input: DescribeStreamsInput): Record<string, unknown> {
  const { logStreamNamePrefix: prefix = '', orderBy = 'LogStreamName', descending = false } = input;
  if (prefix !== '' && orderBy === 'LastEventTime') {
    throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
  }
  const ascending = (a: LogStream, b: LogStream) =>
    orderBy === 'LastEventTime'
      ? (a.events.at(-1)?.timestamp ?? 0) - (b.events.at(-1)?.timestamp ?? 0)
      : a.name < b.name
        ? -1
        : 1;
  const found = [...group.streams.values()]
    .filter(({ name }) => name.startsWith(prefix))
    .sort((a, b) => (descending ? ascending(b, a) : ascending(a, b)));
  const { page, nextToken } = paginate(found, ({ name }) => name, input);
  return { logStreams: page.map(describeStream), ...(nextToken !== undefined && { nextToken }) };
}

function taggedGroup(groups: LogGroups, resourceArn: unknown): LogGroup {
  if (typeof resourceArn !== 'string') {
    throw new AwsError('ValidationException', 'resourceArn must be given.');
  }
  const name = /:log-group:([^:]+)/.exec(resourceArn)?.[1];
  const group = name === undefined ? undefined : groups.get(name);
  if (group === undefined) throw groupNotFound();
  return group;
}
