import type { CallContext } from '../protocol/service.js';
import { alreadyExists, constraintFailed, groupNotFound, streamNotFound } from './errors.js';
import type { LogGroup, LogGroups, LogStream } from './state.js';

type Scope = Pick<CallContext, 'accountId' | 'region'>;

const groupPattern = String.raw`[\.\-_/#A-Za-z0-9]+`;
const streamPattern = '[^:*]*';
/** @see PutRetentionPolicy in the CloudWatch Logs API reference */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export function createGroup(
  groups: LogGroups,
  name: unknown,
  tags: Readonly<Record<string, string>>,
  scope: Scope,
  now: number,
): LogGroup {
  const valid = requireName('logGroupName', name, groupPattern, 512);
  if (groups.has(valid)) throw alreadyExists('group');
  const group: LogGroup = {
    name: valid,
    arn: `arn:aws:logs:${scope.region}:${scope.accountId}:log-group:${valid}`,
    creationTime: now,
    streams: new Map(),
    tags: new Map(Object.entries(tags)),
  };
  groups.set(valid, group);
  return group;
}

export function createStream(group: LogGroup, name: unknown, now: number): LogStream {
  const valid = requireName('logStreamName', name, streamPattern, 512);
  if (group.streams.has(valid)) throw alreadyExists('stream');
  const stream: LogStream = {
    name: valid,
    arn: `${group.arn}:log-stream:${valid}`,
    creationTime: now,
    events: [],
  };
  group.streams.set(valid, stream);
  return stream;
}

/** The group that a request names by `logGroupName`, or by a name or ARN in `logGroupIdentifier`. */
export function requireGroup(
  groups: LogGroups,
  input: { readonly logGroupName?: unknown; readonly logGroupIdentifier?: unknown },
): LogGroup {
  const identifier = input.logGroupName ?? input.logGroupIdentifier;
  const name = requireName('logGroupName', nameOf(identifier), groupPattern, 512);
  const group = groups.get(name);
  if (group === undefined) throw groupNotFound();
  return group;
}

export function requireStream(group: LogGroup, name: unknown): LogStream {
  const stream = group.streams.get(requireName('logStreamName', name, streamPattern, 512));
  if (stream === undefined) throw streamNotFound();
  return stream;
}

export function setRetention(group: LogGroup, days: number | undefined): void {
  if (days === undefined || !retentionDays.includes(days)) {
    throw constraintFailed('retentionInDays', days, `satisfy enum value set: [${retentionDays.join(', ')}]`);
  }
  group.retentionInDays = days;
}

export function describeGroup(group: LogGroup): Record<string, unknown> {
  return {
    logGroupName: group.name,
    creationTime: group.creationTime,
    ...(group.retentionInDays !== undefined && { retentionInDays: group.retentionInDays }),
    metricFilterCount: 0,
    arn: `${group.arn}:*`,
    storedBytes: 0,
    logGroupClass: 'STANDARD',
    logGroupArn: group.arn,
  };
}

export function describeStream(stream: LogStream): Record<string, unknown> {
  const first = stream.events[0];
  const last = stream.events.at(-1);
  return {
    logStreamName: stream.name,
    creationTime: stream.creationTime,
    ...(first && { firstEventTimestamp: first.timestamp }),
    ...(last && { lastEventTimestamp: last.timestamp, lastIngestionTime: stream.lastIngestionTime }),
    arn: stream.arn,
    storedBytes: 0,
  };
}

function nameOf(identifier: unknown): unknown {
  if (typeof identifier !== 'string' || !identifier.startsWith('arn:')) return identifier;
  return /:log-group:([^:]*)/.exec(identifier)?.[1];
}

function requireName(member: string, name: unknown, pattern: string, longest: number): string {
  if (typeof name !== 'string') throw constraintFailed(member, undefined, 'not be null');
  if (name.length < 1) throw constraintFailed(member, name, 'have length greater than or equal to 1');
  if (name.length > longest) {
    throw constraintFailed(member, name, `have length less than or equal to ${longest}`);
  }
  if (!new RegExp(`^${pattern}$`).test(name)) {
    throw constraintFailed(member, name, `satisfy regular expression pattern: ${pattern}`);
  }
  return name;
}
