import type { ECSClient } from '@aws-sdk/client-ecs';
import { EcsActionsError } from '../../errors.js';
import { isByCodeDeploy, primaryDeployment } from '../rollout/snapshot.js';
import type { ServicesToDeploy } from './check.js';
import { deployServices } from './deploy.js';
import { planDeployments } from './dry-run.js';
import type { DeploymentResult, DeployServiceOptions } from './options.js';
import { readServices } from './preflight.js';
import { findRollbackTarget } from './rollback.js';

/** Services, and where they are to go back to. */
export interface ServicesToRollBack {
  readonly ecs: ECSClient;
  readonly cluster: string;
  readonly services: readonly string[];
  /** A revision; absent: what each ran before. */
  readonly to?: string | undefined;
}

/**
 * Brings services back: each to the task definition of its newest deployment that completed before
 * what it runs now, by ECS's own history, or to the revision named `to`. It is a deployment like any
 * other, and waited for; a commit that is older than the one that runs is what is wanted.
 *
 * Throws `ROLLBACK_CANDIDATE_MISSING` before anything is changed, `SERVICE_CONTROLLER_UNSUPPORTED` for a
 * service that CodeDeploy deploys where no revision is named, and what `deployServices` throws.
 */
export async function rollBackServices(
  subject: ServicesToRollBack,
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  return deployServices(await findTargets(subject, options), rollingBack(options));
}

/** Finds out what {@link rollBackServices} would do, and does none of it. Throws what that throws before it changes anything. */
export async function planRollback(
  subject: ServicesToRollBack,
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  return planDeployments(await findTargets(subject, options), rollingBack(options));
}

/** It is waited for; that a commit is older is the point of it, and what does not exist cannot go back. */
function rollingBack(options: DeployServiceOptions): DeployServiceOptions {
  return { ...options, wait: true, order: undefined, createIfMissing: undefined };
}

/** The services, each with what it goes back to. */
async function findTargets(
  { ecs, cluster, services, to }: ServicesToRollBack,
  options: DeployServiceOptions,
): Promise<ServicesToDeploy> {
  const { clock, signal } = options;
  const codeDeploy = options.codeDeploy !== undefined;
  const found = await readServices(ecs, cluster, services, { clock, signal, codeDeploy });
  const unknown = services.filter((name) => isByCodeDeploy(found.get(name)));
  if (to === undefined && unknown.length > 0) throw noHistory(unknown, cluster);
  const wanted = await Promise.all(
    services.map(async (service) => {
      const except = primaryDeployment(found.get(service))?.taskDefinition;
      const revision = to ?? (await findRollbackTarget({ ecs, cluster, service, except }, { clock, signal }));
      return { service, taskDefinition: { revision } };
    }),
  );
  return { ecs, cluster, services: wanted };
}

/** ECS keeps no history of deployments that CodeDeploy makes. */
function noHistory(services: readonly string[], cluster: string): EcsActionsError {
  return new EcsActionsError(
    'SERVICE_CONTROLLER_UNSUPPORTED',
    `Service ${services.join(', ')} in cluster ${cluster} is deployed by CodeDeploy: ECS does not know what it ran before.`,
    {
      hint: 'Name the revision to go back to (rollback: family:revision, with codedeploy-appspec); a deployment that waits for its traffic to be rerouted is rolled back by continue: rollback.',
    },
  );
}
