import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequiredAction } from '../../identity/permissions.js';
import { AwsError } from '../../protocol/service.js';
import type { RegistryState } from '../state.js';
import type { RegistryGrant } from '../tokens.js';
import { requireRepositoryName } from '../validation.js';
import { authenticate, challenge } from './authentication.js';
import { serveBlob } from './blobs.js';
import { DistributionError, toDistributionError } from './errors.js';
import { type Exchange, replyJson } from './exchange.js';
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

/** Throws an `AccessDeniedException` for what a principal's own policies do not allow. */
export type Authorize = (principalArn: string, required: RequiredAction) => void;

export interface DistributionOptions {
  /**
   * Follow ECR where it strays from the specification: a chunk is answered with 201, blobs do not
   * mount, empty blobs are refused.
   */
  readonly strict: boolean;
  readonly authorize: Authorize;
}

/** The OCI distribution API as ECR speaks it. Rejects only with defects of its own, before it has answered. */
export function createDistributionHandler(state: RegistryState, options: DistributionOptions) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
    try {
      const grant = authenticate(state, request, url);
      if (!grant) return challenge(state, request, response);
      await route(state, options, grant, request, response, url);
    } catch (error) {
      refuse(request, response, error);
    }
  };
}

async function route(
  state: RegistryState,
  { strict, authorize }: DistributionOptions,
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
    const find = (repositoryName: string, action: string) => {
      const { registryId, region } = grant;
      const resource = `arn:aws:ecr:${region}:${registryId}:repository/${repositoryName}`;
      authorize(grant.principalArn, { action, resource });
      return state.require({ accountId: registryId, region }, repositoryName, grant, action);
    };
    return serve({
      state,
      request,
      response,
      query: url.searchParams,
      reference,
      strict,
      repository: (action) => find(requireRepositoryName(name), action),
      otherRepository: (other, action) => orUndefined(() => find(other, action)),
    });
  }
  throw new DistributionError(404, 'UNSUPPORTED', `There is nothing at ${path}`);
}

function orUndefined<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

/** A path that is no UTF-8 leads nowhere. */
function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A client that is gone, or already has half of a blob, gets nothing more. */
function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const refusal = toDistributionError(error);
  if (!refusal) throw error;
  const { status, code, message, headers } = refusal;
  replyJson({ request, response }, status, { errors: [{ code, message }] }, headers);
}
