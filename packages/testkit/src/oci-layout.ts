import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface LayoutImageOptions {
  /** `os/architecture`. Default `linux/amd64`. */
  readonly platform?: string;
  /** Content of each layer; what is in it is of no concern to a registry. Default: one of a few bytes. */
  readonly layers?: readonly (string | Buffer)[];
  readonly labels?: Readonly<Record<string, string>>;
}

export interface WrittenLayout {
  /** Of the image, or of the index where there are several. */
  readonly digest: string;
  /** Of each image. */
  readonly imageDigests: readonly string[];
  /** Of each layer of each image. */
  readonly layerDigests: readonly string[];
  /** Path of a blob's file. */
  readonly blobPath: (digest: string) => string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const OCI = 'application/vnd.oci.image';

/** Writes an OCI image layout with one image, or with an index of several. */
export async function writeOciLayout(
  folder: string,
  images: readonly LayoutImageOptions[] = [{}],
): Promise<WrittenLayout> {
  const blobPath = (digest: string) => join(folder, 'blobs', digest.replace(':', '/'));
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  const put = async (mediaType: string, content: string | Buffer): Promise<Descriptor> => {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    await writeFile(blobPath(digest), content);
    return { mediaType, digest, size: Buffer.byteLength(content) };
  };

  const manifests: Descriptor[] = [];
  const layerDigests: string[] = [];
  for (const { platform = 'linux/amd64', layers = ['a layer'], labels = {} } of images) {
    const [os, architecture] = platform.split('/');
    const config = await put(
      `${OCI}.config.v1+json`,
      JSON.stringify({
        os,
        architecture,
        config: { Labels: labels },
        rootfs: { type: 'layers', diff_ids: [] },
      }),
    );
    const descriptors = await Promise.all(layers.map((layer) => put(`${OCI}.layer.v1.tar+gzip`, layer)));
    layerDigests.push(...descriptors.map(({ digest }) => digest));
    const mediaType = `${OCI}.manifest.v1+json`;
    const manifest = await put(
      mediaType,
      JSON.stringify({ schemaVersion: 2, mediaType, config, layers: descriptors }),
    );
    manifests.push({ ...manifest, ...(images.length > 1 && { platform: { os, architecture } }) });
  }

  const mediaType = `${OCI}.index.v1+json`;
  const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
  const root = manifests.length === 1 ? manifests[0] : await put(mediaType, index);
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType, manifests: [root] }),
  );
  return {
    digest: root?.digest ?? '',
    imageDigests: manifests.map(({ digest }) => digest),
    layerDigests,
    blobPath,
  };
}
