import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  createRegistryClient,
  ensureRepository,
  getEcrLogin,
  writeDockerConfigFolder,
  type EcrLogin,
} from '@ecs-actions/core';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { runAction } from '@ecs-actions/testkit';

/** What really builds on this machine. The engines inherit their environment, as on a runner. */
const { DOCKER_HOST, HOME = '' } = process.env;
const runs = (file: string, ...args: string[]) => {
  const { status, stdout } = spawnSync(file, args, { encoding: 'utf8' });
  return status === 0 && !/^Error:/m.test(stdout) ? stdout : undefined;
};
const docker = runs('docker', 'version', '--format', '{{.Client.Version}}');
const engines = {
  docker: docker !== undefined,
  buildx: docker !== undefined && runs('docker', 'buildx', 'version') !== undefined,
  buildah: runs('buildah', '--version') !== undefined,
};
/** A file that runs in an empty image, for builds with a RUN. */
const BUSYBOX = '/bin/busybox';
const hasBusybox = runs(BUSYBOX, 'true') !== undefined && runs('ldd', BUSYBOX) === undefined;
/** docker reaches BuildKit through buildx alone since version 23. */
const buildsWithSecrets = { ...engines, docker: engines.docker && Number.parseInt(docker ?? '', 10) < 23 };

if (process.env['ECS_ACTIONS_REQUIRE_DOCKER'] === '1' && !engines.docker)
  throw new Error('ECS_ACTIONS_REQUIRE_DOCKER is set, and no docker engine answers.');

let aws: LocalAws;
let ecr: ECRClient;
let login: EcrLogin;
let temp: string;
let context: string;
let config: string;

beforeAll(async () => {
  aws = await startLocalAws();
  ecr = new ECRClient({ region: aws.region, endpoint: aws.endpoint, credentials: aws.credentials });
});
afterAll(() => aws.stop());
beforeEach(async () => {
  await aws.reset();
  temp = await mkdtemp(join(tmpdir(), 'engines-test-'));
  context = join(temp, 'context');
  await writeFile(
    join(temp, 'storage.conf'),
    `[storage]\ndriver = "vfs"\ngraphroot = "${temp}/images"\nrunroot = "${temp}/run"\n`,
  );
  await mkdir(context);
  await writeFile(join(context, 'content'), 'first');
  await writeFile(
    join(context, 'Dockerfile'),
    'FROM scratch\nARG WHAT\nLABEL what=$WHAT\nCOPY content /\nCMD ["/content"]\n',
  );
  const registry = { accountId: undefined, region: aws.region, hosts: [] };
  login = await getEcrLogin({ ecr, registry }, { onSecret: () => {} });
  config = await writeDockerConfigFolder({
    folder: join(temp, 'docker'),
    present: { dockerConfigFolder: join(HOME, '.docker'), registryAuthFile: undefined },
    logins: [{ ...login, host: aws.host }],
  });
});
afterEach(async () => {
  removeImages();
  await rm(temp, { recursive: true });
});

/** Called before a tag moves, too: an image without a name would stay with docker. */
function removeImages(): void {
  if (engines.docker)
    spawnSync('docker', ['image', 'rm', '--force', `${aws.host}/app:v1`, `${aws.host}/app:v2`]);
}

const build = (engine: string, inputs: Record<string, string> = {}, env: Record<string, string> = {}) =>
  runAction('build-push', {
    cwd: context,
    runnerTemp: join(temp, 'runner'),
    inputs: { engine, image: `${aws.host}/app`, tags: 'v1', 'create-repository': 'true', ...inputs },
    env: {
      ...aws.environment(),
      DOCKER_CONFIG: join(temp, 'docker'),
      REGISTRY_AUTH_FILE: config,
      DOCKER_HOST,
      // A store of its own for buildah, which goes with the folder.
      CONTAINERS_STORAGE_CONF: join(temp, 'storage.conf'),
      ...env,
    },
    timeoutMs: 120_000,
  });

async function labelsOf(digest: string): Promise<Record<string, string>> {
  const registry = createRegistryClient({ host: aws.host, credentials: login }, { clock: aws.clock });
  const json = async (bytes: Promise<Uint8Array | undefined>) =>
    JSON.parse(Buffer.from((await bytes) ?? []).toString()) as {
      config: { digest: string; Labels: Record<string, string> };
    };
  const manifest = await json(registry.getManifest('app', digest).then((found) => found?.bytes));
  return (await json(registry.getBlob('app', manifest.config.digest))).config.Labels;
}

