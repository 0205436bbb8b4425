import { describe, expect, it } from '@jest/globals';
import { explainRoleRefusal, trustCondition } from '../../src/oidc/index.js';

const ROLE = 'arn:aws:iam::111122223333:role/deploy';
const CLAIMS = {
  iss: 'https://token.actions.githubusercontent.com',
  aud: 'sts.amazonaws.com',
  sub: 'repo:acme/shop:ref:refs/heads/main',
  job_workflow_ref: 'acme/shop/.github/workflows/deploy.yml@refs/heads/main',
};
const IMMUTABLE = 'repo:acme@123/shop@456:environment:prod';

function stsError(name: string, message: string, status = 403): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}
const denied = stsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');

function explain(
  error: Error,
  claims: object = {},
  more: { roleArn?: string; durationSeconds?: number } = {},
) {
  return explainRoleRefusal({ roleArn: ROLE, ...more, error, claims: { ...CLAIMS, ...claims } });
}

describe('a role that does not trust the token', () => {
  it('shows the claims that STS keeps to itself', () => {
    expect(explain(denied)).toMatchObject({
      code: 'ROLE_REFUSED',
      message:
        `Could not assume role ${ROLE}: Not authorized to perform sts:AssumeRoleWithWebIdentity ` +
        `The token says: sub ${CLAIMS.sub}, aud sts.amazonaws.com, job_workflow_ref ${CLAIMS.job_workflow_ref}.`,
      cause: denied,
    });
  });

  it('names the likely causes in order, for a subject with a branch', () => {
    expect(
      explain(denied)
        .hint?.split('\n')
        .filter((line) => /^\d/.test(line)),
    ).toEqual([
      '1. The subject names refs/heads/main, since the job has no environment: a policy on environment:… or on another ref does not match.',
      '2. Letter case: STS compares owner, repository, branch and environment letter by letter.',
      '3. A * or ? under StringEquals stands for itself: wildcards need StringLike.',
      '4. There is no role deploy: STS gives the same answer for a role that does not exist.',
      '5. The role is in another account than 111122223333.',
    ]);
  });

  it('suspects the immutable subject first, and then the environment', () => {
    const { hint, message } = explain(denied, { sub: IMMUTABLE });
    expect(message).toContain('(immutable form of the subject)');
    expect(hint).toMatch(/1\. The subject has the immutable form.*repo:acme\/shop:environment:prod never/);
    expect(hint).toMatch(/2\. The job runs in environment prod/);
  });

  it.each([
    ['repo:acme/shop:pull_request', {}, /names neither branch nor environment/],
    ['repo:acme/shop:custom', { aud: 'mine' }, /1\. Letter case[\s\S]*The audience is mine/],
  ])('for %s', (sub, claims, hint) => {
    expect(explain(denied, { sub, ...claims }).hint).toMatch(hint);
  });

  it('ends with a Condition that the token fulfils', () => {
    const { hint = '' } = explain(denied, { sub: IMMUTABLE });
    expect(JSON.parse(hint.slice(hint.indexOf('{')))).toEqual({
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': IMMUTABLE,
        },
      },
    });
  });

  it('names the keys of that Condition after the issuer', () => {
    expect(
      trustCondition({ ...CLAIMS, iss: 'https://ghe.example/_services/token' }).StringEquals,
    ).toHaveProperty(['ghe.example/_services/token:sub'], CLAIMS.sub);
  });
});

describe('other answers of STS', () => {
  it.each([
    [
      'no provider',
      stsError(
        'InvalidIdentityToken',
        'No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com',
        400,
      ),
      {
        code: 'ROLE_REFUSED',
        hint: expect.stringMatching(
          /111122223333[\s\S]*create-open-id-connect-provider --url https:\/\/token\.actions\.githubusercontent\.com --client-id-list sts\.amazonaws\.com$/,
        ),
      },
    ],
    [
      'wrong audience',
      stsError('InvalidIdentityToken', 'Incorrect token audience', 400),
      { code: 'ROLE_REFUSED', message: expect.stringMatching(/aud is sts\.amazonaws\.com/) },
    ],
    [
      'too long',
      stsError(
        'ValidationError',
        'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
        400,
      ),
      { code: 'INPUT_INVALID', message: expect.stringMatching(/role-duration-seconds.*7200/) },
    ],
    [
      'token too old',
      stsError('ExpiredTokenException', 'Token expired: current date/time must be before', 400),
      { code: 'ROLE_REFUSED', hint: expect.stringMatching(/clock/) },
    ],
    [
      'keys not fetched',
      stsError('InvalidIdentityToken', "Couldn't retrieve verification key from your identity provider", 400),
      { code: 'ROLE_REFUSED', hint: expect.stringMatching(/reachable from the internet/) },
    ],
    ['throttled', stsError('Throttling', 'Rate exceeded', 400), { code: 'AWS_THROTTLED' }],
    [
      'no answer',
      Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }),
      { code: 'AWS_UNREACHABLE' },
    ],
  ])('%s', (_name, error, expected) => {
    expect(explain(error, {}, { durationSeconds: 7200 })).toMatchObject(expected);
  });

  it('expects the audience of the partition', () => {
    const error = stsError('InvalidIdentityToken', 'Incorrect token audience', 400);
    expect(explain(error, {}, { roleArn: 'arn:aws-cn:iam::111122223333:role/deploy' }).hint).toContain(
      'In partition aws-cn the audience is usually sts.amazonaws.com.cn.',
    );
  });
});
