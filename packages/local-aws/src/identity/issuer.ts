import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import type { CryptoKey, JSONWebKeySet, JWTPayload } from 'jose';

/** The issuer's real name, so that real trust policies hold here unchanged. */
export const githubIssuer = 'https://token.actions.githubusercontent.com';

/**
 * Claims of a job's ID token. `sub` follows from the others as GitHub builds it (environment before
 * pull request before ref) unless it is given; a claim set to `undefined` is left out.
 */
export interface TokenClaims {
  readonly sub?: string | undefined;
  readonly aud?: string | undefined;
  readonly repository?: string | undefined;
  readonly repository_id?: string | undefined;
  readonly repository_owner?: string | undefined;
  readonly repository_owner_id?: string | undefined;
  readonly ref?: string | undefined;
  readonly environment?: string | undefined;
  readonly event_name?: string | undefined;
  readonly workflow?: string | undefined;
  readonly job_workflow_ref?: string | undefined;
  readonly actor?: string | undefined;
  readonly actor_id?: string | undefined;
  readonly [claim: string]: string | number | boolean | undefined;
}

const lifetimeSeconds = 300;

/** Claims of a push to the main branch of an example repository. */
const defaultClaims: TokenClaims = {
  actor: 'octocat',
  actor_id: '583231',
  base_ref: '',
  event_name: 'push',
  head_ref: '',
  job_workflow_ref: 'octo-org/octo-app/.github/workflows/deploy.yml@refs/heads/main',
  job_workflow_sha: '0f0d7b5ddd5a8b3a3cbd5bd2b6ae9a8a2d2a6c11',
  ref: 'refs/heads/main',
  ref_protected: 'true',
  ref_type: 'branch',
  repository: 'octo-org/octo-app',
  repository_id: '74',
  repository_owner: 'octo-org',
  repository_owner_id: '65',
  repository_visibility: 'private',
  run_attempt: '1',
  run_id: '1234567890',
  run_number: '42',
  runner_environment: 'github-hosted',
  sha: '0f0d7b5ddd5a8b3a3cbd5bd2b6ae9a8a2d2a6c11',
  workflow: 'deploy',
  workflow_ref: 'octo-org/octo-app/.github/workflows/deploy.yml@refs/heads/main',
  workflow_sha: '0f0d7b5ddd5a8b3a3cbd5bd2b6ae9a8a2d2a6c11',
};

interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly keyId: string;
  readonly jwks: JSONWebKeySet;
}

/** Making an RSA key takes a moment; every issuer of a process signs with the same one. */
let sharedKey: Promise<SigningKey> | undefined;

async function createSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
  const keyId = randomUUID();
  const jwk = { ...(await exportJWK(publicKey)), kid: keyId, use: 'sig', alg: 'RS256' };
  return { privateKey, keyId, jwks: { keys: [jwk] } };
}

/** GitHub's OpenID Connect issuer: mints ID tokens and publishes the key they are signed with. */
export class Issuer {
  /** What a job presents to be given an ID token. */
  readonly requestToken = randomUUID();
  readonly #now: () => number;
  #claims: TokenClaims = defaultClaims;

  /** @param now Epoch milliseconds of wall time. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The issuer's time, in epoch seconds. */
  nowSeconds(): number {
    return Math.floor(this.#now() / 1000);
  }

  /** Changes claims of every token from now on; `undefined` takes one out. */
  setClaims(claims: TokenClaims): void {
    this.#claims = { ...this.#claims, ...claims };
  }

  resetClaims(): void {
    this.#claims = defaultClaims;
  }

  /** A signed token with the issuer's claims, changed by `claims`. Lives five minutes. */
  async mint(claims: TokenClaims = {}): Promise<string> {
    const merged: TokenClaims = { ...this.#claims, ...claims };
    const issuedAt = this.nowSeconds();
    const payload = withoutUndefined({
      jti: randomUUID(),
      sub: subjectOf(merged),
      aud: `https://github.com/${merged.repository_owner}`,
      iss: githubIssuer,
      nbf: issuedAt - 600,
      exp: issuedAt + lifetimeSeconds,
      iat: issuedAt,
      ...merged,
    });
    const { privateKey, keyId } = await this.#key();
    return new SignJWT(payload).setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: keyId }).sign(privateKey);
  }

  /** Resolves with the claims of a token of this issuer; rejects with an error of `jose`. */
  async verify(token: string): Promise<JWTPayload> {
    const { jwks } = await this.#key();
    const options = { algorithms: ['RS256'], currentDate: new Date(this.#now()) };
    return (await jwtVerify(token, createLocalJWKSet(jwks), options)).payload;
  }

  /** The public keys, as `/.well-known/jwks` has them. */
  async jwks(): Promise<JSONWebKeySet> {
    return (await this.#key()).jwks;
  }

  #key(): Promise<SigningKey> {
    sharedKey ??= createSigningKey();
    return sharedKey;
  }
}

function subjectOf(claims: TokenClaims): string {
  const repository = `repo:${claims.repository}`;
  if (claims.environment !== undefined) return `${repository}:environment:${claims.environment}`;
  if (claims.event_name === 'pull_request') return `${repository}:pull_request`;
  return `${repository}:ref:${claims.ref}`;
}

function withoutUndefined(claims: TokenClaims): JWTPayload {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}
