import type { IncomingMessage, ServerResponse } from 'node:http';
import { downloadTokenParameter } from '../ecr/layers.js';
import type { RegistryState } from '../state.js';
import type { RegistryGrant } from '../tokens.js';
import { DistributionError } from './errors.js';
import { reply } from './exchange.js';

/**
 * Reads the registry password; undefined if there is none.
 * @throws DistributionError for one that is forged or expired, in ECR's words.
 */
export function authenticate(
  state: RegistryState,
  request: IncomingMessage,
  url: URL,
): RegistryGrant | undefined {
  const password = passwordOf(request, url);
  if (password === undefined) return undefined;
  const verdict = state.tokens.verify(password);
  if ('grant' in verdict) return verdict.grant;
  throw verdict.refused === 'expired'
    ? new DistributionError(
        403,
        'DENIED',
        'Your authorization token has expired. Reauthenticate and try again.',
      )
    : new DistributionError(400, 'DENIED', 'Your Authorization Token is invalid.');
}

/** The password of user `AWS`, or the one that a download URL carries. An empty one for any other user. */
function passwordOf({ headers, method }: IncomingMessage, url: URL): string | undefined {
  const basic = /^Basic +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const [, user, password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? [];
    return user === 'AWS' ? password : '';
  }
  if (headers.authorization !== undefined) return '';
  const isDownload = (method === 'GET' || method === 'HEAD') && url.pathname.includes('/blobs/');
  return (isDownload && url.searchParams.get(downloadTokenParameter)) || undefined;
}

/** Asks for a password, as ECR does. */
export function challenge(state: RegistryState, request: IncomingMessage, response: ServerResponse): void {
  reply(
    { request, response },
    401,
    {
      'Content-Type': 'text/plain; charset=utf-8',
      'WWW-Authenticate': `Basic realm="http://${state.world.host()}/",service="ecr.amazonaws.com"`,
    },
    'Not Authorized\n',
  );
}
