import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { runAction, type ActionOptions, type ActionRun } from '@ecs-actions/testkit';

let aws: LocalAws;
let temp: string;

beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws.stop());
beforeEach(async () => {
  await aws.reset();
  temp = await mkdtemp(join(tmpdir(), 'login-ecr-test-'));
});
afterEach(() => rm(temp, { recursive: true }));

const login = (options: ActionOptions = {}) =>
  runAction('login-ecr', {
    ...options,
    runnerTemp: join(temp, 'runner'),
    env: { ...aws.environment(), HOME: join(temp, 'home'), ...options.env },
  });

async function passwordIn(run: ActionRun): Promise<string> {
  const { auths } = JSON.parse(
    await readFile(join(run.outputs['docker-config'] ?? '', 'config.json'), 'utf8'),
  ) as { auths: Record<string, { auth: string }> };
  return Buffer.from(auths[aws.host]?.auth ?? '', 'base64')
    .toString()
    .replace('AWS:', '');
}

const registryAnswers = async (password: string) =>
  (
    await fetch(`http://${aws.host}/v2/`, {
      headers: { authorization: `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}` },
    })
  ).status;

describe('a login', () => {
  it('goes into a folder of its own, which later steps find', async () => {
    const run = await login();
    expect(run).toMatchObject({ exitCode: 0, annotations: [] });
    const folder = run.outputs['docker-config'] ?? '';
    expect(folder.startsWith(join(temp, 'runner'))).toBe(true);
    expect(run.exported).toEqual({ DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: join(folder, 'config.json') });
    expect(await registryAnswers(await passwordIn(run))).toBe(200);
    expect(await registryAnswers('wrong')).toBe(400);
  });

  it('says where one is logged in, and until when', async () => {
    const run = await login();
    expect(run.outputs).toEqual({
      registry: aws.host,
      registries: JSON.stringify([aws.host]),
      'expires-at': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      'docker-config': expect.any(String),
    });
    expect(run.summary).toContain(`| \`${aws.host}\` |`);
  });

  it('masks the password before it prints anything else, and never the name AWS', async () => {
    const run = await login();
    const password = await passwordIn(run);
    expect(run.masks).toEqual([Buffer.from(`AWS:${password}`).toString('base64'), password]);
    const lines = run.stdout.split('\n').filter(Boolean);
    expect(lines.slice(0, 2).every((line) => line.startsWith('::add-mask::'))).toBe(true);
    expect(lines.slice(2).join('\n')).not.toContain(password);
    expect(`${run.summary}${JSON.stringify(run.outputs)}${run.stderr}`).not.toContain(password);
  });

  it('hands the password out where it is asked to', async () => {
    const run = await login({ inputs: { 'mask-password': 'false' } });
    const host = aws.host.replaceAll(/\W/g, '_');
    expect(run.outputs[`docker_username_${host}`]).toBe('AWS');
    expect(run.outputs[`docker_password_${host}`]).toBe(await passwordIn(run));
    expect(run.masks).toContain(await passwordIn(run));
  });

  it('keeps what docker knew before', async () => {
    const docker = join(temp, 'home', '.docker');
    await mkdir(join(docker, 'cli-plugins'), { recursive: true });
    await writeFile(
      join(docker, 'config.json'),
      JSON.stringify({ credsStore: 'desktop', auths: { 'ghcr.io': {} }, currentContext: 'remote' }),
    );
    const run = await login();
    const folder = run.outputs['docker-config'] ?? '';
    expect(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).toEqual({
      auths: { 'ghcr.io': {}, [aws.host]: { auth: expect.any(String) } },
      credHelpers: { 'ghcr.io': 'desktop' },
      currentContext: 'remote',
    });
    expect((await readdir(folder)).sort()).toEqual(['cli-plugins', 'config.json']);
  });

  it('takes a role with the job’s ID token, and exports no credentials', async () => {
    const role = `arn:aws:iam::${aws.accountId}:role/github-deploy`;
    const keys = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SESSION_TOKEN: undefined,
    };
    const run = await login({ inputs: { 'role-to-assume': role, registries: aws.accountId }, env: keys });
    expect(run.exitCode).toBe(0);
    expect(
      aws.requests.find(({ operation }) => operation === 'GetAuthorizationToken')?.principalArn,
    ).toContain('assumed-role/github-deploy/gha-');
    expect(Object.keys(run.exported).sort()).toEqual(['DOCKER_CONFIG', 'REGISTRY_AUTH_FILE']);
  });
});

describe('the end of the job', () => {
  it('removes the login, and nothing else', async () => {
    const docker = join(temp, 'home', '.docker');
    await mkdir(join(docker, 'cli-plugins'), { recursive: true });
    const main = await login();
    const post = await login({ phase: 'post', state: main.state });
    expect(post).toMatchObject({ exitCode: 0, annotations: [] });
    expect(existsSync(main.outputs['docker-config'] ?? '')).toBe(false);
    expect(await readdir(docker)).toEqual(['cli-plugins']);
  });

  it('has nothing to do twice, or after a login that failed', async () => {
    const main = await login();
    await login({ phase: 'post', state: main.state });
    await expect(login({ phase: 'post', state: main.state })).resolves.toMatchObject({
      exitCode: 0,
      annotations: [],
    });

    aws.faults.inject({ service: 'ecr', kind: 'access-denied' });
    const failed = await login();
    await expect(login({ phase: 'post', state: failed.state })).resolves.toMatchObject({
      exitCode: 0,
      annotations: [],
    });
  });

  it('keeps the login where skip-logout asks for it', async () => {
    const main = await login({ inputs: { 'skip-logout': 'true' } });
    await login({ phase: 'post', state: main.state });
    expect(existsSync(main.outputs['docker-config'] ?? '')).toBe(true);
  });
});

describe('a login that fails', () => {
  it.each([
    [
      'names what is no registry, and every other fault',
      { registries: '123, ghcr.io', 'mask-password': 'perhaps' },
      'INPUT_INVALID',
      /3 inputs are wrong:[\s\S]*"123"[\s\S]*"ghcr\.io"[\s\S]*mask-password/,
    ],
    ['knows no public registry', { 'registry-type': 'public' }, 'INPUT_INVALID', /only private/],
  ])('%s', async (_what, inputs, title, message) => {
    const run = await login({ inputs });
    expect(run).toMatchObject({ exitCode: 1, exported: {}, outputs: {} });
    expect(run.annotations).toEqual([{ level: 'error', title, message: expect.stringMatching(message) }]);
  });

  it('says which statement is missing', async () => {
    aws.faults.inject({ service: 'ecr', kind: 'access-denied' });
    const run = await login();
    expect(run).toMatchObject({ exitCode: 1, exported: {} });
    expect(run.annotations).toEqual([
      {
        level: 'error',
        title: 'ACCESS_DENIED',
        message: expect.stringContaining('ecr:GetAuthorizationToken'),
      },
    ]);
    expect(await readdir(join(temp, 'runner'))).toEqual([]);
  });

  it('fails where the registry does not accept the login', async () => {
    aws.faults.inject({ service: 'registry', kind: 'expired-token' });
    const run = await login();
    expect(run).toMatchObject({ exitCode: 1, exported: {} });
    expect(run.annotations).toMatchObject([{ title: 'REGISTRY_LOGIN_FAILED' }]);
  });

  it('only warns where the registry cannot be asked', async () => {
    aws.faults.inject({ service: 'registry', kind: 'reset', times: 3 });
    const run = await login();
    expect(run.exitCode).toBe(0);
    expect(run.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining('could not be checked') },
    ]);
  });
});
