import type { TaskRunResult } from '@ecs-actions/core';
import type { OutputName } from './action.js';

export function outputsOf(
  result: TaskRunResult,
  summaryPath: string,
): Record<OutputName, string | number | undefined> {
  const { tasks, taskDefinitionArn, outcome, reason, exitCode, diagnoses } = result;
  const containers = tasks.flatMap(({ taskArn, containers }) =>
    containers.map(({ exitCode, ...rest }) => ({ task: taskArn, ...rest, 'exit-code': exitCode })),
  );
  return {
    'task-arn': tasks[0]?.taskArn,
    'task-arns': JSON.stringify(tasks.map(({ taskArn }) => taskArn)),
    'task-definition-arn': taskDefinitionArn,
    outcome,
    reason,
    'exit-code': exitCode,
    containers: JSON.stringify(containers),
    diagnosis: JSON.stringify(diagnoses),
    'summary-path': summaryPath,
  };
}
