import { constraintFailed, invalidParameter } from './errors.js';
import type { LogGroup } from './state.js';

export interface InputEvent {
  readonly timestamp: number;
  readonly message: string;
}

/** Indices as in PutLogEvents' `rejectedLogEventsInfo`. */
export interface Rejected {
  readonly tooNewLogEventStartIndex?: number;
  readonly tooOldLogEventEndIndex?: number;
  readonly expiredLogEventEndIndex?: number;
}

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const mostEvents = 10_000;
const mostBytes = 1_048_576;
/** CloudWatch Logs counts this much for every event on top of its message. */
const eventOverheadBytes = 26;

/**
 * Validates a batch and parts what is stored from what is too old, too new or past retention.
 *
 * @throws AwsError `InvalidParameterException`.
 */
export function sortOutEvents(
  group: LogGroup,
  events: readonly InputEvent[] | undefined,
  now: number,
): { accepted: readonly InputEvent[]; rejected: Rejected | undefined } {
  const batch = validateBatch(events);
  const retentionMs = (group.retentionInDays ?? Number.POSITIVE_INFINITY) * dayMs;
  const expired = batch.filter(({ timestamp }) => timestamp < now - retentionMs).length;
  const tooOld = batch.filter(({ timestamp }) => timestamp < now - 14 * dayMs).length;
  const tooNew = batch.findIndex(({ timestamp }) => timestamp > now + 2 * hourMs);
  const accepted = batch.slice(Math.max(expired, tooOld), tooNew === -1 ? undefined : tooNew);
  const rejected: Rejected = {
    ...(tooNew !== -1 && { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
  };
  return { accepted, rejected: Object.keys(rejected).length > 0 ? rejected : undefined };
}

function validateBatch(events: readonly InputEvent[] | undefined): readonly InputEvent[] {
  if (!Array.isArray(events)) throw constraintFailed('logEvents', undefined, 'not be null');
  const batch = events as readonly InputEvent[];
  if (batch.length === 0) {
    throw constraintFailed('logEvents', '[]', 'have length greater than or equal to 1');
  }
  if (batch.length > mostEvents) {
    throw constraintFailed('logEvents', '[…]', `have length less than or equal to ${mostEvents}`);
  }
  const bytes = batch.reduce((sum, { message }) => sum + Buffer.byteLength(message) + eventOverheadBytes, 0);
  if (bytes > mostBytes) {
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${mostBytes}`);
  }
  if (batch.some(({ timestamp }, index) => timestamp < (batch[index - 1]?.timestamp ?? timestamp))) {
    throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
  }
  if (batch.at(-1)!.timestamp - batch[0]!.timestamp > dayMs) {
    throw invalidParameter(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
  }
  return batch;
}
