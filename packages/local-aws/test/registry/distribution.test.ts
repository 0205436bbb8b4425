import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CreateRepositoryCommand, type CreateRepositoryCommandInput } from '@aws-sdk/client-ecr';
import {
  accountId,
  mediaTypes,
  pushBlob,
  pushImage,
  pushManifest,
  sha256,
  startRegistry,
  type TestRegistry,
} from './support.js';

const bytes = Buffer.from('0123456789');
const digest = sha256(bytes);
let registry: TestRegistry;

beforeEach(async () => {
  registry = await startRegistry();
  await create({ repositoryName: 'app' });
});

afterEach(() => registry.stop());

const create = (input: CreateRepositoryCommandInput) =>
  registry.ecr().send(new CreateRepositoryCommand(input));

const errorsOf = async (response: Response) =>
  [response.status, ((await response.json()) as { errors: unknown[] }).errors] as const;

async function beginUpload(): Promise<string> {
  const response = await registry.request('POST', '/v2/app/blobs/uploads/');
  expect(response.status).toBe(202);
  expect(response.headers.get('range')).toBe('0-0');
  expect(response.headers.get('docker-upload-uuid')).toMatch(/^[0-9a-f-]{36}$/);
  return response.headers.get('location') ?? '';
}

async function expectBlob(repository = 'app'): Promise<void> {
  const head = await registry.request('HEAD', `/v2/${repository}/blobs/${digest}`);
  expect(head.status).toBe(200);
  expect(head.headers.get('content-length')).toBe('10');
  expect(head.headers.get('docker-content-digest')).toBe(digest);
  const get = await registry.request('GET', `/v2/${repository}/blobs/${digest}`);
  expect(await get.text()).toBe('0123456789');
}

function expectStored(response: Response, repository = 'app'): void {
  expect(response.status).toBe(201);
  expect(response.headers.get('location')).toBe(`/v2/${repository}/blobs/${digest}`);
  expect(response.headers.get('docker-content-digest')).toBe(digest);
}

test('/v2/ says which API this is', async () => {
  const response = await registry.request('GET', '/v2/');
  expect(response.status).toBe(200);
  expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
});

describe('a blob goes up', () => {
  test('as docker does it: one chunked PATCH without a range, an empty PUT', async () => {
    const location = await beginUpload();
    const patch = await registry.request('PATCH', location, { body: streamOf('01234', '56789') });
    expect(patch.status).toBe(202);
    expect(patch.headers.get('range')).toBe('0-9');
    const next = patch.headers.get('location') ?? '';
    expectStored(await registry.request('PUT', `${next}?digest=${encodeURIComponent(digest)}`));
    await expectBlob();
  });

  test('as BuildKit does it: everything in the PUT', async () => {
    const location = await beginUpload();
    expectStored(await registry.request('PUT', `${location}?digest=${digest}`, { body: bytes }));
    await expectBlob();
  });

  test('with a single POST', async () => {
    expectStored(await registry.request('POST', `/v2/app/blobs/uploads/?digest=${digest}`, { body: bytes }));
    await expectBlob();
  });

  test('in chunks with ranges; one out of order is told where to go on', async () => {
    const location = await beginUpload();
    const send = (method: string, range: string, body: string, query = '') =>
      registry.request(method, location + query, { headers: { 'content-range': range }, body });
    expect((await send('PATCH', '0-3', '0123')).headers.get('range')).toBe('0-3');

    const wrong = await send('PATCH', '6-9', '6789');
    expect(wrong.status).toBe(416);
    expect(wrong.headers.get('range')).toBe('0-3');
    expect((await send('PATCH', '4-5', '456789')).status).toBe(416);

    const status = await registry.request('GET', location);
    expect(status.status).toBe(204);
    expect(status.headers.get('range')).toBe('0-3');
    expectStored(await send('PUT', '4-9', '456789', `?digest=${digest}`));
    await expectBlob();
  });

  test('by a mount from another repository, or from any', async () => {
    await create({ repositoryName: 'base' });
    await create({ repositoryName: 'third' });
    await pushBlob(registry, 'base', bytes);
    const mount = (repository: string, from: string) =>
      registry.request('POST', `/v2/${repository}/blobs/uploads/?mount=${digest}${from}`);
    expect((await mount('app', '&from=third')).status).toBe(202);
    expect((await mount('app', '&from=absent')).status).toBe(202);
    expectStored(await mount('app', '&from=base'));
    expectStored(await mount('third', ''), 'third');
    await expectBlob('third');
  });

  test('of sha512, too', async () => {
    const sha512 =
      'sha512:bb96c2fc40d2d54617d6f276febe571f623a8dadf0b734855299b0e107fda32cf6b69f2da32b36445d73690b93cbd0f7bfc20e0f7f28553d2a4428f23b716e90';
    const response = await registry.request('POST', `/v2/app/blobs/uploads/?digest=${sha512}`, {
      body: bytes,
    });
    expect(response.headers.get('docker-content-digest')).toBe(sha512);
    expect((await registry.request('GET', `/v2/app/blobs/${sha512}`)).status).toBe(200);
  });

  test('but not under the digest of something else', async () => {
    const location = await beginUpload();
    const response = await registry.request('PUT', `${location}?digest=${sha256('x')}`, { body: bytes });
    expect(await errorsOf(response)).toEqual([
      400,
      [
        {
          code: 'BLOB_UPLOAD_INVALID',
          message: 'None of the provided layer digests match the calculated layer digest',
        },
      ],
    ]);
    expect((await registry.request('HEAD', `/v2/app/blobs/${sha256('x')}`)).status).toBe(404);
    expect((await registry.request('GET', location)).status).toBe(404);
  });

  test('nor after the upload was given up', async () => {
    const location = await beginUpload();
    expect((await registry.request('DELETE', location)).status).toBe(204);
    const response = await registry.request('PUT', `${location}?digest=${digest}`, { body: bytes });
    expect(await errorsOf(response)).toMatchObject([404, [{ code: 'BLOB_UPLOAD_UNKNOWN' }]]);
  });
});

