import { constraintFailed, invalidParameter } from './errors.js';
import { compileFilterPattern } from './filter-pattern.js';
import { indexAfter, retainedEvents } from './state.js';
import type { LogGroup, LogStream, StoredEvent } from './state.js';

interface TimeRange {
  /** Epoch milliseconds, inclusive. */
  readonly startTime?: number;
  /** Epoch milliseconds, exclusive. */
  readonly endTime?: number;
}

export interface GetEventsInput extends TimeRange {
  readonly nextToken?: string;
  readonly limit?: number;
  readonly startFromHead?: boolean;
}

export interface FilterEventsInput extends TimeRange {
  readonly logStreamNames?: readonly string[];
  readonly logStreamNamePrefix?: string;
  readonly filterPattern?: string;
  readonly nextToken?: string;
  readonly limit?: number;
}

const mostEvents = 10_000;
/** An answer holds about a megabyte, however many events that are. */
const mostBytes = 1_048_576;
const eventOverheadBytes = 26;
const beforeAll = '0'.repeat(56);

/**
 * One page of a stream, oldest event first. A token names a gap between two events and the way to
 * go from there, so reading forward at the end returns the token it was given.
 */
export function getEvents(
  group: LogGroup,
  stream: LogStream,
  input: GetEventsInput,
  now: number,
): Record<string, unknown> {
  const events = retainedEvents(group, stream, now).filter(isWithin(input));
  const limit = limitOf(input.limit);
  const cursor = parseToken(input.nextToken) ?? {
    forward: input.startFromHead === true,
    position: input.startFromHead === true ? beforeAll : (events.at(-1)?.eventId ?? beforeAll),
  };
  const at = indexAfter(events, cursor.position);
  const page = cursor.forward
    ? fitting(events.slice(at), limit)
    : fitting(events.slice(0, at).reverse(), limit).reverse();
  // `b/` tokens name the event before the gap's own, so that the gap is before the page.
  const first = page[0] === undefined ? cursor.position : before(page[0].eventId);
  const last = page.at(-1)?.eventId ?? cursor.position;
  return {
    events: page.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: `f/${last}/s`,
    nextBackwardToken: `b/${first}/s`,
  };
}

/** One page of what several streams of a group have to say, oldest first. */
export function filterEvents(
  group: LogGroup,
  input: FilterEventsInput,
  now: number,
): Record<string, unknown> {
  const wanted = compileFilterPattern(input.filterPattern);
  const found = streamsOf(group, input)
    .flatMap((stream) =>
      retainedEvents(group, stream, now)
        .filter(isWithin(input))
        .filter(({ message }) => wanted(message))
        .map((event) => ({ logStreamName: stream.name, ...event })),
    )
    .sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
  if (input.nextToken !== undefined && !/^\d{56}$/.test(input.nextToken)) {
    throw invalidParameter('The specified nextToken is invalid.');
  }
  const rest = found.slice(indexAfter(found, input.nextToken ?? beforeAll));
  const events = fitting(rest, limitOf(input.limit));
  const last = events.at(-1);
  return {
    events,
    searchedLogStreams: [],
    ...(last !== undefined && events.length < rest.length && { nextToken: last.eventId }),
  };
}

function streamsOf(group: LogGroup, input: FilterEventsInput): LogStream[] {
  const { logStreamNames: names, logStreamNamePrefix: prefix } = input;
  if (names !== undefined && prefix !== undefined) {
    throw invalidParameter('logStreamNamePrefix and logStreamNames cannot be used in the same request.');
  }
  return [...group.streams.values()].filter(
    ({ name }) => (names === undefined || names.includes(name)) && name.startsWith(prefix ?? ''),
  );
}

function isWithin({ startTime, endTime }: TimeRange): (event: StoredEvent) => boolean {
  return ({ timestamp }) =>
    timestamp >= (startTime ?? 0) && timestamp < (endTime ?? Number.POSITIVE_INFINITY);
}

function fitting<E extends StoredEvent>(events: readonly E[], limit: number): E[] {
  const page: E[] = [];
  let bytes = 0;
  for (const event of events) {
    bytes += Buffer.byteLength(event.message) + eventOverheadBytes;
    if (page.length === limit || (bytes > mostBytes && page.length > 0)) break;
    page.push(event);
  }
  return page;
}

function limitOf(limit: number | undefined): number {
  if (limit === undefined) return mostEvents;
  if (limit < 1) throw constraintFailed('limit', limit, 'have value greater than or equal to 1');
  if (limit > mostEvents) {
    throw constraintFailed('limit', limit, `have value less than or equal to ${mostEvents}`);
  }
  return limit;
}

function parseToken(token: string | undefined): { forward: boolean; position: string } | undefined {
  if (token === undefined) return undefined;
  const match = /^([fb])\/(\d{56})\/s$/.exec(token);
  if (match === null) throw invalidParameter('The specified nextToken is invalid.');
  return { forward: match[1] === 'f', position: match[2]! };
}

/** The id just before this one. */
function before(eventId: string): string {
  return String(BigInt(eventId) - 1n).padStart(56, '0');
}
