import type { ECSClient } from '@aws-sdk/client-ecs';
import { EcsActionsError } from '../errors.js';
import type { Clock, Logger } from '../ports.js';
import { silentLogger } from '../ports.js';

/** What stays, and whom to tell what goes. */
export interface DeregisterOlderOptions {
  /** How many of the newest active revisions stay in any case; at least 1. */
  readonly keep: number;
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What became of the older revisions. */
export interface DeregisteredTaskDefinitions {
  /** ARNs, oldest first. */
  readonly deregistered: readonly string[];
  /** ARNs of older revisions that stay, because something could need them. */
  readonly stillNeeded: readonly string[];
}

/** Deregistration has a budget of 20 calls and then one a second for the whole account and region. */
const PAUSE_MS = 1100;
const BURST = 10;

/**
 * Deregisters all active revisions of a family but the `keep` newest and those that a service, a
 * running task or a rollback could need, in any cluster of the region. What is in use is looked up
 * after the list of revisions, and if any of these look-ups fails, nothing is deregistered; nor if ECS lists
 * something that it does not describe yet, which is logged as a warning.
 *
 * Schedules and pipelines that name a revision are not seen, nor what CodeDeploy has deployed before: let them
 * name the family, and keep more than one.
 *
 * Throws `INPUT_INVALID` for a `keep` that is no whole number from 1 on, and the errors of {@link callAws}.
 */
export async function deregisterOlderTaskDefinitions(
  { ecs, family }: { readonly ecs: ECSClient; readonly family: string },
  { keep, clock, logger = silentLogger, signal }: DeregisterOlderOptions,
): Promise<DeregisteredTaskDefinitions> {
  if (!Number.isInteger(keep) || keep < 1) {
    throw new EcsActionsError('INPUT_INVALID', `keep is ${keep}: it is a whole number from 1 on.`);
  }
  const { deregisterRevision, listRevisions } = await import(/* webpackMode: "eager" */ './ecs-calls.js');
  const { findRevisionsInUse } = await import(/* webpackMode: "eager" */ './revisions-in-use.js');
  const active = await listRevisions(ecs, family);
  const older = active.slice(keep);
  if (older.length === 0) return { deregistered: [], stillNeeded: [] };
  const { revisions, undescribed } = await findRevisionsInUse(ecs, family, new Set(active));
  if (undescribed.length > 0) {
    logger.warning(
      `No older revision of ${family} is deregistered this time: ECS lists ${undescribed.join(', ')}, and does not say yet what it runs.`,
    );
    return { deregistered: [], stillNeeded: older };
  }
  const inUse = new Set(revisions);
  const oldestFirst = older.filter((arn) => !inUse.has(arn)).reverse();
  for (const [index, arn] of oldestFirst.entries()) {
    if (index >= BURST) await clock.sleep(PAUSE_MS, signal);
    signal?.throwIfAborted();
    await deregisterRevision(ecs, arn);
    logger.info(`Deregistered ${arn}`);
  }
  return { deregistered: oldestFirst, stillNeeded: older.filter((arn) => inUse.has(arn)) };
}
