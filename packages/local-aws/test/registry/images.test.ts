import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  type CreateRepositoryCommandInput,
  DescribeImageScanFindingsCommand,
  DescribeImagesCommand,
  type ECRClient,
  ListImagesCommand,
  PutImageCommand,
  type PutImageCommandInput,
  StartImageScanCommand,
} from '@aws-sdk/client-ecr';
import {
  accountId,
  mediaTypes,
  pushBlob,
  pushImage,
  pushManifest,
  sha256,
  startRegistry,
  type TestRegistry,
} from './support.js';

let registry: TestRegistry;
let ecr: ECRClient;

beforeEach(async () => {
  registry = await startRegistry();
  ecr = registry.ecr();
  await createRepository({ repositoryName: 'app' });
});

afterEach(() => registry.stop());

const createRepository = (input: CreateRepositoryCommandInput) =>
  ecr.send(new CreateRepositoryCommand(input));
const put = (input: Omit<PutImageCommandInput, 'repositoryName'>, repositoryName = 'app') =>
  ecr.send(new PutImageCommand({ repositoryName, ...input }));
const listImages = async () => (await ecr.send(new ListImagesCommand({ repositoryName: 'app' }))).imageIds;

/** An index of two images and an attestation, as BuildKit pushes it: the children have no tag. */
async function pushIndex(tag: string) {
  const [amd64, arm64, attestation] = [
    await pushImage(registry, 'app', { content: 'a longer layer for amd64' }),
    await pushImage(registry, 'app', { architecture: 'arm64', content: 'arm' }),
    await pushImage(registry, 'app', { architecture: 'unknown', content: 'in-toto' }),
  ];
  const child = ({ digest, size }: { digest: string; size: number }, os: string, architecture: string) => ({
    mediaType: mediaTypes.image,
    digest,
    size,
    platform: { os, architecture },
  });
  const index = await pushManifest(registry, 'app', tag, {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [
      child(amd64, 'linux', 'amd64'),
      child(arm64, 'linux', 'arm64'),
      child(attestation, 'unknown', 'unknown'),
    ],
  });
  return { index, amd64, arm64 };
}

describe('DescribeImages', () => {
  test('tells digest, tags, size, media types and push time', async () => {
    const pushed = await pushImage(registry, 'app', { tag: 'v1', content: '12345' });
    await put({ imageManifest: pushed.json, imageTag: 'latest' });
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: 'app' }));
    const config = JSON.parse(pushed.json).config.size;
    expect(imageDetails).toEqual([
      {
        registryId: accountId,
        repositoryName: 'app',
        imageDigest: pushed.digest,
        imageTags: ['v1', 'latest'],
        imageSizeInBytes: config + 5,
        imagePushedAt: new Date(registry.clock.now()),
        imageManifestMediaType: mediaTypes.image,
        artifactMediaType: mediaTypes.config,
        imageStatus: 'ACTIVE',
      },
    ]);
  });

  test('filters by tag status, and gives an index the size of its largest image', async () => {
    const { index, amd64 } = await pushIndex('v1');
    const { imageDetails: tagged } = await ecr.send(
      new DescribeImagesCommand({ repositoryName: 'app', filter: { tagStatus: 'TAGGED' } }),
    );
    expect(tagged?.map(({ imageDigest }) => imageDigest)).toEqual([index.digest]);
    const { imageDetails: untagged } = await ecr.send(
      new DescribeImagesCommand({ repositoryName: 'app', filter: { tagStatus: 'UNTAGGED' } }),
    );
    expect(untagged).toHaveLength(3);
    const largest = untagged?.find(({ imageDigest }) => imageDigest === amd64.digest);
    expect(tagged?.[0]?.imageSizeInBytes).toBe(largest?.imageSizeInBytes);
  });

  test('pages', async () => {
    for (const tag of ['a', 'b', 'c']) await pushImage(registry, 'app', { tag, content: tag });
    const first = await ecr.send(new DescribeImagesCommand({ repositoryName: 'app', maxResults: 2 }));
    expect(first.imageDetails).toHaveLength(2);
    const second = await ecr.send(
      new DescribeImagesCommand({ repositoryName: 'app', maxResults: 2, nextToken: first.nextToken }),
    );
    expect(second.imageDetails?.map(({ imageTags }) => imageTags)).toEqual([['c']]);
    expect(second.nextToken).toBeUndefined();
  });

  test('refuses an image that is not there, and a repository that is not', async () => {
    await expect(
      ecr.send(new DescribeImagesCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v9' }] })),
    ).rejects.toMatchObject({
      name: 'ImageNotFoundException',
      message: `The image with imageId {imageDigest:'null', imageTag:'v9'} does not exist within the repository with name 'app' in the registry with id '${accountId}'`,
    });
    await expect(ecr.send(new DescribeImagesCommand({ repositoryName: 'gone' }))).rejects.toMatchObject({
      name: 'RepositoryNotFoundException',
    });
  });

  test('notes a pull once in 24 hours', async () => {
    const { digest } = await pushImage(registry, 'app', { tag: 'v1' });
    const pulledAt = async () => {
      await registry.request('GET', `/v2/app/manifests/${digest}`);
      const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: 'app' }));
      return imageDetails?.[0]?.lastRecordedPullTime?.getTime();
    };
    const first = registry.clock.now();
    expect(await pulledAt()).toBe(first);
    await registry.clock.advance(23 * 3_600_000);
    expect(await pulledAt()).toBe(first);
    await registry.clock.advance(3_600_000);
    expect(await pulledAt()).toBe(first + 24 * 3_600_000);
  });
});

