import type { Descriptor } from './manifest.js';
import type { LayoutImage } from './oci-layout.js';
import type { RegistryClient } from './registry-client.js';

/** One step of a push, as it is done. */
export type PushEvent =
  | { readonly type: 'blob-present'; readonly blob: Descriptor }
  | { readonly type: 'blob-uploaded'; readonly blob: Descriptor }
  /** `reference` is a tag, or a digest for what an index lists. */
  | { readonly type: 'manifest-pushed'; readonly reference: string; readonly digest: string };

/** What a push did. */
export interface PushedLayout {
  /** Of the root: what every tag names now. */
  readonly digest: string;
  /** Bytes that had to be uploaded. */
  readonly uploadedBytes: number;
}

/** Uploads that run at the same time. */
const PARALLEL_UPLOADS = 3;

/**
 * Pushes a layout to a repository: the blobs that are missing there, then what an index lists by
 * digest, then the root by each tag. Nothing can be pulled by a tag before all of it is there.
 * Rejects with the errors of {@link createRegistryClient}.
 */
export async function pushLayout(
  {
    layout,
    registry,
    repository,
    tags,
  }: { layout: LayoutImage; registry: RegistryClient; repository: string; tags: readonly string[] },
  { onEvent }: { onEvent: (event: PushEvent) => void },
): Promise<PushedLayout> {
  let uploadedBytes = 0;
  await forEachParallel(layout.blobs, PARALLEL_UPLOADS, async (blob) => {
    if (await registry.hasBlob(repository, blob.digest)) {
      onEvent({ type: 'blob-present', blob });
      return;
    }
    await registry.putBlob(repository, blob, () => layout.open(blob.digest));
    uploadedBytes += blob.size;
    onEvent({ type: 'blob-uploaded', blob });
  });
  for (const { descriptor, bytes } of layout.manifests) {
    const isRoot = descriptor.digest === layout.root.digest;
    for (const reference of isRoot && tags.length > 0 ? tags : [descriptor.digest]) {
      const digest = await registry.putManifest(repository, reference, {
        mediaType: descriptor.mediaType,
        bytes,
      });
      onEvent({ type: 'manifest-pushed', reference, digest });
    }
  }
  return { digest: layout.root.digest, uploadedBytes };
}

/** Works through `items` with a few at a time; the first failure ends it, after what is under way. */
async function forEachParallel<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  let failed = false;
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined && !failed; item = waiting.shift()) {
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: limit }, worker));
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
}
