import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../identity/credentials.js';
import { stsNamespace, unknownStsOperation } from '../identity/sts.js';
import { expiredIdToken } from '../identity/web-identity.js';
import { failure } from '../protocol/failures.js';
import { createRequestId, readBody } from '../protocol/http.js';
import { respondQueryError, respondQueryOutput } from '../protocol/query.js';
import { AwsError } from '../protocol/service.js';
import type { Fault, Faults } from '../world/faults.js';
import type { RequestLog } from '../world/request-log.js';
import type { World } from '../world/world.js';
import { applyFault } from './api-faults.js';
import { authenticate } from './authenticate.js';
import type { AuthenticationPorts } from './authenticate.js';

interface StsEndpointPorts extends AuthenticationPorts {
  readonly world: World;
  readonly faults: Faults;
  readonly requests: RequestLog;
}

const sts = { protocol: 'query', signingName: 'sts' } as const;

/** The query protocol comes as a form, or in the URL. */
export function isStsRequest(request: IncomingMessage, url: URL): boolean {
  const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  return url.pathname === '/' && ((request.method === 'POST' && form) || url.searchParams.has('Action'));
}

/** Answers a request of the query protocol, of which STS is the only speaker here. */
export async function serveSts(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  ports: StsEndpointPorts,
): Promise<void> {
  const requestId = createRequestId();
  const body = await readBody(request);
  const parameters = new URLSearchParams(request.method === 'GET' ? url.searchParams : body.toString('utf8'));
  const operation = parameters.get('Action') ?? '';
  const record = ports.requests.add({
    service: 'sts',
    operation,
    at: ports.world.clock.now(),
    input: recordable(parameters),
  });
  try {
    // Whoever asks another service of this protocol is not to be told of a wrong signature.
    if (!ports.identity.sts.isKnown(operation)) throw unknownStsOperation(operation);
    const fault = ports.faults.take('sts', operation);
    if (fault?.kind === 'expired-token' && ports.identity.sts.isUnsigned(operation)) {
      throw expiredIdToken(ports.wallNow());
    }
    if (fault !== undefined && (await applyFault(fault, 'query', request))) return;
    const caller = ports.identity.sts.isUnsigned(operation)
      ? undefined
      : (await authenticate({ request, url, body }, sts, ports)).principal;
    if (caller !== undefined) record.principalArn = caller.arn;
    refuseIfDenied(fault, operation, caller);
    const result = await ports.identity.sts.call(operation, parameters, caller);
    respondQueryOutput(response, requestId, { operation, namespace: stsNamespace, result });
  } catch (error) {
    const shown = toAwsError(error, operation);
    record.error = shown.code;
    respondQueryError(response, requestId, stsNamespace, shown);
  }
}

function refuseIfDenied(fault: Fault | undefined, operation: string, caller: Principal | undefined): void {
  if (fault?.kind !== 'access-denied') return;
  throw failure(
    'query',
    'access-denied',
    caller === undefined
      ? `Not authorized to perform sts:${operation}`
      : `User: ${caller.arn} is not authorized to perform: sts:${operation}`,
  );
}

/** A request log is printed and asserted on: no token belongs there. */
function recordable(parameters: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...parameters].filter(([name]) => !['Action', 'Version', 'WebIdentityToken'].includes(name)),
  );
}

function toAwsError(error: unknown, operation: string): AwsError {
  if (error instanceof AwsError) return error;
  console.error(`local-aws: sts:${operation} failed:`, error);
  return failure('query', 'server-error');
}
