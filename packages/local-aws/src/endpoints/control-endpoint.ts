import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../identity/identity.js';
import type { RoleOptions } from '../identity/roles.js';
import type { TokenClaims } from '../identity/issuer.js';
import { readBody, respondJson } from '../protocol/http.js';
import type { ClientClock } from '../world/clock.js';
import type { Fault, Faults } from '../world/faults.js';
import type { RequestLog } from '../world/request-log.js';
import type { World } from '../world/world.js';

/** What other processes may steer. */
export interface ControlPorts {
  readonly world: World;
  readonly clock: ClientClock;
  readonly identity: Identity;
  readonly faults: Faults;
  readonly requests: RequestLog;
  reset(): Promise<void>;
}

const prefix = '/_local-aws/';

export function isControlPath(pathname: string): boolean {
  return pathname.startsWith(prefix);
}

type Handler = (ports: ControlPorts, body: any) => unknown;

/** `METHOD name` → what it does; the answer is JSON. */
const handlers: Readonly<Record<string, Handler>> = {
  'GET health': ({ world, clock }) => ({
    status: 'ok',
    pid: process.pid,
    accountId: world.accountId,
    region: world.region,
    clock: clock.kind,
  }),
  'GET clock': ({ clock }) => ({ kind: clock.kind, now: clock.now() }),
  'POST clock/advance': async ({ clock }, { ms }) => {
    if (typeof ms !== 'number' || !(ms >= 0)) throw new TypeError('ms must be a number of milliseconds.');
    await clock.advance(ms);
    return { kind: clock.kind, now: clock.now() };
  },
  'POST faults': ({ faults }, body) => {
    faults.inject(body as Fault);
    return {};
  },
  'DELETE faults': ({ faults }) => {
    faults.clear();
    return {};
  },
  'GET requests': ({ requests }) => ({ requests: requests.records }),
  'DELETE requests': ({ requests }) => {
    requests.clear();
    return {};
  },
  'GET roles': ({ identity }) => ({ roles: identity.roles.list() }),
  'PUT roles': ({ identity }, body) => ({ role: identity.roles.put(body as RoleOptions) }),
  'PUT claims': ({ identity }, body) => {
    identity.issuer.setClaims(body as TokenClaims);
    return {};
  },
  'POST sessions/expire': ({ identity }) => {
    identity.credentials.expireSessions();
    return {};
  },
  'POST reset': async (ports) => {
    await ports.reset();
    return {};
  },
};

/** The control API, for whoever is not in this process: `/_local-aws/…`, JSON in and out. */
export async function serveControl(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  ports: ControlPorts,
): Promise<void> {
  if (!isFromHere(request)) {
    return respondJson(response, 403, { message: 'The control API is not for web pages.' });
  }
  const handler = handlers[`${request.method} ${url.pathname.slice(prefix.length)}`];
  if (handler === undefined) {
    return respondJson(response, 404, { message: `Known here: ${Object.keys(handlers).join(', ')}.` });
  }
  try {
    const body = (await readBody(request)).toString('utf8');
    respondJson(response, 200, await handler(ports, body === '' ? {} : JSON.parse(body)));
  } catch (error) {
    respondJson(response, 400, { message: error instanceof Error ? error.message : String(error) });
  }
}

/** Keeps out pages in a browser: those send an origin, or a name that was made to resolve to loopback. */
function isFromHere(request: IncomingMessage): boolean {
  const host = request.headers.host?.replace(/:\d+$/, '');
  return request.headers.origin === undefined && (host === '127.0.0.1' || host === 'localhost');
}
