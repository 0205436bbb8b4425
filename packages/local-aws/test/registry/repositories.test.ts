import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CreateRepositoryCommand,
  type CreateRepositoryCommandInput,
  DeleteLifecyclePolicyCommand,
  DeleteRepositoryCommand,
  DeleteRepositoryPolicyCommand,
  DescribeRepositoriesCommand,
  type ECRClient,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  ListTagsForResourceCommand,
  paginateDescribeRepositories,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-ecr';
import { accountId, pushImage, startRegistry, type TestRegistry } from './support.js';

let registry: TestRegistry;
let ecr: ECRClient;

beforeEach(async () => {
  registry = await startRegistry();
  ecr = registry.ecr();
});

afterEach(() => registry.stop());

const create = (input: CreateRepositoryCommandInput) => ecr.send(new CreateRepositoryCommand(input));

describe('CreateRepository', () => {
  test('answers with the defaults of ECR, and a URI on this host', async () => {
    const { repository } = await create({ repositoryName: 'team/app' });
    expect(repository).toEqual({
      repositoryArn: `arn:aws:ecr:us-east-1:${accountId}:repository/team/app`,
      registryId: accountId,
      repositoryName: 'team/app',
      repositoryUri: `${registry.host}/team/app`,
      createdAt: new Date(registry.clock.now()),
      imageTagMutability: 'MUTABLE',
      imageScanningConfiguration: { scanOnPush: false },
      encryptionConfiguration: { encryptionType: 'AES256' },
    });
  });

  test('keeps every setting', async () => {
    const filters = [{ filterType: 'WILDCARD' as const, filter: 'build*' }];
    const { repository } = await create({
      repositoryName: 'app',
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: filters,
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: 'KMS', kmsKey: 'alias/images' },
      tags: [{ Key: 'team', Value: 'web' }],
    });
    expect(repository).toMatchObject({
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: filters,
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: 'KMS', kmsKey: 'alias/images' },
    });
    const { tags } = await ecr.send(
      new ListTagsForResourceCommand({ resourceArn: repository?.repositoryArn }),
    );
    expect(tags).toEqual([{ Key: 'team', Value: 'web' }]);
  });

  test('refuses a name that is taken, but not one that another account or region has', async () => {
    await create({ repositoryName: 'app' });
    await expect(create({ repositoryName: 'app' })).rejects.toMatchObject({
      name: 'RepositoryAlreadyExistsException',
      message: `The repository with name 'app' already exists in the registry with id '${accountId}'`,
    });
    const command = new CreateRepositoryCommand({ repositoryName: 'app' });
    await registry.ecr('210987654321').send(command);
    await registry.ecr(accountId, 'eu-west-1').send(command);
  });

  test.each<[string, CreateRepositoryCommandInput, string, string]>([
    ['upper case', { repositoryName: 'App' }, 'InvalidParameterException', "'repositoryName'"],
    [
      'a trailing slash',
      { repositoryName: 'app/' },
      'InvalidParameterException',
      'must satisfy regular expression',
    ],
    ['one letter', { repositoryName: 'a' }, 'InvalidParameterException', 'greater than or equal to 2'],
    [
      '257 letters',
      { repositoryName: 'a'.repeat(257) },
      'InvalidParameterException',
      'less than or equal to 256',
    ],
    ['no name', { repositoryName: undefined }, 'InvalidParameterException', 'must not be null'],
    [
      'exclusion without filters',
      { repositoryName: 'app', imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' },
      'InvalidParameterException',
      "can't be null",
    ],
    [
      'filters without exclusion',
      {
        repositoryName: 'app',
        imageTagMutability: 'IMMUTABLE',
        imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'a*' }],
      },
      'InvalidParameterException',
      'must be null',
    ],
    [
      'three wildcards',
      {
        repositoryName: 'app',
        imageTagMutability: 'MUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: '*a*b*' }],
      },
      'InvalidParameterException',
      '2 wildcards',
    ],
    [
      'a tag key twice',
      {
        repositoryName: 'app',
        tags: [
          { Key: 'a', Value: '1' },
          { Key: 'a', Value: '2' },
        ],
      },
      'InvalidTagParameterException',
      'Duplicate',
    ],
    [
      '51 tags',
      {
        repositoryName: 'app',
        tags: Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' })),
      },
      'TooManyTagsException',
      '50',
    ],
  ])('refuses %s', async (_what, input, name, message) => {
    await expect(create(input)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
    const { repositories } = await ecr.send(new DescribeRepositoriesCommand({}));
    expect(repositories).toEqual([]);
  });
});

