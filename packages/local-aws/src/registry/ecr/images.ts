import type { Operation } from '../../protocol/service.js';
import { isDigest } from '../digest.js';
import { type ImageId, imageAlreadyExists, imageNotFound } from '../errors.js';
import { maximumManifestBytes } from '../manifest.js';
import {
  findImage,
  type Image,
  indexesOf,
  putManifest,
  recordPull,
  removeImage,
  type Repository,
  sizeOf,
  tagsOf,
} from '../repository.js';
import type { RegistryState } from '../state.js';
import { requireEnum, requireLength, requireList, requireString, requireTag } from '../validation.js';
import { type PageRequest, pageOf } from './paging.js';
import { describeScan } from './scans.js';
import { nameOf, type RepositoryInput, repositoryOf, seconds } from './scope.js';

interface ImagesInput extends RepositoryInput {
  readonly imageIds?: readonly ImageId[];
}

interface ListInput extends ImagesInput, PageRequest {
  readonly filter?: { readonly tagStatus?: string; readonly imageStatus?: string };
}

interface PutInput extends RepositoryInput {
  readonly imageManifest?: string;
  readonly imageManifestMediaType?: string;
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

interface Failure {
  readonly imageId: ImageId;
  readonly failureCode: string;
  readonly failureReason: string;
}

/** DescribeImages, ListImages, BatchGetImage, PutImage, BatchDeleteImage. */
export function imageOperations(state: RegistryState): Record<string, Operation> {
  return {
    DescribeImages(input: ListInput, context) {
      const repository = repositoryOf(state, input, context, 'DescribeImages');
      const { items, next } = pageOf(selectImages(repository, input), input);
      return { imageDetails: items.map((image) => describe(state, repository, image)), ...next };
    },

    ListImages(input: ListInput, context) {
      const repository = repositoryOf(state, input, context, 'ListImages');
      const ids = selectImages(repository, input).flatMap(({ digest }) => idsOf(repository, digest));
      const { items, next } = pageOf(ids, input);
      return { imageIds: items, ...next };
    },

    BatchGetImage(input: ImagesInput & { acceptedMediaTypes?: string[] }, context) {
      const repository = repositoryOf(state, input, context, 'BatchGetImage');
      const { found, failures } = lookUp(repository, input);
      for (const { image } of found) recordPull(image, state.world.clock.now());
      return {
        images: found.map(({ image, id }) => ({
          ...nameOf(repository),
          imageId: { imageDigest: image.digest, ...(id.imageTag ? { imageTag: id.imageTag } : {}) },
          imageManifest: image.bytes.toString(),
          imageManifestMediaType: image.manifest.mediaType,
        })),
        failures,
      };
    },

    PutImage(input: PutInput, context) {
      const repository = repositoryOf(state, input, context, 'PutImage');
      const { imageTag, imageDigest, imageManifestMediaType } = input;
      const bytes = Buffer.from(requireString('imageManifest', input.imageManifest));
      requireLength('imageManifest', bytes, 1, maximumManifestBytes);
      if (imageTag !== undefined) requireTag(imageTag);
      const { image, changed } = putManifest(
        repository,
        {
          bytes,
          ...(imageManifestMediaType === undefined ? {} : { mediaType: imageManifestMediaType }),
          ...(imageTag === undefined ? {} : { tag: imageTag }),
          ...(imageDigest === undefined ? {} : { digest: imageDigest }),
        },
        state.world.clock.now(),
      );
      if (!changed) throw imageAlreadyExists(image.digest, imageTag, repository);
      return {
        image: {
          ...nameOf(repository),
          imageId: { imageDigest: image.digest, ...(imageTag ? { imageTag } : {}) },
          imageManifest: input.imageManifest,
          imageManifestMediaType: image.manifest.mediaType,
        },
      };
    },

    BatchDeleteImage(input: ImagesInput, context) {
      const repository = repositoryOf(state, input, context, 'BatchDeleteImage');
      const { found, failures } = lookUp(repository, input);
      const imageIds: ImageId[] = [];
      for (const { image, id } of found) {
        const failure = refusalToDelete(repository, image, id);
        if (failure) failures.push(failure);
        else imageIds.push(...remove(repository, image, id));
      }
      return { imageIds, failures };
    },
  };
}

const tagStatuses = ['TAGGED', 'UNTAGGED', 'ANY'] as const;
const imageStatuses = ['ACTIVE', 'ARCHIVED', 'ACTIVATING', 'ANY'] as const;

/** The images that a listing is about. Nothing is ever archived here. */
function selectImages(repository: Repository, { imageIds, filter }: ListInput): Image[] {
  if (imageIds)
    return requireList<ImageId>('imageIds', imageIds, 1, 100).map((id) => {
      const image = findImage(repository, id);
      if (!image) throw imageNotFound(id, repository);
      return image;
    });
  const tagStatus = requireEnum('tagStatus', filter?.tagStatus ?? 'ANY', tagStatuses);
  const imageStatus = requireEnum('imageStatus', filter?.imageStatus ?? 'ACTIVE', imageStatuses);
  if (imageStatus !== 'ACTIVE' && imageStatus !== 'ANY') return [];
  return [...repository.images.values()].filter(
    ({ digest }) => tagStatus === 'ANY' || tagsOf(repository, digest).length > 0 === (tagStatus === 'TAGGED'),
  );
}

/** One identifier for each tag, or one without. */
function idsOf(repository: Repository, digest: string): ImageId[] {
  const tags = tagsOf(repository, digest);
  return tags.length > 0
    ? tags.map((imageTag) => ({ imageDigest: digest, imageTag }))
    : [{ imageDigest: digest }];
}

function describe(state: RegistryState, repository: Repository, image: Image) {
  const { manifest } = image;
  const tags = tagsOf(repository, image.digest);
  return {
    ...nameOf(repository),
    imageDigest: image.digest,
    ...(tags.length > 0 ? { imageTags: tags } : {}),
    imageSizeInBytes: sizeOf(repository, image),
    imagePushedAt: seconds(image.pushedAt),
    ...describeScan(state, image),
    imageManifestMediaType: manifest.mediaType,
    ...(manifest.config ? { artifactMediaType: manifest.artifactType ?? manifest.config.mediaType } : {}),
    ...(image.lastPulledAt === undefined ? {} : { lastRecordedPullTime: seconds(image.lastPulledAt) }),
    ...(manifest.subject ? { subjectManifestDigest: manifest.subject.digest } : {}),
    imageStatus: 'ACTIVE',
  };
}

/** The batch calls answer with what they found, and a failure for each of the rest. */
function lookUp(
  repository: Repository,
  { imageIds }: ImagesInput,
): { found: { image: Image; id: ImageId }[]; failures: Failure[] } {
  const found: { image: Image; id: ImageId }[] = [];
  const failures: Failure[] = [];
  for (const id of requireList<ImageId>('imageIds', imageIds, 1, 100)) {
    const image = findImage(repository, id);
    if (image) found.push({ image, id });
    else failures.push(failureOf(repository, id));
  }
  return { found, failures };
}

function failureOf(repository: Repository, id: ImageId): Failure {
  const { imageDigest, imageTag } = id;
  const failure = (failureCode: string, failureReason: string) => ({
    imageId: id,
    failureCode,
    failureReason,
  });
  if (imageDigest === undefined && imageTag === undefined)
    return failure('MissingDigestAndTag', 'Invalid request parameters: both tag and digest cannot be null');
  if (imageDigest !== undefined && !isDigest(imageDigest))
    return failure(
      'InvalidImageDigest',
      "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    );
  if (imageDigest !== undefined && imageTag !== undefined && repository.tags.has(imageTag))
    return failure(
      'ImageTagDoesNotMatchDigest',
      'Requested image tag does not match the requested image digest',
    );
  return failure('ImageNotFound', 'Requested image not found');
}

/** An image that an index lists stays, unless the call only takes one of several tags away. */
function refusalToDelete(repository: Repository, { digest }: Image, id: ImageId): Failure | undefined {
  const onlyUntags = removesTagOnly(repository, digest, id);
  const indexes = onlyUntags ? [] : indexesOf(repository, digest);
  return indexes.length === 0
    ? undefined
    : {
        imageId: id,
        failureCode: 'ImageReferencedByManifestList',
        failureReason: `Requested image referenced by manifest list: [${indexes.join(', ')}]`,
      };
}

/** By tag, the image goes with its last tag; by digest, it goes with all of them. */
function remove(repository: Repository, { digest }: Image, id: ImageId): ImageId[] {
  if (removesTagOnly(repository, digest, id)) {
    repository.tags.delete(id.imageTag ?? '');
    return [{ imageDigest: digest, ...(id.imageTag ? { imageTag: id.imageTag } : {}) }];
  }
  const removed = idsOf(repository, digest);
  removeImage(repository, digest);
  return removed;
}

function removesTagOnly(repository: Repository, digest: string, id: ImageId): boolean {
  return id.imageTag !== undefined && id.imageDigest === undefined && tagsOf(repository, digest).length > 1;
}
