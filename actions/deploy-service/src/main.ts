import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import * as kit from '@ecs-actions/action-kit';
import * as core from '@ecs-actions/core';
import { deployInputs, type Inputs } from './inputs.js';
import { outputsOf, outputsOfError, outputsOfTask } from './outputs.js';

export async function main(context: kit.ActionContext): Promise<void> {
  const { logger } = context;
  const inputs = deployInputs();
  const findings: core.Finding[] = [];
  const title = `${inputs.services.join(', ') || 'No service'} in cluster ${inputs.cluster}`;
  const performing = logger.group(title, () => perform(inputs, context, findings));
  const performed = await performing.catch(async (error: unknown) => {
    const page = core.reportNotPerformed(inputs.services, error, findings);
    kit.setOutputs(outputsOfError(error, await kit.writeSummary('deploy-service', page)));
    throw error;
  });
  const { results, plannedTask, failure } = performed;
  if (plannedTask !== undefined) logger.info(plannedTask.reason);
  for (const { reason, diagnoses, outcome } of results) {
    if (outcome === 'paused')
      logger.notice(`${reason} Run this action with continue: true, or with continue: rollback.`);
    else logger.info(reason);
    for (const line of diagnoses.flatMap(core.describeDiagnosis)) logger.info(line);
  }
  const report = core.reportPerformedDeployment(performed, findings);
  kit.setOutputs(outputsOf(performed, await kit.writeSummary('deploy-service', report)));
  if (failure !== undefined) throw failure;
}

async function perform(
  inputs: Inputs,
  context: kit.ActionContext,
  findings: core.Finding[],
): Promise<core.PerformedDeployment> {
  const { logger, clock, run } = context;
  const { services, serviceDefinition, taskBefore, keepEmpty } = inputs;
  const { workspace: directory } = run;
  const taskDefinitions = await Promise.all(
    inputs.taskDefinitions.map((reference) =>
      core.loadDeployable(reference, { directory, keepEmpty, onlyFile: true }),
    ),
  );
  const createIfMissing =
    serviceDefinition === undefined
      ? undefined
      : await core.loadServiceDefinition(serviceDefinition, directory);
  // `max-retries` is the number of attempts, as it is in the SDK.
  const aws = await kit.connectAws(inputs.aws, context, { maxAttempts: inputs.maxAttempts });
  const startedAt = clock.now();
  return core.performDeployment(
    {
      ...inputs,
      ecs: aws.client(ECSClient),
      taskDefinitions,
      taskBefore: taskBefore && {
        ...taskBefore,
        onEvent: (event) => {
          logger.info(core.formatTaskRunEvent(event));
          kit.setOutputs(outputsOfTask(event));
        },
      },
    },
    {
      ...context,
      ...inputs,
      createIfMissing,
      codeDeploy: {
        ...inputs.codeDeploy,
        directory,
        connect: (Client) => aws.client(Client),
      },
      order: orderGuard(inputs, context),
      logs: (region) => aws.client(CloudWatchLogsClient, region),
      onFindings: (found) => {
        findings.push(...found);
        kit.annotateFindings(found);
      },
      onEvent: (event, service) => {
        const { level, text } = core.describeDeploymentEvent(event, clock.now() - startedAt);
        logger[level](services.length > 1 ? `${service} ${text}` : text);
      },
    },
  );
}

function orderGuard(
  { guardOrder, githubToken }: Inputs,
  { run }: kit.ActionContext,
): core.OrderGuard | undefined {
  if (!guardOrder || run.commit === undefined) return undefined;
  return {
    release: { ...run, commit: run.commit },
    compareCommits: kit.compareCommitsOnGitHub(run, githubToken),
  };
}
