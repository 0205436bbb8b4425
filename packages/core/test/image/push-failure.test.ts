import { describe, expect, it } from '@jest/globals';
import { explainPushFailure, type PushTargetState } from '../../src/image/index.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const FREE: PushTargetState = { exists: true, tagImmutable: false };
const TAKEN: PushTargetState = { exists: true, tagImmutable: true, digestOfTag: DIGEST };

const BARE = (method: string, status: string) =>
  `failed to push r.example/app:v1: unexpected status from ${method} request to https://r.example/v2/app/x: ${status}`;

describe('explainPushFailure', () => {
  it.each([
    [
      'ECR’s words',
      'name unknown: The repository with name app does not exist',
      undefined,
      'REPOSITORY_NOT_FOUND',
    ],
    ['a bare 404', BARE('POST', '404 Not Found'), { exists: false as const }, 'REPOSITORY_NOT_FOUND'],
    ['ECR’s words', "tag invalid: The image tag 'v1' already exists", TAKEN, 'IMAGE_TAG_IMMUTABLE'],
    ['a bare 400', BARE('PUT', '400 Bad Request'), TAKEN, 'IMAGE_TAG_IMMUTABLE'],
    ['a 400 for another reason', BARE('PUT', '400 Bad Request'), FREE, 'IMAGE_PUSH_FAILED'],
    [
      'ECR’s words',
      'denied: Your authorization token has expired. Reauthenticate',
      FREE,
      'REGISTRY_LOGIN_FAILED',
    ],
    ['docker’s words', 'no basic auth credentials', FREE, 'REGISTRY_LOGIN_FAILED'],
    ['a bare 401', BARE('HEAD', '401 Unauthorized'), undefined, 'REGISTRY_LOGIN_FAILED'],
    [
      'buildah’s words',
      'trying to reuse blob sha256:ab at destination: failed to read from destination repository app: 400 (Bad Request)',
      FREE,
      'REGISTRY_LOGIN_FAILED',
    ],
    ['a bare 403', BARE('POST', '403 Forbidden'), FREE, 'ACCESS_DENIED'],
    ['ECR’s words', 'toomanyrequests: Rate exceeded', FREE, 'AWS_THROTTLED'],
    ['a bare 429', BARE('PUT', '429 Too Many Requests'), undefined, 'AWS_THROTTLED'],
    ['anything else', 'the disk is full', FREE, 'IMAGE_PUSH_FAILED'],
  ])('knows from %s (%s)', (_from, output, repository, code) => {
    const error = explainPushFailure({ reference: 'r.example/app:v1', output, reason: output, repository });
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(/^Could not push r\.example\/app:v1: /),
    });
    expect(error.hint).toBeTruthy();
  });

  it('says what an immutable tag names', () => {
    const output = BARE('PUT', '400 Bad Request');
    expect(
      explainPushFailure({ reference: 'r.example/app:v1', output, reason: output, repository: TAKEN })
        .message,
    ).toBe(`Could not push r.example/app:v1: the tag is immutable and names ${DIGEST} already.`);
  });

  it('has the missing statement ready', () => {
    const output =
      'denied: User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:eu-west-1:111122223333:repository/app because no identity-based policy allows it';
    const error = explainPushFailure({ reference: 'r.example/app:v1', output, reason: output });
    expect(error.code).toBe('ACCESS_DENIED');
    expect(error.hint).toContain(
      '{"Effect":"Allow","Action":"ecr:InitiateLayerUpload","Resource":"arn:aws:ecr:eu-west-1:111122223333:repository/app"}',
    );
  });

  it('keeps what the engine said as the cause', () => {
    const error = explainPushFailure({
      reference: 'r.example/app:v1',
      output: 'tag invalid',
      reason: 'tag invalid: x',
    });
    expect(error.cause).toEqual(new Error('tag invalid: x'));
  });
});
