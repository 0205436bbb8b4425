import type { ECSClient } from '@aws-sdk/client-ecs';
import { abortedAfter } from '../abort.js';
import { classifyAwsError, fromAwsError } from '../aws-errors.js';
import { EcsActionsError, isEcsActionsError } from '../errors.js';
import type { Clock, Logger } from '../ports.js';
import { silentLogger } from '../ports.js';
import { comparableTaskDefinition } from './comparable.js';
import type { TaskDefinitionDocument } from './document.js';
import { MAX_TAGS, MAX_TASK_DEFINITION_BYTES } from './limits.js';
import { normaliseTaskDefinition } from './normalise.js';
import type { Provenance } from './provenance.js';
import { isSameData } from './plain-data.js';
import { isProvenanceTag, provenanceTags } from './provenance.js';
import { coverDocuments } from './secrets-in.js';
import { writeJson } from '../write-json.js';

/** What to register, and where. */
export interface TaskDefinitionRegistration {
  readonly ecs: ECSClient;
  readonly document: TaskDefinitionDocument;
}

export interface RegisterTaskDefinitionOptions {
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Becomes tags whose keys begin with `ecs-actions:`. They play no part in the comparison with the
   * latest revision, and are left out with a warning where the role in use may not tag or where the
   * document has no room for them.
   */
  readonly provenance?: Provenance | undefined;
  /** Whether a latest revision that is equal is used instead of a new one. Default true. */
  readonly reuse?: boolean | undefined;
  /** Numbers from 0 to 1 that keep several runs from waiting in step. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

export interface RegisteredTaskDefinition {
  readonly taskDefinitionArn: string;
  readonly family: string;
  readonly revision: number;
  /** True if the latest revision was equal and no new one was registered. */
  readonly reused: boolean;
}

/** Longest waits before each further attempt, in milliseconds: together two minutes. */
const CONCURRENCY_BACKOFF_MS: readonly number[] = [1000, 2000, 4000, 8000, 15_000, 30_000, 60_000];
/** What a registration that is under way may still take once the run is cancelled, ms: the answer tells whether there is a revision. */
const LAST_ANSWER_MS = 500;

/**
 * Registers a task definition, or returns the latest revision of its family if that is equal up to
 * ECS's defaults. Members newer than the SDK are sent as they are. While somebody else registers a
 * revision of the same family, it waits and tries again, and first looks whether that one is equal.
 *
 * Throws `TASK_DEFINITION_INVALID` above 64 KiB or without a family,
 * `TASK_DEFINITION_REGISTRATION_FAILED` with ECS's reason if ECS refuses the document, `CANCELLED`
 * within a second of the signal, saying whether a revision may have been registered, and the errors of
 * {@link callAws}.
 */
export async function registerTaskDefinition(
  { ecs, document }: TaskDefinitionRegistration,
  options: RegisterTaskDefinitionOptions,
): Promise<RegisteredTaskDefinition> {
  const { clock, logger = silentLogger, signal, provenance = {}, reuse = true } = options;
  const { random = Math.random } = options;
  const isCancelled = () => signal?.aborted === true;
  const { revisionOf } = await loadCalls();
  const wanted = normaliseTaskDefinition(document).document;
  const family = familyOfDocument(wanted);
  const result = (taskDefinitionArn: string, reused: boolean): RegisteredTaskDefinition => {
    return { taskDefinitionArn, family, revision: revisionOf(taskDefinitionArn), reused };
  };
  for (let attempt = 0; ; attempt += 1) {
    const equal = reuse
      ? await findEqualRevision(ecs, { family, wanted }, { logger, signal }).catch((error: unknown) => {
          throw isCancelled() ? notRegistered(family, error) : error;
        })
      : undefined;
    if (equal !== undefined) return result(equal, true);
    if (isCancelled()) throw notRegistered(family, signal?.reason);
    try {
      return result(await register(ecs, wanted, provenance, { logger, signal }), false);
    } catch (error) {
      if (isCancelled() && isUnanswered(error)) throw perhapsRegistered(family, error);
      if (isCancelled() && classifyAwsError(error) === 'throttled') throw notRegistered(family, error);
      const backoff = CONCURRENCY_BACKOFF_MS[attempt];
      if (backoff === undefined || !isConcurrencyRefusal(error)) throw registrationError(error, wanted);
      logger.info(`Another revision of ${family} is being registered; trying again in a moment.`);
      await clock.sleep(backoff * (0.5 + random() / 2), signal).catch((reason: unknown) => {
        throw notRegistered(family, reason);
      });
    }
  }
}

/** The AWS client is loaded by whoever calls AWS, and only then: it takes longer to start than all the rest. */
async function loadCalls(): Promise<typeof import('./ecs-calls.js')> {
  return import(/* webpackMode: "eager" */ './ecs-calls.js');
}

async function findEqualRevision(
  ecs: ECSClient,
  { family, wanted }: { readonly family: string; readonly wanted: TaskDefinitionDocument },
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal | undefined },
): Promise<string | undefined> {
  const { findRevision } = await loadCalls();
  const latest = await findRevision(ecs, family, signal).catch((error: unknown) => {
    // Reading is not needed for registering: a role that may only write writes.
    if (!isEcsActionsError(error) || error.code !== 'ACCESS_DENIED') throw error;
    logger.info(`The latest revision of ${family} cannot be compared: ${error.message}`);
    return undefined;
  });
  if (latest === undefined) return undefined;
  const { document } = normaliseTaskDefinition({ ...latest.taskDefinition, tags: latest.tags });
  return isSameTaskDefinition(wanted, document) ? latest.taskDefinitionArn : undefined;
}

