import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import {
  addRegistryLogins,
  findRegistryLogin,
  readDockerConfig,
  writeDockerConfigFolder,
} from '../../src/image/index.js';

const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const LOGIN = { host: ECR, username: 'AWS', password: 'p:w' };
const AUTH = { auth: Buffer.from('AWS:p:w').toString('base64') };

describe('addRegistryLogins', () => {
  it.each([
    ['nothing', {}, { auths: { [ECR]: AUTH } }],
    [
      'other logins and settings',
      {
        auths: { 'ghcr.io': { auth: 'eA==' }, [ECR]: { auth: 'b2xk' } },
        currentContext: 'x',
        experimental: 'on',
      },
      { auths: { 'ghcr.io': { auth: 'eA==' }, [ECR]: AUTH }, currentContext: 'x', experimental: 'on' },
    ],
    [
      'a helper of the host itself, which would win',
      { credHelpers: { [ECR]: 'ecr-login', 'gcr.io': 'gcloud' } },
      { auths: { [ECR]: AUTH }, credHelpers: { 'gcr.io': 'gcloud' } },
    ],
    [
      'a store for everything, which goes on serving the hosts it has',
      { credsStore: 'osxkeychain', auths: { 'ghcr.io': {}, [ECR]: {} } },
      { auths: { 'ghcr.io': {}, [ECR]: AUTH }, credHelpers: { 'ghcr.io': 'osxkeychain' } },
    ],
    [
      'a store, and a helper of a host that the store would have served',
      { credsStore: 'desktop', credHelpers: { 'ghcr.io': 'own' }, auths: { 'ghcr.io': {} } },
      { auths: { 'ghcr.io': {}, [ECR]: AUTH }, credHelpers: { 'ghcr.io': 'own' } },
    ],
  ])('keeps %s', (_what, config, expected) => {
    expect(addRegistryLogins(config, [LOGIN])).toEqual(expected);
  });
});

describe('findRegistryLogin', () => {
  it('reads back what was added', () => {
    expect(findRegistryLogin(addRegistryLogins({}, [LOGIN]), ECR)).toEqual(LOGIN);
  });

  it.each([{}, { auths: {} }, { auths: { [ECR]: {} } }, { auths: { [ECR]: { auth: 'QVdT' } } }])(
    'finds nothing in %j',
    (config) => {
      expect(findRegistryLogin(config, ECR)).toBeUndefined();
    },
  );
});

describe('a folder for one job', () => {
  let home: string;
  let folder: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'docker-config-test-'));
    folder = join(home, 'job');
  });
  afterEach(() => rm(home, { recursive: true }));

  const write = (present = {}) =>
    writeDockerConfigFolder({
      folder,
      present: { dockerConfigFolder: undefined, registryAuthFile: undefined, ...present },
      logins: [LOGIN],
    });

  it('can be read by its owner alone', async () => {
    const path = await write();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ auths: { [ECR]: AUTH } });
  });

  it('joins the logins of docker and of podman, and links what docker keeps beside them', async () => {
    const docker = join(home, '.docker');
    await mkdir(join(docker, 'cli-plugins'), { recursive: true });
    await mkdir(join(docker, 'buildx', 'instances'), { recursive: true });
    await writeFile(join(docker, 'cli-plugins', 'docker-buildx'), 'plugin');
    await writeFile(
      join(docker, 'config.json'),
      '{"auths":{"a.example":{"auth":"YTph"}},"currentContext":"c"}',
    );
    const authFile = join(home, 'auth.json');
    await writeFile(authFile, '{"auths":{"b.example":{"auth":"Yjpi"}},"credHelpers":{"c.example":"c"}}');

    const path = await write({ dockerConfigFolder: docker, registryAuthFile: authFile });
    expect(await readDockerConfig(path)).toEqual({
      currentContext: 'c',
      auths: { 'a.example': { auth: 'YTph' }, 'b.example': { auth: 'Yjpi' }, [ECR]: AUTH },
      credHelpers: { 'c.example': 'c' },
    });
    expect((await readdir(folder)).sort()).toEqual(['buildx', 'cli-plugins', 'config.json']);
    expect(await readFile(join(folder, 'cli-plugins', 'docker-buildx'), 'utf8')).toBe('plugin');

    await rm(folder, { recursive: true });
    expect((await lstat(join(docker, 'cli-plugins', 'docker-buildx'))).isFile()).toBe(true);
  });

  it('needs nothing to be there', async () => {
    const path = await write({
      dockerConfigFolder: join(home, 'none'),
      registryAuthFile: join(home, 'none.json'),
    });
    expect(findRegistryLogin(await readDockerConfig(path), ECR)).toEqual(LOGIN);
  });

  it.each(['{"auths": {"x": {"auth": "c2VjcmV0"', '[]', '7'])(
    'refuses the configuration %j without quoting it',
    async (text) => {
      await mkdir(join(home, '.docker'));
      await writeFile(join(home, '.docker', 'config.json'), text);
      const refused = write({ dockerConfigFolder: join(home, '.docker') });
      await expect(refused).rejects.toEqual(
        errorWithCode('FILE_UNREADABLE', /config\.json is not a JSON object/),
      );
      await expect(refused).rejects.not.toThrow(/c2VjcmV0/);
    },
  );
});
