import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorWithCode, writeOciLayout } from '@ecs-actions/testkit';
import { readOciLayout } from '../../src/image/index.js';
import { archiveFolder, type TarFormat } from './tar.js';

let folder: string;
let layout: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oci-layout-test-'));
  layout = join(folder, 'layout');
});
afterEach(() => rm(folder, { recursive: true }));

/** An archive of the layout. */
async function archive(format: TarFormat): Promise<string> {
  const path = join(folder, 'image.tar');
  await writeFile(path, await archiveFolder(layout, format));
  return path;
}

describe('readOciLayout', () => {
  it('reads one image from a folder', async () => {
    const written = await writeOciLayout(layout, [{ layers: ['one', 'two'] }]);
    const image = await readOciLayout(layout);
    expect(image.root.digest).toBe(written.digest);
    expect(image.manifests.map(({ descriptor }) => descriptor.digest)).toEqual([written.digest]);
    expect(image.blobs.slice(1).map(({ digest }) => digest)).toEqual(written.layerDigests);
    expect(image.platforms).toEqual(['linux/amd64']);
    await expect(text(image.open(written.layerDigests[1] ?? ''))).resolves.toBe('two');
  });

  it('reads several platforms, what an index lists before the index, and a shared layer once', async () => {
    const written = await writeOciLayout(layout, [
      { platform: 'linux/amd64', layers: ['shared', 'a'] },
      { platform: 'linux/arm64', layers: ['shared', 'b'] },
    ]);
    const image = await readOciLayout(layout);
    expect(image.manifests.map(({ descriptor }) => descriptor.digest)).toEqual([
      ...written.imageDigests,
      written.digest,
    ]);
    expect(image.platforms).toEqual(['linux/amd64', 'linux/arm64']);
    expect(image.blobs).toHaveLength(5);
  });

  it.each<TarFormat>(['ustar', 'pax', 'gnu'])('reads a tar archive (%s)', async (format) => {
    const written = await writeOciLayout(layout, [{ layers: ['x'.repeat(70_000), ''] }]);
    const image = await readOciLayout(await archive(format));
    expect(image.root.digest).toBe(written.digest);
    await expect(text(image.open(written.layerDigests[0] ?? ''))).resolves.toBe('x'.repeat(70_000));
    await expect(text(image.open(written.layerDigests[1] ?? ''))).resolves.toBe('');
  });

  it('leaves out layers that are fetched from elsewhere', async () => {
    const { digest, blobPath } = await writeOciLayout(layout);
    const manifest = JSON.parse(await readFile(blobPath(digest), 'utf8')) as { layers: object[] };
    const foreign = {
      mediaType: 'foreign',
      digest: `sha256:${'0'.repeat(64)}`,
      size: 1,
      urls: ['https://x.example'],
    };
    await replaceManifest(JSON.stringify({ ...manifest, layers: [...manifest.layers, foreign] }));
    await expect(readOciLayout(layout)).resolves.toMatchObject({ blobs: { length: 2 } });
  });

  /** Puts another manifest in the place of the only image's. */
  async function replaceManifest(content: string): Promise<void> {
    const digest = createHash('sha256').update(content).digest('hex');
    await writeFile(join(layout, 'blobs', 'sha256', digest), content);
    const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as { manifests: object[] };
    index.manifests = [{ ...index.manifests[0], digest: `sha256:${digest}`, size: content.length }];
    await writeFile(join(layout, 'index.json'), JSON.stringify(index));
  }

  describe('refuses', () => {
    it('a path where nothing is', async () => {
      await expect(readOciLayout(join(folder, 'none'))).rejects.toEqual(
        errorWithCode('FILE_NOT_FOUND', 'none'),
      );
    });

    it('a file that is no archive, and a compressed one', async () => {
      await writeOciLayout(layout);
      await writeFile(join(folder, 'image.tgz'), gzipSync(await archiveFolder(layout, 'ustar')));
      await writeFile(join(folder, 'text'), 'x'.repeat(2000));
      for (const name of ['image.tgz', 'text'])
        await expect(readOciLayout(join(folder, name))).rejects.toEqual(
          errorWithCode('IMAGE_LAYOUT_INVALID', 'neither a folder nor a tar archive'),
        );
    });

    it('an archive that was cut off', async () => {
      await writeOciLayout(layout, [{ layers: ['x'.repeat(70_000)] }]);
      const path = await archive('ustar');
      await writeFile(path, (await readFile(path)).subarray(0, 30_000));
      await expect(readOciLayout(path)).rejects.toEqual(errorWithCode('IMAGE_LAYOUT_INVALID'));
    });

    it('a folder that is no layout', async () => {
      await expect(readOciLayout(folder)).rejects.toEqual(
        errorWithCode('IMAGE_LAYOUT_INVALID', 'oci-layout is missing'),
      );
    });

    it('damage, naming every blob', async () => {
      const { layerDigests, blobPath } = await writeOciLayout(layout, [{ layers: ['one', 'two', 'three'] }]);
      const [damaged = '', longer = '', missing = ''] = layerDigests.map(blobPath);
      await writeFile(damaged, 'ONE');
      await appendFile(longer, '!');
      await rm(missing);
      const refused = readOciLayout(layout);
      await expect(refused).rejects.toEqual(errorWithCode('IMAGE_LAYOUT_INVALID', /damaged: its content/));
      await expect(refused).rejects.toThrow(/has 4 bytes instead of 3/);
      await expect(refused).rejects.toThrow(new RegExp(`${layerDigests[2]?.slice(7)} is missing`));
    });

    it('several images, naming them', async () => {
      await writeOciLayout(layout);
      const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as { manifests: object[] };
      const named = ['one', 'two'].map((name) => ({
        ...index.manifests[0],
        annotations: { 'org.opencontainers.image.ref.name': name },
      }));
      await writeFile(join(layout, 'index.json'), JSON.stringify({ ...index, manifests: named }));
      await expect(readOciLayout(layout)).rejects.toEqual(
        errorWithCode('IMAGE_LAYOUT_INVALID', 'holds 2 images: one, two'),
      );
    });

    it.each([
      ['a digest that leads out of the layout', { digest: 'sha256:../../../etc/passwd' }, /is not a digest/],
      ['an unknown type', { mediaType: 'text/plain' }, /unknown type text\/plain/],
      ['a manifest of 5 MiB', { size: 5 << 20 }, /larger than 4 MiB/],
    ])('%s', async (_what, change, message) => {
      await writeOciLayout(layout);
      const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as { manifests: object[] };
      index.manifests = [{ ...index.manifests[0], ...change }];
      await writeFile(join(layout, 'index.json'), JSON.stringify(index));
      await expect(readOciLayout(layout)).rejects.toEqual(errorWithCode('IMAGE_LAYOUT_INVALID', message));
    });

    it.each([
      ['no JSON', '{', /is no JSON/],
      ['without layers', '{"schemaVersion":2}', /has no config or no layers/],
    ])('a manifest that is %s', async (_what, content, message) => {
      await writeOciLayout(layout);
      await replaceManifest(content);
      await expect(readOciLayout(layout)).rejects.toEqual(errorWithCode('IMAGE_LAYOUT_INVALID', message));
    });
  });
});
