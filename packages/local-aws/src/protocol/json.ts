import type { ServerResponse } from 'node:http';
import { respond } from './http.js';
import { AwsError } from './service.js';

const contentType = 'application/x-amz-json-1.1';

/** Splits an `X-Amz-Target` into the service's prefix and the operation. */
export function parseTarget(target: string): { prefix: string; operation: string } {
  const dot = target.lastIndexOf('.');
  return { prefix: target.slice(0, Math.max(dot, 0)), operation: target.slice(dot + 1) };
}

/** Decodes a request of AWS's JSON protocol; an empty body is an empty input. */
export function decodeInput(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  let input: unknown;
  try {
    input = JSON.parse(body.toString('utf8'));
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.');
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new AwsError('SerializationException', 'The request body must be a JSON object.');
  }
  return input as Record<string, unknown>;
}

export function respondJsonOutput(response: ServerResponse, requestId: string, body: string): void {
  respond(response, 200, body, { 'content-type': contentType, 'x-amzn-requestid': requestId });
}

export function respondJsonError(response: ServerResponse, requestId: string, error: AwsError): void {
  const body = JSON.stringify({ ...error.fields, __type: error.code, message: error.message });
  respond(response, error.status, body, {
    'content-type': contentType,
    'x-amzn-requestid': requestId,
    'x-amzn-errortype': error.code,
  });
}
