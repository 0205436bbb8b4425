import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetAuthorizationTokenCommand, type ECRClient } from '@aws-sdk/client-ecr';
import { startLocalAws } from '../../src/local-aws.js';
import type { LocalAwsOptions } from '../../src/local-aws.js';
import { createRegistry } from '../../src/registry/registry.js';
import type { Registry, RegistryOptions } from '../../src/registry/registry.js';
import { Activity } from '../../src/world/activity.js';
import { ManualClock } from '../../src/world/manual-clock.js';
import { clientsOf } from '../support/clients.js';

export const accountId = '123456789012';
export const region = 'us-east-1';

/** Whatever serves `/v2/`. */
export interface Endpoint {
  readonly host: string;
  /** A request with the authorization of the world's own account, unless one is given. */
  request(method: string, path: string, options?: RequestOptions): Promise<Response>;
  stop(): Promise<void>;
}

interface RequestOptions {
  /** The header; null for none. */
  readonly authorization?: string | null;
  readonly headers?: Record<string, string>;
  readonly body?: RequestInit['body'];
}

/** ECR as its clients meet it: signed requests to an embedded AWS. */
export interface TestRegistry extends Endpoint {
  readonly clock: { now(): number; advance(ms: number): Promise<void> };
  /** A client of the SDK; its caller is `user/tester` in any account but the world's own. */
  ecr(account?: string, inRegion?: string): ECRClient;
}

export async function startRegistry(options?: LocalAwsOptions): Promise<TestRegistry> {
  const aws = await startLocalAws({ clock: 'manual', startTime: Date.UTC(2026, 0, 1), ...options });
  const ecr = (account = accountId, inRegion = region) =>
    clientsOf(aws, {
      region: inRegion,
      credentials:
        account === accountId ? aws.credentials : aws.createUserKeys({ name: 'tester', accountId: account }),
    }).ecr;
  const { authorizationData } = await ecr().send(new GetAuthorizationTokenCommand({}));
  const authorization = `Basic ${authorizationData?.[0]?.authorizationToken}`;
  return {
    host: aws.host,
    clock: aws.clock,
    ecr,
    request: requester(aws.host, () => authorization),
    stop: () => aws.stop(),
  };
}

/** The registry alone, for what an embedded AWS does not let out. */
export interface MountedRegistry extends Endpoint {
  readonly clock: ManualClock;
  readonly registry: Registry;
  /** Calls an operation of the JSON API as `user/tester` of an account. */
  call(operation: string, input: object, as?: { accountId?: string; region?: string }): any;
}

export async function mountRegistry(options?: RegistryOptions): Promise<MountedRegistry> {
  const clock = new ManualClock(Date.UTC(2026, 0, 1), new Activity());
  let host = '';
  const registry = createRegistry({ clock, accountId, region, host: () => host }, options);
  const server = createServer(
    (request, response) => void registry.handle(request, response, new URL(`http://${host}${request.url}`)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    clock,
    registry,
    call: (operation, input, as) => {
      const context = { accountId, region, requestId: 'request', ...as };
      const principalArn = `arn:aws:iam::${context.accountId}:user/tester`;
      return registry.ecr.operations[operation]?.(input, { ...context, principalArn });
    },
    request: requester(host, () => basic(registry.issueToken(grant).password)),
    async stop() {
      registry.reset();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The world's own account opens its own registry. */
export const grant = {
  registryId: accountId,
  region,
  accountId,
  principalArn: `arn:aws:iam::${accountId}:user/tester`,
};

export function basic(password: string, user = 'AWS'): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function requester(host: string, ownAuthorization: () => string): Endpoint['request'] {
  return (method, path, { authorization = ownAuthorization(), headers = {}, body } = {}) =>
    fetch(`http://${host}${path}`, {
      method,
      headers: { ...(authorization === null ? {} : { authorization }), ...headers },
      // `duplex` goes with a body that is a stream.
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    });
}

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export const mediaTypes = {
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
};

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Pushes a blob with one POST. */
export async function pushBlob(
  registry: Endpoint,
  repository: string,
  bytes: Uint8Array | string,
  mediaType = mediaTypes.layer,
): Promise<Descriptor> {
  const digest = sha256(bytes);
  const response = await registry.request('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, {
    body: bytes,
  });
  if (response.status !== 201) throw new Error(await response.text());
  return { mediaType, digest, size: Buffer.byteLength(bytes) };
}

/** Pushes a manifest and gives its descriptor. */
export async function pushManifest(
  registry: Endpoint,
  repository: string,
  reference: string | undefined,
  manifest: Record<string, unknown>,
): Promise<Descriptor & { readonly json: string }> {
  const json = JSON.stringify(manifest);
  const digest = sha256(json);
  const mediaType = String(manifest['mediaType']);
  const response = await registry.request('PUT', `/v2/${repository}/manifests/${reference ?? digest}`, {
    headers: { 'content-type': mediaType },
    body: json,
  });
  if (response.status !== 201) throw new Error(await response.text());
  return { mediaType, digest, size: json.length, json };
}

export interface ImageOptions {
  readonly tag?: string;
  readonly labels?: Record<string, string>;
  readonly architecture?: string;
  readonly content?: string;
}

/** Pushes an image of one layer. */
export async function pushImage(
  registry: Endpoint,
  repository: string,
  { tag, labels = {}, architecture = 'amd64', content = 'content' }: ImageOptions = {},
): Promise<Descriptor & { readonly json: string }> {
  const config = JSON.stringify({ os: 'linux', architecture, config: { Labels: labels } });
  return pushManifest(registry, repository, tag, {
    schemaVersion: 2,
    mediaType: mediaTypes.image,
    config: await pushBlob(registry, repository, config, mediaTypes.config),
    layers: [await pushBlob(registry, repository, content)],
  });
}
