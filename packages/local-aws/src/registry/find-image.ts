import type { FindImage, ImageLookup } from '../world/ports.js';
import { readImageConfig } from './image-config.js';
import { findImage, type Image, type Repository } from './repository.js';
import type { RegistryId, RegistryState } from './state.js';

/**
 * Looks an image up for ECS. This world serves its own host (`HOST/repository`, in the account and
 * region of the task) and the ECR hosts of its accounts (`ACCOUNT.dkr.ecr.REGION.amazonaws.com/…`);
 * every other reference is external.
 *
 * The `message` of a missing image is what follows `CannotPullContainerError: ` in a stopped reason
 * on Fargate: containerd's error under the agent's retry note. The caller prefixes it.
 */
export function createFindImage(state: RegistryState): FindImage {
  return (reference, context) => {
    const parts = parseReference(reference);
    const registry = parts && registryOf(state, parts.host, context);
    if (!parts || !registry) return { kind: 'external' };
    const repository = state.repositories(registry).get(parts.repository);
    const image = repository && findImage(repository, imageIdOf(parts));
    return repository && image ? describe(state, repository, image) : missing(reference);
  };
}

interface ReferenceParts {
  readonly host: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** `HOST/REPOSITORY[:TAG][@DIGEST]`. Undefined without a host: Docker Hub's short names are never local. */
function parseReference(reference: string): ReferenceParts | undefined {
  const [, host, repository, tag, digest] =
    /^([^/]*[.:][^/]*|localhost)\/([^:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(reference) ?? [];
  if (!host || !repository) return undefined;
  return { host, repository, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) };
}

/** A digest decides alone; a tag beside it is a comment. */
function imageIdOf({ tag, digest }: ReferenceParts) {
  return digest === undefined ? { imageTag: tag ?? 'latest' } : { imageDigest: digest };
}

const ecrHost =
  /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|on\.aws)$/;

function registryOf(state: RegistryState, host: string, context: RegistryId): RegistryId | undefined {
  const { world } = state;
  const port = world.host().split(':').at(-1);
  if (host === world.host() || host === `localhost:${port}`) return context;
  const [, accountId, region] = ecrHost.exec(host) ?? [];
  if (!accountId || !region) return undefined;
  const isOurs = accountId === world.accountId || accountId === context.accountId;
  return isOurs ? { accountId, region } : undefined;
}

function describe(state: RegistryState, repository: Repository, image: Image): ImageLookup {
  const configs = imagesBehind(repository, image).flatMap(
    ({ manifest }) => readImageConfig(state.blobs, manifest) ?? [],
  );
  return {
    kind: 'found',
    digest: image.digest,
    labels: configs[0]?.labels ?? {},
    platforms: [...new Set(configs.flatMap(({ platform }) => platform ?? []))],
  };
}

/** The image itself, or those that an index lists for a platform: attestations are listed for `unknown`. */
function imagesBehind(repository: Repository, image: Image): Image[] {
  if (image.manifest.kind === 'image') return [image];
  return image.manifest.children
    .filter(({ platform }) => platform?.os !== 'unknown')
    .flatMap(({ digest }) => repository.images.get(digest) ?? [])
    .flatMap((child) => imagesBehind(repository, child));
}

function missing(reference: string): ImageLookup {
  return {
    kind: 'missing',
    message: `failed to resolve ref ${reference}: ${reference}: not found`,
  };
}
