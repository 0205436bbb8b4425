import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
} from '@aws-sdk/client-sts';
import { generateKeyPair, SignJWT } from 'jose';
import { startLocalAws } from '../../src/index.js';
import type { LocalAws, PolicyDocument, TokenClaims } from '../../src/index.js';
import { clientsOf, errorOf } from '../support/clients.js';
import type { Keys } from '../support/clients.js';

const role = 'arn:aws:iam::123456789012:role/github-deploy';
const provider = 'token.actions.githubusercontent.com';
let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());
beforeEach(() => aws.reset());

async function assume(
  options: { roleArn?: string; claims?: TokenClaims; token?: string; seconds?: number; name?: string } = {},
) {
  const { sts } = clientsOf(aws);
  return sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: options.roleArn ?? role,
      RoleSessionName: options.name ?? 'gha-octo-app-1',
      WebIdentityToken: options.token ?? (await aws.issuer.mint(options.claims)),
      ...(options.seconds !== undefined && { DurationSeconds: options.seconds }),
    }),
  );
}

async function sessionKeys(options: Parameters<typeof assume>[0] = {}): Promise<Keys> {
  const { Credentials } = await assume(options);
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
}

function trust(conditions: PolicyDocument['Statement'] extends unknown ? Record<string, unknown> : never) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${provider}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: conditions,
      },
    ],
  } as PolicyDocument;
}

