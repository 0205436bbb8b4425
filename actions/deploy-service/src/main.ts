import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import {
  compareCommitsOnGitHub,
  connectAws,
  setOutputs,
  writeSummary,
  type ActionContext,
  type ClientConfig,
} from '@ecs-actions/action-kit';
import {
  describeDeploymentEvent,
  describeDiagnosis,
  formatTaskRunEvent,
  loadDeployable,
  loadServiceDefinition,
  performDeployment,
  reportDeployments,
  reportTaskRun,
  summarizeDeployments,
  type OrderGuard,
} from '@ecs-actions/core';
import type { OutputName } from './action.js';
import { deployInputs, type Inputs } from './inputs.js';

export async function main(context: ActionContext): Promise<void> {
  const { logger, clock, run } = context;
  const inputs = deployInputs();
  const { services, serviceDefinition, taskBefore } = inputs;
  const taskDefinitions = await Promise.all(
    inputs.taskDefinitions.map((reference) => loadDeployable(reference, run.workspace)),
  );
  const createIfMissing =
    serviceDefinition === undefined
      ? undefined
      : await loadServiceDefinition(serviceDefinition, run.workspace);
  const aws = await connectAws(inputs.aws, context);
  const startedAt = clock.now();
  const { results, taskRun, failure } = await performDeployment(
    {
      ...inputs,
      ecs: aws.client(ecsClient(inputs.maxAttempts)),
      taskDefinitions,
      taskBefore: taskBefore && { ...taskBefore, onEvent: (event) => logger.info(formatTaskRunEvent(event)) },
    },
    {
      ...context,
      ...inputs,
      createIfMissing,
      codeDeploy: {
        ...inputs.codeDeploy,
        directory: run.workspace,
        connect: (Client) => aws.client(Client),
      },
      order: orderGuard(inputs, context),
      logs: (region) => aws.client(CloudWatchLogsClient, region),
      onEvent: (event, service) => {
        const { level, text } = describeDeploymentEvent(event, clock.now() - startedAt);
        logger[level](services.length > 1 ? `${service} ${text}` : text);
      },
    },
  );
  for (const { reason, diagnoses, outcome } of results) {
    if (outcome === 'paused')
      logger.notice(`${reason} Run this action with continue: true, or with continue: rollback.`);
    else logger.info(reason);
    for (const line of diagnoses.flatMap(describeDiagnosis)) logger.info(line);
  }
  const summary = [
    ...(taskRun ? [reportTaskRun(taskRun)] : []),
    ...(results.length > 0 ? [reportDeployments(results)] : []),
  ];
  const { services: each, diagnosis, ...summed } = summarizeDeployments(results);
  setOutputs<OutputName>({
    outcome: summed.outcome,
    'task-definition-arn': summed.taskDefinitionArn ?? taskRun?.taskDefinitionArn,
    'previous-task-definition-arn': summed.previousTaskDefinitionArn,
    'deployment-id': summed.deploymentId,
    'service-deployment-arn': summed.serviceDeploymentArn,
    'codedeploy-deployment-id': summed.codeDeployDeploymentId,
    diagnosis: JSON.stringify([...diagnosis, ...(taskRun?.diagnoses ?? [])]),
    services: JSON.stringify(each),
    'run-task-arn': taskRun && JSON.stringify(taskRun.tasks.map(({ taskArn }) => taskArn)),
    'summary-path': await writeSummary('deploy-service', summary.join('\n')),
  });
  if (failure !== undefined) throw failure;
}

/** `max-retries` is the number of attempts, as it is in the SDK. */
const ecsClient = (maxAttempts: number) =>
  class extends ECSClient {
    constructor(config: ClientConfig) {
      super({ ...config, maxAttempts });
    }
  };

function orderGuard({ guardOrder, githubToken }: Inputs, { run }: ActionContext): OrderGuard | undefined {
  if (!guardOrder || run.commit === undefined) return undefined;
  return {
    release: { ...run, commit: run.commit },
    compareCommits: compareCommitsOnGitHub(run, githubToken),
  };
}
