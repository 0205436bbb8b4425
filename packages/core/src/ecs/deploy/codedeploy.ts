import { GetDeploymentCommand, type DeploymentInfo } from '@aws-sdk/client-codedeploy';
import type { DeploymentLifecycleHookAction } from '@aws-sdk/client-ecs';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import type { EcsActionsError } from '../../errors.js';
import { collectTaskEvidence } from '../diagnose/collect.js';
import { coverDiagnosis, coverSecrets } from '../diagnose/cover.js';
import { diagnose, type Diagnosis } from '../diagnose/diagnose.js';
import { taskDefinitionName } from '../names.js';
import type { DeploymentEvent, DeploymentFact } from '../rollout/events.js';
import { isFailure, type Outcome, type Verdict } from '../rollout/outcome.js';
import { readStoppedTasks } from '../rollout/read.js';
import { primaryTaskSet } from '../rollout/snapshot.js';
import { compareTaskDefinitions, hideVariables } from './compare.js';
import {
  answerDeployment,
  startDeployment,
  type CodeDeploySubject,
  type StartedDeployment,
} from './codedeploy-start.js';
import { judgeCodeDeploy } from './codedeploy-verdict.js';
import { readTaskDefinition } from './read-task-definition.js';
import type { CodeDeployOptions, DeploymentResult, Run } from './options.js';

const MINUTE_MS = 60_000;
/** A wait is never longer than this, whatever a deployment group adds to it. */
const LONGEST_WAIT_MS = 360 * MINUTE_MS;
const DEFAULT_TIMEOUT_MS = 30 * MINUTE_MS;

/**
 * Deploys to a service through CodeDeploy: one deployment of its deployment group, followed to its
 * end. The time to wait grows by what the group itself waits for traffic to be rerouted and for the
 * old tasks to be ended, up to six hours.
 */
export function deployWithCodeDeploy(
  run: Run,
  subject: CodeDeploySubject,
  codeDeployOptions: CodeDeployOptions,
): Promise<DeploymentResult> {
  return carryOut(run, subject, () => startDeployment(run, subject, codeDeployOptions));
}

/**
 * Answers the deployment of a service that waits for its traffic to be rerouted, and follows it from
 * there: `CONTINUE` reroutes, `ROLLBACK` stops it and rolls back. Where none waits, the `error` of
 * the result is `DEPLOYMENT_NOT_PAUSED`.
 */
export function continueWithCodeDeploy(
  run: Run,
  { name, service }: Pick<CodeDeploySubject, 'name' | 'service'>,
  codeDeployOptions: CodeDeployOptions,
  action: DeploymentLifecycleHookAction,
): Promise<DeploymentResult> {
  const replacement = service.taskSets?.find(({ status }) => status !== 'PRIMARY') ?? primaryTaskSet(service);
  const subject = { name, service, taskDefinitionArn: replacement?.taskDefinition ?? '' };
  return carryOut(run, subject, () => answerDeployment(run, name, codeDeployOptions, action));
}

async function carryOut(
  run: Run,
  subject: CodeDeploySubject,
  begin: () => Promise<StartedDeployment>,
): Promise<DeploymentResult> {
  const { ecs, cluster, options } = run;
  const { clock } = options;
  const { name, service, taskDefinitionArn } = subject;
  const startedAt = clock.now();
  const events: DeploymentEvent[] = [];
  const tell = (fact: DeploymentFact) => {
    const event = { ...fact, at: clock.now() };
    events.push(event);
    options.onEvent?.(event, name);
  };
  const previous = primaryTaskSet(service)?.taskDefinition;
  const diff =
    previous === undefined || previous === taskDefinitionArn
      ? undefined
      : await compareTaskDefinitions(ecs, previous, { revision: taskDefinitionArn });
  const result = (
    end: { readonly outcome: Outcome; readonly reason: string },
    more: Partial<DeploymentResult> = {},
  ) => ({
    service: name,
    cluster,
    serviceArn: service.serviceArn,
    ...end,
    taskDefinitionArn,
    previousTaskDefinitionArn: previous,
    deploymentId: undefined,
    serviceDeploymentArn: undefined,
    diff: diff === undefined ? undefined : hideVariables(diff, options.redact ?? []),
    diagnoses: [],
    events,
    startedAt,
    endedAt: clock.now(),
    ...more,
  });
  let codeDeployDeploymentId: string | undefined;
  try {
    const started = await begin();
    codeDeployDeploymentId = started.deploymentId;
    tell({ type: 'codedeploy-started', deploymentId: started.deploymentId, group: started.group });
    if (options.wait === false)
      return result(
        {
          outcome: 'started',
          reason: `CodeDeploy deployment ${started.deploymentId} was started and is not waited for.`,
        },
        { codeDeployDeploymentId },
      );
    const verdict = await follow(run, started, tell);
    const diagnoses =
      isFailure(verdict.outcome) && verdict.outcome !== 'cancelled'
        ? await explain(run, subject, verdict)
        : [];
    return result(verdict, { codeDeployDeploymentId, diagnoses });
  } catch (thrown) {
    if (codeDeployDeploymentId === undefined && options.signal?.aborted === true) throw thrown;
    const error: EcsActionsError = fromAwsError(thrown, `deploy service ${name} through CodeDeploy`);
    return result(
      codeDeployDeploymentId === undefined
        ? { outcome: 'failed', reason: error.message }
        : {
            outcome: 'failed',
            reason: `CodeDeploy goes on with deployment ${codeDeployDeploymentId}, but how that ends is not known: this run could not watch it any further. ${error.message}`,
          },
      { codeDeployDeploymentId, error },
    );
  }
}

