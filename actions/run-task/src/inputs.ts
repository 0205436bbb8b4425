import { readAwsInputs, readInputs, type AwsInputs, type InputReader } from '@ecs-actions/action-kit';
import {
  parseCommand,
  parseKeyValues,
  parseStructure,
  requestShape,
  type ContainerChange,
  type TaskSettings,
} from '@ecs-actions/core';
import type { InputName } from './action.js';

export interface Inputs {
  readonly aws: AwsInputs;
  readonly cluster: string;
  /** A path or a name, as it was written. */
  readonly taskDefinition: string;
  readonly likeService: string | undefined;
  readonly container: ContainerChange | undefined;
  readonly settings: TaskSettings;
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly logLines: number;
}

type Reader = InputReader<InputName>;

/** Structures have the form of the API; running the task tells where they do not. */
const member =
  (...path: readonly string[]) =>
  (text: string) =>
    parseStructure(text, requestShape('RunTask', ...path));

export function runTaskInputs(): Inputs {
  return readInputs<InputName, Inputs>((input) => ({
    aws: readAwsInputs(input),
    cluster: input.optional('cluster') ?? 'default',
    taskDefinition: input.required('task-definition'),
    likeService: input.optional('service'),
    container: containerChange(input),
    settings: taskSettings(input),
    wait: input.boolean('wait-for-task-stopped', true),
    timeoutMs: (input.integer('wait-for-minutes', { min: 1, max: 360 }) ?? 30) * 60_000,
    logLines: input.integer('log-lines', { min: 0, max: 100 }) ?? 20,
  }));
}

function containerChange(input: Reader): ContainerChange | undefined {
  const name = input.optional('container-name');
  const command = input.parsed('command', parseCommand);
  const environment = input.parsed('environment-variables', parseKeyValues);
  if (command !== undefined || environment !== undefined) return { name, command, environment };
  if (name !== undefined) input.fault('container-name', 'needs command or environment-variables.');
  return undefined;
}

function taskSettings(input: Reader): TaskSettings {
  const launchType = input.choice('launch-type', ['FARGATE', 'EC2', 'EXTERNAL', ''], '');
  const strategy = input.checked('capacity-provider-strategy', member('capacityProviderStrategy'));
  if (launchType !== '' && strategy !== undefined)
    input.fault('capacity-provider-strategy', 'and launch-type exclude each other.');
  const containerOverrides = input.checked('container-overrides', member('overrides', 'containerOverrides'));
  const volume = input.optional('managed-ebs-volume-name');
  const managedEBSVolume = input.checked(
    'managed-ebs-volume',
    member('volumeConfigurations', 'managedEBSVolume'),
  );
  if ((volume === undefined) !== (managedEBSVolume === undefined))
    input.fault('managed-ebs-volume', 'and managed-ebs-volume-name need each other.');
  const given = {
    count: input.integer('count', { min: 1, max: 10 }),
    launchType: launchType || undefined,
    capacityProviderStrategy: strategy,
    platformVersion: input.optional('platform-version'),
    networkConfiguration: networkConfiguration(input),
    startedBy: input.optional('started-by'),
    tags: tags(input),
    enableECSManagedTags: input.boolean('enable-ecs-managed-tags', false),
    propagateTags: input.choice('propagate-tags', ['TASK_DEFINITION', ''], '') || undefined,
    enableExecuteCommand: input.boolean('enable-execute-command', false),
    overrides: containerOverrides && { containerOverrides },
    volumeConfigurations: volume && managedEBSVolume && [{ name: volume, managedEBSVolume }],
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function networkConfiguration(input: Reader): TaskSettings['networkConfiguration'] {
  const subnets = input.list('subnets');
  const securityGroups = input.list('security-groups');
  const assignPublicIp = input.choice('assign-public-ip', ['ENABLED', 'DISABLED', ''], '');
  if (subnets.length === 0) {
    if (securityGroups.length > 0) input.fault('security-groups', 'needs subnets.');
    if (assignPublicIp !== '') input.fault('assign-public-ip', 'needs subnets.');
    return undefined;
  }
  const awsvpcConfiguration = { subnets, ...(securityGroups.length > 0 && { securityGroups }) };
  return { awsvpcConfiguration: { ...awsvpcConfiguration, assignPublicIp: assignPublicIp || 'DISABLED' } };
}

function tags(input: Reader): unknown {
  if (input.optional('tags')?.startsWith('[')) return input.checked('tags', member('tags'));
  const pairs = input.pairs('tags').map(([key, value]) => ({ key, value }));
  return pairs.length === 0 ? undefined : pairs;
}
