import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DescribeImagesCommand, DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { runAction, writeOciLayout, type ActionOptions } from '@ecs-actions/testkit';

let aws: LocalAws;
let ecr: ECRClient;
let temp: string;
let layout: string;

beforeAll(async () => {
  aws = await startLocalAws();
  ecr = new ECRClient({ region: aws.region, endpoint: aws.endpoint, credentials: aws.credentials });
});
afterAll(() => aws.stop());
beforeEach(async () => {
  await aws.reset();
  temp = await mkdtemp(join(tmpdir(), 'build-push-test-'));
  layout = join(temp, 'layout');
});
afterEach(() => rm(temp, { recursive: true }));

/** Pushes the layout as `app:v1`, unless the inputs say otherwise. */
const push = (inputs: ActionOptions['inputs'] = {}, options: ActionOptions = {}) =>
  runAction('build-push', {
    ...options,
    inputs: {
      image: `${aws.host}/app`,
      tags: 'v1',
      'oci-layout': layout,
      'create-repository': 'true',
      ...inputs,
    },
    runnerTemp: join(temp, 'runner'),
    env: { ...aws.environment(), HOME: join(temp, 'home'), ...options.env },
  });

describe('an OCI layout', () => {
  it('is pushed, and named by its digest', async () => {
    const { digest } = await writeOciLayout(layout);
    const run = await push({ tags: 'v1, latest' });
    expect(run).toMatchObject({ exitCode: 0, annotations: [] });
    expect(run.outputs).toEqual({
      image: `${aws.host}/app@${digest}`,
      digest,
      repository: `${aws.host}/app`,
      tags: `${aws.host}/app:v1\n${aws.host}/app:latest`,
      created: 'true',
      'repository-created': 'true',
    });
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: 'app' }));
    expect(imageDetails).toMatchObject([{ imageDigest: digest, imageTags: ['v1', 'latest'] }]);
  });

  it('is reported in log and summary', async () => {
    const { digest } = await writeOciLayout(layout);
    const run = await push();
    expect(run.log).toContain(`Created repository ${aws.host}/app`);
    expect(run.log).toContain(`v1: pushed ${digest}`);
    expect(run.summary).toContain(`| Image | \`${aws.host}/app@${digest}\` |`);
  });

  it('is there already the second time', async () => {
    const { digest } = await writeOciLayout(layout);
    await push();
    const again = await push({ 'if-exists': 'skip' });
    expect(again.outputs).toMatchObject({ digest, created: 'false', 'repository-created': 'false' });
    expect(again.summary).toContain('### Image is there already');
  });

  it('goes into a repository made as asked', async () => {
    await writeOciLayout(layout);
    const run = await push({
      'image-tag-mutability': 'immutable_with_exclusion',
      'image-tag-mutability-exclusions': 'cache-*',
      'scan-on-push': 'true',
      'repository-tags': 'team=shop',
    });
    expect(run.exitCode).toBe(0);
    const { repositories } = await ecr.send(new DescribeRepositoriesCommand({}));
    expect(repositories).toMatchObject([
      { imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION', imageScanningConfiguration: { scanOnPush: true } },
    ]);
  });

  it('is pushed with a role taken by the job’s ID token', async () => {
    await writeOciLayout(layout);
    const keys = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SESSION_TOKEN: undefined,
    };
    const role = `arn:aws:iam::${aws.accountId}:role/github-deploy`;
    const run = await push({ 'role-to-assume': role }, { env: keys });
    expect(run).toMatchObject({ exitCode: 0, exported: {} });
  });

  it('leaves nothing behind but the copy of the summary', async () => {
    await writeOciLayout(layout);
    await push();
    expect(await readdir(join(temp, 'runner'))).toEqual([
      expect.stringMatching(/^build-push-summary-.*\.md$/),
    ]);
  });
});

describe('a step that fails', () => {
  it('names every wrong input', async () => {
    const run = await push({
      push: 'false',
      file: 'Dockerfile',
      'if-exists': 'maybe',
      'lifecycle-policy': '{',
    });
    expect(run).toMatchObject({ exitCode: 1, outputs: {} });
    expect(run.annotations).toEqual([
      {
        level: 'error',
        title: 'INPUT_INVALID',
        message: expect.stringMatching(
          /^4 inputs are wrong:[^]*file[^]*push[^]*if-exists[^]*lifecycle-policy/,
        ),
      },
    ]);
  });

  it('creates nothing for a layout that is damaged', async () => {
    const { layerDigests, blobPath } = await writeOciLayout(layout);
    await writeFile(blobPath(layerDigests[0] ?? ''), 'damaged');
    const run = await push();
    expect(run.annotations).toMatchObject([{ title: 'IMAGE_LAYOUT_INVALID' }]);
    await expect(ecr.send(new DescribeRepositoriesCommand({}))).resolves.toMatchObject({ repositories: [] });
  });

  it('says that the tag is taken', async () => {
    await writeOciLayout(layout);
    await push({ 'image-tag-mutability': 'IMMUTABLE' });
    await writeOciLayout(layout, [{ layers: ['changed'] }]);
    const run = await push();
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toEqual([
      { level: 'error', title: 'IMAGE_TAG_IMMUTABLE', message: expect.stringContaining('if-exists: skip') },
    ]);
  });

  it('says why no engine can be used', async () => {
    const run = await push({ 'oci-layout': '' }, { env: { PATH: join(temp, 'empty') } });
    expect(run.annotations).toEqual([
      {
        level: 'error',
        title: 'BUILD_ENGINE_MISSING',
        message: expect.stringMatching(/there is no docker on the PATH.*there is no buildah.*oci-layout/s),
      },
    ]);
  });
});

it('masks the values of secrets, and shows no half of one', async () => {
  const env = { PATH: join(temp, 'empty') };
  const masked = await push({ 'oci-layout': '', secrets: 'npm=s3cret-value' }, { env });
  expect(masked.masks[0]).toBe('s3cret-value');
  const malformed = await push({ 'oci-layout': '', secrets: 's3cret-value' }, { env });
  expect(malformed.annotations).toMatchObject([{ title: 'INPUT_INVALID' }]);
  expect(`${malformed.stdout}${malformed.stderr}`).not.toContain('s3cret');
});
