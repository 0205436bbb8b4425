import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import {
  buildImage,
  planBuildah,
  planBuildx,
  planDocker,
  type BuildEngine,
  type BuildSpec,
} from '../../src/image/index.js';
import type { CommandResult } from '../../src/ports.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const SPEC: BuildSpec = {
  context: '.',
  references: ['r.example/app:v1'],
  buildArgs: [],
  labels: [],
  platforms: [],
  cacheFrom: [],
  cacheTo: [],
  secrets: [],
  pull: false,
  noCache: false,
  push: true,
};
const ENGINES = {
  buildx: planBuildx,
  docker: (spec: BuildSpec) => planDocker(spec, { buildkit: false }),
  buildah: planBuildah,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-image-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Builds with an engine whose commands end one after the other as given; the last way of ending is repeated. */
function build(kind: keyof typeof ENGINES, ends: Partial<CommandResult>[], spec = SPEC) {
  const engine: BuildEngine = { kind, label: `${kind} 1.0`, missing: () => [], plan: ENGINES[kind] };
  const exec = async () => ({
    exitCode: 0,
    stdout: '',
    stderr: '',
    ...(ends.length > 1 ? ends.shift() : ends[0]),
  });
  return buildImage({ spec, engine }, { exec, folder });
}

describe('the digest that was pushed', () => {
  it.each([
    ['buildx', 'build-metadata.json', JSON.stringify({ 'containerimage.digest': DIGEST }), ''],
    ['buildah', 'digest', `${DIGEST}\n`, ''],
    ['docker', 'unused', '', `abc: Pushed\nv1: digest: ${DIGEST} size: 528\n`],
  ] as const)('of %s', async (kind, file, content, stdout) => {
    await writeFile(join(folder, file), content);
    await expect(build(kind, [{ stdout }])).resolves.toEqual({ kind: 'built', digest: DIGEST });
  });

  it('is none where nothing was', async () => {
    await expect(build('docker', [{}], { ...SPEC, push: false })).resolves.toEqual({
      kind: 'built',
      digest: undefined,
    });
  });

  it('is missed where the engine does not tell', async () => {
    await expect(build('docker', [{}])).rejects.toEqual(errorWithCode('IMAGE_PUSH_FAILED', 'docker 1.0'));
  });
});

describe('a build that fails', () => {
  it.each([
    [
      '#6 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1\n------\n > [2/2] RUN false:\n------\nDockerfile:2\nERROR: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1\n',
      /could not build \.: failed to solve: process "\/bin\/sh -c false" did not complete/,
    ],
    [
      'ERROR: failed to solve: r.example/base:1: failed to resolve source metadata: pull access denied, repository does not exist or may require authorization\n',
      /pull access denied/,
    ],
    ['', /exit code 1/],
  ])('says why: %j', async (stderr, message) => {
    await expect(build('buildx', [{ exitCode: 1, stderr }])).rejects.toEqual(
      errorWithCode('IMAGE_BUILD_FAILED', message),
    );
  });

  it('is not pushed', async () => {
    await expect(
      build('docker', [{ exitCode: 1, stderr: 'no such file' }, { stdout: `digest: ${DIGEST}` }]),
    ).rejects.toEqual(errorWithCode('IMAGE_BUILD_FAILED', 'no such file'));
  });
});

describe('a push that is refused', () => {
  it.each([
    'ERROR: failed to solve: failed to push r.example/app:v1: unexpected status from PUT request to https://r.example/v2/app/manifests/v1: 400 Bad Request',
    "ERROR: tag invalid: The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.",
    'ERROR: denied: Your authorization token has expired. Reauthenticate and try again.',
    'ERROR: name unknown: The repository with name app does not exist',
  ])('is told from a build that fails, with buildx: %s', async (stderr) => {
    await expect(build('buildx', [{ exitCode: 1, stderr }])).resolves.toMatchObject({ kind: 'push-refused' });
  });

  it.each(['docker', 'buildah'] as const)('is a step of its own with %s', async (kind) => {
    await expect(build(kind, [{}, { exitCode: 1, stderr: 'anything' }])).resolves.toEqual({
      kind: 'push-refused',
      reference: 'r.example/app:v1',
      output: '\nanything',
    });
  });
});
