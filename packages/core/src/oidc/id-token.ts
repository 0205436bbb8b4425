import { EcsActionsError } from '../errors.js';

/** The claims of a GitHub ID token that decide about a trust policy; further ones are kept as they come. */
export interface IdTokenClaims {
  /** The issuer: `https://token.actions.githubusercontent.com`, or that of a GitHub Enterprise Server. */
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly repository?: string;
  readonly ref?: string;
  readonly environment?: string;
  readonly event_name?: string;
  /** The workflow that asked for the token: the called one, where a reusable workflow was called. */
  readonly job_workflow_ref?: string;
  /** The workflow that the event started: the caller's. */
  readonly workflow_ref?: string;
  readonly [claim: string]: unknown;
}

/**
 * Reads the claims of an ID token without checking its signature, for explanations only. The
 * token itself never reaches an error: a malformed one throws `ID_TOKEN_UNAVAILABLE`.
 */
export function decodeIdToken(token: string): IdTokenClaims {
  const [, payload] = token.split('.');
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString('utf8'));
    if (typeof claims === 'object' && claims !== null) return claims as IdTokenClaims;
  } catch {
    // A parser quotes what it could not parse, which is part of the token.
  }
  throw new EcsActionsError('ID_TOKEN_UNAVAILABLE', 'The ID token that the runner returned is not a JWT.', {
    hint: 'Run the job again. If it stays, the ID token service of this GitHub server is misconfigured.',
  });
}

/**
 * The classic form of an immutable subject: `repo:OWNER/REPO:…` of `repo:OWNER@OWNER_ID/REPO@REPO_ID:…`,
 * which repositories created, renamed or transferred after 15 July 2026 emit. `undefined` for a
 * subject that is not immutable.
 */
export function classicSubject(subject: string): string | undefined {
  const [, owner, name, rest] = /^repo:([^/@:]+)@\d+\/([^/@:]+)@\d+(:.*)?$/.exec(subject) ?? [];
  return owner === undefined || name === undefined ? undefined : `repo:${owner}/${name}${rest ?? ''}`;
}

/** Where an ID token comes from, as far as it tells why there is none. */
export interface IdTokenSituation {
  /** True when the event is a pull request from a fork: GitHub gives its jobs no ID token. */
  readonly forkPullRequest?: boolean | undefined;
  /** What went wrong when the job did ask for one. */
  readonly cause?: unknown;
}

/** The `ID_TOKEN_UNAVAILABLE` error for a job that cannot ask for an ID token, or that asked in vain. */
export function idTokenUnavailable({ forkPullRequest, cause }: IdTokenSituation = {}): EcsActionsError {
  if (cause !== undefined)
    return new EcsActionsError(
      'ID_TOKEN_UNAVAILABLE',
      'role-to-assume needs an ID token, and the token service of this GitHub server gave none.',
      { hint: 'Run the job again; the log says what the service answered.', cause },
    );
  return new EcsActionsError(
    'ID_TOKEN_UNAVAILABLE',
    'role-to-assume needs an ID token, and the runner offers none to this job.',
    {
      hint: forkPullRequest
        ? 'A pull request from a fork gets no ID token. Run this job on push, or skip it for forks: if: github.event.pull_request.head.repo.fork == false'
        : 'Add "permissions: id-token: write" to this job, and to the job of every workflow that calls this one as a reusable workflow.',
    },
  );
}
