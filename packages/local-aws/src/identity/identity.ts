import { CredentialStore } from './credentials.js';
import type { Credential } from './credentials.js';
import { IdentityProviders } from './identity-providers.js';
import { Issuer } from './issuer.js';
import { allPermissions } from './permissions.js';
import { permissionsOf, Roles } from './roles.js';
import type { RoleOptions } from './roles.js';
import { createSts } from './sts.js';
import type { Sts } from './sts.js';

/** Who is who in this world. */
export interface Identity {
  readonly issuer: Issuer;
  readonly providers: IdentityProviders;
  readonly roles: Roles;
  readonly credentials: CredentialStore;
  readonly sts: Sts;
  /** Keys of an administrator's session that never ends. */
  readonly administrator: Credential & { readonly sessionToken: string };
  /** Keys of a user, without a session token; `name` appears in the user's ARN. */
  createUserKeys(options: UserOptions): Credential;
  /** Roles, providers and claims as at the start; credentials that were given out stay valid. */
  reset(): void;
}

export interface UserOptions extends Pick<RoleOptions, 'policies' | 'allow' | 'deny'> {
  readonly name: string;
  /** Twelve digits. Default: the world's account. */
  readonly accountId?: string;
}

/** @param now Epoch milliseconds of wall time. */
export function createIdentity(accountId: string, now: () => number): Identity {
  const issuer = new Issuer(now);
  const providers = new IdentityProviders(accountId);
  const roles = new Roles(accountId);
  const credentials = new CredentialStore();
  const administrator = credentials.issueSession({
    arn: `arn:aws:sts::${accountId}:assumed-role/local-aws-admin/local`,
    userId: 'AROALOCALAWSADMIN0000:local',
    accountId,
    roleArn: `arn:aws:iam::${accountId}:role/local-aws-admin`,
    permissions: allPermissions,
  });
  const reset = () => {
    issuer.resetClaims();
    providers.clear();
    providers.put();
    roles.clear();
    roles.put(defaultRole(accountId));
  };
  reset();
  return {
    issuer,
    providers,
    roles,
    credentials,
    sts: createSts({ roles, providers, credentials, issuer, now }),
    administrator,
    createUserKeys: ({ name, accountId: userAccount = accountId, ...permissions }) =>
      credentials.issueKeys({
        arn: `arn:aws:iam::${userAccount}:user/${name}`,
        userId: `AIDA${name
          .toUpperCase()
          .replaceAll(/[^A-Z0-9]/g, '')
          .padEnd(17, '0')
          .slice(0, 17)}`,
        accountId: userAccount,
        permissions: permissionsOf(permissions),
      }),
    reset,
  };
}

/** The role that every branch and environment of the issuer's example repository may take. */
function defaultRole(accountId: string): RoleOptions {
  const provider = 'token.actions.githubusercontent.com';
  return {
    role: 'github-deploy',
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${provider}` },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: { [`${provider}:aud`]: 'sts.amazonaws.com' },
            StringLike: { [`${provider}:sub`]: 'repo:octo-org/octo-app:*' },
          },
        },
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${accountId}:root` },
          Action: ['sts:AssumeRole', 'sts:TagSession'],
        },
      ],
    },
  };
}
