import {
  CodeDeployClient,
  CreateDeploymentCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  type DeploymentInfo,
} from '@aws-sdk/client-codedeploy';
import type { Service } from '@aws-sdk/client-ecs';
import { callAws, classifyAwsError, fromAwsError } from '../../aws-errors.js';
import type { EcsActionsError } from '../../errors.js';
import { collectTaskEvidence } from '../diagnose/collect.js';
import { diagnose, type Diagnosis } from '../diagnose/diagnose.js';
import { shortName, taskDefinitionName } from '../names.js';
import { patiently } from '../patience.js';
import type { DeploymentEvent, DeploymentFact } from '../rollout/events.js';
import { isFailure, type Outcome, type Verdict } from '../rollout/outcome.js';
import { readStoppedTasks } from '../rollout/read.js';
import { primaryTaskSet } from '../rollout/snapshot.js';
import { compareTaskDefinitions, hideVariables } from './compare.js';
import { loadAppSpec } from './appspec.js';
import { readTaskDefinition } from './read-task-definition.js';
import type { CodeDeployOptions, DeploymentResult, Run } from './options.js';

/** CodeDeploy cuts longer descriptions off by refusing them. */
const LONGEST_DESCRIPTION = 512;
const MINUTE_MS = 60_000;
/** A wait is never longer than this, whatever a deployment group adds to it. */
const LONGEST_WAIT_MS = 360 * MINUTE_MS;
const DEFAULT_TIMEOUT_MS = 30 * MINUTE_MS;

/** A service with the controller CODE_DEPLOY, and what it is to run. */
interface Subject {
  readonly name: string;
  readonly service: Service;
  readonly taskDefinitionArn: string;
}

/**
 * Deploys to a service through CodeDeploy: one deployment of its deployment group, followed to its
 * end. The time to wait grows by what the group itself waits for traffic to be rerouted and for the
 * old tasks to be ended, up to six hours.
 */
export async function deployWithCodeDeploy(
  run: Run,
  subject: Subject,
  codeDeployOptions: CodeDeployOptions,
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
    const started = await start(run, subject, codeDeployOptions);
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
        : { outcome: 'started', reason: `The deployment could not be followed to its end: ${error.message}` },
      { codeDeployDeploymentId, error },
    );
  }
}

interface StartedDeployment {
  readonly client: CodeDeployClient;
  readonly deploymentId: string;
  readonly group: string;
  /** What the group itself waits, ms. */
  readonly groupWaitMs: number;
}

async function start(
  run: Run,
  { name, taskDefinitionArn }: Subject,
  options: CodeDeployOptions,
): Promise<StartedDeployment> {
  const { clock, signal } = run.options;
  const client = options.connect(CodeDeployClient);
  const service = shortName(name);
  const cluster = shortName(run.cluster);
  const applicationName = options.application ?? `AppECS-${cluster}-${service}`;
  const group = options.deploymentGroup ?? `DgpECS-${cluster}-${service}`;
  const appSpecContent = await loadAppSpec(options.appSpecFile, taskDefinitionArn, options.directory);
  const subject = `deployment group ${group} of application ${applicationName}`;
  const { deploymentGroupInfo } = await callAws(`read ${subject}`, 'codedeploy:GetDeploymentGroup', () =>
    patiently(
      clock,
      () => client.send(new GetDeploymentGroupCommand({ applicationName, deploymentGroupName: group })),
      signal,
    ),
  );
  const { deploymentReadyOption, terminateBlueInstancesOnDeploymentSuccess } =
    deploymentGroupInfo?.blueGreenDeploymentConfiguration ?? {};
  const minutes =
    (deploymentReadyOption?.waitTimeInMinutes ?? 0) +
    (terminateBlueInstancesOnDeploymentSuccess?.terminationWaitTimeInMinutes ?? 0);
  const command = new CreateDeploymentCommand({
    applicationName,
    deploymentGroupName: group,
    revision: { revisionType: 'AppSpecContent', appSpecContent },
    description: options.description?.slice(0, LONGEST_DESCRIPTION),
    deploymentConfigName: options.deploymentConfig,
  });
  // Not tried again by us: a deployment whose answer was lost would run into itself.
  const { deploymentId } = await callAws(
    `create a deployment in ${subject}`,
    'codedeploy:CreateDeployment',
    () => client.send(command),
  );
  return { client, deploymentId: deploymentId ?? '', group, groupWaitMs: minutes * MINUTE_MS };
}

async function follow(
  { options, pace }: Run,
  { client, deploymentId, groupWaitMs }: StartedDeployment,
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
    const verdict = info === undefined ? undefined : judgeCodeDeploy(info, rollback);
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

/** Decides how a CodeDeploy deployment ended; `rollback` is the deployment that rolls it back, if there is one. */
export function judgeCodeDeploy(
  info: DeploymentInfo,
  rollback: DeploymentInfo | undefined,
): Verdict | undefined {
  const { deploymentId, status, errorInformation, rollbackInfo, blueGreenDeploymentConfiguration } = info;
  const words = errorInformation?.message ?? rollbackInfo?.rollbackMessage ?? '';
  const why = words === '' ? '.' : `: ${words}`;
  const byAlarm = errorInformation?.code === 'ALARM_ACTIVE';
  switch (status) {
    case 'Succeeded':
      return { outcome: 'succeeded', reason: `CodeDeploy deployment ${deploymentId} succeeded.` };
    case 'Ready':
      return blueGreenDeploymentConfiguration?.deploymentReadyOption?.actionOnTimeout === 'STOP_DEPLOYMENT'
        ? {
            outcome: 'paused',
            reason: `CodeDeploy deployment ${deploymentId} waits for traffic to be rerouted (ContinueDeployment).`,
          }
        : undefined;
    case 'Failed':
    case 'Stopped':
      if (rollbackInfo?.rollbackDeploymentId !== undefined) {
        if (rollback?.status === 'Succeeded')
          return {
            outcome: 'rolled-back',
            reason: `CodeDeploy rolled deployment ${deploymentId} back${why}`,
            endedBy: byAlarm ? 'alarm' : 'ecs',
          };
        if (rollback?.status === 'Failed' || rollback?.status === 'Stopped')
          return {
            outcome: 'failed',
            reason: `CodeDeploy deployment ${deploymentId} failed, and so did its rollback${why}`,
            endedBy: 'ecs',
          };
        return undefined;
      }
      return status === 'Stopped' && !byAlarm
        ? {
            outcome: 'stopped',
            reason: `CodeDeploy deployment ${deploymentId} was stopped${why}`,
            endedBy: 'somebody',
          }
        : {
            outcome: 'failed',
            reason: `CodeDeploy deployment ${deploymentId} failed${why}`,
            endedBy: byAlarm ? 'alarm' : 'ecs',
          };
    default:
      return undefined;
  }
}

/** The tasks of the new task set, as far as ECS still shows them, and CodeDeploy's own words. */
async function explain(
  { ecs, cluster, options }: Run,
  { name, taskDefinitionArn }: Subject,
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
  const found = diagnose(evidence);
  return found.length > 0
    ? found
    : diagnose({ statements: [`${taskDefinitionName(taskDefinitionArn)}: ${reason}`] });
}
