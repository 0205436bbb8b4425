/** One stored line. */
export interface StoredEvent {
  /** Epoch milliseconds of whoever wrote it. */
  readonly timestamp: number;
  readonly message: string;
  /** Epoch milliseconds of the world's clock. */
  readonly ingestionTime: number;
  /** 56 digits; sorts as events of a stream do: by timestamp, then in the order they came in. */
  readonly eventId: string;
}

export interface LogStream {
  readonly name: string;
  readonly arn: string;
  readonly creationTime: number;
  /** Sorted by `eventId`. */
  readonly events: StoredEvent[];
  lastIngestionTime?: number;
}

export interface LogGroup {
  readonly name: string;
  /** Without the `:*` that some operations put behind it. */
  readonly arn: string;
  readonly creationTime: number;
  readonly streams: Map<string, LogStream>;
  readonly tags: Map<string, string>;
  retentionInDays?: number;
}

/** The log groups of one account in one region, by name. */
export type LogGroups = Map<string, LogGroup>;

/** Appends events in their order; a stream stays sorted when late ones come in. */
export function appendEvents(
  stream: LogStream,
  events: readonly { timestamp: number; message: string }[],
  ingestionTime: number,
  nextSequence: () => number,
): void {
  for (const { timestamp, message } of events) {
    const eventId = `${String(timestamp).padStart(20, '0')}${String(nextSequence()).padStart(36, '0')}`;
    const event: StoredEvent = { timestamp, message, ingestionTime, eventId };
    const last = stream.events.at(-1);
    if (last === undefined || last.eventId < eventId) stream.events.push(event);
    else stream.events.splice(indexAfter(stream.events, eventId), 0, event);
  }
  stream.lastIngestionTime = ingestionTime;
}

/** Index of the first event whose id is greater than `eventId`. */
export function indexAfter(events: readonly StoredEvent[], eventId: string): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (events[middle]!.eventId > eventId) high = middle;
    else low = middle + 1;
  }
  return low;
}

const dayMs = 24 * 60 * 60 * 1000;

/** What retention has left of a stream's events. */
export function retainedEvents(group: LogGroup, stream: LogStream, now: number): readonly StoredEvent[] {
  if (group.retentionInDays === undefined) return stream.events;
  const oldest = now - group.retentionInDays * dayMs;
  return stream.events.filter(({ timestamp }) => timestamp >= oldest);
}
