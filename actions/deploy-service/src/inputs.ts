import { readAwsInputs, readInputs, type AwsInputs, type InputReader } from '@ecs-actions/action-kit';
import {
  parseStructure,
  type CodeDeployOptions,
  type DeploymentMode,
  type ServiceSettings,
  type TaskBefore,
} from '@ecs-actions/core';
import type { InputName } from './action.js';

export interface Inputs {
  readonly aws: AwsInputs;
  readonly mode: DeploymentMode;
  readonly cluster: string;
  readonly services: readonly string[];
  /** Paths and revisions, as they were written. */
  readonly taskDefinitions: readonly string[];
  /** Path of the definition of a service that is to be created if it is missing. */
  readonly serviceDefinition: string | undefined;
  readonly settings: ServiceSettings;
  readonly taskBefore: TaskBefore | undefined;
  readonly codeDeploy: Omit<CodeDeployOptions, 'connect' | 'directory'>;
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly onFailure: 'rollback' | 'leave' | undefined;
  readonly onCancel: 'rollback' | 'leave';
  readonly failFastAfter: number | undefined;
  readonly guardOrder: boolean;
  readonly githubToken: string | undefined;
  readonly redact: readonly string[];
  readonly logLines: number;
  /** Attempts of the SDK for one call. */
  readonly maxAttempts: number;
}

type Reader = InputReader<InputName>;

// Structures have the form of the API; ECS says so where they do not.
const list = (text: string) => parseStructure(text, 'array') as never;
const object = (text: string) => parseStructure(text, 'object') as never;

/** One of `choices`, or `undefined` where none was given. */
function oneOf<Choice extends string>(input: Reader, name: InputName, choices: readonly Choice[]) {
  const choice = input.choice<Choice | ''>(name, [...choices, ''], '');
  return choice === '' ? undefined : choice;
}

export function deployInputs(): Inputs {
  return readInputs<InputName, Inputs>((input) => {
    const mode = deploymentMode(input);
    const createIfMissing = input.boolean('create-if-missing', false);
    const serviceDefinition = input.optional('service-definition');
    if (createIfMissing && serviceDefinition === undefined)
      input.fault('service-definition', 'was not given, and create-if-missing needs it.');
    return {
      aws: readAwsInputs(input),
      mode,
      cluster: input.optional('cluster') ?? 'default',
      ...subjects(input, mode),
      serviceDefinition: createIfMissing ? serviceDefinition : undefined,
      settings: serviceSettings(input),
      taskBefore: input.boolean('run-task', false) ? taskBefore(input) : undefined,
      codeDeploy: {
        appSpecFile: input.optional('codedeploy-appspec') ?? 'appspec.yaml',
        application: input.optional('codedeploy-application'),
        deploymentGroup: input.optional('codedeploy-deployment-group'),
        description: input.optional('codedeploy-deployment-description'),
        deploymentConfig: input.optional('codedeploy-deployment-config'),
      },
      wait: input.boolean('wait-for-service-stability', false),
      timeoutMs: minutesToWait(input) * 60_000,
      onFailure: oneOf(input, 'on-failure', ['rollback', 'leave']),
      onCancel: input.choice('on-cancel', ['rollback', 'leave'], 'leave'),
      failFastAfter: input.integer('fail-fast-after', { min: 0 }),
      guardOrder: input.boolean('order-guard', true),
      githubToken: input.optional('github-token'),
      redact: input.list('redact'),
      maxAttempts: input.integer('max-retries', { min: 1 }) ?? 3,
      logLines: input.integer('log-lines', { min: 0, max: 100 }) ?? 20,
    };
  });
}

/** Minutes: more than a job may take are as good as six hours, and none is as good as not given. */
function minutesToWait(input: Reader): number {
  return Math.min(input.integer('wait-for-minutes', { min: 0 }) || 30, 360);
}

function deploymentMode(input: Reader): DeploymentMode {
  const rollback = input.optional('rollback') ?? 'false';
  const answer = input.choice('continue', ['true', 'rollback', 'false'], 'false');
  const modes: DeploymentMode[] = [];
  if (rollback !== 'false') modes.push({ kind: 'rollback', to: rollback === 'true' ? undefined : rollback });
  if (answer !== 'false')
    modes.push({ kind: 'continue', action: answer === 'true' ? 'CONTINUE' : 'ROLLBACK' });
  if (input.boolean('dry-run', false)) modes.push({ kind: 'plan' });
  if (modes.length > 1) input.fault('rollback', 'and continue and dry-run exclude each other.');
  return modes[0] ?? { kind: 'deploy' };
}

