import type { ECSClient } from '@aws-sdk/client-ecs';
import { taskDefinitionName } from '../names.js';
import type { DeploymentResult, DeployServiceOptions } from './options.js';
import { findCandidate } from './candidate.js';
import { checkPermissions } from './check-permissions.js';
import { releaseProvenance, retagUnlessNewer } from './order.js';
import { resolveTaskDefinition, type DeployableTaskDefinition } from './task-definition.js';
import { validateDeployments } from './validate.js';

/** A task definition that no service is to run yet. */
export interface TaskDefinitionToRegister {
  readonly ecs: ECSClient;
  /** Named in the result. */
  readonly cluster: string;
  readonly taskDefinition: DeployableTaskDefinition;
}

/**
 * Registers a task definition and deploys it to no service: the outcome is `registered`. Throws
 * `TASK_DEFINITION_INVALID` before that, and what `registerTaskDefinition` throws.
 */
export async function registerOnly(
  subject: TaskDefinitionToRegister,
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  const startedAt = options.clock.now();
  await validateDeployments(subject.ecs, [subject], options);
  const { taskDefinitionArn, origin } = await resolveTaskDefinition(subject.ecs, subject.taskDefinition, {
    ...options,
    provenance: options.order === undefined ? undefined : releaseProvenance(options.order.release),
  });
  const { order, logger } = options;
  if (order !== undefined && origin === 'reused') {
    const warning = await retagUnlessNewer(subject.ecs, taskDefinitionArn, order, options);
    if (warning !== undefined) logger?.warning(warning);
  }
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
  subject: TaskDefinitionToRegister,
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  const startedAt = options.clock.now();
  await validateDeployments(subject.ecs, [subject], options, { advice: true });
  const candidate = await findCandidate(subject.ecs, subject.taskDefinition, options);
  const { permissions, warnings } = await checkPermissions(
    { ...subject, candidate, service: undefined, found: undefined, plan: undefined },
    options,
  );
  for (const warning of warnings) options.logger?.warning(warning);
  const { taskDefinitionArn, name } = candidate;
  const reason =
    taskDefinitionArn === undefined
      ? `Would register ${name}.`
      : `Would register nothing: ${name} is there already.`;
  const end = { outcome: 'planned', reason, taskDefinitionArn, permissions } as const;
  return [withoutService(subject.cluster, end, startedAt, options)];
}

function withoutService(
  cluster: string,
  end: Pick<DeploymentResult, 'outcome' | 'reason' | 'taskDefinitionArn' | 'permissions'>,
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
