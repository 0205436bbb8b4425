import { EcsActionsError, isEcsActionsError, type ErrorCode } from '../../errors.js';
import { isFailure, OUTCOME_ERROR_CODES, worstOutcome } from '../rollout/outcome.js';
import type { DeploymentResult } from './options.js';

const CANCELLED: ReadonlySet<ErrorCode> = new Set(['CANCELLED', 'DEPLOYMENT_CANCELLED', 'TASK_CANCELLED']);

/** Said of what was found before anything was changed. */
export const UNTOUCHED = 'Nothing was registered or changed.';

/** How a run ended that has an error and no result: nothing was deployed, or what was is not known. */
export function outcomeOfError(error: unknown): 'cancelled' | 'failed' {
  return isEcsActionsError(error) && CANCELLED.has(error.code) ? 'cancelled' : 'failed';
}

/**
 * The error that a deployment amounts to, or `undefined` if it did not fail. Of several services the
 * code is that of the worst outcome, and the message has a line for each that failed. What kept one
 * from being started or followed comes before how a rollout ended.
 */
export function deploymentFailure(results: readonly DeploymentResult[]): EcsActionsError | undefined {
  const failed = results.filter((result) => result.error !== undefined || isFailure(result.outcome));
  if (failed.length === 0) return undefined;
  const error = failed.find((result) => result.error !== undefined)?.error;
  const code =
    error?.code ??
    OUTCOME_ERROR_CODES[worstOutcome(failed.map(({ outcome }) => outcome))] ??
    'DEPLOYMENT_FAILED';
  const message =
    failed.length === 1 && results.length === 1
      ? sentence(failed[0]!)
      : [
          `${failed.length} of ${results.length} services failed:`,
          ...failed.map((result) => `- ${sentence(result)}`),
        ].join('\n');
  const remedies = failed.flatMap(({ diagnoses }) => diagnoses[0]?.remedy ?? []);
  const hint = [...(error?.hint === undefined ? [] : [error.hint]), ...new Set(remedies)].join(' ');
  return new EcsActionsError(code, message, { hint: hint === '' ? undefined : hint, cause: error?.cause });
}

function sentence({ service, cluster, outcome, reason, diagnoses, error }: DeploymentResult): string {
  const [first] = diagnoses;
  const what = error === undefined ? `${outcome}. ${reason}` : reason;
  const why = first === undefined ? '' : ` ${first.cause} (${first.count} × ${first.reason})`;
  return `Service ${service} in cluster ${cluster}: ${what}${why}`;
}
