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
  type OrderGuard,
  type PerformedDeployment,
} from '@ecs-actions/core';
import { deployInputs, type Inputs } from './inputs.js';
import { outputsOf } from './outputs.js';

export async function main(context: ActionContext): Promise<void> {
  const { logger } = context;
  const inputs = deployInputs();
  const title = `${inputs.services.join(', ') || 'No service'} in cluster ${inputs.cluster}`;
  const performed = await logger.group(title, () => perform(inputs, context));
  const { results, taskRun, failure } = performed;
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
  setOutputs(outputsOf(performed, await writeSummary('deploy-service', summary.join('\n'))));
  if (failure !== undefined) throw failure;
}

async function perform(inputs: Inputs, context: ActionContext): Promise<PerformedDeployment> {
  const { logger, clock, run } = context;
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
  return performDeployment(
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
      codeDeploy: { ...inputs.codeDeploy, directory: run.workspace, connect: (Client) => aws.client(Client) },
      order: orderGuard(inputs, context),
      logs: (region) => aws.client(CloudWatchLogsClient, region),
      onEvent: (event, service) => {
        const { level, text } = describeDeploymentEvent(event, clock.now() - startedAt);
        logger[level](services.length > 1 ? `${service} ${text}` : text);
      },
    },
  );
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
