import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DescribeImagesCommand, DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { errorWithCode, writeOciLayout, type LayoutImageOptions } from '@ecs-actions/testkit';
import {
  ensureRepository,
  getEcrLogin,
  shipImage,
  type ImageSource,
  type ShipOptions,
} from '../../src/ecr/index.js';
import { addRegistryLogins, createRegistryClient, imageTargets } from '../../src/image/index.js';
import { silentLogger } from '../../src/ports.js';

const EMPTY_SPEC = {
  buildArgs: [],
  labels: [],
  platforms: [],
  secrets: [],
  cacheFrom: [],
  cacheTo: [],
  pull: false,
  noCache: false,
};

let aws: LocalAws;
let ecr: ECRClient;
let folder: string;

beforeAll(async () => {
  aws = await startLocalAws({ clock: 'manual' });
});
afterAll(() => aws.stop());
beforeEach(async () => {
  await aws.reset();
  ecr = new ECRClient({
    region: aws.region,
    endpoint: aws.endpoint,
    credentials: aws.credentials,
    maxAttempts: 1,
  });
  folder = await mkdtemp(join(tmpdir(), 'push-layout-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

function ship(
  tags: readonly string[],
  more: Partial<ShipOptions> = {},
  source: ImageSource = { kind: 'layout', path: folder },
) {
  const shipped = shipImage(
    { targets: imageTargets({ image: `${aws.host}/app`, tags }), source },
    {
      region: aws.region,
      clientFor: () => ecr,
      onSecret: () => {},
      push: true,
      ifExists: 'rebuild',
      dockerConfig: {},
      folder,
      exec: () => Promise.reject(new Error('no program is needed')),
      clock: aws.clock,
      logger: silentLogger,
      ...more,
    },
  );
  return aws.clock.runUntil(shipped);
}

const CREATE = { newRepository: {} };
const uploads = () => aws.requests.filter(({ operation }) => operation.startsWith('POST')).length;

async function imageAt(tag: string) {
  const { imageDetails } = await ecr.send(
    new DescribeImagesCommand({ repositoryName: 'app', imageIds: [{ imageTag: tag }] }),
  );
  return imageDetails?.[0];
}

describe('a layout', () => {
  it('is pushed to every tag of a repository that is created, and can be pulled back', async () => {
    const written = await writeOciLayout(folder, [{ layers: ['one', 'two'] }]);
    const shipped = await ship(['v1', 'latest'], CREATE);
    expect(shipped).toMatchObject({
      digest: written.digest,
      created: true,
      repositoriesCreated: [`${aws.host}/app`],
      madeBy: 'OCI image layout',
    });
    await expect(imageAt('v1')).resolves.toMatchObject({
      imageDigest: written.digest,
      imageTags: ['v1', 'latest'],
    });

    const credentials = await getEcrLogin(
      { ecr, registry: { accountId: undefined, region: aws.region, hosts: [] } },
      { onSecret: () => {} },
    );
    const registry = createRegistryClient({ host: aws.host, credentials }, { clock: aws.clock });
    const manifest = await registry.getManifest('app', 'latest');
    expect(manifest?.digest).toBe(written.digest);
    const layer = await registry.getBlob('app', written.layerDigests[1] ?? '');
    expect(Buffer.from(layer).toString()).toBe('two');
  });

  it('of several platforms is pushed children first', async () => {
    const images: LayoutImageOptions[] = ['linux/amd64', 'linux/arm64'].map((platform) => ({
      platform,
      layers: [platform],
    }));
    const written = await writeOciLayout(folder, images);
    await expect(ship(['v1'], CREATE)).resolves.toMatchObject({ digest: written.digest });
    await expect(imageAt('v1')).resolves.toMatchObject({
      imageManifestMediaType: 'application/vnd.oci.image.index.v1+json',
    });
  });

  it('is not uploaded twice', async () => {
    await writeOciLayout(folder);
    await ship(['v1'], CREATE);
    const before = uploads();
    expect(before).toBeGreaterThan(0);
    await ship(['v2']);
    expect(uploads()).toBe(before);
  });

  it('gets through throttling, server errors and lost connections', async () => {
    const written = await writeOciLayout(folder, [{ layers: ['one', 'two', 'three', 'x'.repeat(300_000)] }]);
    await ensureRepository({ ecr, repository: { repositoryName: 'app' } });
    aws.faults.inject({ service: 'registry', kind: 'throttle', times: 2, after: 1 });
    aws.faults.inject({ service: 'registry', kind: 'reset', times: 2, after: 3 });
    aws.faults.inject({ service: 'registry', kind: 'server-error', times: 2, after: 5 });
    await expect(ship(['v1'])).resolves.toMatchObject({ digest: written.digest });
  });

  it('uses the login of an earlier step', async () => {
    await writeOciLayout(folder);
    await ensureRepository({ ecr, repository: { repositoryName: 'app' } });
    const wrong = addRegistryLogins({}, [{ host: aws.host, username: 'AWS', password: 'wrong' }]);
    await expect(ship(['v1'], { dockerConfig: wrong })).rejects.toMatchObject({
      message: expect.stringContaining(aws.host),
    });
  });
});

describe('before anything is created', () => {
  const repositories = async () => (await ecr.send(new DescribeRepositoriesCommand({}))).repositories;

  it.each([
    ['a context', { context: '/no/such/folder' }, '/no/such/folder'],
    ['a Dockerfile', { context: tmpdir(), file: '/no/such/Dockerfile' }, '/no/such/Dockerfile'],
  ])('%s that is not there', async (_what, spec, named) => {
    const source: ImageSource = {
      kind: 'build',
      engine: 'buildah',
      spec: { ...EMPTY_SPEC, ...spec },
    };
    const exec = () => Promise.resolve({ exitCode: 0, stdout: 'buildah version 1.28.2', stderr: '' });
    await expect(ship(['v1'], { ...CREATE, exec }, source)).rejects.toEqual(
      errorWithCode('FILE_NOT_FOUND', named),
    );
    expect((await ecr.send(new DescribeRepositoriesCommand({}))).repositories).toEqual([]);
  });

  it('a layout that is not there', async () => {
    await rm(join(folder, 'index.json'), { force: true });
    await expect(ship(['v1'], CREATE)).rejects.toEqual(errorWithCode('IMAGE_LAYOUT_INVALID'));
    await expect(repositories()).resolves.toEqual([]);
  });

  it('a repository that is not ECR’s', async () => {
    await writeOciLayout(folder);
    await expect(ship(['v1', 'ghcr.io/octo/app:v1'], CREATE)).rejects.toEqual(
      errorWithCode('INPUT_INVALID', 'not a private repository of ECR: ghcr.io/octo/app'),
    );
    await expect(repositories()).resolves.toEqual([]);
  });
});

describe('an image that is there', () => {
  it('is taken with skip, if every tag names it', async () => {
    const written = await writeOciLayout(folder);
    await ship(['v1'], CREATE);
    const before = aws.requests.length;
    await expect(ship(['v1'], { ifExists: 'skip' })).resolves.toMatchObject({
      digest: written.digest,
      created: false,
      madeBy: undefined,
    });
    expect(aws.requests.slice(before).map(({ operation }) => operation)).toEqual([
      'GetAuthorizationToken',
      'DescribeImages',
    ]);
    await expect(ship(['v1', 'v2'], { ifExists: 'skip' })).resolves.toMatchObject({ created: true });
  });

  it('needs no engine', async () => {
    const { digest } = await writeOciLayout(folder);
    await ship(['v1'], CREATE);
    const spec = { buildArgs: [], labels: [], platforms: [], cacheFrom: [], cacheTo: [], secrets: [] };
    const build: ImageSource = {
      kind: 'build',
      engine: 'auto',
      spec: { ...spec, context: '.', pull: false, noCache: false },
    };
    await expect(ship(['v1'], { ifExists: 'skip' }, build)).resolves.toMatchObject({
      digest,
      created: false,
    });
  });

  it('is refused with fail', async () => {
    const written = await writeOciLayout(folder);
    await ship(['v1'], CREATE);
    await expect(ship(['v1', 'v2'], { ifExists: 'fail' })).rejects.toEqual(
      errorWithCode('IMAGE_EXISTS', `${aws.host}/app:v1 names ${written.digest}`),
    );
  });

  it('keeps its immutable tag', async () => {
    await writeOciLayout(folder);
    await ship(['v1'], { newRepository: { imageTagMutability: 'IMMUTABLE' } });
    await writeOciLayout(folder, [{ layers: ['changed'] }]);
    await expect(ship(['v1'])).rejects.toEqual(errorWithCode('IMAGE_TAG_IMMUTABLE', ':v1'));
  });
});

it('a repository that is missing is named', async () => {
  await writeOciLayout(folder);
  await expect(ship(['v1'])).rejects.toEqual(errorWithCode('REPOSITORY_NOT_FOUND', `${aws.host}/app`));
  await expect(ecr.send(new DescribeRepositoriesCommand({}))).resolves.toMatchObject({ repositories: [] });
});
