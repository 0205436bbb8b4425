import { EcsActionsError } from '../errors.js';
import { buildImage, tellingLine, type RefusedPush } from '../image/build-image.js';
import { requireContext } from '../image/build-context.js';
import { findRegistryLogin, type DockerConfig, type RegistryCredentials } from '../image/docker-config.js';
import type { BuildSpec } from '../image/engines/build-spec.js';
import { findBuildEngine, type BuildEngine, type BuildEngineKind } from '../image/engines/engine.js';
import {
  decideOnExisting,
  targetReferences,
  type IfExists,
  type ImageTarget,
} from '../image/image-target.js';
import { readOciLayout, type LayoutImage } from '../image/oci-layout.js';
import { explainPushFailure } from '../image/push-failure.js';
import { pushLayout, type PushEvent } from '../image/push-layout.js';
import { createRegistryClient, type RegistryClient } from '../image/registry-client.js';
import type { Clock, Exec, Logger } from '../ports.js';
import { findEcrImage } from './find-image.js';
import { locateEcrRepository, type EcrRepository, type LocateOptions } from './locate.js';
import { getEcrLogin } from './login.js';
import { readPushTargetState } from './push-target-state.js';
import { ensureRepository, type NewRepository } from './repository.js';

/** Where an image comes from. */
export type ImageSource =
  | {
      readonly kind: 'build';
      readonly spec: Omit<BuildSpec, 'references' | 'push'>;
      readonly engine: BuildEngineKind | 'auto';
    }
  /** Path of an OCI image layout, a folder or a tar archive. */
  | { readonly kind: 'layout'; readonly path: string };

/** What {@link shipImage} does with the image, and what of the outside world it may touch. */
export interface ShipOptions extends LocateOptions {
  /** Without it, the image stays with the engine, and no registry is asked. */
  readonly push: boolean;
  readonly ifExists: IfExists;
  /** Given, a repository that is not there is created. */
  readonly newRepository?: NewRepository | undefined;
  /** Logins for the registry protocol; the engines read theirs themselves. */
  readonly dockerConfig: DockerConfig;
  /** An empty folder for files of the engine. */
  readonly folder: string;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal?: AbortSignal | undefined;
}

/** What a build or push left. */
export interface ShippedImage {
  /** What every reference names; `undefined` where nothing was pushed. */
  readonly digest: string | undefined;
  readonly targets: readonly ImageTarget[];
  /** False where the image was there already and nothing was done. */
  readonly created: boolean;
  /** `REGISTRY/REPOSITORY` of each repository that had to be created. */
  readonly repositoriesCreated: readonly string[];
  /** What made it, for people: `buildx 0.13.1`, `OCI image layout`; `undefined` where nothing was made. */
  readonly madeBy: string | undefined;
  readonly durationMs: number;
}

/**
 * Builds an image, or takes an OCI image layout, and pushes it to every target. All that can be
 * known to fail beforehand (a tag that is taken, an incomplete layout, no engine) fails before
 * anything is created. Rejects with the errors of its parts; a refused push is explained with what
 * the ECR API says of the repository.
 */
export async function shipImage(
  { targets, source }: { targets: readonly ImageTarget[]; source: ImageSource },
  options: ShipOptions,
): Promise<ShippedImage> {
  for (const secret of secretsOf(source)) options.onSecret(secret);
  const startedAt = options.clock.now();
  const places = options.push ? await locate(targets, options) : [];
  const existing = await findExisting(places, options);
  const made = existing === undefined ? await make(source, targets, places, options) : undefined;
  return {
    digest: existing ?? made?.digest,
    targets,
    created: made !== undefined,
    repositoriesCreated: made?.repositoriesCreated ?? [],
    madeBy: made?.by,
    durationMs: options.clock.now() - startedAt,
  };
}

function secretsOf(source: ImageSource): string[] {
  if (source.kind === 'layout') return [];
  return source.spec.secrets.flatMap((secret) => ('value' in secret ? secret.value : []));
}

/** A target with the way to it. */
interface Place {
  readonly target: ImageTarget;
  readonly ecr: EcrRepository | undefined;
}

async function locate(targets: readonly ImageTarget[], options: ShipOptions): Promise<Place[]> {
  const places = await Promise.all(
    targets.map(async (target) => ({ target, ecr: await locateEcrRepository(target, options) })),
  );
  const foreign = places.filter(({ ecr }) => ecr === undefined).map(({ target }) => nameOf(target));
  if (options.newRepository !== undefined && foreign.length > 0)
    throw new EcsActionsError(
      'INPUT_INVALID',
      `create-repository: not a private repository of ECR: ${foreign.join(', ')}`,
    );
  return places;
}

function nameOf({ registry, repository }: ImageTarget): string {
  return `${registry}/${repository}`;
}

type Maker =
  | { readonly kind: 'layout'; readonly label: string; readonly layout: LayoutImage }
  | {
      readonly kind: 'build';
      readonly label: string;
      readonly engine: BuildEngine;
      readonly spec: BuildSpec;
    };

