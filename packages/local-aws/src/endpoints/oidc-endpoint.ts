import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../identity/identity.js';
import { githubIssuer } from '../identity/issuer.js';
import type { Issuer, TokenClaims } from '../identity/issuer.js';
import { respondJson } from '../protocol/http.js';
import type { Faults } from '../world/faults.js';
import type { RequestLog } from '../world/request-log.js';
import type { World } from '../world/world.js';
import { applyPlainFault } from './plain-faults.js';

export interface OidcPorts {
  readonly world: World;
  readonly identity: Identity;
  readonly faults: Faults;
  readonly requests: RequestLog;
}

const tokenPath = '/idtoken';

const operations: Readonly<Record<string, string>> = {
  '/.well-known/openid-configuration': 'GetConfiguration',
  '/.well-known/jwks': 'GetKeys',
  [tokenPath]: 'GetIdToken',
};

/**
 * The address that a job finds in `ACTIONS_ID_TOKEN_REQUEST_URL`. `claims` change the tokens that
 * are asked for there, so that two jobs of one world can be two jobs.
 */
export function tokenRequestUrl(endpoint: string, claims?: TokenClaims): string {
  const url = new URL(tokenPath, endpoint);
  url.searchParams.set('api-version', '2.0');
  if (claims !== undefined) {
    url.searchParams.set('claims', Buffer.from(JSON.stringify(claims)).toString('base64url'));
  }
  return url.href;
}

export function isOidcPath(pathname: string): boolean {
  return Object.hasOwn(operations, pathname);
}

/** GitHub's issuer: discovery document, keys, and tokens as the runner's service offers them. */
export async function serveOidc(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  { world, identity, faults, requests }: OidcPorts,
): Promise<void> {
  const operation = operations[url.pathname] ?? '';
  const input = { audience: url.searchParams.get('audience') };
  const record = requests.add({ service: 'oidc', operation, at: world.clock.now(), input });
  response.once('finish', () => {
    if (response.statusCode >= 400) record.error = String(response.statusCode);
  });
  const fault = faults.take('oidc', operation);
  if (fault !== undefined && (await applyPlainFault(fault, request, response))) return;
  if (operation === 'GetConfiguration') return respondJson(response, 200, configuration(url.origin));
  if (operation === 'GetKeys') return respondJson(response, 200, await identity.issuer.jwks());
  await giveToken(identity.issuer, request, response, url);
}

/** `{count, value}` for who holds the job's request token. */
async function giveToken(
  issuer: Issuer,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || token !== issuer.requestToken) {
    return respondJson(response, 401, { message: 'The request token is missing or wrong.' });
  }
  const claims = decodeClaims(url.searchParams.get('claims'));
  if (claims === undefined) return respondJson(response, 400, { message: 'claims is not base64url JSON.' });
  const audience = url.searchParams.get('audience');
  const value = await issuer.mint({ ...(audience !== null && { aud: audience }), ...claims });
  respondJson(response, 200, { count: value.length, value });
}

function decodeClaims(encoded: string | null): TokenClaims | undefined {
  if (encoded === null) return {};
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')) as TokenClaims;
  } catch {
    return undefined;
  }
}

function configuration(origin: string): Record<string, unknown> {
  return {
    issuer: githubIssuer,
    jwks_uri: `${origin}/.well-known/jwks`,
    subject_types_supported: ['public', 'pairwise'],
    response_types_supported: ['id_token'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid'],
    claims_supported: ['sub', 'aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'ref', 'repository', 'environment'],
  };
}
