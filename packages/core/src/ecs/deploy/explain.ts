import type { ECSClient, ServiceEvent, Task } from '@aws-sdk/client-ecs';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { collectTaskEvidence } from '../diagnose/collect.js';
import { serviceEventConcern } from '../diagnose/concerns.js';
import { diagnose, explain, type Diagnosis } from '../diagnose/diagnose.js';
import type { LogsForRegion } from '../diagnose/log-tail.js';
import type { Evidence } from '../diagnose/evidence.js';
import { isFailureOfTask } from '../diagnose/signature.js';
import { isStoppedTaskOf, readStoppedTasks } from '../rollout/read.js';
import type { ExpectedRollout, ServiceSnapshot } from '../rollout/snapshot.js';
import { readTaskDefinition } from './read-task-definition.js';

/** For this long ECS does not repeat a service event that says the same, ms (ECS developer guide, "Service event messages"). */
const EVENT_SUPPRESSION_MS = 6 * 3_600_000;

/** Why a rollout did not succeed. */
export interface Explanation {
  readonly diagnoses: readonly Diagnosis[];
  /** Tasks of the deployment that stopped after the last look at them. */
  readonly lateTasks: readonly Task[];
}

/**
 * Explains why a rollout did not succeed: the stopped tasks that were collected while it went on,
 * those that ECS still shows, their last log lines, and what the service events say. Never throws
 * for evidence that cannot be had; `CREDENTIALS_EXPIRED` it does throw.
 */
export async function explainRollout(
  subject: {
    readonly ecs: ECSClient;
    readonly logs?: LogsForRegion | undefined;
    readonly rollout: ExpectedRollout;
    readonly snapshot: ServiceSnapshot | undefined;
    /** How the rollout ended, in words; absent where that is not known. */
    readonly reason?: string | undefined;
  },
  options: {
    readonly logLines?: number | undefined;
    readonly redact?: readonly string[] | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<Explanation> {
  const { ecs, logs, rollout, snapshot } = subject;
  const { signal } = options;
  const known = snapshot?.stoppedTasks ?? [];
  const skip = new Set(known.map(({ taskArn }) => taskArn ?? ''));
  const late = await orElse([], () => readStoppedTasks(ecs, rollout, { skip, signal }));
  const lateTasks = late.filter((task) => isStoppedTaskOf(rollout, task));
  const tasks = [...known, ...lateTasks];
  const taskDefinition =
    tasks.length === 0 || logs === undefined
      ? undefined
      : await readTaskDefinition(ecs, rollout.taskDefinitionArn, signal);
  const evidence = await collectTaskEvidence(
    { tasks, taskDefinition, logs },
    { lines: options.logLines, redact: options.redact, signal },
  );
  return { diagnoses: explainSnapshot(subject, evidence), lateTasks };
}

/** The same from what is known already, without a call: from the tasks that were collected, and what ECS said. */
export function explainSnapshot(
  {
    rollout,
    snapshot,
    reason,
  }: {
    readonly rollout: ExpectedRollout;
    readonly snapshot: ServiceSnapshot | undefined;
    /** How the rollout ended, in words; absent where that is not known. */
    readonly reason?: string | undefined;
  },
  evidence: Evidence = { tasks: snapshot?.stoppedTasks },
): readonly Diagnosis[] {
  const { tasks = [] } = evidence;
  const hasFailedTasks = tasks.some(isFailureOfTask);
  const isKnownToFail = reason !== undefined;
  const events = concerningEvents(
    snapshot?.service?.events ?? [],
    rollout,
    isKnownToFail && !hasFailedTasks ? EVENT_SUPPRESSION_MS : 0,
  );
  // Most status reasons only say that it failed; one that the catalogue knows says why. Where nothing
  // else does, what we concluded ourselves may.
  const statusReason = snapshot?.serviceDeployment?.statusReason ?? '';
  const said = [statusReason].filter(isKnownStatement);
  const isOpen = said.length === 0 && events.length === 0 && !hasFailedTasks;
  const statements = isOpen ? [reason ?? ''].filter(isKnownStatement) : said;
  return diagnose({ ...evidence, events, statements });
}

/**
 * The events since our deployment began (or since it was looked at again) that tell of trouble. If
 * there are none, those of some time before: ECS does not repeat what it has said already. What failed
 * by itself, or is not known to have failed, needs no older explanation.
 */
function concerningEvents(
  events: readonly ServiceEvent[],
  { createdAt, since: from = createdAt }: Pick<ExpectedRollout, 'createdAt' | 'since'>,
  beforeMs: number,
): ServiceEvent[] {
  const concerning = events.filter(({ message = '' }) => serviceEventConcern(message));
  const since = (start: number) => concerning.filter((event) => (event.createdAt?.getTime() ?? 0) >= start);
  const ours = since(from);
  return ours.length > 0 ? ours : since(from - beforeMs);
}

function isKnownStatement(text: string): boolean {
  return explain({ source: 'statement', text, containers: [], log: '' }) !== undefined;
}

/** Evidence that cannot be had is gone without; only credentials that ran out end the run. */
async function orElse<T>(fallback: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (classifyAwsError(error) === 'expired') throw fromAwsError(error, 'collect what explains the failure');
    return fallback;
  }
}
