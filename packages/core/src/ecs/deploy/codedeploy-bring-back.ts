import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { inFull, isEcsActionsError } from '../../errors.js';
import { taskDefinitionName } from '../names.js';
import { patiently } from '../patience.js';
import type { DeploymentFact } from '../rollout/events.js';
import type { Verdict } from '../rollout/outcome.js';
import { primaryTaskSet } from '../rollout/snapshot.js';
import { followCodeDeploy, type CodeDeployEnd } from './codedeploy-follow.js';
import {
  isStopped,
  stopDeployment,
  type CodeDeploySubject,
  type StartedDeployment,
} from './codedeploy-start.js';
import { LAST_REQUEST_MS } from './grace.js';
import type { Run } from './options.js';

interface EndedDeployment {
  readonly subject: CodeDeploySubject;
  readonly started: StartedDeployment;
  readonly end: CodeDeployEnd;
  /** What the service ran before. */
  readonly previous: string | undefined;
  readonly goBackTo: (taskDefinitionArn: string) => Promise<StartedDeployment>;
  readonly tell: (fact: DeploymentFact) => void;
}

/**
 * Answers how a deployment ended, as `onCancel` and `onFailure` say. A deployment group says by itself
 * whether CodeDeploy rolls back: only an explicit wish for a rollback goes beyond that. Never throws.
 */
export async function answer(run: Run, ended: EndedDeployment): Promise<Verdict> {
  const { onCancel, onFailure } = run.options;
  const { end } = ended;
  if (end.outcome === 'cancelled') return onCancel === 'rollback' ? stop(ended) : end;
  if (onFailure !== 'rollback') return end;
  if (end.outcome === 'timed-out') return stop(ended);
  if (end.outcome !== 'failed' || end.isRolledBack === true) return end;
  return goBack(run, ended).catch((error: unknown) => ({
    ...end,
    reason: `${sentence(end.reason)} It could not be rolled back: ${explain(error, ended.subject)}`,
  }));
}

/** There is no time left to wait: CodeDeploy is asked, and left to it. */
async function stop({ started, end, previous, subject, tell }: EndedDeployment): Promise<Verdict> {
  const { client, deploymentId } = started;
  const happened = end.happened ?? end.reason;
  try {
    // The wall's clock, since it is the runner that will not wait.
    await stopDeployment(client, deploymentId, AbortSignal.timeout(LAST_REQUEST_MS));
  } catch (error) {
    if (!(await isStopped(client, deploymentId)))
      return { ...end, reason: `${happened} ${notStopped(started, error, subject)}` };
  }
  tell({ type: 'rollback-requested', toTaskDefinitionArn: previous, how: 'StopDeployment' });
  const reason = `${happened} CodeDeploy was asked to stop deployment ${deploymentId} and to roll it back, and is doing so.`;
  return { ...end, reason };
}

function notStopped({ deploymentId }: StartedDeployment, error: unknown, subject: CodeDeploySubject): string {
  const kind = classifyAwsError(isEcsActionsError(error) ? error.cause : error);
  return kind === 'transient' || kind === 'cancelled'
    ? `CodeDeploy was asked to stop deployment ${deploymentId} and to roll it back, and did not answer in time: it may be doing so, or go on with it.`
    : `CodeDeploy deployment ${deploymentId} could not be stopped and goes on: ${explain(error, subject)}`;
}

/** A deployment that failed after its tasks had got the traffic leaves them there, unless its group says otherwise. */
async function goBack(
  run: Run,
  { subject, end, previous, goBackTo, tell }: EndedDeployment,
): Promise<Verdict> {
  const { cluster, describeService, options } = run;
  const service = await patiently(
    options.clock,
    () => describeService(cluster, subject.name),
    options.signal,
  );
  const runs = primaryTaskSet(service)?.taskDefinition;
  const why = sentence(end.reason);
  if (runs !== subject.taskDefinitionArn || previous === undefined || previous === runs)
    return { ...end, reason: `${why} The service runs ${taskDefinitionName(runs)}, as before.` };
  const back = await goBackTo(previous);
  tell({ type: 'rollback-requested', toTaskDefinitionArn: previous, how: 'CreateDeployment' });
  const followed = await followCodeDeploy(run, back, tell, end.deadline).catch((error: unknown) => ({
    outcome: 'failed' as const,
    reason: `CodeDeploy goes on with deployment ${back.deploymentId}, but how that ends is not known: ${explain(error, subject)}`,
  }));
  const { outcome, reason } = followed;
  return outcome === 'succeeded'
    ? {
        ...end,
        outcome: 'rolled-back',
        reason: `${why} The service was brought back to ${taskDefinitionName(previous)}.`,
      }
    : { ...end, outcome, reason: `${why} Its rollback: ${reason}` };
}

function explain(error: unknown, { name }: CodeDeploySubject): string {
  return inFull(fromAwsError(error, `roll service ${name} back through CodeDeploy`));
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
