import {
  ContinueDeploymentCommand,
  CreateDeploymentCommand,
  GetDeploymentCommand,
  ListDeploymentsCommand,
  type CodeDeployClient,
  type CreateDeploymentCommandInput,
  type DeploymentStatus,
} from '@aws-sdk/client-codedeploy';
import { abortedAfter } from '../../abort.js';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { patiently } from '../patience.js';
import { LAST_ANSWER_MS, LOOK_MS } from './grace.js';
import { isUnanswered } from './taken-once.js';

/** States of a deployment that has not ended. */
export const UNDER_WAY: DeploymentStatus[] = ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'];

interface RequestOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Creates a deployment; its id. Where CodeDeploy's answer is lost, or it refuses what it may have taken
 * before, a deployment of the same AppSpec that is under way in the group is the one that was asked for.
 *
 * Throws `CANCELLED` where the run was cancelled before, `DEPLOYMENT_CANCELLED` where it was and
 * CodeDeploy did not answer any more, and the errors of `callAws`.
 */
export async function createDeployment(
  client: CodeDeployClient,
  input: CreateDeploymentCommandInput,
  { clock, signal }: RequestOptions,
): Promise<string> {
  const doing = `create a deployment in deployment group ${input.deploymentGroupName} of application ${input.applicationName}`;
  const limit = abortedAfter(signal, LAST_ANSWER_MS);
  let isOpen = false;
  const attempt = async () => {
    const taken = isOpen ? await findCreated(client, input, limit) : undefined;
    if (taken !== undefined) return taken;
    try {
      const { deploymentId = '' } = await client.send(new CreateDeploymentCommand(input), {
        abortSignal: limit,
      });
      return deploymentId;
    } catch (error) {
      isOpen ||= isUnanswered(error);
      throw error;
    }
  };
  try {
    return await patiently(clock, attempt, signal);
  } catch (error) {
    const kind = classifyAwsError(error);
    // The SDK, too, sends again what has no answer: a refusal may be one of that.
    const mayBeTaken = isOpen || kind === 'refused';
    const look = () => findCreated(client, input, AbortSignal.timeout(LOOK_MS));
    const taken = mayBeTaken ? await look().catch(() => undefined) : undefined;
    if (taken !== undefined) return taken;
    if (signal?.aborted === true && isOpen) throw unanswered(doing, error);
    if (signal?.aborted === true && (error === signal.reason || kind === 'throttled'))
      throw new EcsActionsError('CANCELLED', `The run was cancelled before it could ${doing}.`, {
        cause: error,
      });
    const typed = fromAwsError(error, doing, 'codedeploy:CreateDeployment');
    if (!isOpen) throw typed;
    const { code, message, hint } = typed;
    throw new EcsActionsError(code, `${message} It may have been done all the same, and then goes on.`, {
      hint,
      cause: error,
    });
  }
}

async function findCreated(
  client: CodeDeployClient,
  { applicationName, deploymentGroupName, revision }: CreateDeploymentCommandInput,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  const list = new ListDeploymentsCommand({
    applicationName,
    deploymentGroupName,
    includeOnlyStatuses: UNDER_WAY,
  });
  const { deployments = [] } = await client.send(list, { abortSignal }).catch((error: unknown) => {
    // Then CodeDeploy itself refuses a second deployment of the group.
    if (classifyAwsError(error) === 'denied') return { deployments: [] };
    throw error;
  });
  for (const deploymentId of deployments) {
    const { deploymentInfo } = await client.send(new GetDeploymentCommand({ deploymentId }), { abortSignal });
    const { appSpecContent, string } = deploymentInfo?.revision ?? {};
    if ((appSpecContent ?? string)?.sha256 === revision?.appSpecContent?.sha256) return deploymentId;
  }
  return undefined;
}

/** Has traffic rerouted to a deployment that waits for it. One that does not wait any more has been answered. */
export async function continueDeployment(
  client: CodeDeployClient,
  deploymentId: string,
  { clock, signal }: RequestOptions,
): Promise<void> {
  const doing = `continue CodeDeploy deployment ${deploymentId}`;
  const command = new ContinueDeploymentCommand({ deploymentId, deploymentWaitType: 'READY_WAIT' });
  const abortSignal = abortedAfter(signal, LAST_ANSWER_MS);
  try {
    await patiently(clock, () => client.send(command, { abortSignal }), signal);
  } catch (error) {
    if (classifyAwsError(error) !== 'denied' && (await hasGoneOn(client, deploymentId))) return;
    throw fromAwsError(error, doing, 'codedeploy:ContinueDeployment');
  }
}

/** Whether a deployment waits no more; false also where that cannot be found out. */
async function hasGoneOn(client: CodeDeployClient, deploymentId: string): Promise<boolean> {
  const command = new GetDeploymentCommand({ deploymentId });
  try {
    const { deploymentInfo } = await client.send(command, { abortSignal: AbortSignal.timeout(LOOK_MS) });
    return deploymentInfo?.status !== undefined && deploymentInfo.status !== 'Ready';
  } catch {
    return false;
  }
}

function unanswered(doing: string, cause: unknown): EcsActionsError {
  return new EcsActionsError(
    'DEPLOYMENT_CANCELLED',
    `This run was cancelled while it was about to ${doing}, and CodeDeploy did not answer in time: it may have been done, and then goes on.`,
    { hint: 'Look at the deployments of the deployment group.', cause },
  );
}