async function follow(
  { options, pace }: Run,
  { client, deploymentId, groupWaitMs, answered }: StartedDeployment,
  tell: (fact: DeploymentFact) => void,
): Promise<Verdict> {
  const { clock, signal } = options;
  const budget = Math.min(LONGEST_WAIT_MS, (options.timeoutMs ?? DEFAULT_TIMEOUT_MS) + groupWaitMs);
  const deadline = clock.now() + budget;
  let status: string | undefined;
  const read = async (id: string): Promise<DeploymentInfo | undefined> => {
    try {
      const answer = await client.send(
        new GetDeploymentCommand({ deploymentId: id }),
        signal === undefined ? {} : { abortSignal: signal },
      );
      pace.recover();
      return answer.deploymentInfo;
    } catch (error) {
      if (signal?.aborted === true) return undefined;
      const kind = classifyAwsError(error);
      if (kind === 'throttled') pace.slowDown();
      if (kind === 'throttled' || kind === 'transient') return undefined;
      throw fromAwsError(error, `read CodeDeploy deployment ${id}`, 'codedeploy:GetDeployment');
    }
  };
  for (;;) {
    const info = await read(deploymentId);
    const rollbackId = info?.rollbackInfo?.rollbackDeploymentId;
    const rollback = rollbackId === undefined ? undefined : await read(rollbackId);
    const now = info?.status;
    if (now !== undefined && now !== status)
      tell({ type: 'codedeploy-status', status: now, message: info?.errorInformation?.message });
    status = now ?? status;
    const isOutOfDate = answered && now === 'Ready';
    const verdict = info === undefined || isOutOfDate ? undefined : judgeCodeDeploy(info, rollback);
    if (verdict !== undefined) return verdict;
    if (signal?.aborted === true)
      return {
        outcome: 'cancelled',
        reason: `This run was cancelled. CodeDeploy deployment ${deploymentId} goes on.`,
        endedBy: 'somebody',
      };
    if (clock.now() >= deadline)
      return {
        outcome: 'timed-out',
        reason: `After ${Math.round(budget / MINUTE_MS)} minutes CodeDeploy deployment ${deploymentId} had not ended (status ${status ?? 'unknown'}). It goes on.`,
      };
    await pace.next(deadline, signal).catch((error: unknown) => {
      if (signal?.aborted !== true) throw error;
    });
  }
}

/** The tasks of the new task set, as far as ECS still shows them, and CodeDeploy's own words. */
async function explain(
  { ecs, cluster, options }: Run,
  { name, taskDefinitionArn }: CodeDeploySubject,
  { reason }: Verdict,
): Promise<readonly Diagnosis[]> {
  const { logs, logLines, redact, signal } = options;
  const stopped = await readStoppedTasks(ecs, { cluster, service: name }, { signal }).catch(() => []);
  const tasks = stopped.filter((task) => task.taskDefinitionArn === taskDefinitionArn);
  const taskDefinition = await readTaskDefinition(ecs, taskDefinitionArn);
  const evidence = await collectTaskEvidence(
    { tasks, taskDefinition, logs },
    { lines: logLines, redact, signal },
  );
  const cover = coverSecrets(taskDefinition?.containerDefinitions ?? [], redact ?? []);
  const found = diagnose(evidence);
  return found.length > 0
    ? found.map((diagnosis) => coverDiagnosis(diagnosis, cover))
    : diagnose({ statements: [`${taskDefinitionName(taskDefinitionArn)}: ${reason}`] });
}