describe('a blob comes down', () => {
  test.each([
    ['bytes=2-4', 206, 'bytes 2-4/10', '234'],
    ['bytes=7-', 206, 'bytes 7-9/10', '789'],
    ['bytes=-2', 206, 'bytes 8-9/10', '89'],
    ['bytes=8-99', 206, 'bytes 8-9/10', '89'],
    ['bytes=0-1,3-4', 200, null, '0123456789'],
  ])('by the range %s', async (range, status, contentRange, text) => {
    await pushBlob(registry, 'app', bytes);
    const response = await registry.request('GET', `/v2/app/blobs/${digest}`, { headers: { range } });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-range')).toBe(contentRange);
    expect(await response.text()).toBe(text);
  });

  test('but not from beyond its end', async () => {
    await pushBlob(registry, 'app', bytes);
    const response = await registry.request('GET', `/v2/app/blobs/${digest}`, {
      headers: { range: 'bytes=10-' },
    });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */10');
  });

  test('only from the repository that has it', async () => {
    await create({ repositoryName: 'other' });
    await pushBlob(registry, 'app', bytes);
    const response = await registry.request('GET', `/v2/other/blobs/${digest}`);
    expect(await errorsOf(response)).toMatchObject([404, [{ code: 'BLOB_UNKNOWN' }]]);
  });

  test('until it is deleted: there, not elsewhere', async () => {
    await create({ repositoryName: 'other' });
    await pushBlob(registry, 'app', bytes);
    await pushBlob(registry, 'other', bytes);
    expect((await registry.request('DELETE', `/v2/app/blobs/${digest}`)).status).toBe(202);
    expect((await registry.request('DELETE', `/v2/app/blobs/${digest}`)).status).toBe(404);
    await expectBlob('other');
  });
});

