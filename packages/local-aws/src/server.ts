import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { isControlPath, serveControl } from './endpoints/control-endpoint.js';
import type { ControlPorts } from './endpoints/control-endpoint.js';
import { serveJson } from './endpoints/json-endpoint.js';
import type { JsonPorts } from './endpoints/json-endpoint.js';
import { isOidcPath, serveOidc } from './endpoints/oidc-endpoint.js';
import { findQueryService, serveQuery } from './endpoints/query-endpoint.js';
import type { QueryPorts } from './endpoints/query-endpoint.js';
import { isRegistryPath, serveRegistry } from './endpoints/registry-endpoint.js';
import type { RegistryPorts } from './endpoints/registry-endpoint.js';
import { isStsRequest, serveSts } from './endpoints/sts-endpoint.js';
import { respondJson } from './protocol/http.js';
import type { Activity } from './world/activity.js';

/** What the endpoints share; each takes what it needs. */
export interface ServerPorts extends JsonPorts, QueryPorts, RegistryPorts, ControlPorts {
  readonly activity: Activity;
}

export interface RunningServer {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Stops listening and ends every connection. */
  stop(): Promise<void>;
}

/** Serves every API of the world on one loopback address. `port` 0 takes a free one. */
export async function startServer(port: number, ports: ServerPorts): Promise<RunningServer> {
  const server = createServer((request, response) => void serve(request, response, ports));
  // Clients keep connections for long; closing an idle one just as it is used again resets a request.
  server.keepAliveTimeout = 120_000;
  // A large layer of an image may take its time.
  server.requestTimeout = 0;
  server.on('connection', () => ports.activity.touch());
  server.on('clientError', (_error, socket: Socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });
  await listen(server, port);
  const address = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function serve(request: IncomingMessage, response: ServerResponse, ports: ServerPorts): Promise<void> {
  // A client that hangs up is its own business.
  request.on('error', () => {});
  response.on('error', () => {});
  try {
    const url = new URL(request.url ?? '/', `http://${ports.world.host()}`);
    // What steers the clock must not be waited for by it.
    if (isControlPath(url.pathname)) return await serveControl(request, response, url, ports);
    response.once('close', ports.activity.begin());
    await route(request, response, url, ports);
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    console.error('local-aws:', error);
    respondJson(response, 500, { message: 'local-aws failed; its log says why.' });
  }
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  ports: ServerPorts,
): Promise<void> {
  if (isRegistryPath(url.pathname)) return serveRegistry(request, response, url, ports);
  if (isOidcPath(url.pathname)) return serveOidc(request, response, url, ports);
  if (request.headers['x-amz-target'] !== undefined) return serveJson(request, response, url, ports);
  const queried = findQueryService(request, ports.queryServices);
  if (queried !== undefined) return serveQuery(request, response, url, queried, ports);
  if (isStsRequest(request, url)) return serveSts(request, response, url, ports);
  const message = `Nothing is served at ${request.method} ${url.pathname}. The AWS APIs are at POST /.`;
  respondJson(response, 404, { message });
}
