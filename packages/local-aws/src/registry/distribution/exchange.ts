import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Repository } from '../repository.js';
import type { RegistryState } from '../state.js';

/** One authenticated request for something in one repository. */
export interface Exchange {
  readonly state: RegistryState;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** What the path names in the repository: a digest, a tag, an upload. Empty for collections. */
  readonly reference: string;
  /** Follow ECR where it strays from the OCI specification. */
  readonly strict: boolean;
  /** The path's repository, if the caller may do `action` (`ecr:…`) in it. */
  repository(action: string): Repository;
  /** Another repository of the same registry; undefined if it is not there or not open to the caller. */
  otherRepository(name: string, action: string): Repository | undefined;
}

/** Ends the exchange. A HEAD request gets the headers alone. */
export function reply(
  { request, response }: Pick<Exchange, 'request' | 'response'>,
  status: number,
  headers: Readonly<Record<string, string | number>>,
  body: Buffer | string = '',
): void {
  response.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Ends the exchange with JSON. */
export function replyJson(
  exchange: Pick<Exchange, 'request' | 'response'>,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  reply(exchange, status, { 'Content-Type': 'application/json', ...headers }, JSON.stringify(body));
}
