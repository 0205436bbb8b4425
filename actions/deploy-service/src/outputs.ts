import {
  outcomeOfError,
  summarizeDeployments,
  type PerformedDeployment,
  type TaskRunEvent,
} from '@ecs-actions/core';
import type { OutputName } from './action.js';

export function outputsOf(
  { results, taskRun, failure }: PerformedDeployment,
  summaryPath: string,
): Record<OutputName, string | undefined> {
  const { services, diagnosis, ...summed } = summarizeDeployments(results);
  return {
    outcome: summed.outcome ?? outcomeOfError(failure),
    'task-definition-arn': summed.taskDefinitionArn ?? taskRun?.taskDefinitionArn,
    'previous-task-definition-arn': summed.previousTaskDefinitionArn,
    'deployment-id': summed.deploymentId,
    'service-deployment-arn': summed.serviceDeploymentArn,
    'codedeploy-deployment-id': summed.codeDeployDeploymentId,
    diagnosis: JSON.stringify([...diagnosis, ...(taskRun?.diagnoses ?? [])]),
    services: JSON.stringify(services),
    'run-task-arn': taskRun && JSON.stringify(taskRun.tasks.map(({ taskArn }) => taskArn)),
    'summary-path': summaryPath,
  };
}

/** What is known before the end: it stays known where the task cannot be run, or the deployment after it. */
export function outputsOfTask(event: TaskRunEvent): Partial<Record<OutputName, string>> {
  if (event.type === 'registered') return { 'task-definition-arn': event.taskDefinitionArn };
  if (event.type === 'placed') return { 'run-task-arn': JSON.stringify(event.taskArns) };
  return {};
}

/** What is known of a step that ended before anything was deployed. */
export function outputsOfError(error: unknown, summaryPath: string): Partial<Record<OutputName, string>> {
  return { outcome: outcomeOfError(error), 'summary-path': summaryPath };
}
