import type { ECRClient, Repository } from '@aws-sdk/client-ecr';
import type { PushTargetState } from '../image/push-failure.js';
import { findEcrImage } from './find-image.js';
import { findRepository, type RepositoryId } from './repository.js';

/**
 * Looks at the target of a push that was refused: does the repository exist, can the tag be moved,
 * what does it name? `undefined` where the API does not say (no permission, no answer): that is no
 * second failure.
 */
export async function readPushTargetState(
  ecr: ECRClient,
  repository: RepositoryId,
  tag: string,
): Promise<PushTargetState | undefined> {
  try {
    const found = await findRepository(ecr, repository);
    if (found === undefined) return { exists: false };
    const image = await findEcrImage(ecr, repository, { imageTag: tag });
    return { exists: true, tagImmutable: isTagImmutable(found, tag), digestOfTag: image?.imageDigest };
  } catch {
    return undefined;
  }
}

/** True if the tag, once there, cannot be moved to another image. */
export function isTagImmutable(repository: Repository, tag: string): boolean {
  const { imageTagMutability = 'MUTABLE', imageTagMutabilityExclusionFilters: filters = [] } = repository;
  const excluded =
    imageTagMutability.endsWith('_WITH_EXCLUSION') &&
    filters.some(({ filter = '' }) => matchesWildcard(filter, tag));
  return imageTagMutability.startsWith('IMMUTABLE') !== excluded;
}

function matchesWildcard(filter: string, tag: string): boolean {
  const pattern = filter
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(tag);
}
