import { readAwsInputs, readInputs, type InputReader } from '@ecs-actions/action-kit';
import {
  checkRequest,
  parseStructure,
  requestShape,
  type DeploymentMode,
  type ServiceSettings,
  type ShapedRequest,
  type TaskBefore,
} from '@ecs-actions/core';
import type { InputName } from './action.js';

type Reader = InputReader<InputName>;
export type Inputs = ReturnType<typeof readAll>;

export function deployInputs(): Inputs {
  return readInputs<InputName, Inputs>(readAll);
}

// Structures have the form of the API; the deployment tells where they do not.
const structure =
  (request: ShapedRequest, ...path: readonly string[]) =>
  (text: string) =>
    parseStructure(text, requestShape(request, ...path)) as never;

function readAll(input: Reader) {
  const request = {
    mode: deploymentMode(input),
    services: input.list('service'),
    /** Paths and revisions, as they were written. */
    taskDefinitions: input.lines('task-definition'),
  };
  const force = input.boolean('force-new-deployment', false);
  const runTask = input.boolean('run-task', false);
  for (const { name, problem } of checkRequest({ ...request, force, runTask })) input.fault(name, problem);
  const createIfMissing = input.boolean('create-if-missing', false);
  const serviceDefinition = input.optional('service-definition');
  if (createIfMissing && serviceDefinition === undefined)
    input.fault('service-definition', 'was not given, and create-if-missing needs it.');
  return {
    ...request,
    aws: readAwsInputs(input),
    cluster: input.optional('cluster') ?? 'default',
    /** Path of the definition of a service that is to be created if it is missing. */
    serviceDefinition: createIfMissing ? serviceDefinition : undefined,
    settings: serviceSettings(input, force),
    taskBefore: runTask ? taskBefore(input) : undefined,
    codeDeploy: {
      appSpecFile: input.optional('codedeploy-appspec') ?? 'appspec.yaml',
      application: input.optional('codedeploy-application'),
      deploymentGroup: input.optional('codedeploy-deployment-group'),
      description: input.optional('codedeploy-deployment-description'),
      deploymentConfig: input.optional('codedeploy-deployment-config'),
    },
    validate: input.choice('validate', ['strict', 'warn', 'off'], 'strict'),
    keepEmpty: input.list('keep-null-value-keys'),
    wait: input.boolean('wait-for-service-stability', false),
    // More than a job may take is as good as six hours, and 0 as good as not given.
    timeoutMs: Math.min(input.integer('wait-for-minutes', { min: 0 }) || 30, 360) * 60_000,
    onFailure: input.oneOf('on-failure', ['rollback', 'leave']),
    onCancel: input.choice('on-cancel', ['rollback', 'leave'], 'leave'),
    failFastAfter: input.integer('fail-fast-after', { min: 0 }),
    guardOrder: input.boolean('order-guard', true),
    githubToken: input.optional('github-token'),
    redact: input.list('redact'),
    /** Attempts of the SDK for one call. */
    maxAttempts: input.integer('max-retries', { min: 0 }) || 3,
    logLines: input.integer('log-lines', { min: 0, max: 100 }) ?? 20,
  };
}

function deploymentMode(input: Reader): DeploymentMode {
  const rollback = input.optional('rollback') ?? 'false';
  const [goesBack, picksRevision] = [!/^false$/i.test(rollback), !/^(true|false)$/i.test(rollback)];
  const answer = input.choice('continue', ['true', 'rollback', 'false'], 'false');
  const dryRun = input.boolean('dry-run', false);
  if (answer !== 'false') {
    if (goesBack || dryRun)
      input.fault('continue', 'goes with neither rollback nor dry-run: it answers a pause.');
    return { kind: 'continue', action: answer === 'true' ? 'CONTINUE' : 'ROLLBACK' };
  }
  if (goesBack)
    return { kind: dryRun ? 'plan-rollback' : 'rollback', to: picksRevision ? rollback : undefined };
  return { kind: dryRun ? 'plan' : 'deploy' };
}

