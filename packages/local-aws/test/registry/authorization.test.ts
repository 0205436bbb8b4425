import { afterEach, expect, test } from '@jest/globals';
import {
  accountId,
  basic,
  grant,
  pushImage,
  region,
  mountRegistry,
  type MountedRegistry,
} from './support.js';

const hour = 3_600_000;
const other = '210987654321';
let registry: MountedRegistry;
let wallTime: number;

async function start(): Promise<void> {
  wallTime = Date.UTC(2026, 5, 1);
  registry = await mountRegistry({ wallClock: () => wallTime });
}

afterEach(() => registry.stop());

interface AuthorizationData {
  readonly authorizationToken: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
  readonly proxyEndpoint: string;
}

/** GetAuthorizationToken, with the header that docker makes of it. */
function logIn(registryIds?: string[], account = accountId, inRegion = region) {
  const { authorizationData } = registry.call(
    'GetAuthorizationToken',
    { registryIds },
    { accountId: account, region: inRegion },
  ) as { authorizationData: AuthorizationData[] };
  return authorizationData.map((data) => ({ ...data, authorization: `Basic ${data.authorizationToken}` }));
}

async function errorOf(response: Response): Promise<unknown> {
  const { errors } = (await response.json()) as { errors: unknown[] };
  return [response.status, ...errors];
}

test('a token is user AWS and a password, for this host, for twelve hours of wall time', async () => {
  await start();
  const [token] = logIn();
  expect(token).toMatchObject({
    proxyEndpoint: `http://${registry.host}`,
    expiresAt: wallTime / 1000 + 12 * 3600,
  });
  const [user, password = ''] = Buffer.from(token?.authorizationToken ?? '', 'base64')
    .toString()
    .split(':');
  expect(user).toBe('AWS');
  expect(JSON.parse(Buffer.from(password, 'base64').toString())).toMatchObject({
    type: 'DATA_KEY',
    expiration: wallTime / 1000 + 12 * 3600,
  });
  const ping = () => registry.request('GET', '/v2/', { authorization: token?.authorization ?? null });
  wallTime += 12 * hour - 1;
  await registry.clock.advance(1000 * hour);
  expect((await ping()).status).toBe(200);
  wallTime += 1;
  expect(await errorOf(await ping())).toEqual([
    403,
    { code: 'DENIED', message: 'Your authorization token has expired. Reauthenticate and try again.' },
  ]);
});

test('without a token the registry asks for one as ECR does', async () => {
  await start();
  const response = await registry.request('GET', '/v2/', { authorization: null });
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe(
    `Basic realm="http://${registry.host}/",service="ecr.amazonaws.com"`,
  );
  expect(response.headers.get('content-type')).toContain('text/plain');
  expect(await response.text()).toBe('Not Authorized\n');
});

test('nothing but a token of this registry passes', async () => {
  await start();
  const { password } = registry.registry.issueToken(grant);
  const sealed = JSON.parse(Buffer.from(password, 'base64').toString());
  const forged = Buffer.from(
    JSON.stringify({
      ...sealed,
      payload: Buffer.from(JSON.stringify({ ...grant, registryId: other, expiresAtMs: 1e15 })).toString(
        'base64',
      ),
    }),
  ).toString('base64');
  const elsewhere = await mountRegistry();
  const foreign = elsewhere.registry.issueToken(grant).password;
  await elsewhere.stop();
  const wrong = {
    'another user': basic(password, 'aws'),
    'a forged payload': basic(forged),
    'a cut token': basic(password.slice(0, -9)),
    'the token of another world': basic(foreign),
    'a word': basic('password'),
    'a bearer token': `Bearer ${password}`,
  };
  for (const [what, authorization] of Object.entries(wrong)) {
    const response = await registry.request('GET', '/v2/', { authorization });
    expect([what, ...((await errorOf(response)) as unknown[])]).toEqual([
      what,
      400,
      { code: 'DENIED', message: 'Your Authorization Token is invalid.' },
    ]);
  }
});

test('the token says which account and region the registry is', async () => {
  await start();
  registry.call('CreateRepository', { repositoryName: 'app' }, { accountId: other, region: 'eu-west-1' });
  const statusFor = async (...login: Parameters<typeof logIn>) => {
    const [token] = logIn(...login);
    const response = await registry.request('GET', '/v2/app/tags/list', {
      authorization: token?.authorization ?? null,
    });
    return response.status;
  };
  expect(await statusFor(undefined, other, 'eu-west-1')).toBe(200);
  expect(await statusFor(undefined, other, 'us-east-1')).toBe(404);
  expect(await statusFor(undefined, accountId, 'eu-west-1')).toBe(404);
});

test('a repository policy opens a registry to another account', async () => {
  await start();
  registry.call('CreateRepository', { repositoryName: 'app' });
  await pushImage(registry, 'app', { tag: 'v1' });
  const [token] = logIn([accountId], other);
  const authorization = token?.authorization ?? null;
  const pull = () => registry.request('GET', '/v2/app/manifests/v1', { authorization });
  const principal = `arn:aws:iam::${other}:user/tester`;
  const arn = `arn:aws:ecr:${region}:${accountId}:repository/app`;
  expect(await errorOf(await pull())).toEqual([
    403,
    {
      code: 'DENIED',
      message: `User: ${principal} is not authorized to perform: ecr:BatchGetImage on resource: ${arn} because no resource-based policy allows the ecr:BatchGetImage action`,
    },
  ]);
  registry.call('SetRepositoryPolicy', {
    repositoryName: 'app',
    policyText: JSON.stringify({
      Statement: { Effect: 'Allow', Principal: { AWS: principal }, Action: 'ecr:BatchGetImage' },
    }),
  });
  expect((await pull()).status).toBe(200);
  const push = await registry.request('POST', '/v2/app/blobs/uploads/', { authorization });
  expect(push.status).toBe(403);
});

test('several registries get a token each; their ids are checked', async () => {
  await start();
  expect(logIn([accountId, other])).toHaveLength(2);
  expect(() => logIn([`${accountId} `])).toThrow(
    "Invalid parameter at 'registryIds' failed to satisfy constraint: 'Member must satisfy constraint: [Member must satisfy regular expression pattern: [0-9]{12}]'",
  );
});
