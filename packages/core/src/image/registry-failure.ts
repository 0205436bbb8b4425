import { EcsActionsError, type ErrorCode } from '../errors.js';

/** A registry's answer that is not what was asked for, or the lack of one. */
export class RegistryFailure extends Error {
  /** HTTP status; `undefined` where no answer arrived. */
  readonly status: number | undefined;
  /** The registry's own code, e.g. `NAME_UNKNOWN`, `TAG_INVALID`, `TOOMANYREQUESTS`. */
  readonly code: string | undefined;
  /** Milliseconds that the registry asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: {
      status?: number;
      code?: string | undefined;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'RegistryFailure';
    this.status = details.status;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** True if the same request may go through later. */
  get transient(): boolean {
    return this.status === undefined || [408, 429, 500, 502, 503, 504].includes(this.status);
  }
}

/** Reads a refusal: the OCI error format, or the plain text that ECR has for some. */
export async function registryFailureOf(response: Response, request: string): Promise<RegistryFailure> {
  const text = await response.text().catch(() => '');
  const { code, message } = readErrorBody(text);
  const reason = message ?? (text.trim().slice(0, 500) || response.statusText);
  return new RegistryFailure(`${request}: ${response.status}${code ? ` ${code}` : ''}: ${reason}`, {
    status: response.status,
    code,
    retryAfterMs: retryAfter(response.headers.get('retry-after')),
  });
}

function readErrorBody(text: string): { code?: string | undefined; message?: string | undefined } {
  try {
    const { errors } = JSON.parse(text) as { errors?: { code?: string; message?: string }[] };
    return { code: errors?.[0]?.code, message: errors?.map((error) => error.message).join('; ') };
  } catch {
    return {};
  }
}

function retryAfter(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) * 1_000 : undefined;
}

const LOGIN_HINT = 'Run the login-ecr action before this step, in the same job; its login lasts 12 hours.';

/** The typed error for a failure; `doing` completes "Could not …" and names the image or host. */
export function fromRegistryFailure(error: unknown, doing: string): unknown {
  if (!(error instanceof RegistryFailure)) return error;
  const { code, hint } = explain(error);
  return new EcsActionsError(code, `Could not ${doing}: ${error.message}`, { hint, cause: error });
}

/** The error for a login that the registry does not accept: 401, or 400 and 403 in ECR's case. */
export function loginRefused(host: string, failure: RegistryFailure): EcsActionsError {
  return new EcsActionsError('REGISTRY_LOGIN_FAILED', `${host} refuses the login: ${failure.message}`, {
    hint: 'Does the role that logs in still exist, and is the clock of this runner right?',
    cause: failure,
  });
}

function explain({ status, code, message }: RegistryFailure): { code: ErrorCode; hint?: string } {
  if (status === undefined || status >= 500)
    return {
      code: 'REGISTRY_UNREACHABLE',
      hint: 'The registry gave no answer, also after several retries. Check the host, and the network of this runner.',
    };
  if (status === 429)
    return {
      code: 'AWS_THROTTLED',
      hint: 'The registry throttled the request, also after several retries. Run it again later.',
    };
  if (status === 401 || /authorization token has expired|no basic auth/i.test(message))
    return {
      code: 'REGISTRY_LOGIN_FAILED',
      hint: LOGIN_HINT,
    };
  if (status === 403)
    return { code: 'ACCESS_DENIED', hint: 'Allow the action named above in the policy of the role in use.' };
  if (code === 'NAME_UNKNOWN')
    return { code: 'REPOSITORY_NOT_FOUND', hint: 'Create the repository, or set create-repository: true.' };
  if (code === 'TAG_INVALID' && /immutable/i.test(message))
    return {
      code: 'IMAGE_TAG_IMMUTABLE',
      hint: 'Push under a tag that is new for every build, or set if-exists: skip to take the image that is there.',
    };
  return { code: 'IMAGE_PUSH_FAILED' };
}
