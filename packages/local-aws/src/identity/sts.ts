import { failure } from '../protocol/failures.js';
import { listMembers } from '../protocol/query.js';
import type { AwsError } from '../protocol/service.js';
import type { XmlObject } from '../protocol/query.js';
import type { CredentialStore, Principal } from './credentials.js';
import type { IdentityProviders } from './identity-providers.js';
import { issuerName } from './identity-providers.js';
import type { Issuer } from './issuer.js';
import { authorize } from './permissions.js';
import { parseRoleArn } from './roles.js';
import type { Role, Roles } from './roles.js';
import { parseSessionRequest, validationError } from './sts-parameters.js';
import type { SessionRequest } from './sts-parameters.js';
import { trusts } from './trust-policy.js';
import { verifyWebIdentity } from './web-identity.js';

export const stsNamespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

export interface StsPorts {
  readonly roles: Roles;
  readonly providers: IdentityProviders;
  readonly credentials: CredentialStore;
  readonly issuer: Issuer;
  /** Epoch milliseconds of wall time. */
  now(): number;
}

/** Security Token Service: who asks is known already, except where the operation takes no signature. */
export interface Sts {
  isKnown(operation: string): boolean;
  /** True if requests of this operation carry no signature. */
  isUnsigned(operation: string): boolean;
  /** @throws AwsError in STS's words. */
  call(operation: string, parameters: URLSearchParams, caller: Principal | undefined): Promise<XmlObject>;
}

export function createSts(ports: StsPorts): Sts {
  return {
    isKnown: (operation) => operations.has(operation),
    isUnsigned: (operation) => operation === 'AssumeRoleWithWebIdentity',
    call: async (operation, parameters, caller) => {
      if (operation === 'AssumeRoleWithWebIdentity') return assumeRoleWithWebIdentity(ports, parameters);
      if (caller !== undefined && operation === 'AssumeRole') return assumeRole(ports, parameters, caller);
      if (caller !== undefined && operation === 'GetCallerIdentity') return getCallerIdentity(caller);
      throw unknownStsOperation(operation);
    },
  };
}

const operations = new Set(['AssumeRole', 'AssumeRoleWithWebIdentity', 'GetCallerIdentity']);

export function unknownStsOperation(operation: string): AwsError {
  return failure(
    'query',
    'unknown-operation',
    `Could not find operation ${operation} for version 2011-06-15`,
  );
}

function getCallerIdentity(caller: Principal): XmlObject {
  return { Arn: caller.arn, UserId: caller.userId, Account: caller.accountId };
}

async function assumeRoleWithWebIdentity(ports: StsPorts, parameters: URLSearchParams): Promise<XmlObject> {
  const action = 'sts:AssumeRoleWithWebIdentity';
  const request = parseSessionRequest(parameters, ['WebIdentityToken']);
  const target = parseTargetRole(request.roleArn);
  const identity = await verifyWebIdentity(parameters.get('WebIdentityToken')!, target.accountId, ports);

  const providerArn = `arn:${target.partition}:iam::${target.accountId}:oidc-provider/${issuerName(identity.provider.issuer)}`;
  const context = { ...identity.context, 'sts:rolesessionname': request.sessionName };
  const role = ports.roles.get(request.roleArn);
  if (role === undefined || !trusts(role.trustPolicy, { type: 'Federated', providerArn }, action, context)) {
    throw failure('query', 'access-denied', `Not authorized to perform ${action}`);
  }
  checkDuration(request, role);
  return {
    ...beginSession(ports, role, request),
    SubjectFromWebIdentityToken: identity.subject,
    Provider: providerArn,
    Audience: identity.audience,
  };
}

function assumeRole(ports: StsPorts, parameters: URLSearchParams, caller: Principal): XmlObject {
  const request = parseSessionRequest(parameters);
  parseTargetRole(request.roleArn);
  const role = ports.roles.get(request.roleArn);
  const tagged = listMembers(parameters, 'Tags', 'Key').length > 0;
  const actions = tagged ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole'];
  const context = {
    'sts:rolesessionname': request.sessionName,
    'sts:externalid': parameters.get('ExternalId') ?? undefined,
    'aws:principalarn': caller.roleArn ?? caller.arn,
    'aws:principalaccount': caller.accountId,
  };
  for (const action of actions) {
    authorize(caller, { action, resource: request.roleArn, context }, 'query');
    const arns = caller.roleArn === undefined ? [caller.arn] : [caller.arn, caller.roleArn];
    const applicant = { type: 'AWS', arns, accountId: caller.accountId } as const;
    if (role === undefined || !trusts(role.trustPolicy, applicant, action, context)) {
      throw failure(
        'query',
        'access-denied',
        `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${request.roleArn}`,
      );
    }
  }
  if (caller.roleArn !== undefined && request.durationSeconds > 3600) {
    throw validationError([
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    ]);
  }
  checkDuration(request, role!);
  return beginSession(ports, role!, request);
}

function parseTargetRole(arn: string): { partition: string; accountId: string } {
  const target = parseRoleArn(arn);
  if (target === undefined) throw validationError(['Request ARN is invalid']);
  return target;
}

function checkDuration({ durationSeconds }: SessionRequest, role: Role): void {
  if (durationSeconds > role.maxSessionDurationSeconds) {
    throw validationError([
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    ]);
  }
}

function beginSession(ports: StsPorts, role: Role, request: SessionRequest): XmlObject {
  const { partition, accountId, name, id } = role;
  const arn = `arn:${partition}:sts::${accountId}:assumed-role/${name}/${request.sessionName}`;
  const userId = `${id}:${request.sessionName}`;
  const permissions = { ...role.permissions, sessionPolicies: request.sessionPolicies };
  // STS tells the end in whole seconds.
  const expiresAt = Math.floor(ports.now() / 1000) * 1000 + request.durationSeconds * 1000;
  const keys = ports.credentials.issueSession(
    { arn, userId, accountId, roleArn: role.arn, permissions },
    expiresAt,
  );
  return {
    Credentials: {
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
      SessionToken: keys.sessionToken,
      Expiration: new Date(expiresAt).toISOString().replace('.000Z', 'Z'),
    },
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    ...(request.sessionPolicies.length > 0 && {
      PackedPolicySize: Math.ceil((JSON.stringify(request.sessionPolicies).length / 2048) * 100),
    }),
  };
}
