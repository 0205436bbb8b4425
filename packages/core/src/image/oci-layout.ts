import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { EcsActionsError } from '../errors.js';
import { openLayoutFiles, type LayoutFiles } from './layout-files.js';
import {
  isIndexMediaType,
  isManifestMediaType,
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
} from './manifest.js';
import { isImageDigest } from './reference.js';

/** The one image (for one platform or several) that an OCI image layout holds, verified. */
export interface LayoutImage {
  readonly path: string;
  /** What a tag will name: an image manifest, or an index of several. */
  readonly root: Descriptor;
  /** Every manifest, byte by byte; what an index lists comes before the index, the root comes last. */
  readonly manifests: readonly LayoutManifest[];
  /** Configurations and layers, each once. Foreign layers are left out. */
  readonly blobs: readonly Descriptor[];
  /** `os/architecture[/variant]` of each image, attestations left out. */
  readonly platforms: readonly string[];
  /** Opens the content of one of {@link blobs}. */
  open(digest: string): ReadableStream<Uint8Array>;
}

/** A manifest of a layout, as its bytes are: they decide its digest. */
export interface LayoutManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** A manifest is small; this is what ECR takes at most. */
const LARGEST_MANIFEST = 4 << 20;

/**
 * Reads an OCI image layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md)
 * from a folder or an uncompressed tar archive, and checks size and digest of everything the image
 * consists of, so that a push does not begin with an image that cannot be finished.
 *
 * Throws `FILE_NOT_FOUND`, or `IMAGE_LAYOUT_INVALID` with all that is wrong.
 */
export async function readOciLayout(path: string): Promise<LayoutImage> {
  const files = await openLayoutFiles(path);
  const root = await readRoot(path, files);
  const walk: Walk = { files, manifests: new Map(), blobs: new Map(), platforms: new Set(), faults: [] };
  await visitManifest(root, walk);
  for (const blob of walk.blobs.values()) await verifyBlob(blob, walk);
  if (walk.faults.length > 0) throw invalid(path, walk.faults);
  return {
    path,
    root,
    manifests: [...walk.manifests.values()],
    blobs: [...walk.blobs.values()],
    platforms: [...walk.platforms],
    open: (digest) => Readable.toWeb(files.open(blobPath(digest))) as ReadableStream<Uint8Array>,
  };
}

interface Walk {
  readonly files: LayoutFiles;
  /** By digest, children first. */
  readonly manifests: Map<string, LayoutManifest>;
  readonly blobs: Map<string, Descriptor>;
  readonly platforms: Set<string>;
  readonly faults: string[];
}

/** `index.json` lists the images of a layout; only a layout of one image says which one is meant. */
async function readRoot(path: string, files: LayoutFiles): Promise<Descriptor> {
  const marker = await readJson<{ imageLayoutVersion?: string }>(path, files, 'oci-layout');
  if (marker.imageLayoutVersion !== '1.0.0')
    throw invalid(path, [`its version is ${marker.imageLayoutVersion ?? 'not given'}, not 1.0.0`]);
  const { manifests = [] } = await readJson<Partial<ImageIndex>>(path, files, 'index.json');
  const [root, ...others] = manifests;
  if (root === undefined) throw invalid(path, ['index.json lists no image']);
  if (others.length > 0) {
    const names = manifests.map(
      ({ digest, annotations }) => annotations?.['org.opencontainers.image.ref.name'] ?? digest,
    );
    throw new EcsActionsError(
      'IMAGE_LAYOUT_INVALID',
      `The image layout at ${path} holds ${manifests.length} images: ${names.join(', ')}`,
      { hint: 'Give each image a layout of its own; several platforms of one image belong under one index.' },
    );
  }
  return root;
}

async function visitManifest(descriptor: Descriptor, walk: Walk): Promise<void> {
  const { digest, mediaType, size } = descriptor;
  if (walk.manifests.has(digest)) return;
  if (size > LARGEST_MANIFEST) walk.faults.push(`manifest ${digest} is larger than 4 MiB`);
  else if (!isIndexMediaType(mediaType) && !isManifestMediaType(mediaType))
    walk.faults.push(`manifest ${digest} is of the unknown type ${mediaType}`);
  else if (await verifyBlob(descriptor, walk)) {
    const bytes = await buffer(walk.files.open(blobPath(digest)));
    const content = parseManifest(bytes, descriptor, walk);
    if (content !== undefined) await visitContent(content, descriptor, walk);
    walk.manifests.set(digest, { descriptor, bytes });
  }
}

async function visitContent(
  content: Partial<ImageIndex & ImageManifest>,
  { digest, mediaType, platform }: Descriptor,
  walk: Walk,
): Promise<void> {
  if (isIndexMediaType(mediaType)) {
    for (const child of content.manifests ?? []) await visitManifest(child, walk);
    return;
  }
  if (content.config === undefined || content.layers === undefined) {
    walk.faults.push(`manifest ${digest} has no config or no layers`);
    return;
  }
  const pushed = [content.config, ...content.layers].filter(
    ({ urls }) => urls === undefined || urls.length === 0,
  );
  for (const blob of pushed) walk.blobs.set(blob.digest, blob);
  const { os, architecture, variant } = platform ?? (await platformOf(content.config, walk));
  if (os && architecture && os !== 'unknown')
    walk.platforms.add([os, architecture, variant].filter(Boolean).join('/'));
}

/** An image that no index describes says its platform in its configuration. */
async function platformOf(
  config: Descriptor,
  { files }: Walk,
): Promise<{ os?: string; architecture?: string; variant?: string }> {
  if (!isImageDigest(config.digest) || (await files.sizeOf(blobPath(config.digest))) === undefined) return {};
  try {
    return JSON.parse((await buffer(files.open(blobPath(config.digest)))).toString('utf8')) as object;
  } catch {
    return {};
  }
}

function parseManifest(
  bytes: Buffer,
  { digest }: Descriptor,
  walk: Walk,
): Partial<ImageIndex & ImageManifest> | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) as Partial<ImageIndex & ImageManifest>;
  } catch {
    walk.faults.push(`manifest ${digest} is no JSON`);
    return undefined;
  }
}

async function verifyBlob({ digest, size }: Descriptor, { files, faults }: Walk): Promise<boolean> {
  if (!isImageDigest(digest)) {
    faults.push(`${digest} is not a digest`);
    return false;
  }
  const name = blobPath(digest);
  const actualSize = await files.sizeOf(name);
  if (actualSize === undefined) faults.push(`${name} is missing`);
  else if (actualSize !== size) faults.push(`${name} has ${actualSize} bytes instead of ${size}`);
  else {
    const hash = createHash(digest.slice(0, digest.indexOf(':')));
    for await (const chunk of files.open(name)) hash.update(chunk as Buffer);
    if (digest.endsWith(`:${hash.digest('hex')}`)) return true;
    faults.push(`${name} is damaged: its content has another digest`);
  }
  return false;
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

async function readJson<T>(path: string, files: LayoutFiles, name: string): Promise<T> {
  if ((await files.sizeOf(name)) === undefined) throw invalid(path, [`${name} is missing`]);
  try {
    return JSON.parse((await buffer(files.open(name))).toString('utf8')) as T;
  } catch (error) {
    throw invalid(path, [`${name} is no JSON`], error);
  }
}

function invalid(path: string, faults: readonly string[], cause?: unknown): EcsActionsError {
  return new EcsActionsError(
    'IMAGE_LAYOUT_INVALID',
    `${path} is not a complete OCI image layout: ${faults.join('; ')}`,
    { hint: 'Write it again, for example with docker buildx build --output type=oci,dest=image.tar.', cause },
  );
}
