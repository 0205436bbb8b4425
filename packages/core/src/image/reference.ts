import { EcsActionsError } from '../errors.js';

/** An image as a container runtime names it: `REGISTRY/REPOSITORY[:TAG][@DIGEST]`. */
export interface ImageReference {
  /** Host, with a port where there is one. `docker.io` where the text named none. */
  readonly registry: string;
  /** Path below the registry, e.g. `team/app`; `library/…` for Docker's own images. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…` or `sha512:…`. */
  readonly digest?: string;
}

const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const REGISTRY =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** True for what the OCI distribution specification accepts as a tag. */
export function isImageTag(text: string): boolean {
  return TAG.test(text);
}

/** True for `sha256:` or `sha512:` and the right number of lower-case hexadecimal digits. */
export function isImageDigest(text: string): boolean {
  return DIGEST.test(text);
}

/**
 * Takes an image reference apart, with the defaults of docker (`docker.io`, `library/`) but none
 * for the tag. Throws `IMAGE_REFERENCE_INVALID` with what is wrong.
 *
 * @example parseImageReference('public.ecr.aws/nginx/nginx:1.27').repository // 'nginx/nginx'
 */
export function parseImageReference(text: string): ImageReference {
  const [name = '', digest, ...more] = text.split('@');
  const invalid = (what: string, hint?: string) =>
    new EcsActionsError('IMAGE_REFERENCE_INVALID', `Not an image reference: ${text}: ${what}`, { hint });

  if (text === '') throw invalid('it is empty');
  if (/^\w+:\/\//.test(text))
    throw invalid('it begins with a scheme', 'Leave out https:// and begin with the registry host.');
  if (/\s/.test(text)) throw invalid('it holds white space');
  if (more.length > 0) throw invalid('it has two digests');
  if (digest !== undefined && !isImageDigest(digest))
    throw invalid(`the digest ${digest} is not sha256: and 64 hexadecimal digits`);

  const { registry, rest } = splitRegistry(name);
  const colon = rest.indexOf(':');
  const path = colon === -1 ? rest : rest.slice(0, colon);
  const tag = colon === -1 ? undefined : rest.slice(colon + 1);
  if (!REGISTRY.test(registry)) throw invalid(`${registry} is not a host`);
  if (!REPOSITORY.test(path))
    throw invalid(
      `the repository ${path || '(empty)'} is not a path of lower-case names`,
      /[A-Z]/.test(path) ? `Repositories are lower-case: ${path.toLowerCase()}` : undefined,
    );
  if (tag !== undefined && !isImageTag(tag))
    throw invalid(
      `the tag ${tag || '(empty)'} is not 1 to 128 letters, digits, _ . - (and no . or - in front)`,
    );
  return {
    registry,
    repository: registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** Docker takes the first segment for a host if it looks like one. */
function splitRegistry(name: string): { registry: string; rest: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  return /[.:]/.test(first) || first === 'localhost'
    ? { registry: first, rest: name.slice(slash + 1) }
    : { registry: 'docker.io', rest: name };
}

/** The reference in full: the inverse of {@link parseImageReference}, with docker's defaults written out. */
export function formatImageReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The reference that always means the same image: `REGISTRY/REPOSITORY@DIGEST`, without a tag. */
export function pinImageDigest({ registry, repository }: ImageReference, digest: string): string {
  return formatImageReference({ registry, repository, digest });
}
