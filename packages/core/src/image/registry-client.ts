import { createHash } from 'node:crypto';
import { EcsActionsError } from '../errors.js';
import type { Clock } from '../ports.js';
import type { RegistryCredentials } from './docker-config.js';
import { isLoopbackHost } from './ecr-host.js';
import { IMAGE_MEDIA_TYPES, type Descriptor } from './manifest.js';
import { fromRegistryFailure, loginRefused, RegistryFailure, registryFailureOf } from './registry-failure.js';

/** One registry, spoken to over the OCI distribution protocol. */
export interface RegistryClient {
  readonly host: string;
  /** Asks whether the credentials are accepted (`GET /v2/`). */
  checkLogin(): Promise<void>;
  hasBlob(repository: string, digest: string): Promise<boolean>;
  /** Uploads a blob in one piece. `open` is called once for each attempt. */
  putBlob(repository: string, blob: Descriptor, open: () => ReadableStream<Uint8Array>): Promise<void>;
  /** A blob's bytes, not verified. */
  getBlob(repository: string, digest: string): Promise<Uint8Array>;
  /** What a tag or digest names; `undefined` where there is no such manifest, or no such repository. */
  getManifest(repository: string, reference: string): Promise<Manifest | undefined>;
  /** Stores a manifest under a tag or its digest. Returns its digest, as the registry confirmed it. */
  putManifest(repository: string, reference: string, manifest: Omit<Manifest, 'digest'>): Promise<string>;
}

/** A manifest, byte by byte as it is stored. */
export interface Manifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** How a registry is spoken to. */
export interface RegistryClientOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Tries for one request, the first included. Default 6: with the waits between them, about half a minute. */
  readonly attempts?: number | undefined;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 20_000;

/**
 * A client for one registry host: HTTPS, or plain HTTP on loopback. Throttling, server errors and
 * lost connections are tried again, after a wait with jitter; a refusal is not. Its methods reject
 * with `REGISTRY_LOGIN_FAILED`, `ACCESS_DENIED`, `REPOSITORY_NOT_FOUND`, `IMAGE_TAG_IMMUTABLE`,
 * `AWS_THROTTLED`, `REGISTRY_UNREACHABLE` or `IMAGE_PUSH_FAILED`.
 */
export function createRegistryClient(
  { host, credentials }: { host: string; credentials?: RegistryCredentials | undefined },
  options: RegistryClientOptions,
): RegistryClient {
  const base = `${isLoopbackHost(host) ? 'http' : 'https'}://${host}`;
  const request = requester(base, credentials, options.signal);
  const retried = <T>(doing: string, attempt: () => Promise<T>) => retry(doing, attempt, options);
  const name = (repository: string, reference: string) =>
    `${host}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`;

  return {
    host,
    checkLogin: () =>
      retried(`log in to ${host}`, async () => {
        const response = await request('GET', '/v2/', { accepts: [400, 401, 403] });
        if (!response.ok) throw loginRefused(host, await registryFailureOf(response, `GET ${base}/v2/`));
        await readBytes(response);
      }),

    hasBlob: (repository, digest) =>
      retried(`look for blob ${digest} in ${host}/${repository}`, async () => {
        const response = await request('HEAD', `/v2/${repository}/blobs/${digest}`, { accepts: [404] });
        return response.ok;
      }),

    putBlob: (repository, blob, open) =>
      retried(`upload blob ${blob.digest} to ${host}/${repository}`, async () => {
        const start = await request('POST', `/v2/${repository}/blobs/uploads/`);
        const location = new URL(start.headers.get('location') ?? '', base);
        location.searchParams.set('digest', blob.digest);
        await request('PUT', location.href, {
          headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) },
          body: open(),
        });
      }),

    getBlob: (repository, digest) =>
      retried(`fetch blob ${digest} of ${host}/${repository}`, async () => {
        const response = await request('GET', `/v2/${repository}/blobs/${digest}`);
        return readBytes(response);
      }),

    getManifest: (repository, reference) =>
      retried(`fetch ${name(repository, reference)}`, async () => {
        const response = await request('GET', `/v2/${repository}/manifests/${reference}`, {
          headers: { accept: IMAGE_MEDIA_TYPES.join(', ') },
          accepts: [404],
        });
        if (!response.ok) return undefined;
        const bytes = await readBytes(response);
        return { mediaType: response.headers.get('content-type') ?? '', digest: sha256(bytes), bytes };
      }),

    putManifest: (repository, reference, { mediaType, bytes }) =>
      retried(`push ${name(repository, reference)}`, async () => {
        const response = await request('PUT', `/v2/${repository}/manifests/${reference}`, {
          headers: { 'content-type': mediaType },
          body: bytes,
        });
        const digest = sha256(bytes);
        const confirmed = response.headers.get('docker-content-digest') ?? digest;
        if (confirmed !== digest)
          throw new EcsActionsError(
            'IMAGE_PUSH_FAILED',
            `${host} stored ${name(repository, reference)} as ${confirmed} instead of ${digest}.`,
          );
        return digest;
      }),
  };
}

/** `sha256:…` of some bytes. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ReadableStream<Uint8Array> | Uint8Array;
  /** Statuses that are answers, besides the successful ones. */
  readonly accepts?: readonly number[];
}

function requester(
  base: string,
  credentials: RegistryCredentials | undefined,
  signal: AbortSignal | undefined,
) {
  const authorization =
    credentials &&
    `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  return async (method: string, target: string, options: RequestOptions = {}): Promise<Response> => {
    const url = new URL(target, base);
    const what = `${method} ${url.origin}${url.pathname}`;
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        headers: { ...options.headers, ...(authorization && url.origin === base && { authorization }) },
        ...(options.body && { body: options.body as NonNullable<RequestInit['body']>, duplex: 'half' }),
        ...(signal && { signal }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw new RegistryFailure(`${what}: ${innermostMessage(error)}`, { cause: error });
    }
    if (!response.ok && !options.accepts?.includes(response.status))
      throw await registryFailureOf(response, what);
    return response;
  };
}

async function readBytes(response: Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new RegistryFailure(`GET ${response.url}: ${innermostMessage(error)}`, { cause: error });
  }
}

async function retry<T>(
  doing: string,
  attempt: () => Promise<T>,
  { clock, signal, attempts = 6 }: RegistryClientOptions,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RegistryFailure) || !error.transient || tried >= attempts)
        throw fromRegistryFailure(error, doing);
      const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** tried);
      await clock.sleep(error.retryAfterMs ?? longest * (0.5 + Math.random() / 2), signal);
    }
  }
}

/** fetch says "fetch failed" and hides what happened in the cause. */
function innermostMessage(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause !== undefined) innermost = innermost.cause;
  if (!(innermost instanceof Error)) return String(innermost);
  return innermost.message || ((innermost as NodeJS.ErrnoException).code ?? innermost.name);
}