describe('AssumeRoleWithWebIdentity', () => {
  it('gives keys for a token of the issuer that the trust policy covers', async () => {
    const before = Date.now();
    const answer = await assume({ seconds: 900 });
    expect(answer.AssumedRoleUser?.Arn).toBe(
      'arn:aws:sts::123456789012:assumed-role/github-deploy/gha-octo-app-1',
    );
    expect(answer.SubjectFromWebIdentityToken).toBe('repo:octo-org/octo-app:ref:refs/heads/main');
    expect(answer.Audience).toBe('sts.amazonaws.com');
    expect(answer.Provider).toBe(`arn:aws:iam::123456789012:oidc-provider/${provider}`);
    const lifetime = answer.Credentials!.Expiration!.getTime() - before;
    expect(lifetime).toBeGreaterThan(898_000);
    expect(lifetime).toBeLessThan(905_000);
  });

  it('gives keys whose signatures hold', async () => {
    const { sts } = clientsOf(aws, { credentials: await sessionKeys() });
    const identity = await sts.send(new GetCallerIdentityCommand({}));
    expect(identity.Account).toBe('123456789012');
    expect(identity.Arn).toBe('arn:aws:sts::123456789012:assumed-role/github-deploy/gha-octo-app-1');
    expect(identity.UserId).toMatch(/^AROA[A-Z0-9]{17}:gha-octo-app-1$/);
  });

  it.each<[string, TokenClaims, string, string, number]>([
    [
      'another audience',
      { aud: 'https://github.com/octo-org' },
      'InvalidIdentityTokenException',
      'Incorrect token audience',
      400,
    ],
    [
      'another repository',
      { repository: 'octo-org/other' },
      'AccessDenied',
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      403,
    ],
    [
      'the immutable form of the subject',
      { sub: 'repo:octo-org@65/octo-app@74:ref:refs/heads/main' },
      'AccessDenied',
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      403,
    ],
    [
      'an issuer that the account does not know',
      { iss: 'https://gitlab.example' },
      'InvalidIdentityTokenException',
      'No OpenIDConnect provider found in your account for https://gitlab.example',
      400,
    ],
  ])('refuses a token with %s', async (_what, claims, name, message, status) => {
    expect(await errorOf(assume({ claims }))).toEqual({ name, message, status });
  });

  it('refuses a token that is past its end', async () => {
    const past = Math.floor(Date.now() / 1000) - 10;
    const error = await errorOf(assume({ claims: { exp: past } }));
    expect(error.name).toBe('ExpiredTokenException');
    expect(error.message).toMatch(
      new RegExp(`^Token expired: current date/time \\d+ must be before the expiration date/time${past}$`),
    );
    expect(error.status).toBe(400);
  });

  it('refuses what is no token', async () => {
    const error = await errorOf(assume({ token: 'not.a.token' }));
    expect(error.name).toBe('InvalidIdentityTokenException');
    expect(error.message).toMatch(/^The ID Token provided is not a valid JWT\./);
  });

  it('refuses a token that somebody else signed in the name of the issuer', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const token = await new SignJWT({ sub: 'repo:octo-org/octo-app:ref:refs/heads/main' })
      .setProtectedHeader({ alg: 'RS256', kid: 'theirs' })
      .setIssuer('https://token.actions.githubusercontent.com')
      .setAudience('sts.amazonaws.com')
      .setExpirationTime('5 min')
      .sign(privateKey);
    const error = await errorOf(assume({ token }));
    expect(error.name).toBe('InvalidIdentityTokenException');
    expect(error.message).toMatch(/^Couldn't retrieve verification key from your identity provider/);
  });

  it('refuses a token that was changed', async () => {
    const [header, payload, signature] = (await aws.issuer.mint()).split('.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
    const changed = Buffer.from(JSON.stringify({ ...claims, actor: 'mallory' })).toString('base64url');
    const error = await errorOf(assume({ token: `${header}.${changed}.${signature}` }));
    expect(error.name).toBe('InvalidIdentityTokenException');
  });

  it('refuses a role that is not there as it refuses one that does not trust', async () => {
    expect(await errorOf(assume({ roleArn: `${role}-typo` }))).toEqual({
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      status: 403,
    });
  });

  it('looks for the provider in the account of the role', async () => {
    const roleArn = 'arn:aws:iam::210987654321:role/elsewhere';
    const message =
      'No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com';
    expect(await errorOf(assume({ roleArn }))).toEqual({
      name: 'InvalidIdentityTokenException',
      message,
      status: 400,
    });

    aws.identityProviders.put({ accountId: '210987654321' });
    aws.roles.put({
      role: roleArn,
      trustPolicy: {
        Statement: {
          Effect: 'Allow',
          Principal: { Federated: `arn:aws:iam::210987654321:oidc-provider/${provider}` },
          Action: 'sts:AssumeRoleWithWebIdentity',
        },
      },
    });
    const credentials = await sessionKeys({ roleArn });
    const { Account } = await clientsOf(aws, { credentials }).sts.send(new GetCallerIdentityCommand({}));
    expect(Account).toBe('210987654321');
  });

  it.each<[number, string]>([
    [3601, 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'],
    [
      899,
      "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    ],
    [
      43_201,
      "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
    ],
  ])('refuses a session of %i seconds', async (seconds, message) => {
    expect(await errorOf(assume({ seconds }))).toEqual({ name: 'ValidationError', message, status: 400 });
  });

  it('names every parameter that is wrong', async () => {
    const error = await errorOf(assume({ name: 'a b', seconds: 1 }));
    expect(error.message).toMatch(
      /^2 validation errors detected: Value 'a b' at 'roleSessionName'.*; Value '1'/,
    );
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'no role',
      {},
      "3 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null; Value null at 'webIdentityToken' failed to satisfy constraint: Member must not be null",
    ],
    [
      'names that are too short and too long',
      { RoleArn: 'arn', RoleSessionName: 'x'.repeat(65), WebIdentityToken: 'x' },
      `2 validation errors detected: Value 'arn' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; Value '${'x'.repeat(65)}' at 'roleSessionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ],
    [
      'a duration that is no number',
      { RoleArn: role, RoleSessionName: 'ci', WebIdentityToken: 'x', DurationSeconds: 'long' },
      "1 validation error detected: Value 'long' at 'durationSeconds' failed to satisfy constraint: Member must be an integer",
    ],
  ])('refuses %s', async (_what, parameters, message) => {
    const body = new URLSearchParams({ Action: 'AssumeRoleWithWebIdentity', ...parameters });
    const response = await fetch(aws.endpoint, { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`<Code>ValidationError</Code><Message>${message}</Message>`);
  });

  it('refuses what is no ARN of a role', async () => {
    expect(await errorOf(assume({ roleArn: 'arn:aws:s3:::bucket/with-a-name' }))).toEqual({
      name: 'ValidationError',
      message: 'Request ARN is invalid',
      status: 400,
    });
  });
});

describe('trust policies', () => {
  const sub = `${provider}:sub`;
  const claims: TokenClaims = { environment: 'production', ref: 'refs/heads/release/1' };

  it.each<[string, Record<string, unknown>, boolean]>([
    ['no condition', {}, true],
    [
      'a value under StringEquals',
      { StringEquals: { [sub]: 'repo:octo-org/octo-app:environment:production' } },
      true,
    ],
    [
      'one of several values',
      { StringEquals: { [sub]: ['x', 'repo:octo-org/octo-app:environment:production'] } },
      true,
    ],
    ['a wildcard under StringEquals', { StringEquals: { [sub]: 'repo:octo-org/octo-app:*' } }, false],
    [
      'a wildcard under StringLike',
      { StringLike: { [sub]: 'repo:octo-org/*:environment:prod???ion' } },
      true,
    ],
    ['another letter case', { StringLike: { [sub]: 'repo:Octo-Org/octo-app:*' } }, false],
    [
      'another letter case, ignored',
      { StringEqualsIgnoreCase: { [sub]: 'REPO:octo-org/octo-app:environment:production' } },
      true,
    ],
    [
      'the key in another letter case',
      { StringLike: { [`${provider}:SUB`]: 'repo:octo-org/octo-app:*' } },
      true,
    ],
    ['the ref, which the environment replaces in the subject', { StringLike: { [sub]: '*:ref:*' } }, false],
    ['the ref as a claim', { StringLike: { [`${provider}:ref`]: 'refs/heads/release/*' } }, true],
    ['the repository id', { StringEquals: { [`${provider}:repository_id`]: '74' } }, true],
    ['the environment', { StringEquals: { [`${provider}:environment`]: 'staging' } }, false],
    [
      'the called workflow',
      { StringLike: { [`${provider}:job_workflow_ref`]: '*/deploy.yml@refs/heads/main' } },
      true,
    ],
    ['a claim that STS does not offer', { StringEquals: { [`${provider}:event_name`]: 'push' } }, false],
    [
      'an absent claim under a negated operator',
      { StringNotEquals: { [`${provider}:event_name`]: 'push' } },
      true,
    ],
    ['a present claim under a negated operator', { StringNotLike: { [sub]: 'repo:octo-org/*' } }, false],
    ['ForAnyValue', { 'ForAnyValue:StringLike': { [sub]: ['x', 'repo:octo-org/*'] } }, true],
    ['ForAnyValue on an absent claim', { 'ForAnyValue:StringLike': { [`${provider}:nope`]: '*' } }, false],
    ['ForAllValues on an absent claim', { 'ForAllValues:StringEquals': { [`${provider}:nope`]: 'x' } }, true],
    ['IfExists on an absent claim', { StringEqualsIfExists: { [`${provider}:nope`]: 'x' } }, true],
    ['Null on a present claim', { Null: { [sub]: 'false' } }, true],
    [
      'two operators of which one fails',
      { StringLike: { [sub]: '*' }, StringEquals: { [`${provider}:aud`]: 'x' } },
      false,
    ],
  ])('%s', async (_what, conditions, trusted) => {
    aws.roles.put({ role: 'tested', trustPolicy: trust(conditions) });
    const attempt = assume({ roleArn: 'arn:aws:iam::123456789012:role/tested', claims });
    if (trusted) expect((await attempt).Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    else expect((await errorOf(attempt)).name).toBe('AccessDenied');
  });

  it('lets a Deny win', async () => {
    const allow = trust({});
    const { Principal, Action } = (allow.Statement as any)[0];
    aws.roles.put({
      role: 'tested',
      trustPolicy: {
        Statement: [
          ...(allow.Statement as any),
          { Effect: 'Deny', Principal, Action, Condition: { StringLike: { [sub]: '*:pull_request' } } },
        ],
      },
    });
    const roleArn = 'arn:aws:iam::123456789012:role/tested';
    await assume({ roleArn });
    expect((await errorOf(assume({ roleArn, claims: { event_name: 'pull_request' } }))).name).toBe(
      'AccessDenied',
    );
  });

  it('refuses to take in an operator that it could not evaluate', () => {
    expect(() =>
      aws.roles.put({ role: 'tested', trustPolicy: trust({ DateGreaterThan: { 'aws:CurrentTime': 'x' } }) }),
    ).toThrow('the condition operator DateGreaterThan is not known here');
  });
});

describe('AssumeRole', () => {
  const assumeRole = (keys: Keys, input: Partial<ConstructorParameters<typeof AssumeRoleCommand>[0]> = {}) =>
    clientsOf(aws, { credentials: keys }).sts.send(
      new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'chained', ...input }),
    );

  it('takes a role of the same account', async () => {
    const { Credentials, AssumedRoleUser } = await assumeRole(aws.credentials);
    expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::123456789012:assumed-role/github-deploy/chained');
    expect(Credentials?.SessionToken).toBeDefined();
  });

  it('asks for the external id where the trust policy does', async () => {
    aws.roles.put({
      role: 'guarded',
      trustPolicy: {
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::123456789012:root' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': 'secret-handshake' } },
        },
      },
    });
    const RoleArn = 'arn:aws:iam::123456789012:role/guarded';
    expect(await errorOf(assumeRole(aws.credentials, { RoleArn }))).toEqual({
      name: 'AccessDenied',
      message: `User: arn:aws:sts::123456789012:assumed-role/local-aws-admin/local is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
      status: 403,
    });
    await assumeRole(aws.credentials, { RoleArn, ExternalId: 'secret-handshake' });
  });

  it('needs leave for tags', async () => {
    aws.roles.put({
      role: 'untagged',
      trustPolicy: {
        Statement: { Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'sts:AssumeRole' },
      },
    });
    const RoleArn = 'arn:aws:iam::123456789012:role/untagged';
    await assumeRole(aws.credentials, { RoleArn });
    const error = await errorOf(assumeRole(aws.credentials, { RoleArn, Tags: [{ Key: 'a', Value: 'b' }] }));
    expect(error.message).toContain('is not authorized to perform: sts:TagSession on resource');
  });

  it('caps a chained session at an hour, but not that of a user', async () => {
    aws.roles.put({
      role: 'long',
      maxSessionDurationSeconds: 43_200,
      trustPolicy: { Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' } },
    });
    const input = { RoleArn: 'arn:aws:iam::123456789012:role/long', DurationSeconds: 7200 };
    expect((await errorOf(assumeRole(aws.credentials, input))).message).toBe(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
    await assumeRole(aws.createUserKeys({ name: 'alice' }), input);
  });

  it('refuses another account, and a user who may not', async () => {
    const stranger = aws.createUserKeys({ name: 'eve', accountId: '999999999999' });
    expect((await errorOf(assumeRole(stranger))).name).toBe('AccessDenied');
    const alice = aws.createUserKeys({ name: 'alice', deny: ['sts:AssumeRole'] });
    expect((await errorOf(assumeRole(alice))).message).toBe(
      `User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole on resource: ${role} because no identity-based policy allows the sts:AssumeRole action`,
    );
  });
});

describe('sessions', () => {
  it('end', async () => {
    const { sts } = clientsOf(aws, { credentials: await sessionKeys() });
    await sts.send(new GetCallerIdentityCommand({}));
    aws.expireSessions();
    expect(await errorOf(sts.send(new GetCallerIdentityCommand({})))).toEqual({
      name: 'ExpiredToken',
      message: 'The security token included in the request is expired',
      status: 403,
    });
  });

  it('of the administrator and keys of users do not', async () => {
    aws.expireSessions();
    await clientsOf(aws).sts.send(new GetCallerIdentityCommand({}));
    const keys = aws.createUserKeys({ name: 'alice' });
    const { Arn } = await clientsOf(aws, { credentials: keys }).sts.send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe('arn:aws:iam::123456789012:user/alice');
  });
});
