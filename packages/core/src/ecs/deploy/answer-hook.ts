import {
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  type DeploymentLifecycleHookAction,
  type ECSClient,
} from '@aws-sdk/client-ecs';
import { abortedAfter } from '../../abort.js';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { patiently } from '../patience.js';
import { LAST_ANSWER_MS, LOOK_MS } from './grace.js';
import { isUnanswered } from './taken-once.js';

/** A PAUSE hook, and how it is to be answered. */
export interface HookAnswer {
  readonly serviceDeploymentArn: string;
  readonly hookId: string;
  readonly action: DeploymentLifecycleHookAction;
}

/** What a look at the hook shows: it has the answer (also somebody else's, if it is the same), or the other one. */
type HookState = 'waits' | 'answered' | 'answered-otherwise';

/**
 * Answers a PAUSE hook (ContinueServiceDeployment). A hook answers once: where ECS's own answer is
 * lost, or it refuses what it may have taken before, a look at the hook tells what has become of it.
 *
 * Throws `DEPLOYMENT_NOT_PAUSED` where it got the other answer meanwhile, `CANCELLED` where the run
 * was cancelled before, `DEPLOYMENT_CANCELLED` where it was and ECS did not answer any more, and the
 * errors of `callAws`.
 */
export async function answerHook(
  ecs: ECSClient,
  answer: HookAnswer,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const doing = `answer hook ${answer.hookId} of ${answer.serviceDeploymentArn}`;
  const isCancelled = () => signal?.aborted === true;
  if (isCancelled()) throw notAnswered(doing, signal?.reason);
  const command = new ContinueServiceDeploymentCommand(answer);
  const limit = abortedAfter(signal, LAST_ANSWER_MS);
  let isOpen = false;
  let state: HookState | undefined;
  const attempt = async () => {
    if (isOpen) state = await look(ecs, answer, limit);
    if (state === 'answered' || state === 'answered-otherwise') return;
    try {
      await ecs.send(command, { abortSignal: limit });
    } catch (error) {
      isOpen ||= isUnanswered(error);
      throw error;
    }
  };
  try {
    await patiently(clock, attempt, signal);
  } catch (error) {
    const kind = classifyAwsError(error);
    // The SDK, too, sends again what has no answer: a refusal may be one of that.
    state =
      isOpen || kind === 'refused'
        ? await look(ecs, answer, AbortSignal.timeout(LOOK_MS)).catch(() => undefined)
        : undefined;
    if (state !== 'answered' && state !== 'answered-otherwise') {
      if (isCancelled() && isOpen) throw unanswered(doing, error);
      if (isCancelled() && (error === signal?.reason || kind === 'throttled'))
        throw notAnswered(doing, error);
      const { code, message, hint } = fromAwsError(error, doing, 'ecs:ContinueServiceDeployment');
      const rest = isOpen ? ' It may have been answered all the same.' : '';
      throw new EcsActionsError(code, `${message}${rest}`, { hint, cause: error });
    }
  }
  if (state === 'answered-otherwise') throw answeredOtherwise(answer);
}

async function look(
  ecs: ECSClient,
  { serviceDeploymentArn, hookId, action }: HookAnswer,
  abortSignal: AbortSignal,
): Promise<HookState | undefined> {
  const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn] });
  const [found] = (await ecs.send(command, { abortSignal })).serviceDeployments ?? [];
  if (found === undefined) return undefined;
  const status = found.lifecycleHookDetails?.find((hook) => hook.hookId === hookId)?.status;
  if (status === 'AWAITING_ACTION') return 'waits';
  // ECS lists the hooks that are active: of one that is gone only the end of the deployment may tell.
  const wentOn = status === 'SUCCEEDED' || found.status === 'SUCCESSFUL';
  const goesBack = status === 'FAILED' || status === 'TIMED_OUT';
  return (action === 'CONTINUE' ? goesBack : wentOn) ? 'answered-otherwise' : 'answered';
}

function answeredOtherwise({ serviceDeploymentArn, hookId, action }: HookAnswer): EcsActionsError {
  const other = action === 'CONTINUE' ? 'rolls back' : 'goes on';
  return new EcsActionsError(
    'DEPLOYMENT_NOT_PAUSED',
    `Hook ${hookId} of ${serviceDeploymentArn} does not wait any more: it was answered otherwise or timed out, and the deployment ${other}.`,
    { hint: 'A hook answers once: look at the deployments of the service.' },
  );
}

function notAnswered(doing: string, cause: unknown): EcsActionsError {
  return new EcsActionsError('CANCELLED', `The run was cancelled before it could ${doing}.`, { cause });
}

function unanswered(doing: string, cause: unknown): EcsActionsError {
  return new EcsActionsError(
    'DEPLOYMENT_CANCELLED',
    `This run was cancelled while it was about to ${doing}, and ECS did not answer in time: it may have been done.`,
    { hint: 'Look at the deployments of the service.', cause },
  );
}
