import type { PerformedDeployment } from '../ecs/deploy/perform.js';
import type { Finding } from '../task-definition/validate/validate.js';
import { reportDeployments } from './deployment.js';
import { reportPlannedTask } from './dry-run.js';
import { reportFindings } from './task-definition.js';
import { reportTaskRun } from './task.js';

/** One page about everything that a step did: the task before, the deployments, what validation found. */
export function reportPerformedDeployment(
  { results, taskRun, plannedTask }: PerformedDeployment,
  findings: readonly Finding[],
): string {
  return [
    ...(taskRun === undefined ? [] : [reportTaskRun(taskRun)]),
    ...(plannedTask === undefined ? [] : [reportPlannedTask(plannedTask)]),
    ...(results.length > 0 ? [reportDeployments(results)] : []),
    ...(findings.length > 0 ? [reportFindings(findings)] : []),
  ].join('\n');
}
