import { GetAuthorizationTokenCommand, type ECRClient } from '@aws-sdk/client-ecr';
import { callAws } from '../aws-errors.js';
import { EcsActionsError } from '../errors.js';
import type { RegistryCredentials } from '../image/docker-config.js';
import { parseEcrHost } from '../image/ecr-host.js';
import type { MaskSecret } from '../ports.js';
import type { EcrRegistry } from './registries.js';

/** Credentials for one registry of one account and region. */
export interface EcrLogin extends RegistryCredentials {
  /** `undefined` where the registry's host does not tell (an AWS stand-in). */
  readonly accountId: string | undefined;
  readonly region: string;
  /** The host that ECR names. */
  readonly registry: string;
  /** `registry`, and every other host that was asked for. */
  readonly hosts: readonly string[];
  /** ECR's tokens live twelve hours, but never longer than the session they were made with. */
  readonly expiresAt: Date | undefined;
}

/**
 * Gets one authorization token (`ecr:GetAuthorizationToken`) for a registry. Password and token are
 * handed to `onSecret` before the function returns; the user name, which is `AWS` for everyone, is not.
 * Rejects with the errors of `callAws`, or `REGISTRY_LOGIN_FAILED` for an answer that is no login.
 */
export async function getEcrLogin(
  { ecr, registry }: { ecr: ECRClient; registry: EcrRegistry },
  { onSecret }: { onSecret: MaskSecret },
): Promise<EcrLogin> {
  const { accountId, region } = registry;
  const subject = `registry ${accountId ?? 'of this account'} in ${region}`;
  const { authorizationData } = await callAws(`log in to ${subject}`, 'ecr:GetAuthorizationToken', () =>
    ecr.send(new GetAuthorizationTokenCommand(accountId === undefined ? {} : { registryIds: [accountId] })),
  );
  const { authorizationToken = '', proxyEndpoint = '', expiresAt } = authorizationData?.[0] ?? {};
  if (authorizationToken !== '') onSecret(authorizationToken);
  const [, username, password] =
    /^([^:]+):(.+)$/s.exec(Buffer.from(authorizationToken, 'base64').toString()) ?? [];
  if (username === undefined || password === undefined || proxyEndpoint === '')
    throw new EcsActionsError('REGISTRY_LOGIN_FAILED', `ECR returned no authorization token for ${subject}.`);
  onSecret(password);

  const host = new URL(proxyEndpoint).host;
  const named = parseEcrHost(host);
  return {
    accountId: accountId ?? (named?.kind === 'private' ? named.accountId : undefined),
    region,
    registry: host,
    hosts: [...new Set([host, ...registry.hosts])],
    username,
    password,
    expiresAt,
  };
}
