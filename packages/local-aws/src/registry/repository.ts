import type { PolicyDocument } from '../identity/policy.js';
import type { Upload } from './blob-store.js';
import { algorithmOf, digestOf } from './digest.js';
import {
  imageDigestDoesNotMatch,
  imageTagAlreadyExists,
  imagesRequired,
  layersRequired,
  type ImageId,
} from './errors.js';
import { type Manifest, parseManifest, requiredBlobs } from './manifest.js';

/** The API's `imageTagMutability`. */
export type TagMutability = 'MUTABLE' | 'IMMUTABLE' | 'IMMUTABLE_WITH_EXCLUSION' | 'MUTABLE_WITH_EXCLUSION';

/** The API's `ImageTagMutabilityExclusionFilter`: `*` stands for any characters. */
export interface ExclusionFilter {
  readonly filterType: 'WILDCARD';
  readonly filter: string;
}

/** An image, an index or an artifact: one manifest, byte for byte. */
export interface Image {
  readonly digest: string;
  readonly bytes: Buffer;
  readonly manifest: Manifest;
  /** Epoch milliseconds of the world's clock, as all times here. */
  readonly pushedAt: number;
  lastPulledAt?: number;
  lastScanStartedAt?: number;
}

/** An upload, with the sizes of the parts that came through the JSON API. */
export interface LayerUpload {
  readonly upload: Upload;
  readonly parts: number[];
}

/** A repository and everything in it. Blobs are only named here; their bytes are in the blob store. */
export interface Repository {
  readonly name: string;
  readonly registryId: string;
  readonly region: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly encryption: { readonly encryptionType: string; readonly kmsKey?: string };
  tagMutability: TagMutability;
  exclusionFilters: readonly ExclusionFilter[];
  scanOnPush: boolean;
  policy?: { readonly text: string; readonly document: PolicyDocument };
  lifecyclePolicyText?: string;
  readonly resourceTags: Map<string, string>;
  /** By digest, in the order of their first push. */
  readonly images: Map<string, Image>;
  /** Digest by tag. */
  readonly tags: Map<string, string>;
  readonly blobs: Set<string>;
  readonly uploads: Map<string, LayerUpload>;
}

/** What is pushed: the manifest's bytes, and what the client says of them. */
export interface ManifestPush {
  readonly bytes: Buffer;
  readonly mediaType?: string;
  readonly tag?: string;
  /** Checked against the bytes. Chooses the hash algorithm, too. */
  readonly digest?: string;
}

/**
 * Takes a manifest in, once everything that it names is there, and points the tag at it.
 * `changed` is false when both the image and the tag were there already.
 * @throws AwsError with PutImage's exceptions.
 */
export function putManifest(
  repository: Repository,
  push: ManifestPush,
  now: number,
): { image: Image; changed: boolean } {
  const manifest = parseManifest(push.bytes, push.mediaType);
  const digest = digestOf(push.bytes, push.digest ? algorithmOf(push.digest) : 'sha256');
  if (push.digest && push.digest !== digest) throw imageDigestDoesNotMatch(push.digest, repository);
  requireContent(repository, manifest);

  const tagged = push.tag === undefined ? undefined : repository.tags.get(push.tag);
  if (
    push.tag !== undefined &&
    tagged !== undefined &&
    tagged !== digest &&
    isImmutable(repository, push.tag)
  )
    throw imageTagAlreadyExists(push.tag, repository);

  const existing = repository.images.get(digest);
  const image: Image = existing ?? { digest, bytes: push.bytes, manifest, pushedAt: now };
  if (!existing && repository.scanOnPush && manifest.kind === 'image') image.lastScanStartedAt = now;
  repository.images.set(digest, image);
  if (push.tag !== undefined) repository.tags.set(push.tag, digest);
  return { image, changed: !existing || (push.tag !== undefined && tagged !== digest) };
}

/** The image that a tag, a digest or both together name. */
export function findImage(repository: Repository, { imageDigest, imageTag }: ImageId): Image | undefined {
  const tagged = imageTag === undefined ? undefined : repository.tags.get(imageTag);
  if (imageTag !== undefined && (tagged === undefined || (imageDigest ?? tagged) !== tagged))
    return undefined;
  const digest = imageDigest ?? tagged;
  return digest === undefined ? undefined : repository.images.get(digest);
}

/** Tags of an image, oldest first. */
export function tagsOf(repository: Repository, digest: string): string[] {
  return [...repository.tags].filter(([, target]) => target === digest).map(([tag]) => tag);
}

/** Digests of the indexes in the repository that list an image. */
export function indexesOf(repository: Repository, digest: string): string[] {
  return [...repository.images.values()]
    .filter(({ manifest }) => manifest.children.some((child) => child.digest === digest))
    .map((image) => image.digest);
}

/** Removes an image and every tag that points at it. */
export function removeImage(repository: Repository, digest: string): void {
  for (const tag of tagsOf(repository, digest)) repository.tags.delete(tag);
  repository.images.delete(digest);
}

/** ECR notes a pull at most once in 24 hours (`ImageDetail`, member `lastRecordedPullTime`). */
export function recordPull(image: Image, now: number): void {
  if (now - (image.lastPulledAt ?? -Infinity) >= 24 * 3_600_000) image.lastPulledAt = now;
}

/** Bytes of an image: configuration and layers as stored. Of an index: its largest image. */
export function sizeOf(repository: Repository, { manifest }: Image): number {
  if (manifest.kind === 'image')
    return [manifest.config, ...manifest.layers].reduce((sum, part) => sum + (part?.size ?? 0), 0);
  const children = manifest.children.map(({ digest }) => repository.images.get(digest));
  return Math.max(0, ...children.map((child) => (child ? sizeOf(repository, child) : 0)));
}

/** True if a tag, once there, may not move. */
function isImmutable({ tagMutability, exclusionFilters }: Repository, tag: string): boolean {
  const excluded = exclusionFilters.some(({ filter }) => matchesWildcard(filter, tag));
  const immutableByDefault = tagMutability === 'IMMUTABLE' || tagMutability === 'IMMUTABLE_WITH_EXCLUSION';
  return immutableByDefault !== excluded;
}

function requireContent(repository: Repository, manifest: Manifest): void {
  const layers = requiredBlobs(manifest).filter((digest) => !repository.blobs.has(digest));
  if (layers.length > 0) throw layersRequired(layers, repository);
  const images = manifest.children
    .map(({ digest }) => digest)
    .filter((digest) => !repository.images.has(digest));
  if (images.length > 0) throw imagesRequired(images, repository);
}

function matchesWildcard(filter: string, tag: string): boolean {
  const pattern = filter.split('*').map((literal) => literal.replaceAll('.', '\\.'));
  return new RegExp(`^${pattern.join('.*')}$`).test(tag);
}
