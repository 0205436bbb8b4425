import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  BatchCheckLayerAvailabilityCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  type ECRClient,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import { accountId, sha256, startRegistry, type TestRegistry } from './support.js';

const repositoryName = 'app';
const part = Buffer.alloc(5 * 1024 * 1024, 'part');
const rest = Buffer.from('rest');

let registry: TestRegistry;
let ecr: ECRClient;

beforeEach(async () => {
  registry = await startRegistry();
  ecr = registry.ecr();
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
});

afterEach(() => registry.stop());

const begin = async () => (await ecr.send(new InitiateLayerUploadCommand({ repositoryName }))).uploadId;
const upload = (uploadId: string | undefined, partFirstByte: number, layerPartBlob: Buffer) =>
  ecr.send(
    new UploadLayerPartCommand({
      repositoryName,
      uploadId,
      partFirstByte,
      partLastByte: partFirstByte + layerPartBlob.length - 1,
      layerPartBlob,
    }),
  );
const complete = (uploadId: string | undefined, ...layerDigests: string[]) =>
  ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests }));

test('a layer goes up in parts and comes down by its URL, without a login', async () => {
  const digest = sha256(Buffer.concat([part, rest]));
  const uploadId = await begin();
  expect(await upload(uploadId, 0, part)).toMatchObject({ lastByteReceived: part.length - 1 });
  await upload(uploadId, part.length, rest);
  expect(await complete(uploadId, digest)).toMatchObject({ layerDigest: digest });

  const { layers, failures } = await ecr.send(
    new BatchCheckLayerAvailabilityCommand({
      repositoryName,
      layerDigests: [digest, sha256('absent'), 'no digest'],
    }),
  );
  expect(layers).toEqual([
    { layerDigest: digest, layerAvailability: 'AVAILABLE', layerSize: part.length + rest.length },
    { layerDigest: sha256('absent'), layerAvailability: 'UNAVAILABLE' },
  ]);
  expect(failures).toMatchObject([{ layerDigest: 'no digest', failureCode: 'InvalidLayerDigest' }]);

  const { downloadUrl = '' } = await ecr.send(
    new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest: digest }),
  );
  const response = await fetch(downloadUrl);
  expect(response.status).toBe(200);
  expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(digest);
  const elsewhere = downloadUrl.replace('/blobs/', '/manifests/');
  expect((await fetch(elsewhere)).status).toBe(401);
});

test('a part follows the one before', async () => {
  const uploadId = await begin();
  await upload(uploadId, 0, rest);
  await expect(upload(uploadId, 10, rest)).rejects.toMatchObject({
    name: 'InvalidLayerPartException',
    registryId: accountId,
    repositoryName,
    uploadId,
    lastValidByteReceived: 3,
  });
});

test.each<[string, (uploadId: string | undefined) => Promise<unknown>, string]>([
  ['nothing was uploaded', (id) => complete(id, sha256('')), 'EmptyUploadException'],
  [
    'the digest is of something else',
    async (id) => {
      await upload(id, 0, rest);
      return complete(id, sha256('something else'));
    },
    'InvalidLayerException',
  ],
  [
    'a part but the last is small',
    async (id) => {
      await upload(id, 0, rest);
      await upload(id, rest.length, rest);
      return complete(id, sha256('restrest'));
    },
    'LayerPartTooSmallException',
  ],
  [
    'the layer is there already',
    async (id) => {
      await upload(id, 0, rest);
      await complete(id, sha256(rest));
      const again = await begin();
      await upload(again, 0, rest);
      return complete(again, sha256(rest));
    },
    'LayerAlreadyExistsException',
  ],
  [
    'there is no such upload',
    () => complete('00000000-0000-0000-0000-000000000000', sha256('')),
    'UploadNotFoundException',
  ],
])('an upload does not complete where %s', async (_why, act, name) => {
  await expect(act(await begin())).rejects.toMatchObject({ name });
});

test('there is no URL for a layer that is not there', async () => {
  await expect(
    ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest: sha256('absent') })),
  ).rejects.toMatchObject({
    name: 'LayersNotFoundException',
    message: `The layer with digest '${sha256('absent')}' does not exist within the repository with name 'app' in the registry with id '${accountId}'`,
  });
});