describe('PutImage', () => {
  test('retags without changing a byte', async () => {
    const { json, digest } = await pushImage(registry, 'app', { tag: 'v1' });
    const { images } = await ecr.send(
      new BatchGetImageCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v1' }] }),
    );
    expect(images).toEqual([
      {
        registryId: accountId,
        repositoryName: 'app',
        imageId: { imageDigest: digest, imageTag: 'v1' },
        imageManifest: json,
        imageManifestMediaType: mediaTypes.image,
      },
    ]);
    const { image } = await put({ imageManifest: json, imageTag: 'production' });
    expect(image?.imageId).toEqual({ imageDigest: digest, imageTag: 'production' });
    await expect(put({ imageManifest: json, imageTag: 'production' })).rejects.toMatchObject({
      name: 'ImageAlreadyExistsException',
      message: `Image with digest '${digest}' and tag 'production' already exists in the repository with name 'app' in registry with id '${accountId}'`,
    });
  });

  test('moves a mutable tag and leaves the old image without', async () => {
    const old = await pushImage(registry, 'app', { tag: 'latest', content: 'old' });
    const young = await pushImage(registry, 'app', { tag: 'latest', content: 'young' });
    expect(await listImages()).toEqual([
      { imageDigest: old.digest },
      { imageDigest: young.digest, imageTag: 'latest' },
    ]);
  });

  test.each<
    [
      string,
      Pick<CreateRepositoryCommandInput, 'imageTagMutability' | 'imageTagMutabilityExclusionFilters'>,
      Record<string, boolean>,
    ]
  >([
    ['MUTABLE', { imageTagMutability: 'MUTABLE' }, { v1: true }],
    ['IMMUTABLE', { imageTagMutability: 'IMMUTABLE' }, { v1: false, latest: false }],
    [
      'IMMUTABLE_WITH_EXCLUSION',
      {
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [
          { filterType: 'WILDCARD', filter: 'latest' },
          { filterType: 'WILDCARD', filter: 'build*.cache' },
        ],
      },
      { v1: false, latest: true, 'latest-1': false, 'build-7.cache': true, buildXcache: false },
    ],
    [
      'MUTABLE_WITH_EXCLUSION',
      {
        imageTagMutability: 'MUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'v*' }],
      },
      { v1: false, latest: true },
    ],
  ])('lets tags of a repository move as %s says', async (_mutability, settings, tags) => {
    await createRepository({ repositoryName: 'tagged', ...settings });
    const first = await pushImage(registry, 'tagged', { content: 'first' });
    const second = await pushImage(registry, 'tagged', { content: 'second' });
    for (const [imageTag, moves] of Object.entries(tags)) {
      await put({ imageManifest: first.json, imageTag }, 'tagged');
      const again = put({ imageManifest: second.json, imageTag }, 'tagged');
      if (moves) expect((await again).image?.imageId?.imageDigest).toBe(second.digest);
      else
        await expect(again).rejects.toMatchObject({
          name: 'ImageTagAlreadyExistsException',
          message: `The image tag '${imageTag}' already exists in the 'tagged' repository and cannot be overwritten because the tag is immutable.`,
        });
    }
  });

  const config = { mediaType: mediaTypes.config, digest: sha256('{}'), size: 2 };
  const image = { schemaVersion: 2, mediaType: mediaTypes.image, config, layers: [] };
  test.each<[string, Omit<PutImageCommandInput, 'repositoryName'>, string, string]>([
    [
      'layers that are missing',
      { imageManifest: JSON.stringify(image) },
      'LayersNotFoundException',
      `Layers with digests '[${config.digest}]' required for pushing image into repository with name 'app' in the registry with id '${accountId}' do not exist`,
    ],
    [
      'images that are missing',
      {
        imageManifest: JSON.stringify({
          schemaVersion: 2,
          mediaType: mediaTypes.index,
          manifests: [{ ...config, mediaType: mediaTypes.image }],
        }),
      },
      'ReferencedImagesNotFoundException',
      `Images with digests '[${config.digest}]' required for pushing image into repository with name 'app' in the registry with id '${accountId}' do not exist`,
    ],
    [
      'a digest of something else',
      { imageManifest: JSON.stringify(image), imageDigest: sha256('something else') },
      'ImageDigestDoesNotMatchException',
      'does not match the image digest that Amazon ECR has calculated',
    ],
    ['no JSON', { imageManifest: 'FROM scratch' }, 'InvalidParameterException', 'Invalid JSON syntax'],
    [
      'schema version 1',
      { imageManifest: '{"schemaVersion":1}' },
      'InvalidParameterException',
      'Unsupported schema version',
    ],
    [
      'a media type that the manifest contradicts',
      { imageManifest: JSON.stringify(image), imageManifestMediaType: mediaTypes.index },
      'InvalidParameterException',
      'differs from the declared',
    ],
    [
      'a tag that is none',
      { imageManifest: JSON.stringify(image), imageTag: '-v1' },
      'InvalidParameterException',
      "'imageTag'",
    ],
  ])('refuses %s', async (_what, input, name, message) => {
    await expect(put(input)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
    expect(await listImages()).toEqual([]);
  });

  test('does not ask for layers that live elsewhere', async () => {
    const { digest, size } = await pushBlob(registry, 'app', '{}');
    const foreign = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      digest: sha256('elsewhere'),
      size: 9,
    };
    const imageManifest = JSON.stringify({
      ...image,
      config: { ...config, digest, size },
      layers: [foreign, { ...foreign, mediaType: mediaTypes.layer, urls: ['https://example.com/layer'] }],
    });
    expect((await put({ imageManifest })).image?.imageId?.imageDigest).toBe(sha256(imageManifest));
  });
});

