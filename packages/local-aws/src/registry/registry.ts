import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonService } from '../protocol/service.js';
import type { FindImage } from '../world/ports.js';
import type { World } from '../world/world.js';
import { type Authorize, createDistributionHandler } from './distribution/handler.js';
import { createEcrService } from './ecr/service.js';
import { createFindImage } from './find-image.js';
import { RegistryState } from './state.js';
import { type RegistryGrant, tokenLifetimeMs } from './tokens.js';

export interface RegistryOptions {
  /**
   * Follow ECR where it strays from the OCI distribution specification: 201 for a chunk, no blob
   * mounts, no empty blobs. Default false.
   */
  readonly strict?: boolean;
  /**
   * Holds whoever got a registry password to their identity-based policies, by throwing an
   * `AccessDeniedException`. Default: they may do everything.
   */
  readonly authorize?: Authorize;
  /** Wall time in epoch milliseconds, for the life of tokens. Default: the machine's. */
  readonly wallClock?: () => number;
}

/** ECR: the JSON API and the registry behind it, on one store. */
export interface Registry {
  readonly ecr: JsonService;
  /** Serves everything under `/v2/`. Answers every request itself, errors included. */
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  readonly findImage: FindImage;
  /** A password for user `AWS`, as GetAuthorizationToken gives one. Lives 12 h unless `lifetimeMs` says otherwise. */
  issueToken(grant: RegistryGrant, lifetimeMs?: number): { password: string; expiresAtMs: number };
  /** Forgets all repositories and removes the blobs from disk. Passwords stay good. */
  reset(): void;
}

/** Creates the registries of every account and region of a world; all empty. */
export function createRegistry(world: World, options: RegistryOptions = {}): Registry {
  const state = new RegistryState(world, options.wallClock ?? Date.now);
  return {
    ecr: createEcrService(state),
    handle: createDistributionHandler(state, {
      strict: options.strict ?? false,
      authorize: options.authorize ?? (() => {}),
    }),
    findImage: createFindImage(state),
    issueToken: (grant, lifetimeMs = tokenLifetimeMs) => state.tokens.issue(grant, lifetimeMs),
    reset: () => state.clear(),
  };
}
