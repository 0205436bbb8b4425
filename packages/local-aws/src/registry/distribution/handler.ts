import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../../protocol/service.js';
import { downloadTokenParameter } from '../ecr/layers.js';
import type { RegistryState } from '../state.js';
import type { RegistryGrant } from '../tokens.js';
import { requireRepositoryName } from '../validation.js';
import { serveBlob } from './blobs.js';
import { DistributionError, toDistributionError } from './errors.js';
import { type Exchange, reply, replyJson } from './exchange.js';
import { serveManifest, serveReferrers } from './manifests.js';
import { serveTags } from './tags.js';
import { serveUpload } from './uploads.js';

/** What a path under `/v2/NAME/` leads to. The first that fits wins. */
const routes: readonly [RegExp, (exchange: Exchange) => Promise<void>][] = [
  [/^\/v2\/(.+)\/blobs\/uploads\/?([^/]*)$/, serveUpload],
  [/^\/v2\/(.+)\/blobs\/([^/]+)$/, serveBlob],
  [/^\/v2\/(.+)\/manifests\/([^/]+)$/, serveManifest],
  [/^\/v2\/(.+)\/referrers\/([^/]+)$/, serveReferrers],
  [/^\/v2\/(.+)\/tags\/list()$/, serveTags],
];

/**
 * The OCI distribution API as ECR speaks it. `strict` follows ECR where it strays from the
 * specification: a chunk is answered with 201, blobs do not mount, empty blobs are refused.
 */
export function createDistributionHandler(state: RegistryState, strict: boolean) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
    try {
      const grant = authenticate(state, request, url);
      if (!grant) return challenge(state, request, response);
      await route(state, strict, grant, request, response, url);
    } catch (error) {
      fail(request, response, toDistributionError(error));
    }
  };
}

async function route(
  state: RegistryState,
  strict: boolean,
  grant: RegistryGrant,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const path = decode(url.pathname);
  if (path === '/v2/' || path === '/v2') return replyJson({ request, response }, 200, {});
  for (const [pattern, serve] of routes) {
    const [match, name = '', reference = ''] = pattern.exec(path) ?? [];
    if (match === undefined) continue;
    const registry = { accountId: grant.registryId, region: grant.region };
    return serve({
      state,
      request,
      response,
      query: url.searchParams,
      reference,
      strict,
      repository: (action) => state.require(registry, requireRepositoryName(name), grant, action),
      otherRepository: (other, action) => {
        try {
          return state.require(registry, other, grant, action);
        } catch (error) {
          if (error instanceof AwsError) return undefined;
          throw error;
        }
      },
    });
  }
  throw new DistributionError(404, 'UNSUPPORTED', `There is nothing at ${path}`);
}

/** A path that is no UTF-8 leads nowhere. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Reads the registry password; undefined if there is none.
 * @throws DistributionError for one that is forged or expired, in ECR's words.
 */
function authenticate(state: RegistryState, request: IncomingMessage, url: URL): RegistryGrant | undefined {
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

function challenge(state: RegistryState, request: IncomingMessage, response: ServerResponse): void {
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

/** A client that is gone, or already has half of a blob, gets nothing more. */
function fail(request: IncomingMessage, response: ServerResponse, error: DistributionError): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  replyJson(
    { request, response },
    error.status,
    { errors: [{ code: error.code, message: error.message }] },
    error.headers,
  );
}