describe('DescribeRepositories', () => {
  test('pages through all of them, in order', async () => {
    const names = ['one', 'two', 'three'];
    for (const repositoryName of names) await create({ repositoryName });
    const pages: (string | undefined)[][] = [];
    for await (const { repositories = [] } of paginateDescribeRepositories({ client: ecr, pageSize: 2 }, {}))
      pages.push(repositories.map(({ repositoryName }) => repositoryName));
    expect(pages).toEqual([['one', 'two'], ['three']]);
  });

  test('names the one that is missing', async () => {
    await create({ repositoryName: 'app' });
    await expect(
      ecr.send(new DescribeRepositoriesCommand({ repositoryNames: ['app', 'gone'] })),
    ).rejects.toMatchObject({
      name: 'RepositoryNotFoundException',
      message: `The repository with name 'gone' does not exist in the registry with id '${accountId}'`,
    });
  });

  test.each([
    [{ maxResults: 1001 }, 'less than or equal to 1000'],
    [{ nextToken: 'made-up' }, "'nextToken'"],
    [{ registryId: '12' }, '[0-9]{12}'],
  ])('refuses %j', async (input, message) => {
    await expect(ecr.send(new DescribeRepositoriesCommand(input))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(message),
    });
  });
});

test('DeleteRepository wants force where there are images', async () => {
  await create({ repositoryName: 'app' });
  await pushImage(registry, 'app', { tag: 'v1' });
  const input = { repositoryName: 'app' };
  await expect(ecr.send(new DeleteRepositoryCommand(input))).rejects.toMatchObject({
    name: 'RepositoryNotEmptyException',
    message: `The repository with name 'app' in registry with id '${accountId}' cannot be deleted because it still contains images`,
  });
  const { repository } = await ecr.send(new DeleteRepositoryCommand({ ...input, force: true }));
  expect(repository?.repositoryName).toBe('app');
  await expect(ecr.send(new DeleteRepositoryCommand(input))).rejects.toMatchObject({
    name: 'RepositoryNotFoundException',
  });
});

test('settings change one by one', async () => {
  await create({ repositoryName: 'app' });
  await ecr.send(
    new PutImageTagMutabilityCommand({ repositoryName: 'app', imageTagMutability: 'IMMUTABLE' }),
  );
  await ecr.send(
    new PutImageScanningConfigurationCommand({
      repositoryName: 'app',
      imageScanningConfiguration: { scanOnPush: true },
    }),
  );
  const { repositories } = await ecr.send(new DescribeRepositoriesCommand({}));
  expect(repositories).toMatchObject([
    { imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: true } },
  ]);
});

test('resource tags are added, replaced, removed and listed by ARN', async () => {
  const resourceArn = (await create({ repositoryName: 'app' })).repository?.repositoryArn;
  await ecr.send(
    new TagResourceCommand({
      resourceArn,
      tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '1' },
      ],
    }),
  );
  await ecr.send(new TagResourceCommand({ resourceArn, tags: [{ Key: 'b', Value: '2' }] }));
  await ecr.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a', 'absent'] }));
  expect((await ecr.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual([
    { Key: 'b', Value: '2' },
  ]);
  await expect(ecr.send(new ListTagsForResourceCommand({ resourceArn: 'app' }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});

test('a lifecycle policy is kept as it is written', async () => {
  await create({ repositoryName: 'app' });
  const repositoryName = 'app';
  const lifecyclePolicyText = JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        description: 'keep three',
        selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 3 },
        action: { type: 'expire' },
      },
    ],
  });
  const missing = {
    name: 'LifecyclePolicyNotFoundException',
    message: `Lifecycle policy does not exist for the repository with name 'app' in the registry with id '${accountId}'`,
  };
  await expect(ecr.send(new GetLifecyclePolicyCommand({ repositoryName }))).rejects.toMatchObject(missing);
  await expect(
    ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: '{}'.padEnd(100) })),
  ).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
  expect(await ecr.send(new GetLifecyclePolicyCommand({ repositoryName }))).toMatchObject({
    lifecyclePolicyText,
  });
  await ecr.send(new DeleteLifecyclePolicyCommand({ repositoryName }));
  await expect(ecr.send(new DeleteLifecyclePolicyCommand({ repositoryName }))).rejects.toMatchObject(missing);
});

