import { EcsActionsError } from '../errors.js';
import { parseEcrHost } from './ecr-host.js';
import { isImageTag, parseImageReference, pinImageDigest, type ImageReference } from './reference.js';

/** One repository to push to, under one tag or several. */
export interface ImageTarget {
  readonly registry: string;
  readonly repository: string;
  readonly tags: readonly string[];
}

/**
 * Settles where an image goes. `tags` holds full references (`REGISTRY/REPOSITORY:TAG`) and bare
 * tags, which belong to `image`; an `image` with a tag of its own counts as one more. Throws one
 * `IMAGE_REFERENCE_INVALID` with everything that is wrong.
 */
export function imageTargets({
  image,
  tags,
}: {
  image?: string | undefined;
  tags: readonly string[];
}): ImageTarget[] {
  const faults: string[] = [];
  const read = (text: string): ImageReference | undefined => {
    try {
      return parseImageReference(text);
    } catch (error) {
      faults.push((error as Error).message);
      return undefined;
    }
  };
  const own = image === undefined ? undefined : read(image);
  const references = tags.flatMap((text) => {
    if (!isImageTag(text)) return read(text) ?? [];
    if (own !== undefined) return { ...own, tag: text };
    if (image === undefined)
      faults.push(`The tag ${text} names no repository: give image, or write the reference in full.`);
    return [];
  });
  if (own?.tag !== undefined) references.unshift(own);
  for (const { registry, repository, tag, digest } of references) {
    if (digest !== undefined)
      faults.push(`${registry}/${repository}: an image cannot be pushed to a digest.`);
    else if (tag === undefined) faults.push(`${registry}/${repository}: the tag is missing.`);
  }
  if (references.length === 0 && faults.length === 0) faults.push('There is no tag to push to.');
  if (faults.length > 0)
    throw new EcsActionsError('IMAGE_REFERENCE_INVALID', faults.join('\n'), {
      hint: 'Give image (the repository) and tags (v1, latest), or full references in tags.',
    });
  return groupByRepository(references);
}

function groupByRepository(references: readonly ImageReference[]): ImageTarget[] {
  const targets = new Map<string, { registry: string; repository: string; tags: Set<string> }>();
  for (const { registry, repository, tag = '' } of references) {
    const key = `${registry}/${repository}`;
    const target = targets.get(key) ?? { registry, repository, tags: new Set() };
    targets.set(key, { ...target, tags: target.tags.add(tag) });
  }
  return [...targets.values()].map((target) => ({ ...target, tags: [...target.tags] }));
}

/** `REGISTRY/REPOSITORY:TAG` for each tag. */
export function targetReferences({ registry, repository, tags }: ImageTarget): string[] {
  return tags.map((tag) => `${registry}/${repository}:${tag}`);
}

/** `REGISTRY/REPOSITORY@DIGEST`. */
export function pinTarget({ registry, repository }: ImageTarget, digest: string): string {
  return pinImageDigest({ registry, repository }, digest);
}

/** The region that the first ECR host among the targets names. */
export function regionOfTargets(targets: readonly ImageTarget[]): string | undefined {
  const hosts = targets.map(({ registry }) => parseEcrHost(registry));
  return hosts.find((host) => host?.kind === 'private')?.region;
}

/** What to do where a reference names an image already. */
export type IfExists = 'skip' | 'fail' | 'rebuild';

/** One reference, and the digest it names today, if any. */
export interface ExistingReference {
  readonly reference: string;
  readonly digest: string | undefined;
}

/**
 * Decides whether an image has to be made. `skip` needs every reference to be there and to name one
 * and the same image, whose digest it returns; with `fail`, any that is there throws
 * `IMAGE_EXISTS`; otherwise the answer is `undefined`: make it.
 */
export function decideOnExisting(
  references: readonly ExistingReference[],
  ifExists: IfExists,
): string | undefined {
  const present = references.filter(({ digest }) => digest !== undefined);
  if (ifExists === 'fail' && present.length > 0)
    throw new EcsActionsError(
      'IMAGE_EXISTS',
      `There is an image already: ${present.map(({ reference, digest }) => `${reference} names ${digest}`).join(', ')}`,
      {
        hint: 'Use a tag that is new for every build, or set if-exists: skip to take the image that is there.',
      },
    );
  if (ifExists !== 'skip' || present.length < references.length) return undefined;
  const digests = new Set(present.map(({ digest }) => digest));
  return digests.size === 1 ? present[0]?.digest : undefined;
}
