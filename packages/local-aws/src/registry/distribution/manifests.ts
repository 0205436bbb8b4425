import type { IncomingMessage } from 'node:http';
import { isDigest } from '../digest.js';
import type { ImageId } from '../errors.js';
import { artifactTypeOf, maximumManifestBytes, mediaTypes } from '../manifest.js';
import {
  findImage,
  type Image,
  indexesOf,
  putManifest,
  recordPull,
  removeImage,
  type Repository,
} from '../repository.js';
import { requireTag } from '../validation.js';
import { digestInvalid, DistributionError, manifestUnknown, methodNotAllowed } from './errors.js';
import { type Exchange, reply, replyJson } from './exchange.js';

/** `/v2/NAME/manifests/REFERENCE` */
export async function serveManifest(exchange: Exchange): Promise<void> {
  switch (exchange.request.method) {
    case 'HEAD':
    case 'GET':
      return get(exchange);
    case 'PUT':
      return put(exchange);
    case 'DELETE':
      return remove(exchange);
    default:
      throw methodNotAllowed(exchange.request.method);
  }
}

/** `/v2/NAME/referrers/DIGEST`: what was pushed with the digest as its subject, there or not. */
export async function serveReferrers(exchange: Exchange): Promise<void> {
  const { request, query, reference } = exchange;
  if (request.method !== 'GET') throw methodNotAllowed(request.method);
  const repository = exchange.repository('ecr:ListImageReferrers');
  if (!isDigest(reference)) throw digestInvalid(reference);
  const wanted = query.get('artifactType');
  const manifests = referrersOf(repository, reference)
    .map(describeReferrer)
    .filter(({ artifactType }) => wanted === null || artifactType === wanted);
  replyJson(
    exchange,
    200,
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
    {
      'Content-Type': mediaTypes.ociIndex,
      ...(wanted === null ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
    },
  );
}

function get(exchange: Exchange): void {
  const image = requireImage(exchange.repository('ecr:BatchGetImage'), exchange.reference);
  if (exchange.request.method === 'GET') recordPull(image, exchange.state.world.clock.now());
  reply(
    exchange,
    200,
    {
      'Content-Type': image.manifest.mediaType,
      'Docker-Content-Digest': image.digest,
      ETag: `"${image.digest}"`,
      'Content-Length': image.bytes.length,
    },
    image.bytes,
  );
}

async function put(exchange: Exchange): Promise<void> {
  const { request, state } = exchange;
  const repository = exchange.repository('ecr:PutImage');
  const { imageDigest, imageTag } = identify(exchange.reference);
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim();
  const { image } = putManifest(
    repository,
    {
      bytes: await readManifest(request),
      ...(mediaType ? { mediaType } : {}),
      ...(imageTag === undefined ? {} : { tag: requireTag(imageTag) }),
      ...(imageDigest === undefined ? {} : { digest: imageDigest }),
    },
    state.world.clock.now(),
  );
  const { subject } = image.manifest;
  reply(exchange, 201, {
    Location: `/v2/${repository.name}/manifests/${image.digest}`,
    'Docker-Content-Digest': image.digest,
    ...(subject ? { 'OCI-Subject': subject.digest } : {}),
  });
}

/** By tag only the tag goes; by digest the image, unless an index lists it. */
function remove(exchange: Exchange): void {
  const { reference } = exchange;
  const repository = exchange.repository('ecr:BatchDeleteImage');
  const { digest } = requireImage(repository, reference);
  if (isDigest(reference)) {
    const indexes = indexesOf(repository, digest);
    if (indexes.length > 0)
      throw new DistributionError(
        400,
        'DENIED',
        `Requested image referenced by manifest list: [${indexes.join(', ')}]`,
      );
    removeImage(repository, digest);
  } else repository.tags.delete(reference);
  reply(exchange, 202, {});
}

/** What looks like a digest must be one. */
function identify(reference: string): ImageId {
  if (!reference.includes(':')) return { imageTag: reference };
  if (!isDigest(reference)) throw digestInvalid(reference);
  return { imageDigest: reference };
}

function requireImage(repository: Repository, reference: string): Image {
  const image = findImage(repository, identify(reference));
  if (!image) throw manifestUnknown();
  return image;
}

async function readManifest(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maximumManifestBytes) chunks.push(chunk);
  }
  if (size > maximumManifestBytes)
    throw new DistributionError(
      413,
      'MANIFEST_INVALID',
      `The manifest has ${size} bytes; ${maximumManifestBytes} are allowed`,
    );
  return Buffer.concat(chunks);
}

function referrersOf(repository: Repository, digest: string): Image[] {
  return [...repository.images.values()].filter(({ manifest }) => manifest.subject?.digest === digest);
}

function describeReferrer({ manifest, digest, bytes }: Image) {
  const artifactType = artifactTypeOf(manifest);
  return {
    mediaType: manifest.mediaType,
    digest,
    size: bytes.length,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations ? { annotations: manifest.annotations } : {}),
  };
}
