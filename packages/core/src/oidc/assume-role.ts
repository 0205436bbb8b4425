import { AssumeRoleWithWebIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { classifyAwsError } from '../aws-errors.js';
import { EcsActionsError, isEcsActionsError } from '../errors.js';
import type { Clock, MaskSecret, MintIdToken } from '../ports.js';
import { explainRoleRefusal } from './explain-refusal.js';
import { decodeIdToken, idTokenUnavailable } from './id-token.js';
import { checkSessionName, defaultAudience, parseRoleArn } from './role.js';

/** What every AWS SDK client takes as `credentials`. */
export type AwsCredentialIdentityProvider = Extract<
  STSClientConfig['credentials'],
  (...parameters: never[]) => unknown
>;
/** The keys of a session, with its end. */
type SessionCredentials = Required<
  Pick<
    Awaited<ReturnType<AwsCredentialIdentityProvider>>,
    'accessKeyId' | 'secretAccessKey' | 'sessionToken' | 'expiration'
  >
>;

/** The role to take, and how to ask for it. */
export type RoleToAssume = {
  readonly roleArn: string;
  /** 2 to 64 characters of `[\w+=,.@-]`; see {@link sessionNameOfRun}. */
  readonly sessionName: string;
  /** Seconds that one session lives: 900 to the role's maximum. Default: STS's, one hour. */
  readonly durationSeconds?: number | undefined;
  /** `aud` of the ID token. Default: the one of the role's partition. */
  readonly audience?: string | undefined;
  /** Called for every new session, since an ID token outlives no wait. */
  readonly mintIdToken: MintIdToken;
} & ({ readonly sts: STSClient } | { readonly region: string });

/** What of the outside world the exchange may touch. */
export interface AssumeRoleOptions {
  readonly clock: Clock;
  /** Told of the ID token and of every key, before anything else is done with them. */
  readonly onSecret: MaskSecret;
}

/** A session this close to its end is replaced; the SDK's clients look that far ahead too. */
const REFRESH_BEFORE_END_MS = 5 * 60_000;
/** A role or policy made a moment ago may not have reached this STS endpoint yet. */
const PROPAGATION_DELAYS_MS = [1_000, 3_000];

/**
 * Credentials of a role, taken with the job's own ID token (`sts:AssumeRoleWithWebIdentity`, which
 * needs no AWS credentials). The provider keeps the session, hands it to every client that shares
 * the provider, and takes a new one, with a fresh ID token, five minutes before its end; if that
 * fails, the old session serves for as long as it lives. With `{ forceRefresh: true }`, which the SDK's
 * clients pass on, it takes a new one in any case.
 *
 * Throws `INPUT_INVALID` at once for a role ARN or session name that STS would not take. The
 * provider rejects with `ROLE_REFUSED` (explained; see {@link explainRoleRefusal}),
 * `ID_TOKEN_UNAVAILABLE`, or an error of `callAws`.
 */
export function assumeRoleWithIdToken(
  role: RoleToAssume,
  options: AssumeRoleOptions,
): AwsCredentialIdentityProvider {
  const { clock } = options;
  const { partition } = parseRoleArn(role.roleArn);
  checkSessionName(role.sessionName);
  const sts = 'sts' in role ? role.sts : new STSClient({ region: role.region });
  const audience = role.audience ?? defaultAudience(partition);

  let current: Session | undefined;
  let pending: Promise<Session> | undefined;

  const renew = () => {
    pending ??= takeSession(sts, audience, role, options).finally(() => {
      pending = undefined;
    });
    return pending;
  };

  return async (properties) => {
    const force = properties?.forceRefresh === true;
    if (current !== undefined && !force && endsIn(current, clock) > REFRESH_BEFORE_END_MS)
      return current.credentials;
    try {
      current = await renew();
    } catch (error) {
      if (current === undefined || force) throw error;
      if (endsIn(current, clock) <= 0) throw afterExpiry(error, current, clock);
    }
    return current.credentials;
  };
}

interface Session {
  readonly credentials: SessionCredentials;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

function endsIn(session: Session, clock: Clock): number {
  return session.credentials.expiration.getTime() - clock.now();
}

async function takeSession(
  sts: STSClient,
  audience: string,
  role: RoleToAssume,
  { clock, onSecret }: AssumeRoleOptions,
): Promise<Session> {
  const token = await mint(role.mintIdToken, audience);
  onSecret(token);
  const claims = decodeIdToken(token);
  const startedAt = clock.now();
  for (let attempt = 0; ; attempt += 1) {
    try {
      const credentials = await exchange(sts, token, role);
      for (const secret of [credentials.secretAccessKey, credentials.sessionToken, credentials.accessKeyId])
        onSecret(secret);
      return { credentials, startedAt };
    } catch (error) {
      const delay = PROPAGATION_DELAYS_MS[attempt];
      if (classifyAwsError(error) !== 'denied' || delay === undefined)
        throw explainRoleRefusal({ ...role, error, claims });
      await clock.sleep(delay);
    }
  }
}

async function exchange(sts: STSClient, token: string, role: RoleToAssume): Promise<SessionCredentials> {
  const { Credentials: keys } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: role.roleArn,
      RoleSessionName: role.sessionName,
      WebIdentityToken: token,
      DurationSeconds: role.durationSeconds,
    }),
  );
  if (!keys?.AccessKeyId || !keys.SecretAccessKey || !keys.SessionToken || !keys.Expiration)
    throw new EcsActionsError('AWS_REQUEST_FAILED', `STS returned no credentials for role ${role.roleArn}.`);
  return {
    accessKeyId: keys.AccessKeyId,
    secretAccessKey: keys.SecretAccessKey,
    sessionToken: keys.SessionToken,
    expiration: keys.Expiration,
  };
}

async function mint(mintIdToken: MintIdToken, audience: string): Promise<string> {
  try {
    return await mintIdToken(audience);
  } catch (error) {
    throw isEcsActionsError(error) ? error : idTokenUnavailable({ cause: error });
  }
}

/** The session ran out, and there is no other: says how long it lasted. */
function afterExpiry(error: unknown, session: Session, clock: Clock): EcsActionsError {
  const minutes = Math.round((clock.now() - session.startedAt) / 60_000);
  const why = error instanceof Error ? error.message : String(error);
  return new EcsActionsError(
    'CREDENTIALS_EXPIRED',
    `The credentials ran out after ${minutes} minutes and could not be renewed: ${why}`,
    { hint: isEcsActionsError(error) ? error.hint : undefined, cause: error },
  );
}