test('BatchGetImage answers what it has, and a failure for each of the rest', async () => {
  const { digest } = await pushImage(registry, 'app', { tag: 'v1' });
  const other = await pushImage(registry, 'app', { tag: 'v2', content: 'other' });
  const { images, failures } = await ecr.send(
    new BatchGetImageCommand({
      repositoryName: 'app',
      imageIds: [
        { imageDigest: digest },
        { imageTag: 'v9' },
        {},
        { imageDigest: 'sha256:short' },
        { imageDigest: digest, imageTag: 'v2' },
        { imageDigest: other.digest, imageTag: 'v2' },
      ],
    }),
  );
  expect(images?.map(({ imageId }) => imageId)).toEqual([
    { imageDigest: digest },
    { imageDigest: other.digest, imageTag: 'v2' },
  ]);
  expect(failures?.map(({ failureCode, failureReason }) => [failureCode, failureReason])).toEqual([
    ['ImageNotFound', 'Requested image not found'],
    ['MissingDigestAndTag', 'Invalid request parameters: both tag and digest cannot be null'],
    [
      'InvalidImageDigest',
      "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    ],
    ['ImageTagDoesNotMatchDigest', expect.any(String)],
  ]);
  await expect(
    ecr.send(
      new BatchGetImageCommand({
        repositoryName: 'app',
        imageIds: Array.from({ length: 101 }, () => ({ imageTag: 'v1' })),
      }),
    ),
  ).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message:
      "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length less than or equal to 100'",
  });
});

