import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PolicyDocument } from '@ecs-actions/local-aws';
import { documentedPolicy } from '@ecs-actions/testkit';
import { openStage, taskDefinition, withBreaker, type Stage } from './stage.js';

const CLASSIC = 'repo:octo-org/octo-app:environment:production';
const IMMUTABLE = 'repo:octo-org@1001/octo-app@2002:environment:production';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.stop());

/** A role with the policies of the documentation, and what a job needs to take it. */
async function takeRole(trust: string, subject: string) {
  const { aws } = stage;
  const policy = (title: string) => documentedPolicy<PolicyDocument>(title, aws);
  const { arn } = aws.roles.put({
    role: 'deploy',
    trustPolicy: await policy(trust),
    policies: [await policy('A role that **deploys a service')],
  });
  return {
    inputs: { 'aws-region': aws.region, 'role-to-assume': arn },
    env: {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SESSION_TOKEN: undefined,
      GITHUB_REPOSITORY: 'octo-org/octo-app',
      GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
      GITHUB_RUN_ID: '4711',
      ACTIONS_ID_TOKEN_REQUEST_URL: aws.issuer.requestUrlFor({ sub: subject, environment: 'production' }),
    },
  };
}

function writeTaskDefinition(behaviour: string): Promise<string> {
  const named = (name: string) => `arn:aws:iam::${stage.aws.accountId}:role/${name}`;
  return stage.write(`${behaviour}.json`, {
    ...taskDefinition(behaviour),
    taskRoleArn: named('web-task'),
    executionRoleArn: named('web-execution'),
  });
}

async function deploy(behaviour: string, trust = 'Classic subject,', subject = CLASSIC) {
  const { env, inputs } = await takeRole(trust, subject);
  return stage.deploy({ 'task-definition': await writeTaskDefinition(behaviour), ...inputs }, { env });
}

const denied = () =>
  stage.aws.requests.filter(({ error }) => error?.includes('AccessDenied')).map(({ operation }) => operation);

describe('the policies of the documentation are enough', () => {
  test.each([
    ['a classic subject', 'Classic subject,', CLASSIC],
    ['an immutable subject', 'Immutable subject:', IMMUTABLE],
  ])('for a deployment, with %s', async (_what, trust, subject) => {
    await stage.createService();
    const run = await deploy('v2', trust, subject);
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' }, annotations: [] });
    expect(denied()).toEqual([]);
  });

  test('for a rollback and its diagnosis', async () => {
    await stage.createService('web', withBreaker);
    const run = await deploy('exit-1');
    expect(run.outputs).toMatchObject({ outcome: 'rolled-back' });
    expect(denied()).toEqual([]);
  });

  test('for a rollback of our own', async () => {
    await stage.createService();
    const { env, inputs } = await takeRole('Classic subject,', CLASSIC);
    const file = await writeTaskDefinition('v2');
    const step = await stage.start({ ...inputs, 'task-definition': file, 'on-cancel': 'rollback' }, { env });
    await step.waitForLine(/Updated the service/);
    step.kill('SIGINT');
    await step.finished;
    expect(stage.aws.requests.map(({ operation }) => operation)).toContain('StopServiceDeployment');
    expect(denied()).toEqual([]);
  });

  test('for a dry run, which tries all that a deployment reads', async () => {
    await stage.createService();
    const { env, inputs } = await takeRole('Classic subject,', CLASSIC);
    const file = await writeTaskDefinition('v2');
    const run = await stage.deploy({ ...inputs, 'task-definition': file, 'dry-run': 'true' }, { env });
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'planned' } });
    expect(run.summary).toMatch(/Tried and allowed: .*DescribeServiceRevisions.*GetLogEvents/);
    expect(run.summary).not.toContain('Tried and refused');
    expect(denied()).toEqual([]);
  });

  test('for going back on request', async () => {
    await stage.createService();
    await deploy('v2');
    const { env, inputs } = await takeRole('Classic subject,', CLASSIC);
    const run = await stage.deploy({ ...inputs, rollback: 'true' }, { env });
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'succeeded' } });
    expect(denied()).toEqual([]);
  });
});

describe('the trust policies of the documentation', () => {
  const answer = async (trust: string, subject: string) => {
    const { inputs } = await takeRole(trust, subject);
    const form = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: inputs['role-to-assume'],
      RoleSessionName: 'test',
      WebIdentityToken: await stage.aws.issuer.mint({ sub: subject }),
    });
    return (await fetch(stage.aws.endpoint, { method: 'POST', body: form })).status;
  };

  test.each([
    ['Classic subject,', CLASSIC],
    ['Immutable subject:', IMMUTABLE],
  ])('let in whom they mean: %s', async (trust, subject) => {
    expect(await answer(trust, subject)).toBe(200);
  });

  test.each([
    ['a classic subject under a policy for the immutable one', 'Immutable subject:', CLASSIC],
    ['an immutable subject under a policy for the classic one', 'Classic subject,', IMMUTABLE],
    ['another environment', 'Classic subject,', 'repo:octo-org/octo-app:environment:staging'],
    ['a branch', 'Classic subject,', 'repo:octo-org/octo-app:ref:refs/heads/main'],
    ['a pull request', 'Classic subject,', 'repo:octo-org/octo-app:pull_request'],
    ['another repository', 'Classic subject,', 'repo:octo-org/other:environment:production'],
    [
      'a repository of the same name after a transfer',
      'Immutable subject:',
      IMMUTABLE.replace('2002', '3003'),
    ],
  ])('let nobody else in: %s', async (_what, trust, subject) => {
    expect(await answer(trust, subject)).toBe(403);
  });
});
