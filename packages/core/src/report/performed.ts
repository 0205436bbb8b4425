import { outcomeOfError } from '../ecs/deploy/failure.js';
import type { PerformedDeployment } from '../ecs/deploy/perform.js';
import { isEcsActionsError } from '../errors.js';
import type { Finding } from '../task-definition/validate/finding.js';
import { reportDeployments, reportOutcome, reportWords } from './deployment.js';
import { reportPlannedTask } from './dry-run.js';
import { reportFindings } from './task-definition.js';
import { reportTaskRun } from './task.js';

/** One page about everything that a step did: how the deployments ended, the task before them, what validation found. */
export function reportPerformedDeployment(
  { results, taskRun, plannedTask }: PerformedDeployment,
  findings: readonly Finding[],
): string {
  return [
    ...(results.length > 0 ? [reportDeployments(results)] : []),
    ...(taskRun === undefined ? [] : [reportTaskRun(taskRun)]),
    ...(plannedTask === undefined ? [] : [reportPlannedTask(plannedTask)]),
    ...(findings.length > 0 ? [reportFindings(findings)] : []),
  ].join('\n');
}

/** One page about a step that ended before anything was deployed. */
export function reportNotPerformed(
  services: readonly string[],
  error: unknown,
  findings: readonly Finding[],
): string {
  const hint = isEcsActionsError(error) ? error.hint : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return [
    reportOutcome(services, outcomeOfError(error)),
    ...reportWords([message, hint]),
    ...(findings.length > 0 ? [reportFindings(findings)] : ['']),
  ].join('\n\n');
}
