import { randomUUID } from 'node:crypto';
import {
  CreateServiceCommand,
  UpdateServiceCommand,
  type ECSClient,
  type Service,
} from '@aws-sdk/client-ecs';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { explain } from '../diagnose/diagnose.js';
import { patiently } from '../patience.js';
import { primaryDeployment } from '../rollout/snapshot.js';
import type { ServiceDefinition, ServiceSettings } from './plan.js';

export interface StartOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** UpdateService. Throws `SERVICE_UPDATE_REFUSED` with ECS's reason, and the errors of `callAws`. */
export async function updateService(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly service: string;
    readonly taskDefinitionArn: string | undefined;
    readonly settings: ServiceSettings;
  },
  { clock, signal }: StartOptions,
): Promise<Service> {
  const { ecs, cluster, service, taskDefinitionArn, settings } = subject;
  const command = new UpdateServiceCommand({
    ...settings,
    cluster,
    service,
    ...(taskDefinitionArn === undefined ? {} : { taskDefinition: taskDefinitionArn }),
  });
  const doing = `update service ${service} in cluster ${cluster}`;
  return startedBy(doing, 'ecs:UpdateService', () =>
    patiently(clock, () => ecs.send(command, signal === undefined ? {} : { abortSignal: signal }), signal),
  );
}

/**
 * CreateService. A creation that is sent again after a lost answer creates nothing twice: ECS knows
 * it by its token. Throws `SERVICE_UPDATE_REFUSED` with ECS's reason, and the errors of `callAws`.
 */
export async function createService(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly serviceName: string;
    readonly taskDefinitionArn: string;
    readonly definition: ServiceDefinition;
  },
  { clock, signal }: StartOptions,
): Promise<Service> {
  const { ecs, cluster, serviceName, taskDefinitionArn, definition } = subject;
  const command = new CreateServiceCommand({
    ...definition,
    cluster,
    serviceName,
    taskDefinition: taskDefinitionArn,
    clientToken: randomUUID(),
  });
  const doing = `create service ${serviceName} in cluster ${cluster}`;
  return startedBy(doing, 'ecs:CreateService', () =>
    patiently(clock, () => ecs.send(command, signal === undefined ? {} : { abortSignal: signal }), signal),
  );
}

async function startedBy(
  doing: string,
  action: string,
  call: () => Promise<{ service?: Service | undefined }>,
): Promise<Service> {
  try {
    const { service } = await call();
    if (primaryDeployment(service)?.id === undefined)
      throw new Error('ECS answered without a primary deployment.');
    return service!;
  } catch (error) {
    if (classifyAwsError(error) !== 'refused') throw fromAwsError(error, doing, action);
    const { message } = fromAwsError(error, doing, action);
    const known = explain({ source: 'statement', text: message, containers: [], log: '' });
    throw new EcsActionsError('SERVICE_UPDATE_REFUSED', message, {
      hint: known?.remedy ?? 'ECS refused the request: correct what it names.',
      cause: error,
    });
  }
}