describe('BatchDeleteImage', () => {
  const remove = (...imageIds: { imageDigest?: string; imageTag?: string }[]) =>
    ecr.send(new BatchDeleteImageCommand({ repositoryName: 'app', imageIds }));

  test('by tag takes the tag, and with the last one the image', async () => {
    const { digest, json } = await pushImage(registry, 'app', { tag: 'v1' });
    await put({ imageManifest: json, imageTag: 'v2' });
    expect((await remove({ imageTag: 'v1' })).imageIds).toEqual([{ imageDigest: digest, imageTag: 'v1' }]);
    expect(await listImages()).toEqual([{ imageDigest: digest, imageTag: 'v2' }]);
    await remove({ imageTag: 'v2' });
    expect(await listImages()).toEqual([]);
  });

  test('by digest takes the image with all its tags', async () => {
    const { digest, json } = await pushImage(registry, 'app', { tag: 'v1' });
    await put({ imageManifest: json, imageTag: 'v2' });
    const { imageIds, failures } = await remove({ imageDigest: digest }, { imageTag: 'v9' });
    expect(imageIds).toEqual([
      { imageDigest: digest, imageTag: 'v1' },
      { imageDigest: digest, imageTag: 'v2' },
    ]);
    expect(failures).toEqual([
      {
        imageId: { imageTag: 'v9' },
        failureCode: 'ImageNotFound',
        failureReason: 'Requested image not found',
      },
    ]);
    expect(await listImages()).toEqual([]);
  });

  test('keeps what an index lists', async () => {
    const { index, arm64 } = await pushIndex('v1');
    const { failures } = await remove({ imageDigest: arm64.digest });
    expect(failures).toEqual([
      {
        imageId: { imageDigest: arm64.digest },
        failureCode: 'ImageReferencedByManifestList',
        failureReason: `Requested image referenced by manifest list: [${index.digest}]`,
      },
    ]);
    await remove({ imageDigest: index.digest });
    expect((await remove({ imageDigest: arm64.digest })).failures).toEqual([]);
  });
});

describe('scans', () => {
  const imageId = { imageTag: 'v1' };
  const findings = () => ecr.send(new DescribeImageScanFindingsCommand({ repositoryName: 'app', imageId }));

  test('run for ten seconds and find what the label says', async () => {
    await pushImage(registry, 'app', {
      tag: 'v1',
      labels: { 'local-aws.findings': 'CVE-2026-1=CRITICAL, CVE-2026-2=LOW, CVE-2026-3=LOW' },
    });
    await expect(findings()).rejects.toMatchObject({ name: 'ScanNotFoundException' });
    await ecr.send(new StartImageScanCommand({ repositoryName: 'app', imageId }));
    expect(await findings()).toMatchObject({ imageScanStatus: { status: 'IN_PROGRESS' } });
    await registry.clock.advance(10_000);
    expect(await findings()).toMatchObject({
      imageScanStatus: { status: 'COMPLETE' },
      imageScanFindings: {
        imageScanCompletedAt: new Date(registry.clock.now()),
        findingSeverityCounts: { CRITICAL: 1, LOW: 2 },
        findings: [
          { name: 'CVE-2026-1', severity: 'CRITICAL' },
          { name: 'CVE-2026-2', severity: 'LOW' },
          { name: 'CVE-2026-3', severity: 'LOW' },
        ],
      },
    });
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: 'app' }));
    expect(imageDetails?.[0]).toMatchObject({
      imageScanStatus: { status: 'COMPLETE' },
      imageScanFindingsSummary: { findingSeverityCounts: { CRITICAL: 1, LOW: 2 } },
    });
  });

  test('start by themselves on push, once a day at most, and not for an index', async () => {
    await createRepository({ repositoryName: 'scanned', imageScanningConfiguration: { scanOnPush: true } });
    await pushImage(registry, 'scanned', { tag: 'v1' });
    const scan = new StartImageScanCommand({ repositoryName: 'scanned', imageId });
    await expect(ecr.send(scan)).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'The scan quota per image has been exceeded. Wait and try again.',
    });
    await registry.clock.advance(24 * 3_600_000);
    expect(await ecr.send(scan)).toMatchObject({ imageScanStatus: { status: 'IN_PROGRESS' } });

    await pushIndex('v1');
    await expect(
      ecr.send(new StartImageScanCommand({ repositoryName: 'app', imageId })),
    ).rejects.toMatchObject({ name: 'UnsupportedImageTypeException' });
  });
});
