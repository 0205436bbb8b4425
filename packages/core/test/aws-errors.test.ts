import { describe, expect, it } from '@jest/globals';
import { classifyAwsError, fromAwsError } from '../src/aws-errors.js';

const named = (name: string, more: object = {}) =>
  Object.assign(new Error(`${name} was said`), { name, ...more });

describe('an error of an AWS client', () => {
  it.each([
    ['ExpiredTokenException', {}, 'expired', 'CREDENTIALS_EXPIRED', 'role-to-assume'],
    ['CredentialsProviderError', {}, 'no-credentials', 'CREDENTIALS_MISSING', 'id-token: write'],
    // The keys are wrong: a policy to paste would send the reader the wrong way.
    ['InvalidSignatureException', {}, 'no-credentials', 'CREDENTIALS_INVALID', 'no policy helps'],
    ['UnrecognizedClientException', {}, 'no-credentials', 'CREDENTIALS_INVALID', 'AWS_SECRET_ACCESS_KEY'],
    ['SignatureDoesNotMatch', {}, 'no-credentials', 'CREDENTIALS_INVALID', 'clock'],
    ['InvalidClientTokenId', {}, 'no-credentials', 'CREDENTIALS_INVALID', 'belong together'],
    ['AccessDeniedException', {}, 'denied', 'ACCESS_DENIED', '"Action":"ecs:UpdateService"'],
    ['ThrottlingException', {}, 'throttled', 'AWS_THROTTLED', 'again later'],
    ['ServerException', { $metadata: { httpStatusCode: 500 } }, 'transient', 'AWS_UNREACHABLE', 'network'],
    ['Error', { code: 'ECONNRESET' }, 'transient', 'AWS_UNREACHABLE', 'network'],
    ['AbortError', {}, 'cancelled', 'CANCELLED', ''],
    ['ClusterNotFoundException', { $metadata: { httpStatusCode: 400 } }, 'refused', 'AWS_REQUEST_FAILED', ''],
  ])('%s %j is %s: %s', (name, more, kind, code, hint) => {
    const error = named(name, more);
    expect(classifyAwsError(error)).toBe(kind);
    const typed = fromAwsError(error, 'update service web', 'ecs:UpdateService');
    expect(typed).toMatchObject({
      code,
      cause: error,
      message: expect.stringContaining('Could not update service web'),
    });
    expect(typed.hint ?? '').toContain(hint);
  });

  it('names the action and the resource that AWS itself named', () => {
    const error = named('AccessDeniedException');
    error.message =
      'User: arn:aws:sts::1:x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/web because …';
    expect(fromAwsError(error, 'register', 'ecs:RegisterTaskDefinition').hint).toContain(
      '{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::1:role/web"}',
    );
  });
});
