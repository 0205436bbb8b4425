import type { ECRClient } from '@aws-sdk/client-ecr';
import { isLoopbackHost, parseEcrHost } from '../image/ecr-host.js';
import type { MaskSecret } from '../ports.js';
import { getEcrLogin } from './login.js';
import type { RepositoryId } from './repository.js';

/** A repository of ECR, with the client for its region. */
export interface EcrRepository extends RepositoryId {
  readonly ecr: ECRClient;
  readonly region: string;
}

/** How ECR is reached. */
export interface LocateOptions {
  /** Region of hosts that name none. */
  readonly region: string;
  readonly clientFor: (region: string) => ECRClient;
  readonly onSecret: MaskSecret;
}

/**
 * Finds the ECR repository behind a registry host and path; `undefined` for a registry that is not
 * a private one of ECR. A registry on loopback is ECR's if ECR itself names it, as a stand-in for
 * AWS does.
 */
export async function locateEcrRepository(
  { registry, repository }: { registry: string; repository: string },
  { region, clientFor, onSecret }: LocateOptions,
): Promise<EcrRepository | undefined> {
  const host = parseEcrHost(registry);
  if (host?.kind === 'private')
    return {
      ecr: clientFor(host.region),
      region: host.region,
      registryId: host.accountId,
      repositoryName: repository,
    };
  if (!isLoopbackHost(registry)) return undefined;
  const ecr = clientFor(region);
  const login = await getEcrLogin(
    { ecr, registry: { accountId: undefined, region, hosts: [] } },
    { onSecret },
  ).catch(() => undefined);
  return login?.registry === registry ? { ecr, region, repositoryName: repository } : undefined;
}