/** Registers a revision, if need be without the tags that nobody but us asked for. */
async function register(
  ecs: ECSClient,
  document: TaskDefinitionDocument,
  provenance: Provenance,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal | undefined },
): Promise<string> {
  const limit = abortedAfter(signal, LAST_ANSWER_MS);
  const { sendRegistration } = await import(/* webpackMode: "eager" */ './verbatim.js');
  const tags = provenanceTags(provenance);
  const sendWithout = (reason: string) => {
    const body = smallEnough(registrationBody(document), document);
    const keys = tags.map(({ key }) => key).join(', ');
    logger.warning(`The revision of ${document.family} goes without the tags ${keys}: ${reason}.`);
    return sendRegistration(ecs, body, limit);
  };
  const body = registrationBody(document, tags);
  if (tags.length > 0) {
    if (ownTags(document).length + tags.length > MAX_TAGS) return sendWithout(`ECS takes ${MAX_TAGS} tags`);
    if (isTooLong(body)) return sendWithout(`with them it is longer than ${MAX_TASK_DEFINITION_BYTES} bytes`);
  }
  try {
    return await sendRegistration(ecs, smallEnough(body, document), limit);
  } catch (error) {
    if (tags.length === 0 || !isTaggingDenied(error)) throw error;
    return sendWithout('the role in use may not call ecs:TagResource');
  }
}

function familyOfDocument({ family }: TaskDefinitionDocument): string {
  if (typeof family === 'string' && family !== '') return family;
  throw new EcsActionsError('TASK_DEFINITION_INVALID', 'The task definition names no family.', {
    hint: 'Add a member such as "family": "web"; ECS numbers the revisions of a family.',
  });
}

/** Whether two documents mean the same to ECS. Tags that say where a revision comes from do not count. */
export function isSameTaskDefinition(a: TaskDefinitionDocument, b: TaskDefinitionDocument): boolean {
  return isSameData(comparableTaskDefinition(a), comparableTaskDefinition(b));
}

/** The JSON that is sent, with tags of our own. */
function registrationBody(document: TaskDefinitionDocument, more: readonly unknown[] = []): string {
  const tags = [...ownTags(document), ...more];
  return writeJson({ ...document, tags: tags.length === 0 ? undefined : tags });
}

/** A document that was read from ECS has the tags of another revision's origin, too. */
function ownTags({ tags }: TaskDefinitionDocument): readonly unknown[] {
  return Array.isArray(tags) ? tags.filter((tag) => !isProvenanceTag(tag)) : [];
}

function isTooLong(body: string): boolean {
  return Buffer.byteLength(body) > MAX_TASK_DEFINITION_BYTES;
}

/** Throws `TASK_DEFINITION_INVALID` if the JSON is longer than ECS takes. */
function smallEnough(body: string, { family }: TaskDefinitionDocument): string {
  if (!isTooLong(body)) return body;
  throw new EcsActionsError(
    'TASK_DEFINITION_INVALID',
    `The task definition ${family} is ${Buffer.byteLength(body)} bytes of JSON; ECS takes ${MAX_TASK_DEFINITION_BYTES}.`,
    {
      hint: 'Move environment variables into an environment file in S3 or into Parameter Store, and long scripts into the image.',
    },
  );
}

/** `ClientException: Too many concurrent attempts to create a new revision of the specified family.` */
function isConcurrencyRefusal(error: unknown): boolean {
  return error instanceof Error && /too many concurrent attempts/i.test(error.message);
}

/** The request was given up: what ECS made of it is not known. */
export function isUnanswered(error: unknown): boolean {
  const kind = classifyAwsError(error);
  return kind === 'cancelled' || kind === 'transient';
}

export function notRegistered(family: string, cause: unknown): EcsActionsError {
  return new EcsActionsError(
    'CANCELLED',
    `This run was cancelled before it could register task definition ${family}.`,
    { cause },
  );
}

export function perhapsRegistered(family: string, cause: unknown): EcsActionsError {
  return new EcsActionsError(
    'CANCELLED',
    `This run was cancelled while it registered task definition ${family}, and ECS had not answered: a revision may have been registered. Nothing else was done.`,
    { hint: 'A revision that nothing uses does no harm, and the next run uses it where it is equal.', cause },
  );
}

function isTaggingDenied(error: unknown): boolean {
  return classifyAwsError(error) === 'denied' && error instanceof Error && /TagResource/.test(error.message);
}

/** ECS's refusal of the document itself, as opposed to credentials or network. It may quote what it refuses. */
function registrationError(error: unknown, document: TaskDefinitionDocument): EcsActionsError {
  const { family } = document;
  const typed = fromAwsError(error, `register task definition ${family}`, 'ecs:RegisterTaskDefinition');
  if (typed.code !== 'AWS_REQUEST_FAILED') return typed;
  const message = coverDocuments([document])(typed.message);
  return new EcsActionsError('TASK_DEFINITION_REGISTRATION_FAILED', message, {
    hint: isConcurrencyRefusal(error)
      ? 'Other runs keep registering revisions of this family. Give the jobs a common concurrency group.'
      : 'ECS refused the document: correct what it names.',
    cause: message === typed.message ? error : undefined,
  });
}