describe.each(Object.keys(engines) as (keyof typeof engines)[])('%s', (engine) => {
  const test = engines[engine] ? it : it.skip;
  const title = (what: string) => (engines[engine] ? what : `skipped: needs ${engine}: ${what}`);

  test(
    title('builds, pushes every tag, and tells the digest that ECR knows'),
    async () => {
      const run = await build(engine, { tags: 'v1,v2', 'build-args': 'WHAT=a test', labels: 'more=yes' });
      expect(run).toMatchObject({ exitCode: 0, annotations: [] });
      const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: 'app' }));
      expect(imageDetails).toMatchObject([{ imageDigest: run.outputs['digest'] }]);
      expect(imageDetails?.[0]?.imageTags?.slice().sort()).toEqual(['v1', 'v2']);
      await expect(labelsOf(run.outputs['digest'] ?? '')).resolves.toMatchObject({
        what: 'a test',
        more: 'yes',
      });
      expect(run.summary).toMatch(new RegExp(`Made by \\| ${engine} \\d`));
    },
    120_000,
  );

  test(
    title('finds the image the second time'),
    async () => {
      const first = await build(engine);
      const second = await build(engine, { 'if-exists': 'skip' });
      expect(second.outputs).toMatchObject({ created: 'false', image: first.outputs['image'] });
      expect(second.log).not.toContain('Dockerfile');
    },
    120_000,
  );

  test(
    title('says why a build fails'),
    async () => {
      await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY missing /\n');
      const run = await build(engine);
      expect(run.annotations).toEqual([
        { level: 'error', title: 'IMAGE_BUILD_FAILED', message: expect.stringContaining('missing') },
      ]);
    },
    120_000,
  );

  test(
    title('says that the repository is missing'),
    async () => {
      const run = await build(engine, { 'create-repository': 'false' });
      expect(run.annotations).toMatchObject([{ title: 'REPOSITORY_NOT_FOUND' }]);
    },
    120_000,
  );

  test(
    title('says that the tag is immutable, and what it names'),
    async () => {
      await ensureRepository(
        { ecr, repository: { repositoryName: 'app' } },
        { imageTagMutability: 'IMMUTABLE' },
      );
      const first = await build(engine);
      removeImages();
      await writeFile(join(context, 'content'), 'second');
      const run = await build(engine);
      expect(run.annotations).toMatchObject([
        { title: 'IMAGE_TAG_IMMUTABLE', message: expect.stringContaining(first.outputs['digest'] ?? '?') },
      ]);
    },
    120_000,
  );

  test(
    title('says that there is no login'),
    async () => {
      await mkdir(join(temp, 'none'));
      await writeFile(
        join(temp, 'none', 'config.json'),
        JSON.stringify({ cliPluginsExtraDirs: [join(HOME, '.docker', 'cli-plugins')] }),
      );
      const none = {
        DOCKER_CONFIG: join(temp, 'none'),
        REGISTRY_AUTH_FILE: join(temp, 'none', 'config.json'),
      };
      const run = await build(engine, {}, none);
      expect(run.annotations).toMatchObject([{ title: 'REGISTRY_LOGIN_FAILED' }]);
    },
    120_000,
  );

  const withSecrets = buildsWithSecrets[engine] && hasBusybox;
  (withSecrets ? it : it.skip)(
    withSecrets
      ? 'hands a secret to the build, and keeps it out of image, log and command line'
      : `skipped: needs ${engine} with BuildKit, and busybox-static: secrets`,
    async () => {
      await copyFile(BUSYBOX, join(context, 'busybox'));
      await writeFile(join(temp, 'key'), 'in-a-file');
      await writeFile(
        join(context, 'Dockerfile'),
        [
          'FROM scratch',
          'COPY busybox /bin/busybox',
          // The exec form: there is no shell in the image.
          'RUN --mount=type=secret,id=token ["/bin/busybox", "grep", "-qx", "in-.*-environment", "/run/secrets/token"]',
          'RUN --mount=type=secret,id=key ["/bin/busybox", "grep", "-qx", "in-a-file", "/run/secrets/key"]',
          '',
        ].join('\n'),
      );
      const run = await build(engine, {
        secrets: 'token=in-the-environment',
        'secret-files': `key=${join(temp, 'key')}`,
      });
      expect(run).toMatchObject({ exitCode: 0, masks: expect.arrayContaining(['in-the-environment']) });
      expect(run.stdout.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('in-the-environment');
    },
    120_000,
  );
});

(engines.buildah ? it : it.skip)(
  engines.buildah
    ? 'buildah pushes several platforms as one index'
    : 'skipped: needs buildah: several platforms',
  async () => {
    const run = await build(
      'auto',
      { platforms: 'linux/amd64,linux/arm64' },
      { DOCKER_HOST: 'unix:///nowhere' },
    );
    expect(run).toMatchObject({ exitCode: 0, annotations: [] });
    const images = await ecr.send(
      new DescribeImagesCommand({ repositoryName: 'app', imageIds: [{ imageTag: 'v1' }] }),
    );
    expect(images.imageDetails).toMatchObject([
      {
        imageDigest: run.outputs['digest'],
        imageManifestMediaType: 'application/vnd.oci.image.index.v1+json',
      },
    ]);
  },
  120_000,
);
