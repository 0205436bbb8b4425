import type { World } from '../world/world.js';
import { BlobStore } from './blob-store.js';
import { repositoryNotFound } from './errors.js';
import { authorize, type Caller } from './policy.js';
import type { Repository } from './repository.js';
import { RegistryTokens } from './tokens.js';

/** An account's registry in a region. */
export interface RegistryId {
  readonly accountId: string;
  readonly region: string;
}

/** Everything the two front ends share: the registries of every account and region, and the blobs. */
export class RegistryState {
  readonly world: World;
  readonly blobs = new BlobStore();
  readonly tokens: RegistryTokens;
  readonly #registries = new Map<string, Map<string, Repository>>();

  constructor(world: World, wallClock: () => number) {
    this.world = world;
    this.tokens = new RegistryTokens(wallClock);
  }

  /** Repositories by name. */
  repositories({ accountId, region }: RegistryId): Map<string, Repository> {
    const key = `${accountId}/${region}`;
    const repositories = this.#registries.get(key) ?? new Map<string, Repository>();
    this.#registries.set(key, repositories);
    return repositories;
  }

  /**
   * The repository, if the caller may do `action` (`ecr:…`) in it.
   * @throws AwsError `RepositoryNotFoundException`, `AccessDeniedException`.
   */
  require(registry: RegistryId, name: string, caller: Caller, action: string): Repository {
    const repository = this.repositories(registry).get(name);
    if (!repository) throw repositoryNotFound({ name, registryId: registry.accountId });
    authorize(repository, caller, action);
    return repository;
  }

  /** Removes a repository with all that is in it. */
  removeRepository(registry: RegistryId, repository: Repository): void {
    for (const { upload } of repository.uploads.values()) this.blobs.discard(upload);
    this.repositories(registry).delete(repository.name);
    for (const digest of repository.blobs) this.#dropUnused(digest);
  }

  /** Takes a blob out of a repository; false if it was not in it. */
  removeBlob(repository: Repository, digest: string): boolean {
    const removed = repository.blobs.delete(digest);
    if (removed) this.#dropUnused(digest);
    return removed;
  }

  /** Bytes stay for as long as any repository of any account has the blob. */
  #dropUnused(digest: string): void {
    const repositories = [...this.#registries.values()].flatMap((registry) => [...registry.values()]);
    if (!repositories.some(({ blobs }) => blobs.has(digest))) this.blobs.remove(digest);
  }

  /** Forgets everything but the key of the tokens, so that a login outlives a reset. */
  clear(): void {
    this.#registries.clear();
    this.blobs.clear();
  }
}
