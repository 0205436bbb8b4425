import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ImageLookup } from '../../src/world/ports.js';
import {
  accountId,
  mediaTypes,
  pushBlob,
  pushImage,
  pushManifest,
  region,
  sha256,
  mountRegistry,
  type MountedRegistry,
} from './support.js';

let registry: MountedRegistry;
const findImage = (reference: string): ImageLookup =>
  registry.registry.findImage(reference, { accountId, region });

beforeEach(async () => {
  registry = await mountRegistry();
  registry.call('CreateRepository', { repositoryName: 'team/app' });
});

afterEach(() => registry.stop());

describe('finds an image', () => {
  test('by every name it has in this world', async () => {
    const { digest } = await pushImage(registry, 'team/app', {
      tag: 'latest',
      labels: { 'local-aws.behaviour': 'exit:3' },
    });
    const port = registry.host.split(':')[1];
    const ecrHost = `${accountId}.dkr.ecr.${region}.amazonaws.com`;
    for (const reference of [
      `${registry.host}/team/app`,
      `${registry.host}/team/app:latest`,
      `${registry.host}/team/app@${digest}`,
      `${registry.host}/team/app:gone@${digest}`,
      `localhost:${port}/team/app:latest`,
      `${ecrHost}/team/app:latest`,
      `${accountId}.dkr-ecr.${region}.on.aws/team/app:latest`,
    ])
      expect([reference, findImage(reference)]).toEqual([
        reference,
        {
          kind: 'found',
          digest,
          labels: { 'local-aws.behaviour': 'exit:3' },
          platforms: ['linux/amd64'],
        },
      ]);
  });

  test('behind an index, without its attestations', async () => {
    const amd64 = await pushImage(registry, 'team/app', { labels: { first: 'yes' } });
    const arm64 = await pushImage(registry, 'team/app', { architecture: 'arm64', labels: { first: 'no' } });
    const attestation = await pushImage(registry, 'team/app', { architecture: 'unknown' });
    const child = (image: { digest: string; size: number }, os: string, architecture: string) => ({
      mediaType: mediaTypes.image,
      digest: image.digest,
      size: image.size,
      platform: { os, architecture },
    });
    const index = await pushManifest(registry, 'team/app', 'v1', {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [
        child(attestation, 'unknown', 'unknown'),
        child(amd64, 'linux', 'amd64'),
        child(arm64, 'linux', 'arm64'),
      ],
    });
    expect(findImage(`${registry.host}/team/app:v1`)).toEqual({
      kind: 'found',
      digest: index.digest,
      labels: { first: 'yes' },
      platforms: ['linux/amd64', 'linux/arm64'],
    });
  });

  test('whose configuration says nothing', async () => {
    for (const [tag, config] of [
      ['no-labels', '{"os":"linux","architecture":"arm64","config":{"Labels":null}}'],
      ['no-json', 'x'],
    ] as const)
      await pushManifest(registry, 'team/app', tag, {
        schemaVersion: 2,
        mediaType: mediaTypes.image,
        config: await pushBlob(registry, 'team/app', config, mediaTypes.config),
        layers: [],
      });
    const look = (tag: string) => findImage(`${registry.host}/team/app:${tag}`);
    expect(look('no-labels')).toMatchObject({ labels: {}, platforms: ['linux/arm64'] });
    expect(look('no-json')).toMatchObject({ labels: {}, platforms: [] });
  });
});

test('an image that is not there is missing in the words of a container runtime', () => {
  const host = registry.host;
  for (const reference of [
    `${host}/team/app:v1`,
    `${host}/team/app@${sha256('x')}`,
    `${host}/gone:v1`,
    `${accountId}.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1`,
  ])
    expect(findImage(reference)).toEqual({
      kind: 'missing',
      message: `failed to resolve ref ${reference}: ${reference}: not found`,
    });
});

test.each([
  'busybox',
  'busybox:stable-musl',
  'library/busybox@sha256:abc',
  'public.ecr.aws/docker/library/busybox:latest',
  '999999999999.dkr.ecr.us-east-1.amazonaws.com/app:v1',
  '127.0.0.1:1/team/app',
])('%s is none of this world', (reference) => {
  expect(findImage(reference)).toEqual({ kind: 'external' });
});

test('blobs live in a directory that goes with the last of them', async () => {
  const directories = () =>
    readdirSync(tmpdir())
      .filter((name) => name.startsWith('local-aws-registry-'))
      .map((name) => join(tmpdir(), name));
  const before = new Set(directories());
  const bytes = `bytes of ${registry.host}`;
  await pushBlob(registry, 'team/app', bytes);
  const fileName = sha256(bytes).replace(':', '-');
  const directory = directories().find((path) => !before.has(path) && existsSync(join(path, fileName)));
  expect(directory).toBeDefined();
  registry.call('DeleteRepository', { repositoryName: 'team/app' });
  expect(readdirSync(directory ?? '')).toEqual([]);
  registry.registry.reset();
  expect(existsSync(directory ?? '')).toBe(false);
});
