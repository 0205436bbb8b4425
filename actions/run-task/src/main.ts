import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import {
  annotateFindings,
  connectAws,
  setOutputs,
  writeSummary,
  type ActionContext,
} from '@ecs-actions/action-kit';
import {
  explainTaskRun,
  formatTaskRunEvent,
  loadDeployable,
  reportTaskRun,
  runTask,
} from '@ecs-actions/core';
import { outputsOf } from './outputs.js';
import { runTaskInputs } from './inputs.js';

export async function main(context: ActionContext): Promise<void> {
  const inputs = runTaskInputs();
  const taskDefinition = await loadDeployable(inputs.taskDefinition, {
    directory: context.run.workspace,
  });
  const aws = await connectAws(inputs.aws, context);
  const several = (inputs.settings.count ?? 1) > 1;
  const result = await runTask(
    { ecs: aws.client(ECSClient), cluster: inputs.cluster, taskDefinition },
    {
      ...context,
      ...inputs,
      onFindings: annotateFindings,
      logs: (region) => aws.client(CloudWatchLogsClient, region),
      onEvent: (event) => context.logger.info(formatTaskRunEvent(event, { several })),
    },
  );
  setOutputs(outputsOf(result, await writeSummary('run-task', reportTaskRun(result))));
  const failure = explainTaskRun(result);
  if (failure !== undefined) throw failure;
  context.logger.info(result.reason);
}
