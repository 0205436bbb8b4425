import type { IncomingMessage } from 'node:http';
import type { Principal } from '../identity/credentials.js';
import type { Identity } from '../identity/identity.js';
import { verifySignature } from '../identity/signature.js';
import type { Protocol } from '../protocol/failures.js';

/** A request that was read to its end. */
export interface Received {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: Buffer;
}

export interface AuthenticationPorts {
  readonly identity: Identity;
  /** Epoch milliseconds of wall time. */
  readonly wallNow: () => number;
}

/**
 * Who signed a request, and for which region.
 *
 * @throws AwsError as the protocol words a refused signature.
 */
export async function authenticate(
  { request, url, body }: Received,
  service: { readonly protocol: Protocol; readonly signingName: string },
  { identity, wallNow }: AuthenticationPorts,
): Promise<{ principal: Principal; region: string }> {
  const { credential, region } = await verifySignature(
    { method: request.method ?? 'POST', url, headers: request.headers, body },
    { ...service, now: wallNow(), find: (accessKeyId) => identity.credentials.find(accessKeyId) },
  );
  return { principal: credential.principal, region };
}
