import { TagResourceCommand, type ECSClient, type Service, type Tag } from '@aws-sdk/client-ecs';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { fetchRevision } from '../../task-definition/ecs-calls.js';
import { provenanceTags, tagValue, type Provenance } from '../../task-definition/provenance.js';
import { patiently } from '../patience.js';
import { UNTOUCHED } from './failure.js';
import { primaryDeployment, primaryTaskSet } from '../rollout/snapshot.js';

/** Where a deployment comes from. Kept as tags of the task definition revision. */
export interface Release {
  readonly commit: string;
  /** `owner/name`: commits of different repositories are not compared. */
  readonly repository?: string | undefined;
  /** What tells the workflow from others of the repository: run numbers count within one only. */
  readonly workflow?: string | undefined;
  readonly runNumber?: number | undefined;
  readonly runId?: string | undefined;
}

/** How `head` stands to `base` in the history: `ahead` is newer, `behind` older. */
export type CommitRelation = 'identical' | 'ahead' | 'behind' | 'diverged';

/** Compares two commits; `undefined` where that cannot be told (no token, unknown commit, no answer). */
export type CompareCommits = (base: string, head: string) => Promise<CommitRelation | undefined>;

export interface OrderGuard {
  /** What is about to be deployed. */
  readonly release: Release;
  readonly compareCommits?: CompareCommits | undefined;
}

/** The tags of a revision, as `registerTaskDefinition` writes them. */
export function releaseProvenance({ commit, repository, workflow, runNumber, runId }: Release): Provenance {
  return { commit, repository, workflow, 'run-number': runNumber?.toString(), 'run-id': runId };
}

/** Reads {@link releaseProvenance} back; `undefined` for a revision that was not tagged. */
function releaseOfTags(tags: readonly Tag[]): Release | undefined {
  const valueOf = (name: string) => tags.find(({ key }) => key === `ecs-actions:${name}`)?.value;
  const commit = valueOf('commit');
  const runNumber = valueOf('run-number');
  if (commit === undefined) return undefined;
  return {
    commit,
    repository: valueOf('repository'),
    workflow: valueOf('workflow'),
    runNumber: runNumber === undefined ? undefined : Number(runNumber),
    runId: valueOf('run-id'),
  };
}

/**
 * How our release stands to the one that runs. Commits decide where they can be compared; otherwise
 * the numbers of two runs of one workflow. `undefined` where nothing can be told.
 */
export async function compareReleases(
  running: Release,
  { release, compareCommits }: OrderGuard,
): Promise<CommitRelation | undefined> {
  if (running.repository !== release.repository) return undefined;
  if (running.commit === release.commit) return 'identical';
  const relation = await compareCommits?.(running.commit, release.commit);
  if (relation !== undefined) return relation;
  if (running.workflow === undefined || release.workflow === undefined) return undefined;
  if (running.workflow !== tagValue(release.workflow)) return undefined;
  if (running.runNumber === undefined || release.runNumber === undefined) return undefined;
  return release.runNumber < running.runNumber ? 'behind' : 'ahead';
}

/**
 * Refuses a release that is older than what a service runs (or is rolling out). Only *behind* is
 * refused; a diverged history, and tags that cannot be read, are answered as warnings.
 *
 * Throws `DEPLOYMENT_OUT_OF_ORDER`, naming every service concerned.
 */
export async function guardOrder(
  subject: {
    readonly ecs: ECSClient;
    readonly services: readonly (readonly [name: string, service: Service])[];
  },
  guard: OrderGuard,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<string[]> {
  const warnings: string[] = [];
  const refusals: string[] = [];
  for (const [name, service] of subject.services) {
    const revision = (primaryDeployment(service) ?? primaryTaskSet(service))?.taskDefinition;
    if (revision === undefined) continue;
    const running = await readRelease(subject.ecs, revision, { clock, signal });
    if (typeof running === 'string') {
      warnings.push(`The order of deployments of service ${name} is not guarded: ${running}`);
      continue;
    }
    if (running === undefined) continue;
    const relation = await compareReleases(running, guard);
    const [ours, theirs] = [describe(guard.release), describe(running)];
    if (relation === 'behind') refusals.push(`Service ${name} runs ${theirs}, which is newer than ${ours}.`);
    if (relation === 'diverged')
      warnings.push(
        `Service ${name} runs ${theirs}; ${ours} is neither older nor newer: their histories have diverged.`,
      );
  }
  if (refusals.length > 0)
    throw new EcsActionsError('DEPLOYMENT_OUT_OF_ORDER', refusals.join('\n'), {
      hint: `Run the workflow on the newer commit; to go back on purpose use the input rollback, or set order-guard to false. ${UNTOUCHED}`,
    });
  return warnings;
}

/** The release of a revision, or a sentence why it cannot be read. */
async function readRelease(
  ecs: ECSClient,
  revision: string,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<Release | string | undefined> {
  try {
    const { tags } = await patiently(clock, () => fetchRevision(ecs, revision, signal), signal);
    return releaseOfTags(tags);
  } catch (error) {
    const kind = classifyAwsError((error as Error).cause ?? error);
    if (kind === 'denied' || kind === 'refused') return (error as Error).message;
    throw error;
  }
}

/**
 * Tags a revision that is used again with the release that uses it now. Where that is not allowed
 * the deployment goes on: answers why, for a warning.
 */
export async function retag(
  ecs: ECSClient,
  taskDefinitionArn: string,
  release: Release,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  const tags = provenanceTags(releaseProvenance(release));
  const command = new TagResourceCommand({ resourceArn: taskDefinitionArn, tags });
  try {
    await patiently(
      clock,
      () => ecs.send(command, signal === undefined ? {} : { abortSignal: signal }),
      signal,
    );
    return undefined;
  } catch (error) {
    const typed = fromAwsError(error, `tag ${taskDefinitionArn}`, 'ecs:TagResource');
    if (typed.code !== 'ACCESS_DENIED' && typed.code !== 'AWS_REQUEST_FAILED') throw typed;
    return `${typed.message} ${typed.hint ?? ''} The order of later deployments is not guarded by this one.`;
  }
}

/**
 * {@link retag} of a revision that is not deployed by this run, so that nobody has guarded the order yet:
 * the tags of a newer release stay.
 */
export async function retagUnlessNewer(
  ecs: ECSClient,
  taskDefinitionArn: string,
  guard: OrderGuard,
  options: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  const tagged = await readRelease(ecs, taskDefinitionArn, options);
  const isNewer = typeof tagged === 'object' && (await compareReleases(tagged, guard)) === 'behind';
  return isNewer ? undefined : retag(ecs, taskDefinitionArn, guard.release, options);
}

function describe({ commit, runNumber }: Release): string {
  const run = runNumber === undefined ? '' : ` (run ${runNumber})`;
  return `commit ${commit.slice(0, 12)}${run}`;
}
