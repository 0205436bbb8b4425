import { summarizeDeployments, type PerformedDeployment } from '@ecs-actions/core';
import type { OutputName } from './action.js';

export function outputsOf(
  { results, taskRun }: PerformedDeployment,
  summaryPath: string,
): Record<OutputName, string | undefined> {
  const { services, diagnosis, ...summed } = summarizeDeployments(results);
  return {
    outcome: summed.outcome,
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
