import type { IncomingMessage, ServerResponse } from 'node:http';
import { failure } from '../protocol/failures.js';
import { createRequestId, readBody } from '../protocol/http.js';
import { decodeInput, parseTarget, respondJsonError, respondJsonOutput } from '../protocol/json.js';
import { AwsError } from '../protocol/service.js';
import type { CallContext, JsonService } from '../protocol/service.js';
import { isRead, missingAnswer } from '../protocol/stale-reads.js';
import type { StaleReads } from '../protocol/stale-reads.js';
import type { Faults } from '../world/faults.js';
import type { RequestLog } from '../world/request-log.js';
import type { World } from '../world/world.js';
import { applyFault } from './api-faults.js';
import { authorizeCall } from './authorize-call.js';
import { authenticate } from './authenticate.js';
import type { AuthenticationPorts } from './authenticate.js';

export interface JsonPorts extends AuthenticationPorts {
  readonly world: World;
  readonly services: readonly JsonService[];
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly staleReads: StaleReads;
}

interface Call {
  readonly service: JsonService;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly context: CallContext;
}

/** Answers a request of the JSON protocol: authenticates, authorizes, calls, encodes. */
export async function serveJson(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  ports: JsonPorts,
): Promise<void> {
  const requestId = createRequestId();
  const { prefix, operation } = parseTarget(String(request.headers['x-amz-target']));
  const service = ports.services.find(({ targetPrefix }) => targetPrefix === prefix);
  const name = service?.signingName ?? prefix;

  const body = await readBody(request).catch(asRefusal);
  if (body instanceof AwsError) return respondJsonError(response, requestId, body);
  const input = tryDecode(body);
  const record = ports.requests.add({
    service: name,
    operation,
    at: ports.world.clock.now(),
    input: input instanceof AwsError ? undefined : input,
  });
  try {
    if (service === undefined) throw notServed(name, operation);
    const fault = ports.faults.take(name, operation);
    if (fault !== undefined && (await applyFault(fault, 'json', request))) return;
    const { signingName } = service;
    const { principal, region } = await authenticate(
      { request, url, body },
      { protocol: 'json', signingName },
      ports,
    );
    record.principalArn = principal.arn;
    if (input instanceof AwsError) throw input;
    const { accountId, arn: principalArn } = principal;
    const call = { service, operation, input, context: { accountId, region, principalArn, requestId } };
    const resources = service.resourcesOf?.(input, call.context);
    authorizeCall('json', { ...call, service: name, resources }, principal, fault);
    respondJsonOutput(response, requestId, await answer(call, fault?.kind === 'stale-read', ports));
  } catch (error) {
    const shown = toAwsError(error, `${name}:${operation}`);
    record.error = shown.code;
    respondJsonError(response, requestId, shown);
  }
}

async function answer(call: Call, stale: boolean, ports: JsonPorts): Promise<string> {
  const { service, operation, input, context } = call;
  const key = isRead(operation)
    ? `${context.accountId}/${context.region}/${service.signingName}:${operation}${JSON.stringify(input)}`
    : undefined;
  if (stale && key !== undefined) {
    const old = ports.staleReads.recall(key) ?? missingAnswer(operation, input, context);
    if (old !== undefined) return old;
  }
  const implementation = Object.hasOwn(service.operations, operation)
    ? service.operations[operation]
    : undefined;
  if (implementation === undefined) throw notServed(service.signingName, operation);
  const body = JSON.stringify((await implementation(input, context)) ?? {});
  if (key !== undefined) ports.staleReads.remember(key, body);
  return body;
}

function notServed(service: string, operation: string): AwsError {
  return failure('json', 'unknown-operation', `local-aws does not serve ${service}:${operation}.`);
}

/** A body that cannot be decoded is refused only once the caller is known. */
function tryDecode(body: Buffer): Record<string, unknown> | AwsError {
  try {
    return decodeInput(body);
  } catch (error) {
    return asRefusal(error);
  }
}

function asRefusal(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  throw error;
}

/** What is no refusal is a defect of this world: it goes to standard error. */
function toAwsError(error: unknown, where: string): AwsError {
  if (error instanceof AwsError) return error;
  console.error(`local-aws: ${where} failed:`, error);
  return failure('json', 'server-error');
}
