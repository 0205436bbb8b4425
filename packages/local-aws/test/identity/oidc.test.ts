import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ListClustersCommand, ECSClient } from '@aws-sdk/client-ecs';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { startLocalAws } from '../../src/index.js';
import type { LocalAws } from '../../src/index.js';

let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());
beforeEach(() => aws.reset());

/** As the runner's toolkit asks: the audience is appended to the URL as it is. */
async function requestToken(
  audience?: string,
  { url = aws.issuer.idTokenRequestUrl, token = aws.issuer.idTokenRequestToken } = {},
) {
  const response = await fetch(
    audience === undefined ? url : `${url}&audience=${encodeURIComponent(audience)}`,
    { headers: { authorization: `Bearer ${token}` } },
  );
  return { status: response.status, body: (await response.json()) as { count: number; value: string } };
}

describe('the token endpoint', () => {
  it('gives a token that the published keys verify', async () => {
    const { body } = await requestToken('sts.amazonaws.com');
    expect(body.count).toBe(body.value.length);
    const discovery = (await (await fetch(`${aws.endpoint}/.well-known/openid-configuration`)).json()) as {
      issuer: string;
      jwks_uri: string;
    };
    const keys = createRemoteJWKSet(new URL(discovery.jwks_uri));
    const { payload, protectedHeader } = await jwtVerify(body.value, keys, {
      issuer: discovery.issuer,
      audience: 'sts.amazonaws.com',
    });
    expect(discovery.issuer).toBe('https://token.actions.githubusercontent.com');
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload.exp! - payload.iat!).toBe(300);
    expect(payload).toMatchObject({
      sub: 'repo:octo-org/octo-app:ref:refs/heads/main',
      repository: 'octo-org/octo-app',
      repository_id: '74',
      job_workflow_ref: 'octo-org/octo-app/.github/workflows/deploy.yml@refs/heads/main',
    });
    expect(payload).not.toHaveProperty('environment');
  });

  it('takes the owner for the audience if none is asked for', async () => {
    const { body } = await requestToken();
    expect(decodeJwt(body.value).aud).toBe('https://github.com/octo-org');
  });

  it('wants the request token', async () => {
    expect((await requestToken('sts.amazonaws.com', { token: 'wrong' })).status).toBe(401);
  });

  it.each([
    [{ environment: 'production' }, 'repo:octo-org/octo-app:environment:production'],
    [{ event_name: 'pull_request' }, 'repo:octo-org/octo-app:pull_request'],
    [{ ref: 'refs/tags/v1' }, 'repo:octo-org/octo-app:ref:refs/tags/v1'],
    [{ sub: 'repo:a@1/b@2:environment:p', environment: 'p' }, 'repo:a@1/b@2:environment:p'],
  ])('serves a job with the claims %j', async (claims, sub) => {
    const { body } = await requestToken('x', { url: aws.issuer.requestUrlFor(claims) });
    expect(decodeJwt(body.value)).toMatchObject({ ...claims, sub, aud: 'x' });
  });

  it('follows claims that are changed for all', async () => {
    aws.issuer.setClaims({ repository: 'octo-org/other', actor: undefined });
    const { body } = await requestToken('x');
    expect(decodeJwt(body.value).sub).toBe('repo:octo-org/other:ref:refs/heads/main');
    expect(decodeJwt(body.value)).not.toHaveProperty('actor');
    await aws.reset();
    expect(decodeJwt(await aws.issuer.mint()).actor).toBe('octocat');
  });

  it('refuses claims that it cannot read', async () => {
    const { status } = await requestToken('x', { url: `${aws.issuer.idTokenRequestUrl}&claims=%7B` });
    expect(status).toBe(400);
  });
});

describe('from the runner’s token to a signed call', () => {
  it('gets fresh credentials when a session has ended', async () => {
    const sts = new STSClient({ endpoint: aws.endpoint, region: aws.region, maxAttempts: 1 });
    let exchanges = 0;
    const ecs = new ECSClient({
      endpoint: aws.endpoint,
      region: aws.region,
      maxAttempts: 1,
      credentials: async () => {
        exchanges += 1;
        const { body } = await requestToken('sts.amazonaws.com');
        const { Credentials } = await sts.send(
          new AssumeRoleWithWebIdentityCommand({
            RoleArn: 'arn:aws:iam::123456789012:role/github-deploy',
            RoleSessionName: `attempt-${exchanges}`,
            WebIdentityToken: body.value,
          }),
        );
        return {
          accessKeyId: Credentials!.AccessKeyId!,
          secretAccessKey: Credentials!.SecretAccessKey!,
          sessionToken: Credentials!.SessionToken!,
          // So near that the SDK asks again for the next call.
          expiration: new Date(Date.now() + 1000),
        };
      },
    });
    await ecs.send(new ListClustersCommand({}));
    aws.expireSessions();
    await ecs.send(new ListClustersCommand({}));
    expect(exchanges).toBeGreaterThan(1);
    expect(aws.requests.map(({ service, operation }) => `${service}:${operation}`)).toEqual(
      expect.arrayContaining(['oidc:GetIdToken', 'sts:AssumeRoleWithWebIdentity', 'ecs:ListClusters']),
    );
    expect(aws.requests.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(aws.requests.at(-1)?.principalArn).toMatch(/assumed-role\/github-deploy\/attempt-\d$/);
    expect(JSON.stringify(aws.requests)).not.toContain('eyJ');
  });
});
