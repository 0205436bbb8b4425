import { AwsError } from './service.js';

/** The two protocols name the same refusals differently. */
export type Protocol = 'json' | 'query';

export type FailureKind =
  | 'access-denied'
  | 'bad-signature'
  | 'expired-token'
  | 'incomplete-signature'
  | 'missing-token'
  | 'server-error'
  | 'throttle'
  | 'unknown-key'
  | 'unknown-operation';

interface Wording {
  readonly message: string;
  readonly json: readonly [code: string, status: number];
  readonly query: readonly [code: string, status: number];
}

const wordings: Readonly<Record<FailureKind, Wording>> = {
  'access-denied': {
    message: 'Access denied',
    json: ['AccessDeniedException', 400],
    query: ['AccessDenied', 403],
  },
  'bad-signature': {
    message:
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    json: ['InvalidSignatureException', 400],
    query: ['SignatureDoesNotMatch', 403],
  },
  'expired-token': {
    message: 'The security token included in the request is expired',
    json: ['ExpiredTokenException', 400],
    query: ['ExpiredToken', 403],
  },
  'incomplete-signature': {
    message: 'Authorization header is incomplete.',
    json: ['IncompleteSignatureException', 400],
    query: ['IncompleteSignature', 400],
  },
  'missing-token': {
    message: 'Missing Authentication Token',
    json: ['MissingAuthenticationTokenException', 400],
    query: ['MissingAuthenticationToken', 403],
  },
  'server-error': {
    message: 'The request processing has failed because of an unknown error, exception or failure.',
    json: ['ServerException', 500],
    query: ['InternalFailure', 500],
  },
  throttle: {
    message: 'Rate exceeded',
    json: ['ThrottlingException', 400],
    query: ['Throttling', 400],
  },
  'unknown-key': {
    message: 'The security token included in the request is invalid.',
    json: ['UnrecognizedClientException', 400],
    query: ['InvalidClientTokenId', 403],
  },
  'unknown-operation': {
    message: 'The action or operation requested is invalid.',
    json: ['UnknownOperationException', 400],
    query: ['InvalidAction', 400],
  },
};

/** A refusal that is common to all services, in the protocol's name for it. */
export function failure(protocol: Protocol, kind: FailureKind, message?: string): AwsError {
  const wording = wordings[kind];
  const [code, status] = wording[protocol];
  return new AwsError(code, message ?? wording.message, { status });
}
