import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { runAction, startAction, type ActionRun } from '@ecs-actions/testkit';
import { scenarios } from './scenarios.js';

let aws: LocalAws;
const roleArn = 'arn:aws:iam::123456789012:role/github-deploy';

beforeAll(async () => {
  aws = await startLocalAws();
});
beforeEach(() => aws.reset());
afterAll(() => aws.stop());

/** What a job on GitHub has: no AWS keys, but the means to ask for an ID token. */
function jobEnvironment(): Record<string, string | undefined> {
  return {
    ...aws.environment(),
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_SESSION_TOKEN: undefined,
    AWS_REGION: undefined,
    AWS_DEFAULT_REGION: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
    GITHUB_REPOSITORY: 'octo-org/octo-app',
    GITHUB_RUN_ID: '4711',
  };
}

function connect(
  inputs: Record<string, string>,
  env: Record<string, string | undefined> = {},
): Promise<ActionRun> {
  return runAction(scenarios, {
    inputs: { scenario: 'aws', 'aws-region': 'eu-central-1', ...inputs },
    env: { ...jobEnvironment(), ...env },
  });
}

/** The one annotation of a step that failed. */
function failure(run: ActionRun): { title: string | undefined; message: string } {
  expect(run.exitCode).toBe(1);
  expect(run.annotations).toHaveLength(1);
  expect(run.log).not.toMatch(/^\s+at .+:\d+/m);
  const { title, message } = run.annotations[0] ?? { title: undefined, message: '' };
  return { title, message };
}

describe('with role-to-assume', () => {
  test('exchanges the ID token of the job, under a name that leads to the run', async () => {
    const run = await connect({ 'role-to-assume': roleArn });
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toEqual({
      arn: 'arn:aws:sts::123456789012:assumed-role/github-deploy/gha-octo-app-4711',
      region: 'eu-central-1',
    });
    expect(aws.requests.map(({ service, operation }) => `${service} ${operation}`)).toEqual([
      'oidc GetIdToken',
      'sts AssumeRoleWithWebIdentity',
      'sts GetCallerIdentity',
    ]);
  });

  test('masks token and keys before anything else is printed, and exports none', async () => {
    const run = await connect({ 'role-to-assume': roleArn });
    const lines = run.stdout.split('\n').filter((line) => line !== '' && !line.startsWith('::debug::'));
    expect(lines.findIndex((line) => !line.startsWith('::add-mask::'))).toBe(lines.length - 1);
    expect(lines.at(-1)).toMatch(/^calling as arn:/);
    // The ID token, the secret key, the session token and the key's id.
    expect(new Set(run.masks).size).toBe(4);
    expect(run.exported).toEqual({});
    const left = JSON.stringify([run.outputs, run.summary, run.state, run.log]);
    for (const mask of run.masks) expect(left).not.toContain(mask);
  });

  test('takes a new session where AWS calls the present one expired, and one only', async () => {
    aws.faults.inject({ service: 'sts', operation: 'GetCallerIdentity', kind: 'expired-token', times: 1 });
    const run = await connect({ 'role-to-assume': roleArn });
    expect(run.exitCode).toBe(0);
    const sessions = () => aws.requests.filter(({ operation }) => operation === 'AssumeRoleWithWebIdentity');
    expect(sessions()).toHaveLength(2);
    aws.faults.inject({ service: 'sts', operation: 'GetCallerIdentity', kind: 'expired-token', times: 2 });
    expect((await connect({ 'role-to-assume': roleArn })).exitCode).toBe(1);
    expect(sessions()).toHaveLength(4);
  });

  test.each(['GetCallerIdentity', 'AssumeRoleWithWebIdentity'])(
    'a job that is cancelled does not wait for the answer to %s',
    async (operation) => {
      aws.faults.inject({ service: 'sts', operation, kind: 'delay', delayMs: 8_000 });
      const step = await startAction(scenarios, {
        inputs: { scenario: 'aws', 'aws-region': 'eu-central-1', 'role-to-assume': roleArn },
        env: jobEnvironment(),
      });
      while (!aws.requests.some((request) => request.operation === operation))
        await new Promise((resolve) => setTimeout(resolve, 20));
      const asked = Date.now();
      step.kill('SIGINT');
      expect((await step.finished).annotations).toMatchObject([{ title: 'CANCELLED' }]);
      expect(Date.now() - asked).toBeLessThan(5_000);
    },
  );

  test('takes a session name and a duration', async () => {
    const run = await connect({
      'role-to-assume': roleArn,
      'role-session-name': 'by-hand',
      'role-duration-seconds': '1800',
    });
    expect(run.outputs['arn']).toBe('arn:aws:sts::123456789012:assumed-role/github-deploy/by-hand');
    expect(
      aws.requests.find(({ operation }) => operation === 'AssumeRoleWithWebIdentity')?.input,
    ).toMatchObject({
      DurationSeconds: '1800',
    });
  });

  test('explains a refusal by the claims of the token', async () => {
    const run = await connect(
      { 'role-to-assume': roleArn },
      {
        ACTIONS_ID_TOKEN_REQUEST_URL: aws.issuer.requestUrlFor({
          sub: 'repo:someone/else:ref:refs/heads/main',
        }),
      },
    );
    const { title, message } = failure(run);
    expect(title).toBe('ROLE_REFUSED');
    expect(message).toContain(`Could not assume role ${roleArn}`);
    expect(message).toContain('sub repo:someone/else:ref:refs/heads/main');
    expect(message).toContain('This Condition would match:');
    for (const mask of run.masks) expect(message).not.toContain(mask);
  });

  test('asks for the permission where the job cannot mint a token', async () => {
    const run = await connect(
      { 'role-to-assume': roleArn },
      { ACTIONS_ID_TOKEN_REQUEST_URL: undefined, ACTIONS_ID_TOKEN_REQUEST_TOKEN: undefined },
    );
    const { title, message } = failure(run);
    expect(title).toBe('ID_TOKEN_UNAVAILABLE');
    expect(message).toContain('id-token: write');
    expect(aws.requests).toEqual([]);
  });

  test('says that the token service failed where it did', async () => {
    const run = await connect(
      { 'role-to-assume': roleArn },
      { ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'not-the-one' },
    );
    const { title, message } = failure(run);
    expect(title).toBe('ID_TOKEN_UNAVAILABLE');
    expect(message).toContain('token service');
    expect(message).not.toContain('id-token: write');
  });

  test('refuses what is no role before any request', async () => {
    const run = await connect({ 'role-to-assume': 'github-deploy' });
    expect(failure(run)).toMatchObject({
      title: 'INPUT_INVALID',
      message: expect.stringContaining('role-to-assume is not the ARN of an IAM role: github-deploy'),
    });
    expect(aws.requests).toEqual([]);
  });

  test('refuses a duration that no role can have', async () => {
    const run = await connect({ 'role-to-assume': roleArn, 'role-duration-seconds': '60' });
    expect(failure(run).message).toContain(
      'Input role-duration-seconds is "60": write a whole number from 900 to 43200.',
    );
  });
});

