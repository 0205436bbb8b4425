import { describe, expect, it } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import {
  findBuildEngine,
  planBuildah,
  planBuildx,
  planDocker,
  type BuildSpec,
} from '../../src/image/index.js';
import type { CommandResult, Exec } from '../../src/ports.js';

const PLAIN: BuildSpec = {
  context: '.',
  references: ['r.example/app:v1', 'r.example/app:v2'],
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
const FULL: BuildSpec = {
  ...PLAIN,
  context: 'app',
  file: 'app/Dockerfile.prod',
  references: ['r.example/app:v1'],
  buildArgs: ['A=1', 'B=two words'],
  labels: ['l=1'],
  target: 'run',
  platforms: ['linux/arm64'],
  cacheFrom: ['r.example/app:cache'],
  secrets: [
    { id: 'npm', value: 's3cret' },
    { id: 'key', path: '/keys/k' },
  ],
  pull: true,
  noCache: true,
};
const SCRATCH = { folder: '/scratch' };

/** The command lines of a plan, with the variables that they need. */
function lines({ steps }: ReturnType<typeof planBuildx>): string[] {
  return steps.map(({ does, command: { file, args, env } }) =>
    [`${does}:`, ...Object.entries(env ?? {}).map(([key, value]) => `${key}=${value}`), file, ...args].join(
      ' ',
    ),
  );
}

describe('planBuildx', () => {
  it('builds and pushes in one step, without attestations', () => {
    const plan = planBuildx(PLAIN, SCRATCH);
    expect(lines(plan)).toEqual([
      'build-push: BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker buildx build --tag r.example/app:v1 --tag r.example/app:v2 ' +
        '--metadata-file /scratch/build-metadata.json --push .',
    ]);
    expect(plan.digest).toEqual({ kind: 'metadata-file', path: '/scratch/build-metadata.json' });
  });

  it('passes everything on', () => {
    const spec = {
      ...FULL,
      platforms: ['linux/amd64', 'linux/arm64'],
      cacheTo: ['type=registry,ref=r.example/app:cache,mode=max'],
      provenance: 'mode=max',
      sbom: 'true',
    };
    expect(lines(planBuildx(spec, SCRATCH))).toEqual([
      'build-push: BUILDX_NO_DEFAULT_ATTESTATIONS=1 ECS_ACTIONS_BUILD_SECRET_1=s3cret docker buildx build ' +
        '--build-arg A=1 --build-arg B=two words --cache-from r.example/app:cache ' +
        '--cache-to type=registry,ref=r.example/app:cache,mode=max --file app/Dockerfile.prod --label l=1 ' +
        '--platform linux/amd64,linux/arm64 --provenance mode=max --sbom true ' +
        '--secret id=npm,env=ECS_ACTIONS_BUILD_SECRET_1 --secret id=key,src=/keys/k --tag r.example/app:v1 ' +
        '--target run --metadata-file /scratch/build-metadata.json --no-cache --pull --push app',
    ]);
  });

  it('leaves the image with the engine where nothing is pushed', () => {
    const plan = planBuildx({ ...PLAIN, push: false }, SCRATCH);
    expect(lines(plan)[0]).toMatch(/^build: .* --load \.$/);
    expect(plan.digest).toBeUndefined();
  });
});

describe('planDocker', () => {
  it('builds, then pushes each reference', () => {
    const plan = planDocker(PLAIN, { buildkit: true });
    expect(lines(plan)).toEqual([
      'build: DOCKER_BUILDKIT=1 docker build --tag r.example/app:v1 --tag r.example/app:v2 .',
      'push: docker push r.example/app:v1',
      'push: docker push r.example/app:v2',
    ]);
    expect(plan.digest).toEqual({ kind: 'push-output' });
  });

  it('passes everything on', () => {
    expect(lines(planDocker({ ...FULL, push: false }, { buildkit: true }))).toEqual([
      'build: DOCKER_BUILDKIT=1 ECS_ACTIONS_BUILD_SECRET_1=s3cret docker build --build-arg A=1 ' +
        '--build-arg B=two words --cache-from r.example/app:cache --file app/Dockerfile.prod --label l=1 ' +
        '--platform linux/arm64 --secret id=npm,env=ECS_ACTIONS_BUILD_SECRET_1 --secret id=key,src=/keys/k ' +
        '--tag r.example/app:v1 --target run --no-cache --pull app',
    ]);
  });
});

describe('planBuildah', () => {
  it('builds, then pushes each reference', () => {
    const plan = planBuildah(PLAIN, SCRATCH);
    expect(lines(plan)).toEqual([
      'build: buildah build --tag r.example/app:v1 --tag r.example/app:v2 .',
      'push: buildah push --digestfile /scratch/digest r.example/app:v1 docker://r.example/app:v1',
      'push: buildah push --digestfile /scratch/digest r.example/app:v2 docker://r.example/app:v2',
    ]);
    expect(plan.digest).toEqual({ kind: 'digest-file', path: '/scratch/digest' });
  });

  it('passes everything on', () => {
    expect(lines(planBuildah({ ...FULL, push: false, cacheTo: ['r.example/cache'] }, SCRATCH))).toEqual([
      'build: ECS_ACTIONS_BUILD_SECRET_1=s3cret buildah build --build-arg A=1 --build-arg B=two words ' +
        '--cache-from r.example/app:cache --cache-to r.example/cache --layers --file app/Dockerfile.prod --label l=1 ' +
        '--platform linux/arm64 --secret id=npm,env=ECS_ACTIONS_BUILD_SECRET_1 --secret id=key,src=/keys/k ' +
        '--tag r.example/app:v1 --target run --no-cache --pull-always app',
    ]);
  });

  it('gathers several platforms under a name of its own', () => {
    const spec = { ...PLAIN, platforms: ['linux/amd64', 'linux/arm64'] };
    expect(lines(planBuildah(spec, { folder: '/tmp/build-push-aB3' }))).toEqual([
      'build: buildah build --platform linux/amd64,linux/arm64 --manifest ecs-actions/build-push-ab3 .',
      'push: buildah manifest push --all --digestfile /tmp/build-push-aB3/digest ecs-actions/build-push-ab3 docker://r.example/app:v1',
      'push: buildah manifest push --all --rm --digestfile /tmp/build-push-aB3/digest ecs-actions/build-push-ab3 docker://r.example/app:v2',
    ]);
  });

  it('does without TLS on loopback', () => {
    for (const line of lines(planBuildah({ ...PLAIN, references: ['127.0.0.1:5000/app:v1'] }, SCRATCH)))
      expect(line).toContain(' --tls-verify=false ');
  });
});

/** A machine with some programs on its PATH: what they answer, by the beginning of the command line. */
function machine(answers: Readonly<Record<string, Partial<CommandResult>>>): { exec: Exec } {
  const programs = new Set(Object.keys(answers).map((line) => line.split(' ')[0]));
  return {
    exec: async ({ file, args }) => {
      if (!programs.has(file)) throw Object.assign(new Error(`spawn ${file} ENOENT`), { code: 'ENOENT' });
      const line = [file, ...args].join(' ');
      const answer = Object.entries(answers).find(([start]) => line.startsWith(start))?.[1];
      return { exitCode: answer === undefined ? 1 : 0, stdout: '', stderr: '', ...answer };
    },
  };
}

const BUILDX = {
  'docker buildx version': { stdout: 'github.com/docker/buildx v0.13.1 abc\n' },
  'docker buildx inspect': { stdout: 'Name: default\nDriver: docker\n\nNodes:\nStatus: running\n' },
};
const DOCKER_28 = { 'docker version': { stdout: '28.2.2 20.10.24\n' } };
const DOCKER_20 = { 'docker version': { stdout: '20.10.24 20.10.24\n' } };
const NO_BUILDX = {
  'docker buildx': { exitCode: 1, stderr: "docker: 'buildx' is not a docker command.\n" },
};
const BUILDAH = { 'buildah --version': { stdout: 'buildah version 1.28.2 (image-spec 1.0.2-dev)\n' } };
const NO_DAEMON = {
  'docker buildx version': BUILDX['docker buildx version'],
  'docker buildx inspect': {
    stdout:
      'Name: default\nDriver: docker\nError:  Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n',
  },
  'docker version': { exitCode: 1, stdout: '28.2.2 \n', stderr: 'Cannot connect to the Docker daemon.\n' },
};

describe('findBuildEngine', () => {
  it.each([
    ['buildx, first of all', { ...BUILDX, ...DOCKER_28, ...BUILDAH }, {}, 'buildx 0.13.1'],
    ['docker, where the plugin is missing', { ...NO_BUILDX, ...DOCKER_28, ...BUILDAH }, {}, 'docker 28.2.2'],
    ['buildah, where no daemon answers', { ...NO_DAEMON, ...BUILDAH }, {}, 'buildah 1.28.2'],
    ['buildah, where there is no docker', BUILDAH, {}, 'buildah 1.28.2'],
    [
      'buildah, where docker cannot do what is asked for',
      { ...NO_BUILDX, ...DOCKER_20, ...BUILDAH },
      { platforms: ['linux/amd64', 'linux/arm64'] },
      'buildah 1.28.2',
    ],
    [
      'docker 20, which has BuildKit built in',
      { ...NO_BUILDX, ...DOCKER_20 },
      { secrets: [{ id: 'a', value: 'b' }] },
      'docker 20.10.24',
    ],
  ])('finds %s', async (_what, answers, spec, label) => {
    await expect(
      findBuildEngine({ wanted: 'auto', spec: { ...PLAIN, ...spec } }, machine(answers)),
    ).resolves.toMatchObject({ label });
  });

  it('takes the one that is asked for', async () => {
    await expect(
      findBuildEngine({ wanted: 'buildah', spec: PLAIN }, machine({ ...BUILDX, ...BUILDAH })),
    ).resolves.toMatchObject({ kind: 'buildah' });
  });

  it('says why none can be used', async () => {
    await expect(findBuildEngine({ wanted: 'auto', spec: PLAIN }, machine(NO_DAEMON))).rejects.toEqual(
      errorWithCode(
        'BUILD_ENGINE_MISSING',
        /buildx: Cannot connect to the Docker daemon.*docker: Cannot connect.*buildah: there is no buildah on the PATH/,
      ),
    );
  });

  const ALL = {
    platforms: ['linux/amd64', 'linux/arm64'],
    cacheFrom: ['type=gha'],
    cacheTo: ['type=gha'],
    provenance: 'true',
    sbom: 'true',
    secrets: [{ id: 'a', value: 'b' }],
    push: false,
  };

  it.each([
    [
      'docker',
      { ...NO_BUILDX, ...DOCKER_28 },
      /docker 28\.2\.2 cannot do: platforms.*cache-to.*cache-from.*provenance.*sbom.*secrets/,
    ],
    ['buildah', BUILDAH, /buildah 1\.28\.2 cannot do: cache-from.*provenance.*sbom.*platforms/],
  ] as const)('never leaves out what %s cannot do', async (wanted, answers, message) => {
    await expect(findBuildEngine({ wanted, spec: { ...PLAIN, ...ALL } }, machine(answers))).rejects.toEqual(
      errorWithCode('INPUT_INVALID', message),
    );
  });
});