describe('a manifest', () => {
  test('comes back byte for byte, by tag and by digest', async () => {
    const pushed = await pushImage(registry, 'app', { tag: 'v1' });
    for (const reference of ['v1', pushed.digest]) {
      const get = await registry.request('GET', `/v2/app/manifests/${reference}`);
      expect(get.headers.get('content-type')).toBe(mediaTypes.image);
      expect(get.headers.get('docker-content-digest')).toBe(pushed.digest);
      expect(await get.text()).toBe(pushed.json);
      const head = await registry.request('HEAD', `/v2/app/manifests/${reference}`);
      expect(head.headers.get('content-length')).toBe(String(pushed.size));
    }
  });

  test('that lists children by digest is an index', async () => {
    const child = await pushImage(registry, 'app');
    const index = await pushManifest(registry, 'app', 'multi', {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [{ mediaType: child.mediaType, digest: child.digest, size: child.size }],
    });
    const get = await registry.request('GET', '/v2/app/manifests/multi');
    expect(get.headers.get('content-type')).toBe(mediaTypes.index);
    expect(get.headers.get('docker-content-digest')).toBe(index.digest);

    const removal = await registry.request('DELETE', `/v2/app/manifests/${child.digest}`);
    expect(await errorsOf(removal)).toEqual([
      400,
      [{ code: 'DENIED', message: `Requested image referenced by manifest list: [${index.digest}]` }],
    ]);
    expect((await registry.request('GET', `/v2/app/manifests/${child.digest}`)).status).toBe(200);
  });

  test('goes by digest with its tags; a tag goes alone', async () => {
    const pushed = await pushImage(registry, 'app', { tag: 'v1' });
    await pushImage(registry, 'app', { tag: 'v2' });
    expect((await registry.request('DELETE', '/v2/app/manifests/v1')).status).toBe(202);
    const missing = await registry.request('GET', '/v2/app/manifests/v1');
    expect(await errorsOf(missing)).toEqual([
      404,
      [{ code: 'MANIFEST_UNKNOWN', message: 'Requested image not found' }],
    ]);
    expect((await registry.request('DELETE', `/v2/app/manifests/${pushed.digest}`)).status).toBe(202);
    expect((await registry.request('GET', '/v2/app/manifests/v2')).status).toBe(404);
  });

  const config = { mediaType: mediaTypes.config, digest: sha256('{}'), size: 2 };
  const image = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.image, config, layers: [] });
  test.each<[string, string, string, number, string, string]>([
    [
      'whose blobs are missing',
      'v1',
      image,
      400,
      'MANIFEST_BLOB_UNKNOWN',
      `Layers with digests '[${config.digest}]'`,
    ],
    ['under another digest', sha256('x'), image, 400, 'MANIFEST_INVALID', 'does not match the image digest'],
    ['under half a digest', 'sha256:abc', image, 400, 'DIGEST_INVALID', 'sha256:abc'],
    ['that is no JSON', 'v1', '{', 400, 'MANIFEST_INVALID', 'Invalid JSON syntax'],
    ['under a wrong tag', '.v1', image, 400, 'TAG_INVALID', "'imageTag'"],
    [
      'of more than 4 MiB',
      'v1',
      image.padEnd(4 * 1024 * 1024 + 1),
      413,
      'MANIFEST_INVALID',
      '4194304 are allowed',
    ],
  ])('%s is refused', async (_what, reference, body, status, code, message) => {
    const response = await registry.request('PUT', `/v2/app/manifests/${reference}`, {
      headers: { 'content-type': mediaTypes.image },
      body,
    });
    expect(await errorsOf(response)).toEqual([status, [{ code, message: expect.stringContaining(message) }]]);
  });

  test('does not move an immutable tag, but may come again', async () => {
    await create({ repositoryName: 'fixed', imageTagMutability: 'IMMUTABLE' });
    const first = await pushImage(registry, 'fixed', { tag: 'v1', content: 'first' });
    const second = await pushImage(registry, 'fixed', { content: 'second' });
    const push = (body: string) =>
      registry.request('PUT', '/v2/fixed/manifests/v1', {
        headers: { 'content-type': mediaTypes.image },
        body,
      });
    expect((await push(first.json)).status).toBe(201);
    expect(await errorsOf(await push(second.json))).toEqual([
      400,
      [
        {
          code: 'TAG_INVALID',
          message:
            "The image tag 'v1' already exists in the 'fixed' repository and cannot be overwritten because the tag is immutable.",
        },
      ],
    ]);
  });
});

describe('tags/list', () => {
  test('goes on where the link says', async () => {
    const { json } = await pushImage(registry, 'app');
    for (const tag of ['v2', 'v10', 'latest', 'v1'])
      await pushManifest(registry, 'app', tag, JSON.parse(json) as Record<string, unknown>);
    const pages: unknown[] = [];
    let path: string | undefined = '/v2/app/tags/list?n=3';
    while (path) {
      const response = await registry.request('GET', path);
      pages.push(await response.json());
      path = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    }
    expect(pages).toEqual([
      { name: 'app', tags: ['latest', 'v1', 'v10'] },
      { name: 'app', tags: ['v2'] },
    ]);
  });

  test('gives no more than 1000 at a time', async () => {
    const response = await registry.request('GET', '/v2/app/tags/list?n=1001');
    expect(await errorsOf(response)).toEqual([
      400,
      [
        {
          code: 'UNSUPPORTED',
          message:
            "Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have value less than or equal to 1000'",
        },
      ],
    ]);
  });
});

