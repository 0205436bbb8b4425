/**
 * Every code an {@link EcsActionsError} can carry. Codes are stable: scripts match on them, and
 * `docs/troubleshooting.md` has a section for each.
 */
export type ErrorCode =
  // inputs and files
  | 'INPUT_INVALID'
  | 'FILE_NOT_FOUND'
  | 'FILE_UNREADABLE'
  // identity
  | 'CREDENTIALS_MISSING'
  | 'CREDENTIALS_EXPIRED'
  | 'CREDENTIALS_INVALID'
  | 'ID_TOKEN_UNAVAILABLE'
  | 'ROLE_REFUSED'
  | 'ACCESS_DENIED'
  // AWS as a whole
  | 'AWS_UNREACHABLE'
  | 'AWS_THROTTLED'
  | 'AWS_REQUEST_FAILED'
  | 'CANCELLED'
  // images and ECR
  | 'IMAGE_REFERENCE_INVALID'
  | 'IMAGE_NOT_FOUND'
  | 'IMAGE_EXISTS'
  | 'IMAGE_BUILD_FAILED'
  | 'IMAGE_PUSH_FAILED'
  | 'IMAGE_LAYOUT_INVALID'
  | 'IMAGE_TAG_IMMUTABLE'
  | 'BUILD_ENGINE_MISSING'
  | 'REGISTRY_LOGIN_FAILED'
  | 'REGISTRY_UNREACHABLE'
  | 'REPOSITORY_NOT_FOUND'
  // task definitions
  | 'TASK_DEFINITION_NOT_FOUND'
  | 'TASK_DEFINITION_UNREADABLE'
  | 'TASK_DEFINITION_INVALID'
  | 'TASK_DEFINITION_EDIT_INVALID'
  | 'TASK_DEFINITION_REGISTRATION_FAILED'
  // services and rollouts
  | 'CLUSTER_NOT_FOUND'
  | 'SERVICE_NOT_FOUND'
  | 'SERVICE_NOT_ACTIVE'
  | 'SERVICE_DEFINITION_INVALID'
  | 'APPSPEC_INVALID'
  | 'DEPLOYMENT_GROUP_MISMATCH'
  | 'DEPLOYMENT_GROUP_NOT_FOUND'
  | 'SERVICE_CONTROLLER_UNSUPPORTED'
  | 'SERVICE_UPDATE_REFUSED'
  | 'DEPLOYMENT_ROLLED_BACK'
  | 'DEPLOYMENT_FAILED'
  | 'DEPLOYMENT_SUPERSEDED'
  | 'DEPLOYMENT_STOPPED'
  | 'DEPLOYMENT_TIMED_OUT'
  | 'DEPLOYMENT_CANCELLED'
  | 'DEPLOYMENT_OUT_OF_ORDER'
  | 'DEPLOYMENT_NOT_PAUSED'
  | 'ROLLBACK_CANDIDATE_MISSING'
  // one-off tasks
  | 'TASK_NOT_PLACED'
  | 'TASK_NOT_STARTED'
  | 'TASK_FAILED'
  | 'TASK_TIMED_OUT'
  | 'TASK_CANCELLED'
  // Terraform
  | 'TERRAFORM_MISSING'
  | 'TERRAFORM_FAILED'
  | 'TERRAFORM_DESTROY_REFUSED'
  | 'TERRAFORM_PLAN_UNREADABLE';

export interface EcsActionsErrorOptions {
  /** What the reader should do next: one or two sentences, imperative. */
  readonly hint?: string | undefined;
  /** The error underneath, if any. Its message goes to the log, never to an annotation. */
  readonly cause?: unknown;
}

/**
 * The only error that this library throws on purpose.
 *
 * `message` names the input, ARN or file concerned and never holds a token, a password or a
 * sensitive value; `hint` says what to do next. Anything else that escapes is a bug of ours.
 */
export class EcsActionsError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: EcsActionsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EcsActionsError';
    this.code = code;
    this.hint = options.hint;
  }
}

/** What went wrong and what to do, for where there is no other place for the hint. */
export function inFull({ message, hint }: EcsActionsError): string {
  return hint === undefined ? message : `${message} ${hint}`;
}

/** True for an {@link EcsActionsError}, also one from another copy of this library. */
export function isEcsActionsError(error: unknown): error is EcsActionsError {
  return error instanceof Error && error.name === 'EcsActionsError' && 'code' in error;
}
