import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure } from '../protocol/failures.js';
import { createRequestId, readBody } from '../protocol/http.js';
import { decodeForm, respondQueryError, respondQueryOutput } from '../protocol/query.js';
import type { XmlObject } from '../protocol/query.js';
import { AwsError } from '../protocol/service.js';
import type { QueryService } from '../protocol/service.js';
import type { Faults } from '../world/faults.js';
import type { RequestLog } from '../world/request-log.js';
import type { World } from '../world/world.js';
import { applyFault } from './api-faults.js';
import { authenticate } from './authenticate.js';
import type { AuthenticationPorts } from './authenticate.js';
import { authorizeCall } from './authorize-call.js';

/** What this endpoint works with. */
export interface QueryPorts extends AuthenticationPorts {
  readonly world: World;
  readonly queryServices: readonly QueryService[];
  readonly faults: Faults;
  readonly requests: RequestLog;
}

/** The service that a request of the query protocol is for, by the credential scope of its signature. */
export function findQueryService(
  request: IncomingMessage,
  services: readonly QueryService[],
): QueryService | undefined {
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '');
  return services.find(({ signingName }) => signingName === scope?.[1]);
}

/** Answers a request of the query protocol: authenticates, authorizes, calls, encodes. */
export async function serveQuery(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  service: QueryService,
  ports: QueryPorts,
): Promise<void> {
  const requestId = createRequestId();
  const body = await readBody(request);
  const parameters = new URLSearchParams(request.method === 'GET' ? url.searchParams : body.toString('utf8'));
  const operation = parameters.get('Action') ?? '';
  const input = decodeForm(parameters);
  const { signingName, namespace } = service;
  const record = ports.requests.add({ service: signingName, operation, at: ports.world.clock.now(), input });
  try {
    const fault = ports.faults.take(signingName, operation);
    if (fault !== undefined && (await applyFault(fault, 'query', request))) return;
    const { principal, region } = await authenticate(
      { request, url, body },
      { protocol: 'query', signingName },
      ports,
    );
    record.principalArn = principal.arn;
    const context = { accountId: principal.accountId, region, principalArn: principal.arn, requestId };
    authorizeCall('query', { service: signingName, operation, input, context }, principal, fault);
    const implementation = Object.hasOwn(service.operations, operation)
      ? service.operations[operation]
      : undefined;
    if (implementation === undefined) throw notServed(service, operation);
    const result = ((await implementation(input, context)) ?? {}) as XmlObject;
    respondQueryOutput(response, requestId, { operation, namespace, result });
  } catch (error) {
    const shown = toAwsError(error, `${signingName}:${operation}`);
    record.error = shown.code;
    respondQueryError(response, requestId, namespace, shown);
  }
}

function notServed({ signingName }: QueryService, operation: string): AwsError {
  return failure('query', 'unknown-operation', `local-aws does not serve ${signingName}:${operation}.`);
}

/** What is no refusal is a defect of this world: it goes to standard error. */
function toAwsError(error: unknown, where: string): AwsError {
  if (error instanceof AwsError) return error;
  console.error(`local-aws: ${where} failed:`, error);
  return failure('query', 'server-error');
}
