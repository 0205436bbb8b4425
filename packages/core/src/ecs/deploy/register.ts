import type { ECSClient } from '@aws-sdk/client-ecs';
import { taskDefinitionName } from '../names.js';
import type { DeploymentResult, DeployServiceOptions } from './options.js';
import { releaseProvenance } from './order.js';
import { resolveTaskDefinition, type DeployableTaskDefinition } from './task-definition.js';

/** Registers a task definition and deploys it to no service: the outcome is `registered`. */
export async function registerOnly(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly taskDefinition: DeployableTaskDefinition;
  },
  options: DeployServiceOptions,
): Promise<DeploymentResult> {
  const { clock } = options;
  const startedAt = clock.now();
  const { taskDefinitionArn, origin } = await resolveTaskDefinition(subject.ecs, subject.taskDefinition, {
    ...options,
    provenance: options.order === undefined ? undefined : releaseProvenance(options.order.release),
  });
  const name = taskDefinitionName(taskDefinitionArn);
  return {
    service: undefined,
    cluster: subject.cluster,
    serviceArn: undefined,
    outcome: 'registered',
    reason:
      origin === 'registered'
        ? `${name} was registered and deployed to no service.`
        : `${name} is there already; nothing was registered or deployed.`,
    taskDefinitionArn,
    previousTaskDefinitionArn: undefined,
    deploymentId: undefined,
    serviceDeploymentArn: undefined,
    diagnoses: [],
    events: [],
    startedAt,
    endedAt: clock.now(),
  };
}
