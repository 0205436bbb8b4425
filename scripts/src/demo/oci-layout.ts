import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * Writes an OCI image layout with one image: the files of `source` under /app, and `labels`. It holds no base image,
 * so it is something to push and to look at, not to run.
 */
export async function writeImageLayout(
  layout: string,
  source: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const blobs = join(layout, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const put = async (mediaType: string, content: Buffer): Promise<Descriptor> => {
    const digest = createHash('sha256').update(content).digest('hex');
    await writeFile(join(blobs, digest), content);
    return { mediaType, digest: `sha256:${digest}`, size: content.length };
  };
  const putJson = (mediaType: string, value: unknown) => put(mediaType, Buffer.from(JSON.stringify(value)));

  const archive = await archiveFolder(source);
  const layer = await put(LAYER, gzipSync(archive));
  const config = await putJson(CONFIG, {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['/app/server.sh'], ExposedPorts: { '8080/tcp': {} }, Labels: labels },
    rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(archive).digest('hex')}`] },
  });
  const manifest = await putJson(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config,
    layers: [layer],
  });
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    join(layout, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [manifest] }),
  );
}

async function archiveFolder(folder: string): Promise<Buffer> {
  const archive = pack();
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name);
    const { mode, size } = await stat(path);
    if ((await stat(path)).isFile())
      // A fixed time: the same files give the same digest.
      archive.entry(
        { name: `app/${name}`, mode: mode & 0o777, size, mtime: new Date(0) },
        await readFile(path),
      );
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
