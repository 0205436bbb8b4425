import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startLocalAws, type LocalAws, type PolicyDocument } from '@ecs-actions/local-aws';
import { documentedPolicy, runAction, writeOciLayout } from '@ecs-actions/testkit';

let aws: LocalAws;
let temp: string;
beforeEach(async () => {
  aws = await startLocalAws();
  temp = await mkdtemp(join(tmpdir(), 'build-push-test-'));
});
afterEach(async () => {
  await aws.stop();
  await rm(temp, { recursive: true });
});

/** Pushes `web:TAG` under the role that the documentation offers for building. */
async function push(tag: string, inputs: Record<string, string> = {}) {
  const { arn } = aws.roles.put({
    role: 'build',
    trustPolicy: await documentedPolicy<PolicyDocument>('Classic subject,', aws),
    policies: [await documentedPolicy<PolicyDocument>('A role that **builds and pushes**', aws)],
  });
  const sub = 'repo:octo-org/octo-app:environment:production';
  return runAction('build-push', {
    inputs: {
      'aws-region': aws.region,
      'role-to-assume': arn,
      image: `${aws.host}/web`,
      tags: tag,
      'oci-layout': join(temp, 'layout'),
      ...inputs,
    },
    env: {
      ...aws.environment(),
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SESSION_TOKEN: undefined,
      HOME: join(temp, 'home'),
      ACTIONS_ID_TOKEN_REQUEST_URL: aws.issuer.requestUrlFor({ sub }),
    },
  });
}

const denied = () => aws.requests.filter(({ error }) => error?.includes('Denied') || error === '403');

it('works under the policy that the documentation offers', async () => {
  const ecr = new ECRClient({ region: aws.region, endpoint: aws.endpoint, credentials: aws.credentials });
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'web', imageTagMutability: 'IMMUTABLE' }));
  ecr.destroy();
  const { digest } = await writeOciLayout(join(temp, 'layout'));

  expect(await push('v1')).toMatchObject({
    exitCode: 0,
    annotations: [],
    outputs: { digest, created: 'true' },
  });
  const again = await push('v1', { 'if-exists': 'skip' });
  expect(again).toMatchObject({ exitCode: 0, outputs: { digest, created: 'false' } });

  await writeOciLayout(join(temp, 'layout'), [{ layers: ['another layer'] }]);
  expect((await push('v1')).annotations).toMatchObject([{ title: 'IMAGE_TAG_IMMUTABLE' }]);
  expect(denied()).toEqual([]);
});

it('is refused a repository that the policy does not name', async () => {
  await writeOciLayout(join(temp, 'layout'));
  const run = await push('v1', { image: `${aws.host}/other`, 'create-repository': 'true' });
  expect(run.annotations).toMatchObject([{ title: 'ACCESS_DENIED' }]);
  expect(run.annotations[0]?.message).toContain('ecr:');
});
