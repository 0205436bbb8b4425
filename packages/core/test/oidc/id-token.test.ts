import { describe, expect, it } from '@jest/globals';
import {
  checkSessionName,
  classicSubject,
  decodeIdToken,
  defaultAudience,
  idTokenUnavailable,
  parseRoleArn,
  sessionNameOfRun,
} from '../../src/oidc/index.js';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('decodeIdToken', () => {
  it('reads the claims', () => {
    const token = `${encode({ alg: 'RS256' })}.${encode({ sub: 'repo:a/b:ref:refs/heads/ü' })}.c2ln`;
    expect(decodeIdToken(token)).toEqual({ sub: 'repo:a/b:ref:refs/heads/ü' });
  });

  it.each(['', 'secret-token', 'aaa.c2VjcmV0.bbb', `a.${encode('text')}.b`, `a.${encode(null)}.b`])(
    'never repeats a malformed token: %j',
    (token) => {
      let thrown: unknown;
      try {
        decodeIdToken(token);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({
        code: 'ID_TOKEN_UNAVAILABLE',
        message: 'The ID token that the runner returned is not a JWT.',
      });
      expect((thrown as Error).cause).toBeUndefined();
    },
  );
});

it.each([
  ['repo:acme@1/shop@2:ref:refs/heads/main', 'repo:acme/shop:ref:refs/heads/main'],
  ['repo:acme@1/shop@2:environment:a@b', 'repo:acme/shop:environment:a@b'],
  ['repo:acme/shop:ref:refs/heads/x@1/y@2', undefined],
  ['repo:acme/shop:ref:refs/heads/main', undefined],
  ['repository_owner:acme', undefined],
])('classicSubject(%s)', (subject, expected) => {
  expect(classicSubject(subject)).toBe(expected);
});

it('tells a fork from a missing permission', () => {
  expect(idTokenUnavailable().hint).toMatch(/id-token: write.*every workflow that calls/);
  expect(idTokenUnavailable({ forkPullRequest: true }).hint).toMatch(/fork gets no ID token/);
});

describe('parseRoleArn', () => {
  it.each([
    ['arn:aws:iam::111122223333:role/deploy', 'aws', 'deploy'],
    ['arn:aws-cn:iam::111122223333:role/path/to/deploy', 'aws-cn', 'path/to/deploy'],
  ])('%s', (arn, partition, roleName) => {
    expect(parseRoleArn(arn)).toEqual({ partition, accountId: '111122223333', roleName });
  });

  it.each(['deploy', 'arn:aws:iam::1:role/x', 'arn:aws:iam::111122223333:user/x', ''])(
    'refuses %j',
    (arn) => {
      expect(() => parseRoleArn(arn)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
    },
  );
});

it.each([
  ['aws', 'sts.amazonaws.com'],
  ['aws-cn', 'sts.amazonaws.com.cn'],
  ['aws-us-gov', 'sts.amazonaws.com'],
])('audience of %s', (partition, audience) => {
  expect(defaultAudience(partition)).toBe(audience);
});

describe('session names', () => {
  it.each([
    ['acme/shop', '17', 'gha-shop-17'],
    ['acme/sp ace~', '17', 'gha-sp-ace--17'],
    [`acme/${'x'.repeat(100)}`, '123456789012', `gha-${'x'.repeat(47)}-123456789012`],
  ])('of a run: %s %s', (repository, runId, expected) => {
    expect(checkSessionName(sessionNameOfRun({ repository, runId }))).toBe(expected);
  });

  it.each(['a', 'x'.repeat(65), 'with space', 'ü-ü'])('refuses %j', (name) => {
    expect(() => checkSessionName(name)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});