function subjects(input: Reader, { kind }: DeploymentMode): Pick<Inputs, 'services' | 'taskDefinitions'> {
  const services = input.list('service');
  const taskDefinitions = input.lines('task-definition');
  const twice = services.find((name, index) => services.indexOf(name) !== index);
  if (twice !== undefined) input.fault('service', `names ${twice} twice.`);
  const own = kind === 'deploy' || kind === 'plan';
  if (!own && services.length === 0) input.fault('service', 'is required and was not given.');
  if (!own && taskDefinitions.length > 0)
    input.fault('task-definition', 'goes with neither rollback nor continue.');
  if (
    own &&
    taskDefinitions.length === 0 &&
    (services.length === 0 || !input.boolean('force-new-deployment', false))
  )
    input.fault('task-definition', 'is required and was not given.');
  if (taskDefinitions.length > 1 && taskDefinitions.length !== services.length)
    input.fault(
      'task-definition',
      `names ${taskDefinitions.length} for ${services.length} services: name one for all, or one for each.`,
    );
  return { services, taskDefinitions };
}

function volumes(input: Reader, prefix: 'service' | 'run-task') {
  const name = input.optional(`${prefix}-managed-ebs-volume-name`);
  const managedEBSVolume = input.checked(`${prefix}-managed-ebs-volume`, object);
  if ((name === undefined) !== (managedEBSVolume === undefined))
    input.fault(`${prefix}-managed-ebs-volume`, `and ${prefix}-managed-ebs-volume-name need each other.`);
  return name === undefined || managedEBSVolume === undefined ? undefined : [{ name, managedEBSVolume }];
}

const optionalFlag = (input: Reader, name: InputName) =>
  input.optional(name) === undefined ? undefined : input.boolean(name, false);

function serviceSettings(input: Reader): ServiceSettings {
  const flag = (name: InputName) => optionalFlag(input, name);
  return {
    desiredCount: input.integer('desired-count', { min: 0 }),
    forceNewDeployment: input.boolean('force-new-deployment', false),
    enableECSManagedTags: flag('enable-ecs-managed-tags'),
    propagateTags: oneOf(input, 'propagate-tags', ['SERVICE', 'TASK_DEFINITION', 'NONE']),
    enableExecuteCommand: flag('enable-execute-command'),
    healthCheckGracePeriodSeconds: input.integer('health-check-grace-period-seconds', { min: 0 }),
    networkConfiguration: input.checked('network-configuration', object),
    capacityProviderStrategy: input.checked('capacity-provider-strategy', list),
    deploymentConfiguration: input.checked('deployment-configuration', object),
    loadBalancers: input.checked('load-balancers', list),
    serviceConnectConfiguration: input.checked('service-connect-configuration', object),
    volumeConfigurations: volumes(input, 'service'),
  };
}

function taskBefore(input: Reader): TaskBefore {
  const strategy = input.checked('run-task-capacity-provider-strategy', list);
  const [subnets, securityGroups] = [input.list('run-task-subnets'), input.list('run-task-security-groups')];
  const assignPublicIp = input.choice('run-task-assign-public-IP', ['ENABLED', 'DISABLED'], 'DISABLED');
  const containerOverrides = input.checked('run-task-container-overrides', list);
  const settings: TaskBefore['settings'] = {
    capacityProviderStrategy: strategy,
    launchType: strategy ? undefined : oneOf(input, 'run-task-launch-type', ['FARGATE', 'EC2', 'EXTERNAL']),
    networkConfiguration: subnets[0]
      ? { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp } }
      : undefined,
    overrides: containerOverrides && { containerOverrides },
    enableECSManagedTags: optionalFlag(input, 'enable-ecs-managed-tags'),
    startedBy: input.optional('run-task-started-by'),
    tags: input.checked('run-task-tags', list),
    volumeConfigurations: volumes(input, 'run-task'),
  };
  return { settings, wait: input.boolean('wait-for-task-stopped', false) };
}
