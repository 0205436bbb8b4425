import { EcsActionsError, isEcsActionsError } from './errors.js';

/** What an error of an AWS client means for whoever made the call. */
export type AwsErrorKind =
  /** Credentials or token past their end: refresh, or give up at once. */
  | 'expired'
  /** IAM says no: waiting will not help. */
  | 'denied'
  /** No credentials could be found, or none that AWS takes for its own. */
  | 'no-credentials'
  /** Too many calls: slow down and go on. */
  | 'throttled'
  /** Server errors, resets, time-outs, unreachable hosts: the same call may go through later. */
  | 'transient'
  /** The caller's own signal ended the call. */
  | 'cancelled'
  /** AWS understood and refused the request itself. */
  | 'refused';

const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired']);
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'AuthFailure',
  'MissingAuthenticationToken',
  'OptInRequired',
]);
/** The keys themselves are wrong: no policy helps. */
const INVALID_KEYS = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
]);
const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
]);
const TRANSIENT_CODES = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EADDRNOTAVAIL',
]);

interface AwsLikeError extends Error {
  readonly Code?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** The exception name that AWS or the SDK gave an error. */
export function awsErrorName(error: unknown): string {
  if (!(error instanceof Error)) return 'UnknownError';
  const { name, Code, code } = error as AwsLikeError;
  return name !== 'Error' ? name : (Code ?? code ?? name);
}

/** Sorts any error of an AWS SDK client into what its caller can do about it. */
export function classifyAwsError(error: unknown): AwsErrorKind {
  const name = awsErrorName(error);
  const { code, $metadata } = (error instanceof Error ? error : {}) as Partial<AwsLikeError>;
  const status = $metadata?.httpStatusCode;
  if (name === 'AbortError') return 'cancelled';
  if (EXPIRED.has(name)) return 'expired';
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') return 'no-credentials';
  if (INVALID_KEYS.has(name)) return 'no-credentials';
  if (DENIED.has(name)) return 'denied';
  if (THROTTLED.has(name) || status === 429) return 'throttled';
  if (name === 'TimeoutError' || name === 'RequestTimeout' || name === 'RequestTimeoutException')
    return 'transient';
  if (TRANSIENT_CODES.has(name) || (code !== undefined && TRANSIENT_CODES.has(code))) return 'transient';
  if (status !== undefined && status >= 500) return 'transient';
  if (status === 403) return 'denied';
  // No HTTP status means that no answer arrived.
  if (
    status === undefined &&
    error instanceof Error &&
    /socket hang up|network|fetch failed|ECONNRESET|EPIPE|TimeoutError/i.test(error.message)
  )
    return 'transient';
  return 'refused';
}

/**
 * Turns an error of an AWS client into a typed one. `doing` completes "Could not …" and names the
 * subject, e.g. `describe service web in cluster prod`; `action` is the IAM action of the call.
 * An {@link EcsActionsError} passes through as it is.
 */
export function fromAwsError(error: unknown, doing: string, action?: string): EcsActionsError {
  if (isEcsActionsError(error)) return error;
  const said = error instanceof Error ? error.message : String(error);
  const message = `Could not ${doing}: ${awsErrorName(error)}: ${said}`;
  const options = (hint: string) => ({ hint, cause: error });
  switch (classifyAwsError(error)) {
    case 'expired':
      return new EcsActionsError(
        'CREDENTIALS_EXPIRED',
        message,
        options(
          'The AWS credentials ran out. Pass role-to-assume, so that they are refreshed during a long wait, or assume the role for longer.',
        ),
      );
    case 'no-credentials':
      if (INVALID_KEYS.has(awsErrorName(error)))
        return new EcsActionsError(
          'CREDENTIALS_INVALID',
          message,
          options(
            'AWS does not take these keys for valid: no policy helps. Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, that they belong together, and the clock of the machine; or pass role-to-assume instead.',
          ),
        );
      return new EcsActionsError(
        'CREDENTIALS_MISSING',
        message,
        options(
          'Pass role-to-assume (and give the job permissions: id-token: write), or configure AWS credentials in an earlier step.',
        ),
      );
    case 'denied':
      return new EcsActionsError(
        'ACCESS_DENIED',
        message,
        options(
          action === undefined
            ? 'Check the credentials in use and the policies of their role.'
            : `Allow it in the policy of the role in use: ${missingStatement(action, said)}`,
        ),
      );
    case 'throttled':
      return new EcsActionsError(
        'AWS_THROTTLED',
        message,
        options('AWS throttled the call, also after several retries. Run it again later.'),
      );
    case 'transient':
      return new EcsActionsError(
        'AWS_UNREACHABLE',
        message,
        options(
          'AWS could not be reached or failed to answer, also after several retries. Check aws-region and the network of this runner, then run it again.',
        ),
      );
    case 'cancelled':
      return new EcsActionsError('CANCELLED', `The run was cancelled. ${message}`, { cause: error });
    case 'refused':
      return new EcsActionsError('AWS_REQUEST_FAILED', message, { cause: error });
  }
}

/** Runs one AWS call and lets only typed errors out. See {@link fromAwsError} for `doing` and `action`. */
export async function callAws<T>(doing: string, action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fromAwsError(error, doing, action);
  }
}

/** The policy statement that would have allowed a call; the resource is read off AWS's own refusal. */
function missingStatement(action: string, refusal: string): string {
  const denied = /not authorized to perform: ([\w-]+:\w+)/.exec(refusal)?.[1] ?? action;
  const resource = /on resource: (\S+?)[.,]?(?:\s|$)/.exec(refusal)?.[1] ?? '*';
  return JSON.stringify({ Effect: 'Allow', Action: denied, Resource: resource });
}
