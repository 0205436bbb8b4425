import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { connectAws, setOutputs, writeSummary, type ActionContext } from '@ecs-actions/action-kit';
import {
  deploymentFailure,
  deployServices,
  describeDeploymentEvent,
  describeDiagnosis,
  loadDeployable,
  loadServiceDefinition,
  registerOnly,
  reportDeployments,
  worstOutcome,
  type DeployableTaskDefinition,
  type DeploymentResult,
  type DeployServiceOptions,
} from '@ecs-actions/core';
import type { OutputName } from './action.js';
import { deployInputs, type Inputs } from './inputs.js';

export async function main(context: ActionContext): Promise<void> {
  const inputs = deployInputs();
  const { workspace } = context.run;
  const taskDefinitions = await Promise.all(
    inputs.taskDefinitions.map((reference) => loadDeployable(reference, workspace)),
  );
  const createIfMissing =
    inputs.serviceDefinition === undefined
      ? undefined
      : await loadServiceDefinition(inputs.serviceDefinition, workspace);
  const aws = await connectAws(inputs.aws, context);
  const startedAt = context.clock.now();
  const results = await deploy(aws.client(ECSClient), inputs, taskDefinitions, {
    ...context,
    ...inputs,
    createIfMissing,
    logs: (region) => aws.client(CloudWatchLogsClient, region),
    onEvent: (event, service) => {
      const { level, text } = describeDeploymentEvent(event, startedAt);
      context.logger[level](inputs.services.length > 1 ? `${service} ${text}` : text);
    },
  });
  for (const { reason, diagnoses } of results)
    for (const line of [reason, ...diagnoses.flatMap(describeDiagnosis)]) context.logger.info(line);
  setOutputs<OutputName>({
    ...outputsOf(results),
    'summary-path': await writeSummary('deploy-service', reportDeployments(results)),
  });
  const failure = deploymentFailure(results);
  if (failure !== undefined) throw failure;
}

async function deploy(
  ecs: ECSClient,
  { cluster, services }: Inputs,
  taskDefinitions: readonly DeployableTaskDefinition[],
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  const [first] = taskDefinitions;
  if (services.length === 0 && first !== undefined)
    return [await registerOnly({ ecs, cluster, taskDefinition: first }, options)];
  const wanted = services.map((service, index) => ({
    service,
    taskDefinition: taskDefinitions[index] ?? first,
  }));
  return deployServices({ ecs, cluster, services: wanted }, options);
}

function outputsOf(results: readonly DeploymentResult[]): Partial<Record<OutputName, string | undefined>> {
  const each = results.map((result) => ({
    service: result.service,
    outcome: result.outcome,
    reason: result.reason,
    'task-definition-arn': result.taskDefinitionArn,
    'deployment-id': result.deploymentId,
    'service-deployment-arn': result.serviceDeploymentArn,
    'previous-task-definition-arn': result.previousTaskDefinitionArn,
    diagnosis: result.diagnoses,
  }));
  const { service: _service, reason: _reason, diagnosis: _diagnosis, ...first } = each[0] ?? {};
  return {
    ...first,
    outcome: worstOutcome(results.map(({ outcome }) => outcome)),
    diagnosis: JSON.stringify(results.flatMap(({ diagnoses }) => diagnoses)),
    services: JSON.stringify(each),
  };
}
