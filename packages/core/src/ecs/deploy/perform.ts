import type { DeploymentLifecycleHookAction, ECSClient } from '@aws-sdk/client-ecs';
import { EcsActionsError, isEcsActionsError } from '../../errors.js';
import type { LaunchType } from '../../task-definition/validate/rule.js';
import type { TaskRunEvent } from '../run-task/events.js';
import { explainTaskRun } from '../run-task/explain.js';
import type { TaskSettings } from '../run-task/launch.js';
import type { TaskRunResult } from '../run-task/result.js';
import { runTask } from '../run-task/run-task.js';
import { planTaskRun, type PlannedTaskRun } from '../run-task/plan.js';
import { checkServices } from './check.js';
import { continueDeployments } from './continue.js';
import { deployServices } from './deploy.js';
import { planDeployments } from './dry-run.js';
import { deploymentFailure, outcomeOfError, UNTOUCHED } from './failure.js';
import { planRollback, rollBackServices } from './go-back.js';
import { releaseProvenance } from './order.js';
import type { DeploymentResult, DeployServiceOptions, ServiceToDeploy } from './options.js';
import { planOnly, registerOnly } from './register.js';
import type { DeployableTaskDefinition } from './task-definition.js';
import { isFargate, validateDeployments } from './validate.js';

/** What to do with the services. */
export type DeploymentMode =
  | { readonly kind: 'deploy' }
  /** Only find out what `deploy` would do. */
  | { readonly kind: 'plan' }
  /** Go back to `to`, or to what completed before. */
  | { readonly kind: 'rollback'; readonly to: string | undefined }
  /** Only find out what `rollback` would do. */
  | { readonly kind: 'plan-rollback'; readonly to: string | undefined }
  /** Answer the PAUSE hooks that wait. */
  | { readonly kind: 'continue'; readonly action: DeploymentLifecycleHookAction };

/** Everything that one step is asked to do. */
export interface DeploymentRequest {
  readonly ecs: ECSClient;
  readonly cluster: string;
  /** None: the task definition is only registered. */
  readonly services: readonly string[];
  /** One for all services, one for each in their order, or none to keep what they have. */
  readonly taskDefinitions: readonly DeployableTaskDefinition[];
  readonly mode: DeploymentMode;
  /** A task of the (first) task definition to run before the services are updated. */
  readonly taskBefore?: TaskBefore | undefined;
}

export interface TaskBefore {
  readonly settings: TaskSettings;
  /** Whether the services are updated only after the task has ended well. */
  readonly wait: boolean;
  readonly onEvent?: ((event: TaskRunEvent) => void) | undefined;
}

export interface PerformedDeployment {
  /** One for each service, in their order, also where what came before kept them from being deployed; one for a registration. */
  readonly results: readonly DeploymentResult[];
  readonly taskRun: TaskRunResult | undefined;
  /** What a dry run found of the task that would be run before. */
  readonly plannedTask?: PlannedTaskRun | undefined;
  /** What it amounts to; `undefined` if nothing failed. */
  readonly failure: EcsActionsError | undefined;
}

/** Does what a step is asked to do. Throws what the function of the mode throws before anything is started. */
export async function performDeployment(
  request: DeploymentRequest,
  options: DeployServiceOptions,
): Promise<PerformedDeployment> {
  const { taskBefore, mode } = request;
  if (taskBefore === undefined || (mode.kind !== 'deploy' && mode.kind !== 'plan')) {
    const results = await perform(request, options);
    return { results, taskRun: undefined, failure: deploymentFailure(results) };
  }
  const launchTypes = launchTypesOf(taskBefore.settings);
  if (mode.kind === 'plan') {
    const results = await perform(request, { ...options, launchTypes });
    const task = taskOf(request, taskBefore, options);
    return { results, taskRun: undefined, plannedTask: await planTaskRun(...task), failure: undefined };
  }
  const task = taskOf(request, taskBefore, options);
  await checkBefore(request, { ...options, launchTypes });
  const taskRun = await runTask(...task);
  const failed = explainTaskRun(taskRun);
  if (failed !== undefined) {
    const outcome = outcomeOfError(failed);
    const reason = 'Left as it was: the task before the deployment did not end well.';
    return { results: notDeployed(request, { outcome, reason }, options), taskRun, failure: failed };
  }
  // What is registered was found valid before the task, and the services get the very revision that the task ran.
  const taskDefinitions = request.taskDefinitions.map((one, index) =>
    index === 0 ? runAs(one, taskRun) : one,
  );
  try {
    const results = await perform({ ...request, taskDefinitions }, { ...options, validate: 'off' });
    return { results, taskRun, failure: deploymentFailure(results) };
  } catch (error) {
    if (!isEcsActionsError(error)) throw error;
    const failure = afterTask(error, taskRun);
    const end = { outcome: outcomeOfError(failure), reason: failure.message, error: failure };
    return { results: notDeployed(request, end, options), taskRun, failure };
  }
}

