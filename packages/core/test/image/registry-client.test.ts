import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { errorWithCode } from '@ecs-actions/testkit';
import { getEcrLogin } from '../../src/ecr/index.js';
import { createRegistryClient, OCI_MANIFEST, type RegistryClient } from '../../src/image/index.js';

let aws: LocalAws;
let ecr: ECRClient;
let registry: RegistryClient;

beforeAll(async () => {
  aws = await startLocalAws({ clock: 'manual' });
});
afterAll(() => aws.stop());
beforeEach(async () => {
  await aws.reset();
  ecr = new ECRClient({ region: aws.region, endpoint: aws.endpoint, credentials: aws.credentials });
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  const credentials = await getEcrLogin(
    { ecr, registry: { accountId: undefined, region: aws.region, hosts: [] } },
    { onSecret: () => {} },
  );
  registry = createRegistryClient({ host: aws.host, credentials }, { clock: aws.clock });
});

function blob(content: string) {
  const bytes = Buffer.from(content);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const open = () => new Blob([bytes]).stream() as ReadableStream<Uint8Array>;
  return { descriptor: { mediaType: 'application/octet-stream', digest, size: bytes.length }, open };
}

async function putBlob(content: string) {
  const { descriptor, open } = blob(content);
  await registry.putBlob('app', descriptor, open);
  return descriptor;
}

async function putImage(reference: string, content = 'layer'): Promise<string> {
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: await putBlob('{"os":"linux","architecture":"amd64"}'),
    layers: [await putBlob(content)],
  };
  return registry.putManifest('app', reference, {
    mediaType: OCI_MANIFEST,
    bytes: Buffer.from(JSON.stringify(manifest)),
  });
}

describe('a registry', () => {
  it('gives back the blobs it was given', async () => {
    const { digest } = await putBlob('hello');
    await expect(registry.hasBlob('app', digest)).resolves.toBe(true);
    expect(Buffer.from(await registry.getBlob('app', digest)).toString()).toBe('hello');
    await expect(registry.hasBlob('app', blob('other').descriptor.digest)).resolves.toBe(false);
  });

  it('gives back manifests byte by byte, by tag and by digest', async () => {
    const digest = await putImage('v1');
    const byTag = await registry.getManifest('app', 'v1');
    expect(byTag).toMatchObject({ mediaType: OCI_MANIFEST, digest });
    await expect(registry.getManifest('app', digest)).resolves.toEqual(byTag);
    await expect(registry.getManifest('app', 'v2')).resolves.toBeUndefined();
    await expect(registry.getManifest('none', 'v1')).resolves.toBeUndefined();
  });

  it('refuses in words that say what to do', async () => {
    const { descriptor, open } = blob('x');
    await expect(registry.putBlob('none', descriptor, open)).rejects.toEqual(
      errorWithCode('REPOSITORY_NOT_FOUND', /127\.0\.0\.1:\d+\/none.*create-repository/s),
    );
    await expect(
      createRegistryClient({ host: aws.host }, { clock: aws.clock }).hasBlob('app', descriptor.digest),
    ).rejects.toEqual(errorWithCode('REGISTRY_LOGIN_FAILED', 'login-ecr'));
    await expect(
      createRegistryClient(
        { host: aws.host, credentials: { username: 'AWS', password: 'wrong' } },
        { clock: aws.clock },
      ).checkLogin(),
    ).rejects.toEqual(errorWithCode('REGISTRY_LOGIN_FAILED'));
  });

  it('never moves a tag of an immutable repository', async () => {
    await ecr.send(new CreateRepositoryCommand({ repositoryName: 'fixed', imageTagMutability: 'IMMUTABLE' }));
    const push = async (content: string) => {
      const { descriptor, open } = blob(content);
      await registry.putBlob('fixed', descriptor, open);
      const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: descriptor, layers: [] };
      const bytes = Buffer.from(JSON.stringify(manifest));
      return registry.putManifest('fixed', 'v1', { mediaType: OCI_MANIFEST, bytes });
    };
    await push('{"a":1}');
    await expect(push('{"a":2}')).rejects.toEqual(errorWithCode('IMAGE_TAG_IMMUTABLE', 'if-exists: skip'));
  });
});

describe('trouble on the way', () => {
  it.each(['throttle', 'server-error', 'reset'] as const)('%s: waits and tries again', async (kind) => {
    aws.faults.inject({ service: 'registry', kind, times: 3 });
    const startedAt = aws.clock.now();
    const digest = await aws.clock.runUntil(putImage('v1'));
    expect(digest).toMatch(/^sha256:/);
    // Half to all of 1, 2 and 4 seconds.
    expect(aws.clock.now() - startedAt).toBeGreaterThanOrEqual(3_500);
    expect(aws.clock.now() - startedAt).toBeLessThanOrEqual(7_000);
  });

  it.each([
    ['throttle', 'AWS_THROTTLED'],
    ['server-error', 'REGISTRY_UNREACHABLE'],
    ['reset', 'REGISTRY_UNREACHABLE'],
  ] as const)('%s: gives up in the end', async (kind, code) => {
    aws.faults.inject({ service: 'registry', kind, times: 100 });
    await expect(aws.clock.runUntil(registry.checkLogin())).rejects.toEqual(errorWithCode(code, aws.host));
    expect(aws.requests.filter(({ service }) => service === 'registry')).toHaveLength(6);
  });

  it('a refusal is not tried again', async () => {
    aws.faults.inject({ service: 'registry', kind: 'access-denied', times: 100 });
    await expect(registry.hasBlob('app', blob('x').descriptor.digest)).rejects.toEqual(
      errorWithCode('ACCESS_DENIED'),
    );
    expect(aws.requests.filter(({ service }) => service === 'registry')).toHaveLength(1);
  });

  it('a cancelled job does not wait', async () => {
    aws.faults.inject({ service: 'registry', kind: 'server-error', times: 100 });
    const cancel = new AbortController();
    const client = createRegistryClient({ host: aws.host }, { clock: aws.clock, signal: cancel.signal });
    const asked = client.checkLogin();
    cancel.abort(new Error('cancelled'));
    await expect(asked).rejects.toThrow('cancelled');
  });

  it('credentials go to no other host', async () => {
    let seen: string | undefined = 'nothing asked';
    const elsewhere = createServer((request, response) => {
      seen = request.headers.authorization;
      response.end('content');
    });
    const front = createServer((_request, response) => {
      const { port } = elsewhere.address() as AddressInfo;
      response.writeHead(307, { location: `http://localhost:${port}/blob` }).end();
    });
    await Promise.all(
      [elsewhere, front].map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))),
    );
    const { port } = front.address() as AddressInfo;
    const client = createRegistryClient(
      { host: `127.0.0.1:${port}`, credentials: { username: 'AWS', password: 'secret' } },
      { clock: aws.clock },
    );
    expect(Buffer.from(await client.getBlob('app', 'sha256:x')).toString()).toBe('content');
    expect(seen).toBeUndefined();
    for (const server of [elsewhere, front]) server.close();
  });
});
