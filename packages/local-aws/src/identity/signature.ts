import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { SignatureV4 } from '@smithy/signature-v4';
import { failure } from '../protocol/failures.js';
import type { Protocol } from '../protocol/failures.js';
import type { Credential } from './credentials.js';
import { Sha256 } from './sha256.js';

/** What of a request a signature covers. */
export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Verifier {
  readonly protocol: Protocol;
  /** The service's name in a credential scope. */
  readonly signingName: string;
  /** Epoch milliseconds of wall time. */
  readonly now: number;
  find(accessKeyId: string): Credential | undefined;
}

/** The parts of a version 4 `Authorization` header. */
interface Authorization {
  readonly accessKeyId: string;
  readonly scopeDate: string;
  readonly region: string;
  readonly signingName: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const maximumSkewMs = 5 * 60 * 1000;

/**
 * Verifies a version 4 signature in the `Authorization` header: signs the request again with the
 * secret of the key it names, and compares. Returns whose it is, and the region it was signed for.
 *
 * @throws AwsError as the protocol names the refusal: missing or incomplete signature, unknown key,
 *   wrong signature, clock skew of more than five minutes, expired session.
 */
export async function verifySignature(
  request: SignedRequest,
  verifier: Verifier,
): Promise<{ credential: Credential; region: string }> {
  const { protocol, now } = verifier;
  const authorization = parseAuthorization(request.headers.authorization, protocol);
  const amzDate = headerOf(request, 'x-amz-date');
  const signedAt = parseAmzDate(amzDate);
  if (amzDate === undefined || signedAt === undefined) {
    throw failure(
      protocol,
      'incomplete-signature',
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  }
  checkScope(authorization, amzDate, verifier);
  checkSkew(signedAt, now, protocol);

  const credential = verifier.find(authorization.accessKeyId);
  if (credential === undefined || headerOf(request, 'x-amz-security-token') !== credential.sessionToken) {
    throw failure(protocol, 'unknown-key');
  }
  const expected = await sign(request, authorization, credential, signedAt);
  if (expected !== authorization.signature) throw failure(protocol, 'bad-signature');
  if (credential.expiresAt !== undefined && credential.expiresAt <= now) {
    throw failure(protocol, 'expired-token');
  }
  return { credential, region: authorization.region };
}

function parseAuthorization(header: string | undefined, protocol: Protocol): Authorization {
  if (header === undefined) throw failure(protocol, 'missing-token');
  const match =
    /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/.exec(
      header.trim(),
    );
  if (match === null) {
    throw failure(
      protocol,
      'incomplete-signature',
      "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters of AWS4-HMAC-SHA256.",
    );
  }
  const [, accessKeyId = '', scopeDate = '', region = '', signingName = '', names = '', signature = ''] =
    match;
  return { accessKeyId, scopeDate, region, signingName, signedHeaders: names.split(';'), signature };
}

function checkScope(authorization: Authorization, amzDate: string, verifier: Verifier): void {
  const { protocol, signingName } = verifier;
  if (authorization.signingName !== signingName) {
    throw failure(
      protocol,
      'bad-signature',
      `Credential should be scoped to correct service: '${signingName}'. `,
    );
  }
  const date = amzDate.slice(0, 8);
  if (authorization.scopeDate !== date) {
    throw failure(
      protocol,
      'bad-signature',
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${authorization.scopeDate}' != '${date}', from '${amzDate}'.`,
    );
  }
}

function checkSkew(signedAt: number, now: number, protocol: Protocol): void {
  const at = formatAmzDate(signedAt);
  if (signedAt < now - maximumSkewMs) {
    throw failure(
      protocol,
      'bad-signature',
      `Signature expired: ${at} is now earlier than ${formatAmzDate(now - maximumSkewMs)} (${formatAmzDate(now)} - 5 min.)`,
    );
  }
  if (signedAt > now + maximumSkewMs) {
    throw failure(
      protocol,
      'bad-signature',
      `Signature not yet current: ${at} is still later than ${formatAmzDate(now + maximumSkewMs)} (${formatAmzDate(now)} + 5 min.)`,
    );
  }
}

/** The signature that the owner of the credential would have made; empty if the body was tampered with. */
async function sign(
  request: SignedRequest,
  authorization: Authorization,
  credential: Credential,
  signedAt: number,
): Promise<string> {
  const headers: Record<string, string> = {};
  for (const name of authorization.signedHeaders) {
    const value = headerOf(request, name);
    if (value !== undefined) headers[name] = value;
  }
  if (!bodyMatches(headers['x-amz-content-sha256'], request.body)) return '';
  const signer = new SignatureV4({
    applyChecksum: false,
    // The session token, where it is signed, is among the headers already.
    credentials: { accessKeyId: credential.accessKeyId, secretAccessKey: credential.secretAccessKey },
    region: authorization.region,
    service: authorization.signingName,
    sha256: Sha256,
  });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: request.url.hostname,
      path: request.url.pathname,
      query: queryOf(request.url),
      headers,
      body: request.body,
    },
    { signingDate: new Date(signedAt), signableHeaders: new Set(authorization.signedHeaders) },
  );
  return /Signature=([0-9a-f]+)$/.exec(signed.headers['authorization'] ?? '')?.[1] ?? '';
}

/** The signer takes a client's word for the body's hash; here it is checked. */
function bodyMatches(claimed: string | undefined, body: Buffer): boolean {
  if (claimed === undefined || claimed === 'UNSIGNED-PAYLOAD') return true;
  return claimed === createHash('sha256').update(body).digest('hex');
}

function queryOf(url: URL): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name);
    query[name] = values.length === 1 ? values[0]! : values;
  }
  return query;
}

function headerOf(request: SignedRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

function parseAmzDate(text: string | undefined): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

function formatAmzDate(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
}