/** What came in the way of the services only after the task was run. */
function afterTask(error: EcsActionsError, { outcome }: TaskRunResult): EcsActionsError {
  const ran = outcome === 'started' ? 'was started and goes on' : 'has run';
  const { code, message, hint, cause } = error;
  return new EcsActionsError(code, message, {
    hint: hint?.replaceAll(UNTOUCHED, `The task before ${ran}; no service was changed.`),
    cause,
  });
}

function notDeployed(
  { services, cluster }: DeploymentRequest,
  end: Pick<DeploymentResult, 'outcome' | 'reason' | 'error'>,
  { clock }: DeployServiceOptions,
): DeploymentResult[] {
  const at = clock.now();
  return services.map((service) => ({
    ...end,
    service,
    cluster,
    serviceArn: undefined,
    taskDefinitionArn: undefined,
    previousTaskDefinitionArn: undefined,
    deploymentId: undefined,
    serviceDeploymentArn: undefined,
    diagnoses: [],
    events: [],
    startedAt: at,
    endedAt: at,
  }));
}

function runAs(taskDefinition: DeployableTaskDefinition, run: TaskRunResult): DeployableTaskDefinition {
  const { taskDefinitionArn, taskDefinitionOrigin: origin } = run;
  return 'document' in taskDefinition
    ? { ...taskDefinition, settled: { taskDefinitionArn, origin } }
    : { revision: taskDefinitionArn };
}

function perform(request: DeploymentRequest, options: DeployServiceOptions): Promise<DeploymentResult[]> {
  const { ecs, cluster, services, taskDefinitions, mode } = request;
  const [first] = taskDefinitions;
  const wanted = servicesToDeploy(request);
  switch (mode.kind) {
    case 'deploy':
      if (services.length === 0 && first !== undefined)
        return registerOnly({ ecs, cluster, taskDefinition: first }, options);
      return deployServices({ ecs, cluster, services: wanted }, options);
    case 'plan':
      if (services.length === 0 && first !== undefined)
        return planOnly({ ecs, cluster, taskDefinition: first }, options);
      return planDeployments({ ecs, cluster, services: wanted }, options);
    case 'rollback':
      return rollBackServices({ ecs, cluster, services, to: mode.to }, options);
    case 'plan-rollback':
      return planRollback({ ecs, cluster, services, to: mode.to }, options);
    case 'continue':
      return continueDeployments({ ecs, cluster, services, action: mode.action }, options);
  }
}

function servicesToDeploy({ services, taskDefinitions }: DeploymentRequest): ServiceToDeploy[] {
  const [first] = taskDefinitions;
  return services.map((service, index) => ({ service, taskDefinition: taskDefinitions[index] ?? first }));
}

/** The task to run before, as `runTask` and `planTaskRun` take it. */
function taskOf(
  { ecs, cluster, taskDefinitions }: DeploymentRequest,
  { settings, wait, onEvent }: TaskBefore,
  options: DeployServiceOptions,
): Parameters<typeof runTask> {
  const [taskDefinition] = taskDefinitions;
  if (taskDefinition === undefined)
    throw new EcsActionsError(
      'INPUT_INVALID',
      'A task is to be run before the deployment, but no task definition was given.',
      { hint: 'Pass task-definition.' },
    );
  const { clock, random, logs, signal, logger, timeoutMs, logLines, redact } = options;
  const { order, validate, onFindings } = options;
  const provenance = order === undefined ? undefined : releaseProvenance(order.release);
  const shared = {
    clock,
    random,
    logs,
    signal,
    logger,
    timeoutMs,
    logLines,
    redact,
    provenance,
    validate,
    onFindings,
  };
  return [
    { ecs, cluster, taskDefinition },
    { ...shared, settings, wait, onEvent },
  ];
}

/** What keeps the services from being deployed should be known before a migration has run. The deployment tells the warnings. */
async function checkBefore(request: DeploymentRequest, options: DeployServiceOptions): Promise<void> {
  const { ecs, cluster, services, taskDefinitions } = request;
  if (services.length > 0)
    await checkServices({ ecs, cluster, services: servicesToDeploy(request) }, options);
  else await validateDeployments(ecs, [{ taskDefinition: taskDefinitions[0] }], options);
}

function launchTypesOf({ launchType, capacityProviderStrategy = [] }: TaskSettings): LaunchType[] {
  if (launchType !== undefined) return [launchType];
  return capacityProviderStrategy.some(isFargate) ? ['FARGATE'] : [];
}
