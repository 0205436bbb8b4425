import { awsErrorName, fromAwsError } from '../aws-errors.js';
import { EcsActionsError } from '../errors.js';
import { type IdTokenClaims, classicSubject } from './id-token.js';
import { defaultAudience, parseRoleArn } from './role.js';

/** One refused exchange of an ID token. */
export interface RoleRefusal {
  /** What STS answered. */
  readonly error: unknown;
  readonly roleArn: string;
  /** The claims of the token that was sent; see {@link decodeIdToken}. */
  readonly claims: IdTokenClaims;
  /** Seconds that were asked for, if any. */
  readonly durationSeconds?: number | undefined;
}

/**
 * Explains a refusal of `AssumeRoleWithWebIdentity`. STS never says which condition failed; the
 * token's claims do, next to what a trust policy usually gets wrong. Gives `ROLE_REFUSED` for
 * refusals, `INPUT_INVALID` for a duration beyond the role's, and what {@link fromAwsError} makes
 * of everything else.
 */
export function explainRoleRefusal(refusal: RoleRefusal): EcsActionsError {
  const { error, roleArn, claims, durationSeconds } = refusal;
  const name = awsErrorName(error);
  const said = error instanceof Error ? error.message : String(error);
  const refused = (detail: string, hint: string) =>
    new EcsActionsError('ROLE_REFUSED', `Could not assume role ${roleArn}: ${detail}`, {
      hint,
      cause: error,
    });

  if (/No OpenIDConnect provider/i.test(said)) return refused(said, providerHint(refusal));
  if (/Incorrect token audience/i.test(said))
    return refused(`${said}: the token's aud is ${audience(claims)}.`, audienceHint(roleArn));
  if (/MaxSessionDuration/i.test(said))
    return new EcsActionsError(
      'INPUT_INVALID',
      `role-duration-seconds is longer than role ${roleArn} allows: ${durationSeconds ?? 'STS default'}`,
      {
        hint: 'Lower role-duration-seconds, or leave it out: the credentials are refreshed during a long wait. Otherwise raise MaxSessionDuration of the role.',
        cause: error,
      },
    );
  if (name.startsWith('ExpiredToken'))
    return refused(
      `the ID token had expired when STS read it: ${said}`,
      'An ID token lives for about five minutes. Check the clock of this runner, then run the job again.',
    );
  if (/not authorized to perform/i.test(said) || name.startsWith('AccessDenied'))
    return refused(`${said} ${describeClaims(claims)}`, deniedHint(refusal));
  if (name.startsWith('InvalidIdentityToken'))
    return refused(`${said} ${describeClaims(claims)}`, tokenHint(claims));
  return fromAwsError(error, `assume role ${roleArn}`, 'sts:AssumeRoleWithWebIdentity');
}

/**
 * The `Condition` block of a trust policy that this token fulfils, for its exact subject and
 * audience. Keys are named after the issuer, as IAM does.
 */
export function trustCondition(claims: IdTokenClaims): { StringEquals: Record<string, string> } {
  const issuer = issuerHost(claims);
  return {
    StringEquals: { [`${issuer}:aud`]: audience(claims), [`${issuer}:sub`]: claims.sub ?? '' },
  };
}

/** Why a trust policy may not match these claims, likeliest first. Each is one sentence. */
export function refusalCauses(claims: IdTokenClaims, roleArn: string): string[] {
  const { partition, accountId, roleName } = parseRoleArn(roleArn);
  const sub = claims.sub ?? '';
  const classic = classicSubject(sub);
  const usualAudience = defaultAudience(partition);
  const causes: (string | undefined)[] = [
    classic &&
      `The subject has the immutable form, with the numbers of owner and repository: a policy written for ${classic} never matches it.`,
    boundToCause(claims),
    'Letter case: STS compares owner, repository, branch and environment letter by letter.',
    'A * or ? under StringEquals stands for itself: wildcards need StringLike.',
    audience(claims) === usualAudience
      ? undefined
      : `The audience is ${audience(claims)}, where most policies ask for ${usualAudience}.`,
    `There is no role ${roleName}: STS gives the same answer for a role that does not exist.`,
    `The role is in another account than ${accountId}.`,
  ];
  return causes.filter((cause) => cause !== undefined);
}

function boundToCause({ sub = '', environment }: IdTokenClaims): string | undefined {
  const named = /:environment:(.+)$/.exec(sub)?.[1] ?? environment;
  if (named !== undefined)
    return `The job runs in environment ${named}, which replaces the branch in the subject: a policy on ref:refs/heads/… does not match.`;
  const ref = /:ref:(.+)$/.exec(sub)?.[1];
  if (ref !== undefined)
    return `The subject names ${ref}, since the job has no environment: a policy on environment:… or on another ref does not match.`;
  if (sub.endsWith(':pull_request'))
    return 'The subject of a pull request names neither branch nor environment: a policy on ref:… or environment:… does not match.';
  return undefined;
}

function deniedHint({ claims, roleArn }: RoleRefusal): string {
  return [
    'The trust policy of the role does not match the token. Likely causes, in this order:',
    ...refusalCauses(claims, roleArn).map((cause, index) => `${index + 1}. ${cause}`),
    'This Condition would match:',
    JSON.stringify({ Condition: trustCondition(claims) }, null, 2),
  ].join('\n');
}

function providerHint({ claims, roleArn }: RoleRefusal): string {
  const { accountId, partition } = parseRoleArn(roleArn);
  const url = claims.iss ?? 'https://token.actions.githubusercontent.com';
  return [
    `Account ${accountId} does not know the issuer of the token. If it is the right account, create the provider once:`,
    `aws iam create-open-id-connect-provider --url ${url} --client-id-list ${defaultAudience(partition)}`,
  ].join('\n');
}

function audienceHint(roleArn: string): string {
  const { accountId, partition } = parseRoleArn(roleArn);
  return `In partition ${partition} the audience is usually ${defaultAudience(partition)}. Add the token's to the client IDs of the OIDC provider in account ${accountId}, or leave the audience to its default.`;
}

function tokenHint(claims: IdTokenClaims): string {
  return `STS could not verify the token. Check that ${issuerHost(claims)} is reachable from the internet, as STS fetches its keys, and that the clock of this runner is right.`;
}

function describeClaims(claims: IdTokenClaims): string {
  const { sub, job_workflow_ref: jobWorkflowRef } = claims;
  const parts = [`sub ${sub ?? '(none)'}`, `aud ${audience(claims)}`];
  if (jobWorkflowRef !== undefined) parts.push(`job_workflow_ref ${jobWorkflowRef}`);
  const form = classicSubject(sub ?? '') ? ' (immutable form of the subject)' : '';
  return `The token says: ${parts.join(', ')}${form}.`;
}

function audience({ aud }: IdTokenClaims): string {
  return typeof aud === 'string' ? aud : (aud ?? ['(none)']).join(', ');
}

function issuerHost({ iss }: IdTokenClaims): string {
  return (iss ?? 'https://token.actions.githubusercontent.com')
    .replace(/^https?:\/\//, '')
    .replace(/\/$/, '');
}
