import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { runAction } from '@ecs-actions/testkit';

const works = (file: string, ...args: string[]) => spawnSync(file, args).status === 0;
const hasDocker = works('docker', 'version');
const hasSkopeo = works('skopeo', '--version');

if (process.env['ECS_ACTIONS_REQUIRE_DOCKER'] === '1' && !hasDocker)
  throw new Error('ECS_ACTIONS_REQUIRE_DOCKER is set, and no docker engine answers.');

/** Not the synchronous way: the registry lives in this process. Returns the exit code. */
const run = (file: string, args: string[], env: Record<string, string> = {}) =>
  new Promise<number>((resolve) => {
    const child = execFile(file, args, { env: { ...process.env, ...env }, timeout: 60_000 }, () => {
      resolve(child.exitCode ?? -1);
    });
  });

let aws: LocalAws;
let temp: string;
let login: Record<string, string>;
let image: string;

beforeAll(async () => {
  aws = await startLocalAws();
  temp = await mkdtemp(join(tmpdir(), 'clients-test-'));
  const ecr = new ECRClient({ region: aws.region, endpoint: aws.endpoint, credentials: aws.credentials });
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  image = `${aws.host}/app:v1`;
  const { exported } = await runAction('login-ecr', {
    env: { ...aws.environment(), HOME: temp },
    runnerTemp: temp,
  });
  login = { ...exported };
});
afterAll(async () => {
  if (hasDocker) await run('docker', ['image', 'rm', '--force', image]);
  await rm(temp, { recursive: true });
  await aws.stop();
});

describe('the login serves', () => {
  (hasDocker ? it : it.skip)(
    hasDocker ? 'docker push and docker pull' : 'skipped: needs docker',
    async () => {
      await writeFile(join(temp, 'content'), 'content');
      await writeFile(join(temp, 'Dockerfile'), 'FROM scratch\nCOPY content /\nCMD ["/content"]\n');
      expect(await run('docker', ['build', '--tag', image, temp], { DOCKER_BUILDKIT: '0' })).toBe(0);
      expect(await run('docker', ['push', image])).toBe(1);
      expect(await run('docker', ['push', image], login)).toBe(0);
      await run('docker', ['image', 'rm', '--force', image]);
      expect(await run('docker', ['pull', image], login)).toBe(0);
    },
    120_000,
  );

  (hasSkopeo ? it : it.skip)(
    hasSkopeo ? 'skopeo' : 'skipped: needs skopeo',
    async () => {
      const tags = ['list-tags', '--tls-verify=false', `docker://${aws.host}/app`];
      expect(await run('skopeo', tags)).toBe(1);
      expect(await run('skopeo', tags, { REGISTRY_AUTH_FILE: login['REGISTRY_AUTH_FILE'] ?? '' })).toBe(0);
    },
    120_000,
  );
});
