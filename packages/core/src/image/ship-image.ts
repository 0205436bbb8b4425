import { locateEcrRepository, type EcrRepository, type LocateOptions } from '../ecr/locate.js';
import { findEcrImage } from '../ecr/find-image.js';
import { getEcrLogin } from '../ecr/login.js';
import { readPushTargetState } from '../ecr/push-target-state.js';
import { ensureRepository, type NewRepository } from '../ecr/repository.js';
import { EcsActionsError } from '../errors.js';
import type { Clock, Exec, Logger } from '../ports.js';
import { buildImage, tellingLine } from './build-image.js';
import { findRegistryLogin, type DockerConfig, type RegistryCredentials } from './docker-config.js';
import type { BuildSpec } from './engines/build-spec.js';
import { findBuildEngine, type BuildEngine, type BuildEngineKind } from './engines/engine.js';
import { decideOnExisting, targetReferences, type IfExists, type ImageTarget } from './image-target.js';
import { readOciLayout, type LayoutImage } from './oci-layout.js';
import { explainPushFailure } from './push-failure.js';
import { pushLayout, type PushEvent } from './push-layout.js';
import { createRegistryClient, type RegistryClient } from './registry-client.js';

/** Where an image comes from. */
export type ImageSource =
  | {
      readonly kind: 'build';
      readonly spec: Omit<BuildSpec, 'references' | 'push'>;
      readonly engine: BuildEngineKind | 'auto';
    }
  /** Path of an OCI image layout, a folder or a tar archive. */
  | { readonly kind: 'layout'; readonly path: string };

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
 * known to fail beforehand (an incomplete layout, no engine, a tag that is taken) fails before
 * anything is created. Rejects with the errors of its parts; a refused push is explained with what
 * the ECR API says of the repository.
 */
export async function shipImage(
  { targets, source }: { targets: readonly ImageTarget[]; source: ImageSource },
  options: ShipOptions,
): Promise<ShippedImage> {
  for (const secret of secretsOf(source)) options.onSecret(secret);
  const startedAt = options.clock.now();
  const maker = await prepare(source, targets, options);
  const places = options.push ? await Promise.all(targets.map((target) => locate(target, options))) : [];
  const existing = await findExisting(places, options);
  const repositoriesCreated = existing === undefined ? await createRepositories(places, options) : [];
  const digest = existing ?? (await make(maker, places, options));
  return {
    digest,
    targets,
    created: existing === undefined,
    repositoriesCreated,
    madeBy: existing === undefined ? maker.label : undefined,
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

async function locate(target: ImageTarget, options: ShipOptions): Promise<Place> {
  return { target, ecr: await locateEcrRepository(target, options) };
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
  return { kind: 'build', label: engine.label, engine, spec };
}

async function findExisting(places: readonly Place[], options: ShipOptions): Promise<string | undefined> {
  if (options.ifExists === 'rebuild' || places.length === 0) return undefined;
  const references = places.flatMap((place) =>
    place.target.tags.map(async (tag) => ({
      reference: `${place.target.registry}/${place.target.repository}:${tag}`,
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

async function createRepositories(
  places: readonly Place[],
  { newRepository, logger }: ShipOptions,
): Promise<string[]> {
  if (newRepository === undefined) return [];
  const created: string[] = [];
  for (const { target, ecr } of places) {
    const name = `${target.registry}/${target.repository}`;
    if (ecr === undefined)
      throw new EcsActionsError(
        'INPUT_INVALID',
        `create-repository: ${name} is not a private repository of ECR.`,
      );
    const made = await ensureRepository({ ecr: ecr.ecr, repository: ecr }, newRepository);
    if (!made.created) continue;
    created.push(name);
    logger.info(`Created repository ${name}`);
  }
  return created;
}

async function make(
  maker: Maker,
  places: readonly Place[],
  options: ShipOptions,
): Promise<string | undefined> {
  if (maker.kind === 'layout') {
    for (const place of places) await pushLayoutTo(place, maker.layout, options);
    return maker.layout.root.digest;
  }
  const { exec, signal, folder, logger } = options;
  const outcome = await logger.group(`Build with ${maker.label}`, () =>
    buildImage(maker, { exec, signal, folder }),
  );
  if (outcome.kind === 'push-refused') throw await refusedPush(outcome.output, places);
  return outcome.digest;
}

async function pushLayoutTo(place: Place, layout: LayoutImage, options: ShipOptions): Promise<void> {
  const { registry: host, repository, tags } = place.target;
  const registry = await openRegistry(place, options);
  await options.logger.group(`Push ${layout.path} to ${host}/${repository}`, () =>
    pushLayout(
      { layout, registry, repository, tags },
      { onEvent: (event) => options.logger.info(describePushEvent(event)) },
    ),
  );
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

/** The engine names the reference in its last words; the state of that repository tells the rest. */
async function refusedPush(output: string, places: readonly Place[]): Promise<EcsActionsError> {
  const reason = tellingLine(output) ?? 'the registry gave no reason.';
  const named = places.find(({ target }) => reason.includes(`/${target.repository}`)) ?? places[0];
  const tag =
    named?.target.tags.find((candidate) => reason.includes(candidate)) ?? named?.target.tags[0] ?? '';
  const reference = `${named?.target.registry ?? ''}/${named?.target.repository ?? ''}:${tag}`;
  const repository = named?.ecr && (await readPushTargetState(named.ecr.ecr, named.ecr, tag));
  return explainPushFailure({ reference, output, reason, repository });
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
