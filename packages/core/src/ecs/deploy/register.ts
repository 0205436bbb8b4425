import type { ECSClient } from '@aws-sdk/client-ecs';
import { taskDefinitionName } from '../names.js';
import type { DeploymentResult, DeployServiceOptions } from './options.js';
import { findCandidate } from './candidate.js';
import { releaseProvenance } from './order.js';
import { resolveTaskDefinition, type DeployableTaskDefinition } from './task-definition.js';
import { validateDeployments } from './validate.js';

/**
 * Registers a task definition and deploys it to no service: the outcome is `registered`. Throws
 * `TASK_DEFINITION_INVALID` before that, and what `registerTaskDefinition` throws.
 */
export async function registerOnly(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly taskDefinition: DeployableTaskDefinition;
  },
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  const startedAt = options.clock.now();
  await validateDeployments(subject.ecs, [subject], options);
  const { taskDefinitionArn, origin } = await resolveTaskDefinition(subject.ecs, subject.taskDefinition, {
    ...options,
    provenance: options.order === undefined ? undefined : releaseProvenance(options.order.release),
  });
  const name = taskDefinitionName(taskDefinitionArn);
  const reason =
    origin === 'registered'
      ? `${name} was registered and deployed to no service.`
      : `${name} is there already; nothing was registered or deployed.`;
  return [
    withoutService(subject.cluster, { outcome: 'registered', reason, taskDefinitionArn }, startedAt, options),
  ];
}

/** Finds out what {@link registerOnly} would do: the outcome is `planned`. */
export async function planOnly(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly taskDefinition: DeployableTaskDefinition;
  },
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  const startedAt = options.clock.now();
  await validateDeployments(subject.ecs, [subject], options, { advice: true });
  const { taskDefinitionArn, name } = await findCandidate(subject.ecs, subject.taskDefinition, options);
  const reason =
    taskDefinitionArn === undefined
      ? `Would register ${name}.`
      : `Would register nothing: ${name} is there already.`;
  return [
    withoutService(subject.cluster, { outcome: 'planned', reason, taskDefinitionArn }, startedAt, options),
  ];
}

function withoutService(
  cluster: string,
  end: Pick<DeploymentResult, 'outcome' | 'reason' | 'taskDefinitionArn'>,
  startedAt: number,
  { clock }: DeployServiceOptions,
): DeploymentResult {
  return {
    ...end,
    service: undefined,
    cluster,
    serviceArn: undefined,
    previousTaskDefinitionArn: undefined,
    deploymentId: undefined,
    serviceDeploymentArn: undefined,
    diagnoses: [],
    events: [],
    startedAt,
    endedAt: clock.now(),
  };
}