test('referrers are listed under their subject, which need not be there', async () => {
  const subject = { mediaType: mediaTypes.image, digest: sha256('an image'), size: 8 };
  const empty = await pushBlob(registry, 'app', '{}', 'application/vnd.oci.empty.v1+json');
  const artifact = (artifactType: string) => ({
    schemaVersion: 2,
    mediaType: mediaTypes.image,
    artifactType,
    config: empty,
    layers: [empty],
    subject,
    annotations: { 'org.example.by': 'test' },
  });
  const signature = artifact('application/vnd.example.signature');
  const { json, ...descriptor } = await pushManifest(registry, 'app', undefined, signature);
  await pushManifest(registry, 'app', undefined, artifact('application/vnd.example.sbom'));

  const list = async (query: string) => {
    const response = await registry.request('GET', `/v2/app/referrers/${subject.digest}${query}`);
    expect(response.headers.get('content-type')).toBe(mediaTypes.index);
    const { manifests } = (await response.json()) as { manifests: unknown[] };
    return { manifests, filter: response.headers.get('oci-filters-applied') };
  };
  expect((await list('')).manifests).toHaveLength(2);
  expect(await list('?artifactType=application%2Fvnd.example.signature')).toEqual({
    manifests: [
      {
        ...descriptor,
        artifactType: 'application/vnd.example.signature',
        annotations: { 'org.example.by': 'test' },
      },
    ],
    filter: 'artifactType',
  });
  const again = await registry.request('PUT', `/v2/app/manifests/${descriptor.digest}`, {
    headers: { 'content-type': mediaTypes.image },
    body: json,
  });
  expect(again.headers.get('oci-subject')).toBe(subject.digest);
});

describe('what is not there', () => {
  const unknown = (name: string) => ({
    code: 'NAME_UNKNOWN',
    message: `The repository with name '${name}' does not exist in the registry with id '${accountId}'`,
  });
  test.each([
    ['POST', '/v2/team/gone/blobs/uploads/'],
    ['GET', `/v2/team/gone/blobs/${digest}`],
    ['GET', '/v2/team/gone/manifests/v1'],
    ['PUT', '/v2/team/gone/manifests/v1'],
    ['GET', '/v2/team/gone/tags/list'],
  ])('%s %s', async (method, path) => {
    expect(await errorsOf(await registry.request(method, path))).toEqual([404, [unknown('team/gone')]]);
  });

  test('a repository that could not be', async () => {
    const response = await registry.request('GET', '/v2/App/tags/list');
    expect(await errorsOf(response)).toMatchObject([400, [{ code: 'NAME_INVALID' }]]);
  });

  test.each([
    ['GET', '/v2/_catalog', 404],
    ['GET', '/v2/%E0%A4%A/tags/list', 400],
    ['POST', '/v2/app/manifests/v1', 405],
    ['PUT', `/v2/app/blobs/${digest}`, 405],
    ['GET', '/v2/app/blobs/uploads/', 405],
    ['DELETE', '/v2/app/tags/list', 405],
  ])('%s %s', async (method, path, status) => {
    expect((await registry.request(method, path)).status).toBe(status);
  });
});

test('in the strict mode a chunk is answered with 201, nothing mounts, and nothing is empty', async () => {
  const strict = await startRegistry({ strictRegistry: true });
  try {
    for (const repositoryName of ['app', 'base'])
      await strict.ecr().send(new CreateRepositoryCommand({ repositoryName }));
    await pushBlob(strict, 'base', bytes);
    const mount = await strict.request('POST', `/v2/app/blobs/uploads/?mount=${digest}&from=base`);
    expect(mount.status).toBe(202);
    const location = mount.headers.get('location') ?? '';
    expect((await strict.request('PATCH', location, { body: bytes })).status).toBe(201);
    expectStored(await strict.request('PUT', `${location}?digest=${digest}`));
    await expect(pushBlob(strict, 'app', '')).rejects.toThrow('does not have any parts');
  } finally {
    await strict.stop();
  }
});

function streamOf(...chunks: string[]): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}
