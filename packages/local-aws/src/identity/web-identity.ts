import { decodeJwt, errors } from 'jose';
import type { JWTPayload } from 'jose';
import { AwsError } from '../protocol/service.js';
import type { ConditionContext } from './conditions.js';
import { issuerName } from './identity-providers.js';
import type { IdentityProvider, IdentityProviders } from './identity-providers.js';
import type { Issuer } from './issuer.js';

/**
 * The claims of GitHub's tokens that STS offers to trust policies as `ISSUER:CLAIM`. A condition on
 * any other claim meets an absent key, as it does in AWS.
 */
const claimKeys = [
  'sub',
  'aud',
  'repository',
  'repository_id',
  'job_workflow_ref',
  'environment',
  'ref',
  'workflow',
  'actor_id',
] as const;

export interface WebIdentity {
  readonly provider: IdentityProvider;
  readonly subject: string;
  readonly audience: string;
  /** What a trust policy's conditions may ask about. */
  readonly context: ConditionContext;
}

/**
 * Checks an ID token for a role's account: its form, that the account knows its issuer, signature,
 * expiry and audience.
 *
 * @throws AwsError `InvalidIdentityToken`, `ExpiredTokenException`.
 */
export async function verifyWebIdentity(
  token: string,
  accountId: string,
  { issuer, providers }: { issuer: Issuer; providers: IdentityProviders },
): Promise<WebIdentity> {
  const unverified = decode(token);
  const provider = providers.find(accountId, String(unverified.iss));
  if (provider === undefined) {
    throw invalidToken(`No OpenIDConnect provider found in your account for ${unverified.iss}`);
  }
  const claims = await verify(token, unverified, issuer);
  const audience = String(claims.aud);
  if (!provider.clientIds.includes(audience)) throw invalidToken('Incorrect token audience');
  const name = issuerName(provider.issuer);
  const context = Object.fromEntries(
    claimKeys
      .filter((claim) => claims[claim] !== undefined)
      .map((claim) => [`${name}:${claim}`, String(claims[claim])]),
  );
  return { provider, subject: String(claims.sub), audience, context };
}

function decode(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    throw invalidToken(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  }
}

async function verify(token: string, unverified: JWTPayload, issuer: Issuer): Promise<JWTPayload> {
  try {
    return await issuer.verify(token);
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw expiredIdToken(issuer.nowSeconds() * 1000, unverified.exp);
    }
    // STS says the same of a key that it does not find and of a signature that does not fit.
    throw invalidToken(
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
}

function invalidToken(message: string): AwsError {
  return new AwsError('InvalidIdentityToken', message);
}

/**
 * How STS refuses an ID token that has run out, as opposed to a session that has.
 *
 * @param now Epoch milliseconds.
 * @param expiry Epoch seconds, from the token.
 */
export function expiredIdToken(now: number, expiry = Math.floor(now / 1000) - 1): AwsError {
  const seconds = Math.floor(now / 1000);
  return new AwsError(
    'ExpiredTokenException',
    `Token expired: current date/time ${seconds} must be before the expiration date/time${expiry}`,
  );
}
