import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DescribeRepositoriesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-ecr';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { errorWithCode } from '@ecs-actions/testkit';
import {
  ensureRepository,
  findEcrImage,
  findRepository,
  isTagImmutable,
  locateEcrRepository,
  readPushTargetState,
} from '../../src/ecr/index.js';

const REPOSITORY = { repositoryName: 'team/app' };
let aws: LocalAws;
let ecr: ECRClient;

beforeAll(async () => {
  aws = await startLocalAws({ clock: 'manual' });
  ecr = new ECRClient({
    region: aws.region,
    endpoint: aws.endpoint,
    credentials: aws.credentials,
    maxAttempts: 1,
  });
});
afterAll(() => aws.stop());
beforeEach(() => aws.reset());

const ensure = (options = {}) => ensureRepository({ ecr, repository: REPOSITORY }, options);

describe('ensureRepository', () => {
  it('creates what is not there, once', async () => {
    const first = await ensure();
    expect(first).toMatchObject({ created: true, repository: { repositoryUri: `${aws.host}/team/app` } });
    await expect(ensure()).resolves.toMatchObject({ created: false, repository: first.repository });
  });

  it('creates it as asked', async () => {
    const lifecyclePolicy = JSON.stringify({
      rules: [
        {
          rulePriority: 1,
          description: 'keep ten',
          selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 10 },
          action: { type: 'expire' },
        },
      ],
    });
    const { repository } = await ensure({
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      exclusionFilters: ['cache-*'],
      scanOnPush: true,
      lifecyclePolicy,
      tags: [{ Key: 'team', Value: 'shop' }],
    });
    expect(repository).toMatchObject({
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'cache-*' }],
      imageScanningConfiguration: { scanOnPush: true },
    });
    const policy = await ecr.send(new GetLifecyclePolicyCommand(REPOSITORY));
    expect(policy.lifecyclePolicyText).toBe(lifecyclePolicy);
    const { tags } = await ecr.send(
      new ListTagsForResourceCommand({ resourceArn: repository.repositoryArn }),
    );
    expect(tags).toEqual([{ Key: 'team', Value: 'shop' }]);
  });

  it('takes empty lists for none', async () => {
    await expect(ensure({ tags: [], exclusionFilters: [] })).resolves.toMatchObject({ created: true });
  });

  it('may lose a race', async () => {
    const results = await Promise.all(Array.from({ length: 5 }, () => ensure()));
    expect(results.filter(({ created }) => created)).toHaveLength(1);
    expect((await ecr.send(new DescribeRepositoriesCommand({}))).repositories).toHaveLength(1);
  });

  it('says which statement is missing', async () => {
    aws.faults.inject({ service: 'ecr', operation: 'CreateRepository', kind: 'access-denied' });
    await expect(ensure()).rejects.toEqual(errorWithCode('ACCESS_DENIED', 'ecr:CreateRepository'));
  });
});

describe('looking up', () => {
  it('finds nothing where there is nothing', async () => {
    await expect(findRepository(ecr, REPOSITORY)).resolves.toBeUndefined();
    await expect(findEcrImage(ecr, REPOSITORY, { imageTag: 'v1' })).resolves.toBeUndefined();
    await ensure();
    await expect(findEcrImage(ecr, REPOSITORY, { imageTag: 'v1' })).resolves.toBeUndefined();
  });

  it('takes no failure for an absence', async () => {
    aws.faults.inject({ service: 'ecr', kind: 'throttle', times: 2 });
    await expect(findRepository(ecr, REPOSITORY)).rejects.toEqual(errorWithCode('AWS_THROTTLED'));
    await expect(findEcrImage(ecr, REPOSITORY, { imageTag: 'v1' })).rejects.toEqual(
      errorWithCode('AWS_THROTTLED'),
    );
  });
});

describe('readPushTargetState', () => {
  it('tells a missing repository from one where the tag is free', async () => {
    await expect(readPushTargetState(ecr, REPOSITORY, 'v1')).resolves.toEqual({ exists: false });
    await ensure({ imageTagMutability: 'IMMUTABLE' });
    await expect(readPushTargetState(ecr, REPOSITORY, 'v1')).resolves.toEqual({
      exists: true,
      tagImmutable: true,
    });
  });

  it('is silent where the API is', async () => {
    aws.faults.inject({ service: 'ecr', kind: 'access-denied' });
    await expect(readPushTargetState(ecr, REPOSITORY, 'v1')).resolves.toBeUndefined();
  });
});

it.each([
  ['MUTABLE', [], 'v1', false],
  ['IMMUTABLE', [], 'v1', true],
  ['IMMUTABLE_WITH_EXCLUSION', ['cache-*', 'latest'], 'v1', true],
  ['IMMUTABLE_WITH_EXCLUSION', ['cache-*', 'latest'], 'cache-1', false],
  ['IMMUTABLE_WITH_EXCLUSION', ['cache-*', 'latest'], 'latest', false],
  ['IMMUTABLE_WITH_EXCLUSION', ['v1.*'], 'v1x', true],
  ['MUTABLE_WITH_EXCLUSION', ['v*'], 'v1', true],
  ['MUTABLE_WITH_EXCLUSION', ['v*'], 'main', false],
] as const)('isTagImmutable(%s %j, %s) is %s', (imageTagMutability, filters, tag, expected) => {
  const imageTagMutabilityExclusionFilters = filters.map((filter) => ({
    filterType: 'WILDCARD' as const,
    filter,
  }));
  expect(isTagImmutable({ imageTagMutability, imageTagMutabilityExclusionFilters }, tag)).toBe(expected);
});

describe('locateEcrRepository', () => {
  const locate = (registry: string) =>
    locateEcrRepository(
      { registry, repository: 'app' },
      { region: aws.region, clientFor: () => ecr, onSecret: () => {} },
    );

  it('reads account and region off the host', async () => {
    await expect(locate('111122223333.dkr.ecr.eu-west-1.amazonaws.com')).resolves.toMatchObject({
      registryId: '111122223333',
      region: 'eu-west-1',
      repositoryName: 'app',
    });
    expect(aws.requests).toHaveLength(0);
  });

  it('knows the registry on loopback that ECR names, and no other', async () => {
    await expect(locate(aws.host)).resolves.toMatchObject({ region: aws.region, repositoryName: 'app' });
    await expect(locate('127.0.0.1:1')).resolves.toBeUndefined();
    aws.faults.inject({ service: 'ecr', kind: 'access-denied' });
    await expect(locate(aws.host)).resolves.toBeUndefined();
  });

  it.each(['ghcr.io', 'public.ecr.aws'])('does not ask AWS about %s', async (host) => {
    await expect(locate(host)).resolves.toBeUndefined();
    expect(aws.requests).toHaveLength(0);
  });
});
