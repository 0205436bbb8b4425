import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ECRClient } from '@aws-sdk/client-ecr';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { errorWithCode } from '@ecs-actions/testkit';
import { getEcrLogin, groupEcrRegistries, parseEcrRegistry } from '../../src/ecr/index.js';
import { createRegistryClient } from '../../src/image/index.js';

const A = '111122223333';
const HOST = `${A}.dkr.ecr.eu-west-1.amazonaws.com`;
const DUAL = `${A}.dkr-ecr.eu-west-1.on.aws`;

describe('parseEcrRegistry', () => {
  it.each([
    [A, { accountId: A, region: 'us-east-1', hosts: [] }],
    [HOST, { accountId: A, region: 'eu-west-1', hosts: [HOST] }],
    [DUAL, { accountId: A, region: 'eu-west-1', hosts: [DUAL] }],
    ['public.ecr.aws', undefined],
    ['ghcr.io', undefined],
    ['1234', undefined],
  ])('%s', (text, expected) => {
    expect(parseEcrRegistry(text, 'us-east-1')).toEqual(expected);
  });
});

it('groupEcrRegistries asks once for an account and region, however many hosts it is named by', () => {
  const named = [HOST, '444455556666', DUAL, A, HOST].flatMap(
    (text) => parseEcrRegistry(text, 'us-east-1') ?? [],
  );
  expect(groupEcrRegistries(named)).toEqual([
    { accountId: A, region: 'eu-west-1', hosts: [HOST, DUAL] },
    { accountId: '444455556666', region: 'us-east-1', hosts: [] },
    { accountId: A, region: 'us-east-1', hosts: [] },
  ]);
});

describe('getEcrLogin', () => {
  let aws: LocalAws;
  let secrets: string[];

  beforeAll(async () => {
    aws = await startLocalAws({ clock: 'manual' });
  });
  afterAll(() => aws.stop());
  beforeEach(async () => {
    await aws.reset();
    secrets = [];
  });

  const login = (more: { accountId?: string; hosts?: string[] } = {}) =>
    getEcrLogin(
      {
        ecr: new ECRClient({
          region: aws.region,
          endpoint: aws.endpoint,
          credentials: aws.credentials,
          maxAttempts: 1,
        }),
        registry: { accountId: undefined, region: aws.region, hosts: [], ...more },
      },
      { onSecret: (secret) => secrets.push(secret) },
    );

  it('returns what the registry accepts', async () => {
    const credentials = await login();
    expect(credentials).toMatchObject({ registry: aws.host, hosts: [aws.host], username: 'AWS' });
    await createRegistryClient({ host: aws.host, credentials }, { clock: aws.clock }).checkLogin();
  });

  it('names token and password as secrets, but never the user name', async () => {
    const { password } = await login();
    expect(secrets).toEqual([Buffer.from(`AWS:${password}`).toString('base64'), password]);
  });

  it('keeps the hosts that were asked for', async () => {
    await expect(login({ accountId: aws.accountId, hosts: [DUAL] })).resolves.toMatchObject({
      accountId: aws.accountId,
      hosts: [aws.host, DUAL],
    });
  });

  it('tells a refusal of AWS', async () => {
    aws.faults.inject({ service: 'ecr', kind: 'access-denied' });
    await expect(login()).rejects.toEqual(errorWithCode('ACCESS_DENIED', 'ecr:GetAuthorizationToken'));
  });
});
