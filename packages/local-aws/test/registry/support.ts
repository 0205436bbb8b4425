import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ECRClient } from '@aws-sdk/client-ecr';
import { decodeInput, parseTarget, respondJsonError, respondJsonOutput } from '../../src/protocol/json.js';
import { readBody } from '../../src/protocol/http.js';
import { AwsError } from '../../src/protocol/service.js';
import { createRegistry, type Registry, type RegistryOptions } from '../../src/registry/registry.js';
import type { RegistryGrant } from '../../src/registry/tokens.js';
import type { World } from '../../src/world/world.js';
import type { ImageLookup } from '../../src/world/ports.js';
import { Activity } from '../../src/world/activity.js';
import { ManualClock } from '../../src/world/manual-clock.js';

export const accountId = '123456789012';
export const region = 'us-east-1';

/** The registry alone on a loopback port: signatures are the server's business, not checked here. */
export interface TestRegistry {
  readonly host: string;
  readonly clock: ManualClock;
  readonly registry: Registry;
  /** A client of an account (its key names it) and a region. */
  ecr(account?: string, inRegion?: string): ECRClient;
  /** A request under `/v2/`, with a good password unless `authorization` is given. */
  request(method: string, path: string, init?: RequestOptions): Promise<Response>;
  findImage(reference: string): ImageLookup;
  stop(): Promise<void>;
}

export interface RequestOptions {
  readonly authorization?: string | null;
  readonly headers?: Record<string, string>;
  readonly body?: RequestInit['body'];
}

export const grant: RegistryGrant = {
  registryId: accountId,
  region,
  accountId,
  principalArn: `arn:aws:iam::${accountId}:user/tester`,
};

export function basic(password: string, user = 'AWS'): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

export async function startRegistry(options?: RegistryOptions): Promise<TestRegistry> {
  const clock = new ManualClock(Date.UTC(2026, 0, 1), new Activity());
  let host = '';
  const world: World = { clock, accountId, region, host: () => host };
  const registry = createRegistry(world, options);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${host}`);
    if (url.pathname.startsWith('/v2')) {
      void registry.handle(request, response, url);
      return;
    }
    void (async () => {
      const { operation } = parseTarget(String(request.headers['x-amz-target']));
      const [, account = '', , inRegion = ''] =
        /Credential=AKIA(\d+)\/(\d+)\/([^/]+)\//.exec(String(request.headers.authorization)) ?? [];
      const context = {
        accountId: account,
        region: inRegion,
        principalArn: `arn:aws:iam::${account}:user/tester`,
        requestId: 'request',
      };
      try {
        const output = registry.ecr.operations[operation]?.(decodeInput(await readBody(request)), context);
        respondJsonOutput(response, 'request', JSON.stringify(output));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        respondJsonError(response, 'request', error);
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: ECRClient[] = [];
  return {
    host,
    clock,
    registry,
    ecr(account = accountId, inRegion = region) {
      const client = new ECRClient({
        endpoint: `http://${host}`,
        region: inRegion,
        credentials: { accessKeyId: `AKIA${account}`, secretAccessKey: 'secret' },
        maxAttempts: 1,
      });
      clients.push(client);
      return client;
    },
    request(method, path, { authorization, headers, body } = {}) {
      const credentials =
        authorization === undefined ? basic(registry.issueToken(grant).password) : authorization;
      return fetch(`http://${host}${path}`, {
        method,
        headers: { ...(credentials ? { authorization: credentials } : {}), ...headers },
        ...(body === undefined ? {} : { body, duplex: 'half' }),
        redirect: 'manual',
      } as RequestInit);
    },
    findImage: (reference) => registry.findImage(reference, { accountId, region }),
    async stop() {
      for (const client of clients) client.destroy();
      registry.reset();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function sha256(bytes: Buffer | string): string {
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
  registry: TestRegistry,
  repository: string,
  bytes: Buffer | string,
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
  registry: TestRegistry,
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
  registry: TestRegistry,
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
