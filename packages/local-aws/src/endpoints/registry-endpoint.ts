import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Faults } from '../world/faults.js';
import type { RequestLog } from '../world/request-log.js';
import type { World } from '../world/world.js';
import { applyPlainFault } from './plain-faults.js';

export interface RegistryPorts {
  readonly world: World;
  readonly faults: Faults;
  readonly requests: RequestLog;
  /** What serves `/v2/`. */
  readonly registry: {
    handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  };
}

export function isRegistryPath(pathname: string): boolean {
  return pathname === '/v2' || pathname.startsWith('/v2/');
}

export async function serveRegistry(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  { world, faults, requests, registry }: RegistryPorts,
): Promise<void> {
  const kind = /\/(manifests|blobs|tags|referrers)(?:\/|$)/.exec(url.pathname)?.[1] ?? 'base';
  const operation = `${request.method} ${kind}`;
  const input = { path: url.pathname };
  const record = requests.add({ service: 'registry', operation, at: world.clock.now(), input });
  response.once('finish', () => {
    if (response.statusCode >= 400) record.error = String(response.statusCode);
  });
  const fault = faults.take('registry', operation);
  if (fault !== undefined && (await applyPlainFault(fault, request, response))) return;
  await registry.handle(request, response, url);
}
