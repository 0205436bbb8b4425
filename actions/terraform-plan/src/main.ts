import { mkdtemp } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import {
  annotate,
  childCredentials,
  readTerraformEnvironment,
  setOutputs,
  temporaryFolder,
  writeSummary,
  type ActionContext,
} from '@ecs-actions/action-kit';
import {
  explainDestroys,
  explainPlanFailure,
  judgeDestroys,
  planTerraform,
  reportTerraformPlan,
  summarizePlan,
  type DestroyVerdict,
  type TerraformDiagnostic,
  type TerraformPlanResult,
} from '@ecs-actions/core';
import type { OutputName } from './action.js';
import { terraformPlanInputs } from './inputs.js';

export async function main(context: ActionContext): Promise<void> {
  const { aws, workingDirectory, tool, request, destroyPolicy } = terraformPlanInputs();
  const { exec, logger, run, signal } = context;
  const { preferred, workspace } = readTerraformEnvironment();
  const { env, secrets } = await childCredentials(aws, context);
  const result = await planTerraform(
    {
      ...request,
      workspace: request.workspace ?? workspace,
      directory: resolve(run.workspace, workingDirectory),
      planFile: join(await mkdtemp(join(temporaryFolder(), 'terraform-plan-')), 'tfplan'),
    },
    { exec, logger, name: tool, preferred, env, secrets, signal },
  );

  const destroys = judgeDestroys(result.plan?.resources ?? [], destroyPolicy);
  const failed = result.outcome === 'failed';
  const summaryPath = await writeSummary(
    'terraform-plan',
    reportTerraformPlan(result, { directory: workingDirectory, ...(failed ? {} : { destroys }) }),
  );
  setOutputs<OutputName>(outputsOf(result, destroys, summaryPath));
  for (const diagnostic of result.diagnostics) annotateFile(diagnostic, workingDirectory, run.workspace);
  if (failed) throw explainPlanFailure(result);
  logger.info(result.outcome === 'changes' ? summarizePlan(result.plan) : 'No changes');
  const refusal = explainDestroys(destroys);
  if (refusal !== undefined) throw refusal;
  if (destroyPolicy === 'warn' && destroys.gone.length > 0)
    logger.warning(`The plan destroys, replaces or forgets:\n${destroys.gone.join('\n')}`);
}

function outputsOf(
  { outcome, exitCode, failureReason, plan, planFile, fingerprint }: TerraformPlanResult,
  destroys: DestroyVerdict,
  summaryPath: string,
): Partial<Record<OutputName, string | number | boolean | undefined>> {
  const failed = outcome === 'failed';
  return {
    changes: outcome === 'changes',
    outcome,
    'exit-code': exitCode,
    'failure-reason': failureReason ?? (destroys.passed ? undefined : 'gate'),
    ...(failed ? {} : plan?.counts),
    'has-drift': plan === undefined ? undefined : plan.drift.length > 0,
    'checks-failed': plan?.checks.filter(({ status }) => status === 'fail' || status === 'error').length,
    complete: failed ? false : plan?.complete,
    fingerprint,
    'plan-path': destroys.passed ? planFile : undefined,
    'summary-path': summaryPath,
  };
}

/** Shows a finding beside the line that it is about. Errors without a place are in the step's own annotation. */
function annotateFile(
  { severity, summary, detail, range }: TerraformDiagnostic,
  workingDirectory: string,
  workspace: string,
): void {
  if (severity === 'error' && range === undefined) return;
  annotate({
    level: severity,
    title: summary,
    message: detail === '' ? summary : detail,
    ...(range && {
      file: relative(workspace, resolve(workspace, workingDirectory, range.file)),
      line: range.line,
      column: range.column,
    }),
  });
}