describe('a repository policy', () => {
  const other = '210987654321';
  const describeFromOutside = () =>
    registry
      .ecr(other)
      .send(new DescribeRepositoriesCommand({ registryId: accountId, repositoryNames: ['app'] }));
  const setPolicy = (...statements: object[]) =>
    ecr.send(
      new SetRepositoryPolicyCommand({
        repositoryName: 'app',
        policyText: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
      }),
    );
  const allow = (Principal: unknown, more: object = {}) => ({
    Effect: 'Allow',
    Principal,
    Action: 'ecr:Describe*',
    ...more,
  });

  beforeEach(async () => {
    await create({ repositoryName: 'app' });
  });

  test('keeps other accounts out until it lets them in', async () => {
    await expect(describeFromOutside()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:iam::${other}:user/tester is not authorized to perform: ecr:DescribeRepositories on resource: arn:aws:ecr:us-east-1:${accountId}:repository/app because no resource-based policy allows the ecr:DescribeRepositories action`,
    });
    await setPolicy(allow({ AWS: `arn:aws:iam::${other}:root` }));
    expect((await describeFromOutside()).repositories).toHaveLength(1);
    await ecr.send(new DeleteRepositoryPolicyCommand({ repositoryName: 'app' }));
    await expect(describeFromOutside()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test.each<[string, object, boolean]>([
    ['the account by its number', allow({ AWS: [other] }), true],
    ['the user', allow({ AWS: `arn:aws:iam::${other}:user/tester` }), true],
    ['everybody', allow('*'), true],
    ['another user', allow({ AWS: `arn:aws:iam::${other}:user/somebody` }), false],
    ['other actions', allow('*', { Action: ['ecr:BatchGetImage'] }), false],
    ['a service', allow({ Service: 'codebuild.amazonaws.com' }), false],
    [
      'a condition that holds',
      allow('*', { Condition: { StringEquals: { 'aws:PrincipalAccount': other } } }),
      true,
    ],
    [
      'a condition that does not',
      allow('*', { Condition: { StringEquals: { 'aws:PrincipalAccount': '1' } } }),
      false,
    ],
  ])('that allows %s', async (_whom, statement, isAllowed) => {
    await setPolicy(statement);
    const answer = describeFromOutside();
    if (isAllowed) expect((await answer).repositories).toHaveLength(1);
    else await expect(answer).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('can deny its own account', async () => {
    await setPolicy({ Effect: 'Deny', Principal: '*', Action: 'ecr:DeleteRepository' });
    await expect(ecr.send(new DeleteRepositoryCommand({ repositoryName: 'app' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    });
  });

  test('must be one', async () => {
    await expect(
      ecr.send(new SetRepositoryPolicyCommand({ repositoryName: 'app', policyText: '{"Statement":[{}]}' })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message:
        "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'",
    });
    await expect(ecr.send(new GetRepositoryPolicyCommand({ repositoryName: 'app' }))).rejects.toMatchObject({
      name: 'RepositoryPolicyNotFoundException',
    });
  });

  test('opens no list of all repositories', async () => {
    await setPolicy(allow('*', { Action: '*' }));
    await expect(
      registry.ecr(other).send(new DescribeRepositoriesCommand({ registryId: accountId })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