async function prepare(
  source: ImageSource,
  targets: readonly ImageTarget[],
  { push, exec }: ShipOptions,
): Promise<Maker> {
  if (source.kind === 'layout')
    return { kind: 'layout', label: 'OCI image layout', layout: await readOciLayout(source.path) };
  const spec = { ...source.spec, push, references: targets.flatMap(targetReferences) };
  const engine = await findBuildEngine({ wanted: source.engine, spec }, { exec });
  await requireContext(source.spec);
  return { kind: 'build', label: engine.label, engine, spec };
}

async function findExisting(places: readonly Place[], options: ShipOptions): Promise<string | undefined> {
  if (options.ifExists === 'rebuild' || places.length === 0) return undefined;
  const references = places.flatMap((place) =>
    place.target.tags.map(async (tag) => ({
      reference: `${nameOf(place.target)}:${tag}`,
      digest: await digestOf(place, tag, options),
    })),
  );
  return decideOnExisting(await Promise.all(references), options.ifExists);
}

async function digestOf(place: Place, tag: string, options: ShipOptions): Promise<string | undefined> {
  if (place.ecr !== undefined)
    return (await findEcrImage(place.ecr.ecr, place.ecr, { imageTag: tag }))?.imageDigest;
  const registry = await openRegistry(place, options);
  return (await registry.getManifest(place.target.repository, tag))?.digest;
}

interface Made {
  readonly digest: string | undefined;
  readonly by: string;
  readonly repositoriesCreated: readonly string[];
}

async function make(
  source: ImageSource,
  targets: readonly ImageTarget[],
  places: readonly Place[],
  options: ShipOptions,
): Promise<Made> {
  const maker = await prepare(source, targets, options);
  const repositoriesCreated = await createRepositories(places, options);
  const digest =
    maker.kind === 'layout'
      ? await pushLayoutTo(places, maker.layout, options)
      : await buildWith(maker, places, options);
  return { digest, by: maker.label, repositoriesCreated };
}

async function createRepositories(
  places: readonly Place[],
  { newRepository, logger }: ShipOptions,
): Promise<string[]> {
  const created: string[] = [];
  for (const { target, ecr } of places) {
    if (newRepository === undefined || ecr === undefined) continue;
    const made = await ensureRepository({ ecr: ecr.ecr, repository: ecr }, newRepository);
    if (!made.created) continue;
    created.push(nameOf(target));
    logger.info(`Created repository ${nameOf(target)}`);
  }
  return created;
}

async function buildWith(
  { engine, spec }: { engine: BuildEngine; spec: BuildSpec },
  places: readonly Place[],
  { exec, signal, folder, logger }: ShipOptions,
): Promise<string | undefined> {
  const outcome = await logger.group(`Build with ${engine.label}`, () =>
    buildImage({ spec, engine }, { exec, signal, folder }),
  );
  if (outcome.kind === 'push-refused') throw await explainRefusal(outcome, places);
  return outcome.digest;
}

async function pushLayoutTo(
  places: readonly Place[],
  layout: LayoutImage,
  options: ShipOptions,
): Promise<string> {
  const { logger } = options;
  for (const place of places) {
    const { repository, tags } = place.target;
    const registry = await openRegistry(place, options);
    await logger.group(`Push ${layout.path} to ${nameOf(place.target)}`, () =>
      pushLayout(
        { layout, registry, repository, tags },
        { onEvent: (event) => logger.info(describePushEvent(event)) },
      ),
    );
  }
  return layout.root.digest;
}

/** The login of an earlier step, else one of our own where the registry is ECR's. */
async function openRegistry({ target, ecr }: Place, options: ShipOptions): Promise<RegistryClient> {
  const { clock, signal, dockerConfig, onSecret } = options;
  const host = target.registry;
  let credentials: RegistryCredentials | undefined = findRegistryLogin(dockerConfig, host);
  if (credentials === undefined && ecr !== undefined) {
    const registry = { accountId: ecr.registryId, region: ecr.region, hosts: [host] };
    credentials = await getEcrLogin({ ecr: ecr.ecr, registry }, { onSecret });
  }
  return createRegistryClient({ host, credentials }, { clock, signal });
}

/** Where the engine pushed all references at once, its last words name the one. */
async function explainRefusal(
  { reference, output }: RefusedPush,
  places: readonly Place[],
): Promise<EcsActionsError> {
  const reason = tellingLine(output) ?? 'the registry gave no reason.';
  const pushed = places.flatMap(({ target, ecr }) =>
    target.tags.map((tag) => ({ tag, ecr, reference: `${nameOf(target)}:${tag}` })),
  );
  const refused =
    pushed.find((one) =>
      reference === undefined ? reason.includes(one.reference) : one.reference === reference,
    ) ?? pushed[0];
  const repository = refused?.ecr && (await readPushTargetState(refused.ecr.ecr, refused.ecr, refused.tag));
  return explainPushFailure({ reference: refused?.reference ?? '', output, reason, repository });
}

function describePushEvent(event: PushEvent): string {
  switch (event.type) {
    case 'blob-present':
      return `${event.blob.digest}: there already`;
    case 'blob-uploaded':
      return `${event.blob.digest}: uploaded ${event.blob.size} bytes`;
    case 'manifest-pushed':
      return `${event.reference}: pushed ${event.digest}`;
  }
}
