import type { DeploymentLifecycleHookAction } from '@aws-sdk/client-ecs';
import { fromAwsError } from '../../aws-errors.js';
import type { EcsActionsError } from '../../errors.js';
import { collectTaskEvidence } from '../diagnose/collect.js';
import { coverDiagnosis, coverSecrets } from '../diagnose/cover.js';
import { diagnose, type Diagnosis } from '../diagnose/diagnose.js';
import { taskDefinitionName } from '../names.js';
import type { DeploymentEvent, DeploymentFact } from '../rollout/events.js';
import { isFailure, type Outcome, type Verdict } from '../rollout/outcome.js';
import { readStoppedTasks } from '../rollout/read.js';
import { primaryTaskSet } from '../rollout/snapshot.js';
import { compareTaskDefinitions } from './compare.js';
import {
  answerDeployment,
  isDeployed,
  startDeployment,
  type CodeDeploySubject,
  type StartedDeployment,
} from './codedeploy-start.js';
import { answer } from './codedeploy-bring-back.js';
import { followCodeDeploy } from './codedeploy-follow.js';
import { readTaskDefinition } from './read-task-definition.js';
import type { CodeDeployOptions, DeploymentResult, Run } from './options.js';

/**
 * Deploys to a service through CodeDeploy: one deployment of its deployment group, followed to its
 * end. Where the service runs the task definition already and nothing is under way, none is made.
 */
export function deployWithCodeDeploy(
  run: Run,
  subject: CodeDeploySubject,
  codeDeployOptions: CodeDeployOptions,
): Promise<DeploymentResult> {
  return carryOut(run, subject, codeDeployOptions, async () =>
    (await isSettled(run, subject, codeDeployOptions))
      ? undefined
      : startDeployment(run, subject, codeDeployOptions),
  );
}

/** Whether {@link deployWithCodeDeploy} would find nothing to do. */
export async function isSettled(
  run: Pick<Run, 'cluster' | 'options'>,
  subject: CodeDeploySubject,
  codeDeployOptions: CodeDeployOptions,
): Promise<boolean> {
  const isForced = run.options.settings?.forceNewDeployment === true;
  return !isForced && (await isDeployed(run, subject, codeDeployOptions));
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
  return carryOut(run, subject, codeDeployOptions, () =>
    answerDeployment(run, name, codeDeployOptions, action),
  );
}

/** `begin` answers `undefined` if there is nothing to do. */
async function carryOut(
  run: Run,
  subject: CodeDeploySubject,
  codeDeployOptions: CodeDeployOptions,
  begin: () => Promise<StartedDeployment | undefined>,
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
      : await compareTaskDefinitions(ecs, previous, { revision: taskDefinitionArn }, options.redact);
  const result = (
    end: { readonly outcome: Outcome; readonly reason: string },
    more: Partial<DeploymentResult> = {},
  ) => ({
    service: name,
    cluster,
    serviceArn: service.serviceArn,
    outcome: end.outcome,
    reason: end.reason,
    taskDefinitionArn,
    previousTaskDefinitionArn: previous,
    deploymentId: undefined,
    serviceDeploymentArn: undefined,
    diff,
    diagnoses: [],
    events,
    startedAt,
    endedAt: clock.now(),
    ...more,
  });
  let codeDeployDeploymentId: string | undefined;
  try {
    const started = await begin();
    if (started === undefined) {
      tell({ type: 'nothing-to-do', taskDefinitionArn });
      const reason = `The service runs ${taskDefinitionName(taskDefinitionArn)} already: nothing to do.`;
      return result({ outcome: 'unchanged', reason });
    }
    codeDeployDeploymentId = started.deploymentId;
    tell({ type: 'codedeploy-started', deploymentId: started.deploymentId, group: started.group });
    if (options.wait === false && options.signal?.aborted !== true)
      return result(
        {
          outcome: 'started',
          reason: `CodeDeploy deployment ${started.deploymentId} was started and is not waited for.`,
        },
        { codeDeployDeploymentId },
      );
    const end = await followCodeDeploy(run, started, tell);
    const goBackTo = (arn: string) =>
      startDeployment(run, { ...subject, taskDefinitionArn: arn }, codeDeployOptions);
    const verdict = await answer(run, { subject, started, end, previous, goBackTo, tell });
    const diagnoses =
      isFailure(verdict.outcome) && verdict.outcome !== 'cancelled'
        ? await explain(run, subject, verdict)
        : [];
    return result(verdict, { codeDeployDeploymentId, diagnoses });
  } catch (thrown) {
    const error: EcsActionsError = fromAwsError(thrown, `deploy service ${name} through CodeDeploy`);
    return result(
      codeDeployDeploymentId === undefined
        ? { outcome: error.code === 'CANCELLED' ? 'cancelled' : 'failed', reason: error.message }
        : {
            outcome: 'failed',
            reason: `CodeDeploy goes on with deployment ${codeDeployDeploymentId}, but how that ends is not known: this run could not watch it any further. ${error.message}`,
          },
      { codeDeployDeploymentId, error },
    );
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
  // CodeDeploy's own words are the outcome's reason already: only what they are known to mean adds to it.
  const said =
    found.length > 0 ? [] : diagnose({ statements: [reason] }).filter(({ id }) => id !== 'unknown');
  return [...found, ...said].map((diagnosis) => coverDiagnosis(diagnosis, cover));
}
