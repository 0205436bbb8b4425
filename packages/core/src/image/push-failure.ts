import { EcsActionsError } from '../errors.js';

/** What is known of a push that a registry refused. */
export interface PushFailure {
  /** The reference that was pushed, with its tag. */
  readonly reference: string;
  /** What the engine printed, or the registry answered. */
  readonly output: string;
  /** The line of it that says most. */
  readonly reason: string;
  /** What ECR says of the repository afterwards; `undefined` where the registry is not ECR or would not say. */
  readonly repository?: PushTargetState | undefined;
  readonly cause?: unknown;
}

/** The repository of a refused push, as the ECR API shows it. */
export type PushTargetState =
  | { readonly exists: false }
  | {
      readonly exists: true;
      /** True if the tag cannot be moved (immutable, and no exclusion covers it). */
      readonly tagImmutable: boolean;
      /** What the tag names now. */
      readonly digestOfTag?: string | undefined;
    };

/**
 * Says why a registry refused a push. Newer engines keep ECR's own words to themselves and print
 * a bare `403 Forbidden`, so the state of the repository decides first, and the words after it.
 * Gives `REPOSITORY_NOT_FOUND`, `IMAGE_TAG_IMMUTABLE`, `REGISTRY_LOGIN_FAILED`, `ACCESS_DENIED`,
 * `AWS_THROTTLED` or `IMAGE_PUSH_FAILED`.
 */
export function explainPushFailure(failure: PushFailure): EcsActionsError {
  const { reference, output, reason, repository, cause } = failure;
  const because = (code: EcsActionsError['code'], why: string, hint: string) =>
    new EcsActionsError(code, `Could not push ${reference}: ${why}`, {
      hint,
      cause: cause ?? new Error(reason),
    });

  if (repository?.exists === false || /name unknown|NAME_UNKNOWN/.test(output))
    return because(
      'REPOSITORY_NOT_FOUND',
      'the repository does not exist.',
      'Create it, or set create-repository: true.',
    );
  if (isImmutable(failure))
    return because(
      'IMAGE_TAG_IMMUTABLE',
      `the tag is immutable and names ${digestOf(repository) ?? 'another image'} already.`,
      'Push under a tag that is new for every build, or set if-exists: skip to take the image that is there.',
    );
  if (NOT_LOGGED_IN.test(output))
    return because(
      'REGISTRY_LOGIN_FAILED',
      /expired/i.test(output) ? 'the login has expired.' : 'there is no login for this registry.',
      'Run the login-ecr action before this step, in the same job; its login lasts 12 hours. Clients keep logins by the exact host.',
    );
  const denied = /not authorized to perform: (ecr:\w+)(?: on resource: (\S+))?/.exec(output);
  if (denied)
    return because(
      'ACCESS_DENIED',
      reason,
      `Allow it in the policy of the role that logged in: ${statement([denied[1] ?? ''], denied[2])}`,
    );
  if (/\b403\b|denied|forbidden/i.test(output))
    return because(
      'ACCESS_DENIED',
      reason,
      `The repository exists, and ECR refused the push. Check that the login is less than 12 hours old, and that the role that logged in has: ${statement(PUSH_ACTIONS)}`,
    );
  if (/toomanyrequests|\b429\b/i.test(output))
    return because('AWS_THROTTLED', reason, 'ECR throttled the push. Run it again later.');
  return because('IMAGE_PUSH_FAILED', reason, 'The log above has the output of the engine.');
}

/** The last is how buildah and skopeo report the registry's answer to credentials that are none. */
const NOT_LOGGED_IN =
  /authorization token has expired|no basic auth credentials|\b401\b|unauthorized|failed to read from destination repository \S+ 400/i;

const PUSH_ACTIONS = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
  'ecr:BatchGetImage',
];

function isImmutable({ output, repository }: PushFailure): boolean {
  if (/tag(?: is)? immutable|tag invalid|TAG_INVALID/i.test(output)) return true;
  // 400 is all that the containerd pusher says of it.
  return (
    repository?.exists === true &&
    repository.tagImmutable &&
    repository.digestOfTag !== undefined &&
    /\b400\b/.test(output)
  );
}

function digestOf(repository: PushTargetState | undefined): string | undefined {
  return repository?.exists ? repository.digestOfTag : undefined;
}

function statement(actions: readonly string[], resource = '<ARN of the repository>'): string {
  return JSON.stringify({
    Effect: 'Allow',
    Action: actions.length === 1 ? actions[0] : actions,
    Resource: resource,
  });
}
