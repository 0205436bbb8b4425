import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

const bin = fileURLToPath(new URL('../../bin/local-aws.js', import.meta.url));
let temporary: string;
let running: ChildProcess[] = [];

beforeAll(() => {
  if (!existsSync(new URL('../../dist/cli.js', import.meta.url))) throw new Error('Build local-aws first.');
});
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'local-aws-test-'));
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running = [];
  await rm(temporary, { recursive: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Resolves with standard output as soon as it matches. */
  printed(pattern: RegExp): Promise<string>;
}

/** The program as a user with a home that cannot be written to would start it. */
function start(args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', TMPDIR: temporary, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  return {
    child,
    ended: new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    }),
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(stdout)) resolve(stdout);
        };
        child.stdout.on('data', look);
        child.once('close', () =>
          reject(new Error(`It ended without printing ${String(pattern)}: ${stderr}`)),
        );
        look();
      }),
  };
}

const run = (args: readonly string[], env: Record<string, string> = {}) => start(args, env).ended;

/** A program in JavaScript, as a command line. */
const script = (source: string) => [process.execPath, '--input-type=module', '-e', source];

/** The port that an `up` says it listens on, once it is ready. */
async function portOf(up: Started): Promise<string> {
  return /127\.0\.0\.1:(\d+)/.exec(await up.printed(/Ctrl-C/))?.[1] ?? '';
}

describe('exec', () => {
  it('runs a command against a world of its own, and leaves nothing behind', async () => {
    const source = `
      const { AWS_ENDPOINT_URL: endpoint, ACTIONS_ID_TOKEN_REQUEST_URL: url } = process.env;
      const headers = { authorization: 'Bearer ' + process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN };
      const token = await (await fetch(url + '&audience=sts.amazonaws.com', { headers })).json();
      const body = new URLSearchParams({ Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15',
        RoleArn: 'arn:aws:iam::123456789012:role/github-deploy', RoleSessionName: 'ci', WebIdentityToken: token.value });
      const answer = await (await fetch(endpoint, { method: 'POST', body })).text();
      console.log(JSON.stringify({ endpoint, answer, env: process.env }));
      process.exit(7);`;
    const { code, stdout, stderr } = await run(['exec', '--', ...script(source)], {
      AWS_PROFILE: 'production',
      AWS_ENDPOINT_URL_ECS: 'https://elsewhere.example',
      KEPT: 'yes',
    });
    expect(stderr).toBe('');
    expect(code).toBe(7);
    const { endpoint, answer, env } = JSON.parse(stdout) as {
      endpoint: string;
      answer: string;
      env: Record<string, string>;
    };
    expect(answer).toContain('<AccessKeyId>ASIA');
    expect(env).toMatchObject({ KEPT: 'yes', AWS_REGION: 'us-east-1', AWS_PAGER: '' });
    expect(env).not.toHaveProperty('AWS_PROFILE');
    expect(env).not.toHaveProperty('AWS_ENDPOINT_URL_ECS');
    expect(existsSync(env['AWS_CONFIG_FILE'] ?? '')).toBe(false);
    await expect(fetch(endpoint)).rejects.toThrow();
    expect(await readdir(temporary)).toEqual([]);
  });

  it('hands on the signal it gets, and tells how the command ended', async () => {
    const source = `
      process.on('SIGTERM', () => { console.log('told'); process.exit(3); });
      setInterval(() => {}, 1000);
      console.log('ready');`;
    const polite = start(['exec', '--', ...script(source)]);
    await polite.printed(/ready/);
    polite.child.kill('SIGTERM');
    expect(await polite.ended).toMatchObject({ code: 3, stdout: 'ready\ntold\n' });
    expect(await run(['exec', '--', ...script('process.kill(process.pid, "SIGKILL")')])).toMatchObject({
      code: 137,
    });
  });

  it('says what it cannot run', async () => {
    expect(await run(['exec', '--', 'no-such-command'])).toEqual({
      code: 127,
      stdout: '',
      stderr: 'local-aws: cannot run no-such-command: not found\n',
    });
  });
});

describe('up and env', () => {
  it('serve a shell until Ctrl-C', async () => {
    const up = start(['up', '--clock', 'manual', '--region', 'eu-west-1']);
    const endpoint = `http://127.0.0.1:${await portOf(up)}`;
    const env = await run(['env'], { AWS_ENDPOINT_URL_STS: 'https://elsewhere.example' });
    expect(env.code).toBe(0);
    expect(env.stdout).toContain(`export AWS_ENDPOINT_URL='${endpoint}'\n`);
    expect(env.stdout).toContain("export AWS_REGION='eu-west-1'\n");
    expect(env.stdout).toContain('unset AWS_ENDPOINT_URL_STS\n');
    expect(await (await fetch(`${endpoint}/_local-aws/health`)).json()).toMatchObject({ clock: 'manual' });

    const [directory = ''] = await readdir(temporary);
    expect((await stat(join(temporary, directory))).mode & 0o777).toBe(0o700);
    const [file = ''] = await readdir(join(temporary, directory));
    expect((await stat(join(temporary, directory, file))).mode & 0o777).toBe(0o600);

    up.child.kill('SIGINT');
    expect(await up.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(join(temporary, directory))).toEqual([]);
    await expect(fetch(endpoint)).rejects.toThrow();
    expect(await run(['env'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'local-aws: none is running. Start one: npx local-aws up\n',
    });
  });

  it('tell several apart, and clear away what a killed one left', async () => {
    const first = start(['up']);
    const second = start(['up']);
    const [port] = await Promise.all([portOf(first), portOf(second)]);
    expect((await run(['env', '--port', port])).stdout).toContain(`127.0.0.1:${port}'`);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await run(['env', '--port', port])).toMatchObject({
      code: 1,
      stderr: `local-aws: none is running on port ${port}. Start one: npx local-aws up\n`,
    });
    expect((await run(['env'])).code).toBe(0);
  });

  it('refuse a port that is taken, and a directory that is open to others', async () => {
    const up = start(['up']);
    const port = await portOf(up);
    expect(await run(['up', '--port', port])).toMatchObject({
      code: 1,
      stderr: `local-aws: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
    });
    const open = join(temporary, 'open');
    await mkdir(join(open, `local-aws-${process.getuid?.()}`), { recursive: true, mode: 0o755 });
    const { code, stderr } = await run(['env'], { TMPDIR: open });
    expect(code).toBe(1);
    expect(stderr).toContain('must belong to you alone (chmod 700)');
  });
});

describe('the program', () => {
  it('explains itself', async () => {
    expect((await run(['--help'])).stdout).toMatch(/^Usage:\n {2}local-aws up/);
    const { code, stderr } = await run(['down']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^local-aws: There is no command "down"\.\nUsage:/);
  });

  it('says in one line that it is not built', async () => {
    const copy = join(temporary, 'package');
    await cp(bin, join(copy, 'bin', 'local-aws.js'));
    await writeFile(join(copy, 'package.json'), '{"type":"module"}');
    const child = spawn(process.execPath, [join(copy, 'bin', 'local-aws.js'), 'up']);
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(1);
    expect(stderr).toBe('local-aws is not built yet: run "npm run build" in its repository first.\n');
  });
});