describe('on a pull request', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'event-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const pullRequestFrom = (repository: string | undefined) => ({
    pull_request: { head: { repo: repository === undefined ? null : { full_name: repository } } },
  });

  test.each([
    [
      'a fork',
      'pull_request',
      pullRequestFrom('someone/octo-app'),
      'A pull request from a fork gets no ID token',
    ],
    ['a fork that is gone', 'pull_request', pullRequestFrom(undefined), 'A pull request from a fork'],
    ['the repository itself', 'pull_request', pullRequestFrom('octo-org/octo-app'), 'id-token: write'],
    [
      'a fork, with the target in charge',
      'pull_request_target',
      pullRequestFrom('someone/octo-app'),
      'id-token: write',
    ],
    ['nowhere', 'pull_request', {}, 'id-token: write'],
  ])('from %s, says why there is no token', async (_what, eventName, event, hint) => {
    const path = join(folder, 'event.json');
    await writeFile(path, JSON.stringify(event));
    const run = await connect(
      { 'role-to-assume': roleArn },
      {
        ACTIONS_ID_TOKEN_REQUEST_URL: undefined,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: undefined,
        GITHUB_EVENT_NAME: eventName,
        GITHUB_EVENT_PATH: path,
      },
    );
    expect(failure(run).message).toContain(hint);
  });
});

describe('without role-to-assume', () => {
  test('uses what is there', async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = aws.environment();
    const run = await connect({}, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN });
    expect(run.outputs['arn']).toMatch(/:assumed-role\/local-aws-admin\//);
  });

  test('uses a web identity token file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'token-'));
    try {
      const file = join(folder, 'token');
      await writeFile(file, await aws.issuer.mint());
      const run = await connect(
        {},
        { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: roleArn, AWS_ROLE_SESSION_NAME: 'by-file' },
      );
      expect(run.outputs['arn']).toBe('arn:aws:sts::123456789012:assumed-role/github-deploy/by-file');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the region', () => {
  test.each([
    ['the input', 'eu-west-1', { AWS_REGION: 'us-west-1' }, 'eu-west-1'],
    ['AWS_REGION', '', { AWS_REGION: 'us-west-1', AWS_DEFAULT_REGION: 'us-west-2' }, 'us-west-1'],
    ['AWS_DEFAULT_REGION', '', { AWS_DEFAULT_REGION: 'us-west-2' }, 'us-west-2'],
  ])('comes from %s', async (_what, input, env, region) => {
    const run = await connect({ 'role-to-assume': roleArn, 'aws-region': input }, env);
    expect(run.outputs['region']).toBe(region);
  });

  test('comes from the shared configuration', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'config-'));
    try {
      const file = join(folder, 'config');
      await writeFile(file, '[default]\nregion = ap-south-1\n');
      const run = await connect({ 'role-to-assume': roleArn, 'aws-region': '' }, { AWS_CONFIG_FILE: file });
      expect(run.outputs['region']).toBe('ap-south-1');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('is asked for where it is nowhere', async () => {
    const run = await connect({ 'role-to-assume': roleArn, 'aws-region': '' });
    expect(failure(run)).toMatchObject({
      title: 'INPUT_INVALID',
      message: expect.stringMatching(/^Input aws-region was not given.*\nWrite `aws-region: /),
    });
    expect(aws.requests).toEqual([]);
  });
});