/** An empty object, which a workflow may pass on for "none", counts as not given. */
function volumes(input: Reader, prefix: 'service' | 'run-task') {
  const name = input.optional(`${prefix}-managed-ebs-volume-name`);
  const request = prefix === 'service' ? 'UpdateService' : 'RunTask';
  const read = structure(request, 'volumeConfigurations', 'managedEBSVolume');
  const given = input.checked<Record<string, unknown>>(`${prefix}-managed-ebs-volume`, read) ?? {};
  const volume = Object.keys(given).length === 0 ? undefined : given;
  if ((name === undefined) !== (volume === undefined))
    input.fault(`${prefix}-managed-ebs-volume`, `and ${prefix}-managed-ebs-volume-name need each other.`);
  if (volume !== undefined && volume['roleArn'] === undefined)
    input.fault(`${prefix}-managed-ebs-volume`, 'has no roleArn, which ECS makes the volume with.');
  return name === undefined || volume === undefined
    ? undefined
    : [{ name, managedEBSVolume: volume as never }];
}

function serviceSettings(input: Reader, forceNewDeployment: boolean): ServiceSettings {
  const setting = (name: keyof ServiceSettings) => structure('UpdateService', name);
  return {
    desiredCount: input.integer('desired-count', { min: 0 }),
    forceNewDeployment,
    enableECSManagedTags: input.flag('enable-ecs-managed-tags'),
    propagateTags: input.oneOf('propagate-tags', ['SERVICE', 'TASK_DEFINITION', 'NONE']),
    enableExecuteCommand: input.flag('enable-execute-command'),
    healthCheckGracePeriodSeconds: input.integer('health-check-grace-period-seconds', { min: 0 }),
    networkConfiguration: input.checked('network-configuration', setting('networkConfiguration')),
    capacityProviderStrategy: input.checked(
      'capacity-provider-strategy',
      setting('capacityProviderStrategy'),
    ),
    deploymentConfiguration: input.checked('deployment-configuration', setting('deploymentConfiguration')),
    loadBalancers: input.checked('load-balancers', setting('loadBalancers')),
    serviceConnectConfiguration: input.checked(
      'service-connect-configuration',
      setting('serviceConnectConfiguration'),
    ),
    volumeConfigurations: volumes(input, 'service'),
  };
}

/** Empty means not given here, too: a workflow may pass an input of its own on. */
function taskBefore(input: Reader): TaskBefore {
  const strategy =
    input.checked<never[]>(
      'run-task-capacity-provider-strategy',
      structure('RunTask', 'capacityProviderStrategy'),
    ) ?? [];
  const launchType = input.choice('run-task-launch-type', ['FARGATE', 'EC2', 'EXTERNAL'], 'FARGATE');
  const [subnets, securityGroups] = [input.list('run-task-subnets'), input.list('run-task-security-groups')];
  const assignPublicIp = input.choice('run-task-assign-public-IP', ['ENABLED', 'DISABLED'], 'DISABLED');
  const containerOverrides = input.checked(
    'run-task-container-overrides',
    structure('RunTask', 'overrides', 'containerOverrides'),
  );
  if (securityGroups.length > 0 && subnets.length === 0)
    input.fault('run-task-security-groups', 'needs run-task-subnets: ECS takes no security groups without.');
  const awsvpcConfiguration = { subnets, ...(securityGroups[0] && { securityGroups }), assignPublicIp };
  const settings: TaskBefore['settings'] = {
    ...(strategy.length > 0 ? { capacityProviderStrategy: strategy } : { launchType }),
    networkConfiguration: subnets[0] ? { awsvpcConfiguration } : undefined,
    overrides: containerOverrides && { containerOverrides },
    enableECSManagedTags: input.flag('enable-ecs-managed-tags'),
    startedBy: input.optional('run-task-started-by') ?? 'GitHub-Actions',
    tags: input.checked('run-task-tags', structure('RunTask', 'tags')),
    volumeConfigurations: volumes(input, 'run-task'),
  };
  return { settings, wait: input.boolean('wait-for-task-stopped', false) };
}
