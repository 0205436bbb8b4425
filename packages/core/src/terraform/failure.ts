import { EcsActionsError } from '../errors.js';
import type { TerraformDiagnostic } from './diagnostics.js';
import type { DestroyVerdict } from './gate.js';
import type { TerraformPlanResult } from './run.js';

/** What kept a plan from being made. */
export type PlanFailureReason = 'init' | 'workspace' | 'locked' | 'plan';

/** An {@link EcsActionsError} `TERRAFORM_FAILED` that says what Terraform objected to, and where. */
export function explainPlanFailure(result: TerraformPlanResult): EcsActionsError {
  const errors = result.diagnostics.filter(({ severity }) => severity === 'error');
  const shown = errors.slice(0, 5).map(describeDiagnostic);
  const more = errors.length > shown.length ? [`… and ${errors.length - shown.length} more.`] : [];
  return new EcsActionsError(
    'TERRAFORM_FAILED',
    [
      `${FAILED[result.failureReason ?? 'plan']} (${result.tool.name} ${result.tool.version}).`,
      ...shown,
      ...more,
    ].join('\n'),
    { hint: HINTS[result.failureReason ?? 'plan'] },
  );
}

const FAILED: Record<PlanFailureReason, string> = {
  init: 'The directory could not be initialised',
  workspace: 'The workspace could not be selected',
  locked: 'The state is locked',
  plan: 'The plan failed',
};

const HINTS: Record<PlanFailureReason, string> = {
  init: 'Run `init` in this directory with the same backend configuration and see that it succeeds.',
  workspace: 'Create the workspace first, or correct the input workspace.',
  locked:
    'Wait for the run that holds the lock, set lock-timeout to let this one wait, or pass `lock: false` for a role that only reads the state.',
  plan: 'The job summary shows the errors with the lines they are about.',
};

function describeDiagnostic({ summary, detail, range }: TerraformDiagnostic): string {
  const place = range === undefined ? '' : `${range.file}:${range.line}: `;
  return `${place}${summary}${detail === '' ? '' : `: ${detail}`}`;
}

/** Which kind of failure the diagnostics tell of; Terraform's exit code is 1 for all of them. */
export function reasonOf(diagnostics: readonly TerraformDiagnostic[]): PlanFailureReason {
  const summaries = diagnostics.map(({ summary }) => summary).join('\n');
  if (/state lock/i.test(summaries)) return 'locked';
  if (
    /initialization required|not installed|not initialized|dependency lock file|load plugin/i.test(summaries)
  )
    return 'init';
  return 'plan';
}

/** An {@link EcsActionsError} `TERRAFORM_DESTROY_REFUSED` that names what would go; `undefined` if the policy was kept. */
export function explainDestroys({ passed, gone }: DestroyVerdict): EcsActionsError | undefined {
  if (passed) return undefined;
  const shown = gone.slice(0, 20);
  const rest = gone.length - shown.length;
  return new EcsActionsError(
    'TERRAFORM_DESTROY_REFUSED',
    [
      `The plan would destroy, replace or forget ${gone.length === 1 ? 'an object' : `${gone.length} objects`}, and destroy-policy is fail:`,
      ...shown.map((address) => `- ${address}`),
      ...(rest === 0 ? [] : [`… and ${rest} more.`]),
    ].join('\n'),
    {
      hint: 'If that is meant, run the job again with `destroy-policy: warn`; the job summary says why each of them goes.',
    },
  );
}
