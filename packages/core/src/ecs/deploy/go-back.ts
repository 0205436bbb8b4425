import type { ECSClient } from '@aws-sdk/client-ecs';
import { primaryDeployment } from '../rollout/snapshot.js';
import { deployServices } from './deploy.js';
import type { DeploymentResult, DeployServiceOptions } from './options.js';
import { readServices } from './preflight.js';
import { findRollbackTarget } from './rollback.js';

/**
 * Brings services back: each to the task definition of its newest deployment that completed before
 * what it runs now, by ECS's own history, or to the revision named `to`. It is a deployment like any
 * other, and waited for; a commit that is older than the one that runs is what is wanted.
 *
 * Throws `ROLLBACK_CANDIDATE_MISSING` before anything is changed, and what `deployServices` throws.
 */
export async function rollBackServices(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly services: readonly string[];
    readonly to?: string | undefined;
  },
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  const { ecs, cluster, services, to } = subject;
  const { clock, signal } = options;
  const found = await readServices(ecs, cluster, services, { clock, signal });
  const wanted = await Promise.all(
    services.map(async (service) => {
      const except = primaryDeployment(found.get(service))?.taskDefinition;
      const revision = to ?? (await findRollbackTarget({ ecs, cluster, service, except }, { clock, signal }));
      return { service, taskDefinition: { revision } };
    }),
  );
  return deployServices(
    { ecs, cluster, services: wanted },
    { ...options, wait: true, order: undefined, createIfMissing: undefined },
  );
}
