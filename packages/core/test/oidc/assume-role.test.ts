import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { errorWithCode } from '@ecs-actions/testkit';
import { assumeRoleWithIdToken, type RoleToAssume } from '../../src/oidc/index.js';

const MINUTE = 60_000;
let aws: LocalAws;
let minted: string[];
let secrets: string[];

// Sessions keep to wall time, so that each test needs a clock that has not been moved on yet.
beforeEach(async () => {
  aws = await startLocalAws({ clock: 'manual' });
  minted = [];
  secrets = [];
});
afterEach(() => aws.stop());

function provider(role: Partial<RoleToAssume> = {}) {
  return assumeRoleWithIdToken(
    {
      roleArn: `arn:aws:iam::${aws.accountId}:role/github-deploy`,
      sessionName: 'gha-octo-app-1',
      sts: new STSClient({ region: aws.region, endpoint: aws.endpoint, maxAttempts: 1 }),
      mintIdToken: async (audience: string) => {
        const token = await aws.issuer.mint({ aud: audience });
        minted.push(token);
        return token;
      },
      ...role,
    },
    { clock: aws.clock, onSecret: (secret) => secrets.push(secret) },
  );
}

const exchanges = () =>
  aws.requests.filter(({ operation }) => operation === 'AssumeRoleWithWebIdentity').length;

describe('a role that trusts the token', () => {
  it('signs calls of any client', async () => {
    const credentials = provider();
    const sts = new STSClient({ region: aws.region, endpoint: aws.endpoint, credentials });
    await expect(sts.send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
      Arn: `arn:aws:sts::${aws.accountId}:assumed-role/github-deploy/gha-octo-app-1`,
    });
  });

  it('names every secret before the credentials are handed out', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await provider()();
    expect(secrets).toEqual([minted[0], secretAccessKey, sessionToken, accessKeyId]);
  });

  it('is asked once, by however many clients', async () => {
    const credentials = provider();
    const [first, second] = await Promise.all([credentials(), credentials()]);
    expect(second).toBe(first);
    await expect(credentials()).resolves.toBe(first);
    expect(exchanges()).toBe(1);
  });

  it('is asked for the audience of its partition, or for the one given', async () => {
    await provider({ audience: 'mine' })().catch(() => {});
    const claims = JSON.parse(Buffer.from(minted[0]?.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(claims).toMatchObject({ aud: 'mine' });
  });
});

describe('a long wait', () => {
  it('renews the session five minutes before its end, with a fresh ID token', async () => {
    const credentials = provider();
    const first = await credentials();
    await aws.clock.advance(54 * MINUTE);
    await expect(credentials()).resolves.toBe(first);
    await aws.clock.advance(2 * MINUTE);
    const second = await credentials();
    expect(second.accessKeyId).not.toBe(first.accessKeyId);
    expect(new Set(minted).size).toBe(2);
  });

  it('goes on with the old session while that lives, and then says how long it lasted', async () => {
    const credentials = provider();
    const first = await credentials();
    aws.roles.remove(`arn:aws:iam::${aws.accountId}:role/github-deploy`);
    await aws.clock.advance(57 * MINUTE);
    await expect(aws.clock.runUntil(credentials())).resolves.toBe(first);
    await aws.clock.advance(10 * MINUTE);
    await expect(aws.clock.runUntil(credentials())).rejects.toEqual(
      errorWithCode('CREDENTIALS_EXPIRED', /ran out after 67 minutes and could not be renewed: .*sub repo:/),
    );
  });
});

describe('a role that refuses', () => {
  it('is asked three times, since IAM takes a moment to spread, and explained', async () => {
    aws.issuer.setClaims({ sub: 'repo:someone/else:ref:refs/heads/main' });
    const startedAt = aws.clock.now();
    const refused = aws.clock.runUntil(provider()());
    await expect(refused).rejects.toEqual(errorWithCode('ROLE_REFUSED', 'sub repo:someone/else:ref'));
    expect(exchanges()).toBe(3);
    expect(aws.clock.now() - startedAt).toBe(4_000);
  });

  it('may have spread by the second time', async () => {
    aws.faults.inject({ service: 'sts', kind: 'access-denied' });
    await expect(aws.clock.runUntil(provider()())).resolves.toHaveProperty('sessionToken');
    expect(minted).toHaveLength(1);
  });

  it('shows no part of the token', async () => {
    aws.issuer.setClaims({ sub: 'repo:someone/else:ref:refs/heads/main' });
    const error = (await aws.clock.runUntil(provider()().catch((thrown: unknown) => thrown))) as {
      message: string;
      hint: string;
    };
    const [header = '', payload = '', signature = ''] = minted[0]?.split('.') ?? [];
    for (const part of [header, payload, signature]) {
      expect(part.length).toBeGreaterThan(10);
      expect(`${error.message}${error.hint}`).not.toContain(part);
    }
  });

  it.each([
    [
      'no provider',
      { roleArn: 'arn:aws:iam::999999999999:role/github-deploy' },
      /create-open-id-connect-provider/,
    ],
    ['audience', { audience: 'other' }, /aud is other/],
  ])('for want of a matching %s, is asked once', async (_what, role, message) => {
    await expect(aws.clock.runUntil(provider(role)())).rejects.toEqual(
      errorWithCode('ROLE_REFUSED', message),
    );
    expect(exchanges()).toBe(1);
  });

  it('says which input asks for too long a session', async () => {
    await expect(provider({ durationSeconds: 7200 })()).rejects.toEqual(
      errorWithCode('INPUT_INVALID', 'role-duration-seconds'),
    );
  });
});

describe('without an answer', () => {
  it('passes on what STS is suffering from', async () => {
    aws.faults.inject({ service: 'sts', kind: 'throttle' });
    await expect(provider()()).rejects.toEqual(errorWithCode('AWS_THROTTLED'));
  });

  it('says that there is no ID token', async () => {
    const mintIdToken = () => Promise.reject(new Error('no such service'));
    await expect(provider({ mintIdToken })()).rejects.toEqual(
      errorWithCode('ID_TOKEN_UNAVAILABLE', 'token service'),
    );
  });
});

it('refuses a role or session name that STS would not take, at once', () => {
  expect(() => provider({ roleArn: 'deploy' })).toThrow(/role-to-assume/);
  expect(() => provider({ sessionName: 'two words' })).toThrow(/role-session-name/);
});
