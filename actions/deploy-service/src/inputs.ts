import { readAwsInputs, readInputs, type AwsInputs, type InputReader } from '@ecs-actions/action-kit';
import { isEcsActionsError, parseStructure, type ServiceSettings } from '@ecs-actions/core';
import type { InputName } from './action.js';

export interface Inputs {
  readonly aws: AwsInputs;
  readonly maxAttempts: number;
  readonly cluster: string;
  readonly services: readonly string[];
  /** Paths and revisions, as they were written. */
  readonly taskDefinitions: readonly string[];
  /** Path of the definition of a service that is to be created if it is missing. */
  readonly serviceDefinition: string | undefined;
  readonly settings: ServiceSettings;
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly onFailure: 'rollback' | 'leave' | undefined;
  readonly onCancel: 'rollback' | 'leave';
  readonly failFastAfter: number | undefined;
  readonly redact: readonly string[];
  readonly logLines: number;
}

export function deployInputs(): Inputs {
  return readInputs<InputName, Inputs>((input) => {
    const services = input.list('service');
    const taskDefinitions = input.lines('task-definition');
    const definition = input.optional('service-definition');
    if (taskDefinitions.length > 1 && taskDefinitions.length !== services.length)
      input.fault(
        'task-definition',
        `names ${taskDefinitions.length} for ${services.length} services: name one for all, or one for each.`,
      );
    if (taskDefinitions.length === 0 && !input.boolean('force-new-deployment', false))
      input.fault('task-definition', 'is required and was not given.');
    const createIfMissing = input.boolean('create-if-missing', false);
    if (createIfMissing && definition === undefined)
      input.fault('service-definition', 'was not given, and create-if-missing needs it.');
    const onFailure = input.choice('on-failure', ['rollback', 'leave', ''], '');
    return {
      aws: readAwsInputs(input),
      maxAttempts: input.integer('max-retries', { min: 1, max: 10 }) ?? 3,
      cluster: input.optional('cluster') ?? 'default',
      services,
      taskDefinitions,
      serviceDefinition: createIfMissing ? definition : undefined,
      settings: serviceSettings(input),
      wait: input.boolean('wait-for-service-stability', false),
      timeoutMs: (input.integer('wait-for-minutes', { min: 1, max: 360 }) ?? 30) * 60_000,
      onFailure: onFailure === '' ? undefined : onFailure,
      onCancel: input.choice('on-cancel', ['rollback', 'leave'], 'leave'),
      failFastAfter: input.integer('fail-fast-after', { min: 0 }),
      redact: input.list('redact'),
      logLines: input.integer('log-lines', { min: 0, max: 100 }) ?? 20,
    };
  });
}

function serviceSettings(input: InputReader<InputName>): ServiceSettings {
  const structure = <T>(name: InputName, kind: 'object' | 'array'): T | undefined => {
    const text = input.optional(name);
    try {
      return text === undefined ? undefined : (parseStructure(text, kind) as T);
    } catch (error) {
      if (!isEcsActionsError(error)) throw error;
      input.fault(name, error.message);
      return undefined;
    }
  };
  const flag = (name: InputName) =>
    input.optional(name) === undefined ? undefined : input.boolean(name, false);
  const propagateTags = input.choice('propagate-tags', ['SERVICE', 'TASK_DEFINITION', 'NONE', ''], '');
  const volume = input.optional('service-managed-ebs-volume-name');
  const managedEBSVolume = structure<{ roleArn: string }>('service-managed-ebs-volume', 'object');
  if ((volume === undefined) !== (managedEBSVolume === undefined))
    input.fault('service-managed-ebs-volume', 'and service-managed-ebs-volume-name need each other.');
  return {
    desiredCount: input.integer('desired-count', { min: 0 }),
    forceNewDeployment: input.boolean('force-new-deployment', false),
    enableECSManagedTags: flag('enable-ecs-managed-tags'),
    propagateTags: propagateTags === '' ? undefined : propagateTags,
    enableExecuteCommand: flag('enable-execute-command'),
    healthCheckGracePeriodSeconds: input.integer('health-check-grace-period-seconds', { min: 0 }),
    networkConfiguration: structure('network-configuration', 'object'),
    capacityProviderStrategy: structure('capacity-provider-strategy', 'array'),
    deploymentConfiguration: structure('deployment-configuration', 'object'),
    loadBalancers: structure('load-balancers', 'array'),
    serviceConnectConfiguration: structure('service-connect-configuration', 'object'),
    volumeConfigurations: volume && managedEBSVolume ? [{ name: volume, managedEBSVolume }] : undefined,
  };
}
