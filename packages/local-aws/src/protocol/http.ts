import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from './service.js';

/** One mebibyte is the most any of the operations takes; docker's blobs do not come this way. */
const largestBody = 16 * 1024 * 1024;

/** Reads a request to its end. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > largestBody) {
      throw new AwsError('RequestEntityTooLargeException', 'Request size exceeded 16777216 bytes', {
        status: 413,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** Answers once; a client that has gone is not told. */
export function respond(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  response.end(body);
}

export function respondJson(response: ServerResponse, status: number, body: unknown): void {
  respond(response, status, JSON.stringify(body), { 'content-type': 'application/json' });
}

export const createRequestId: () => string = () => randomUUID();
