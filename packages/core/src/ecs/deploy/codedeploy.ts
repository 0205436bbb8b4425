import {
  CodeDeployClient,
  ContinueDeploymentCommand,
  CreateDeploymentCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
  type DeploymentInfo,
} from '@aws-sdk/client-codedeploy';
import type { DeploymentLifecycleHookAction, Service } from '@aws-sdk/client-ecs';
import { callAws, classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
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
export function deployWithCodeDeploy(
  run: Run,
  subject: Subject,
  codeDeployOptions: CodeDeployOptions,
): Promise<DeploymentResult> {
  return carryOut(run, subject, () => start(run, subject, codeDeployOptions));
}

/**
 * Answers the deployment of a service that waits for its traffic to be rerouted, and follows it from
 * there: `CONTINUE` reroutes, `ROLLBACK` stops it and rolls back. Where none waits, the `error` of
 * the result is `DEPLOYMENT_NOT_PAUSED`.
 */
export function continueWithCodeDeploy(
  run: Run,
  { name, service }: Pick<Subject, 'name' | 'service'>,
  codeDeployOptions: CodeDeployOptions,
  action: DeploymentLifecycleHookAction,
): Promise<DeploymentResult> {
  const replacement = service.taskSets?.find(({ status }) => status !== 'PRIMARY') ?? primaryTaskSet(service);
  const subject = { name, service, taskDefinitionArn: replacement?.taskDefinition ?? '' };
  return carryOut(run, subject, () => answer(run, name, codeDeployOptions, action));
}

async function carryOut(
  run: Run,
  subject: Subject,
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
        : { outcome: 'started', reason: `The deployment could not be followed to its end: ${error.message}` },
      { codeDeployDeploymentId, error },
    );
  }
}

interface StartedDeployment extends Group {
  readonly deploymentId: string;
  /** Whether it was waiting for an answer and has got one: what still shows it waiting is out of date. */
  readonly answered: boolean;
}

interface Group {
  readonly client: CodeDeployClient;
  readonly applicationName: string;
  readonly group: string;
  /** What the group itself waits, ms. */
  readonly groupWaitMs: number;
}

async function readGroup(run: Run, name: string, options: CodeDeployOptions): Promise<Group> {
  const { clock, signal } = run.options;
  const client = options.connect(CodeDeployClient);
  const service = shortName(name);
  const cluster = shortName(run.cluster);
  const applicationName = options.application ?? `AppECS-${cluster}-${service}`;
  const group = options.deploymentGroup ?? `DgpECS-${cluster}-${service}`;
  const { deploymentGroupInfo } = await callAws(
    `read ${describeGroup(applicationName, group)}`,
    'codedeploy:GetDeploymentGroup',
    () =>
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
  return { client, applicationName, group, groupWaitMs: minutes * MINUTE_MS };
}

function describeGroup(applicationName: string, group: string): string {
  return `deployment group ${group} of application ${applicationName}`;
}

async function start(
  run: Run,
  { name, taskDefinitionArn }: Subject,
  options: CodeDeployOptions,
): Promise<StartedDeployment> {
  const appSpecContent = await loadAppSpec(options.appSpecFile, taskDefinitionArn, options.directory);
  const group = await readGroup(run, name, options);
  const command = new CreateDeploymentCommand({
    applicationName: group.applicationName,
    deploymentGroupName: group.group,
    revision: { revisionType: 'AppSpecContent', appSpecContent },
    description: options.description?.slice(0, LONGEST_DESCRIPTION),
    deploymentConfigName: options.deploymentConfig,
  });
  // Not tried again by us: a deployment whose answer was lost would run into itself.
  const { deploymentId = '' } = await callAws(
    `create a deployment in ${describeGroup(group.applicationName, group.group)}`,
    'codedeploy:CreateDeployment',
    () => group.client.send(command),
  );
  return { ...group, deploymentId, answered: false };
}

async function answer(
  run: Run,
  name: string,
  options: CodeDeployOptions,
  action: DeploymentLifecycleHookAction,
): Promise<StartedDeployment> {
  const { clock, signal } = run.options;
  const group = await readGroup(run, name, options);
  const { client, applicationName } = group;
  const list = new ListDeploymentsCommand({
    applicationName,
    deploymentGroupName: group.group,
    includeOnlyStatuses: ['Ready'],
  });
  const { deployments = [] } = await callAws(
    `list the deployments of ${describeGroup(applicationName, group.group)}`,
    'codedeploy:ListDeployments',
    () => patiently(clock, () => client.send(list), signal),
  );
  const [deploymentId] = deployments;
  if (deploymentId === undefined)
    throw new EcsActionsError(
      'DEPLOYMENT_NOT_PAUSED',
      `No CodeDeploy deployment of service ${name} in cluster ${run.cluster} waits for its traffic to be rerouted.`,
      { hint: 'It may have been answered or have timed out: look at the deployments of the group.' },
    );
  if (action === 'CONTINUE') {
    const command = new ContinueDeploymentCommand({ deploymentId, deploymentWaitType: 'READY_WAIT' });
    await callAws(`continue CodeDeploy deployment ${deploymentId}`, 'codedeploy:ContinueDeployment', () =>
      client.send(command),
    );
  } else {
    const command = new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true });
    await callAws(`stop CodeDeploy deployment ${deploymentId}`, 'codedeploy:StopDeployment', () =>
      client.send(command),
    );
  }
  return { ...group, deploymentId, answered: true };
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
            reason: `CodeDeploy deployment ${deploymentId} waits for somebody to have traffic rerouted.`,
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
