import type { CallContext } from '../../protocol/service.js';
import { InvalidParameterError, repositoryNotFound } from '../errors.js';
import { accessDenied, authorize } from '../policy.js';
import type { Repository } from '../repository.js';
import type { RegistryId, RegistryState } from '../state.js';
import { requireRegistryId, requireRepositoryName } from '../validation.js';

/** The parameters that say which repository a call is about. */
export interface RepositoryInput {
  readonly registryId?: string;
  readonly repositoryName?: string;
}

/** The caller's own registry, or the one that `registryId` names, in the region of the call. */
export function registryOf(input: { readonly registryId?: string }, context: CallContext): RegistryId {
  const accountId =
    input.registryId === undefined ? context.accountId : requireRegistryId('registryId', input.registryId);
  return { accountId, region: context.region };
}

/** The caller's own registry, for calls that no repository policy can open to others. */
export function ownRegistryOf(
  input: { readonly registryId?: string },
  context: CallContext,
  operation: string,
): RegistryId {
  const registry = registryOf(input, context);
  if (registry.accountId !== context.accountId)
    throw accessDenied(
      context,
      `ecr:${operation}`,
      `arn:aws:ecr:${registry.region}:${registry.accountId}:repository/*`,
    );
  return registry;
}

/** The repository of a call, once the caller may do `operation` in it. */
export function repositoryOf(
  state: RegistryState,
  input: RepositoryInput,
  context: CallContext,
  operation: string,
): Repository {
  const name = requireRepositoryName(input.repositoryName);
  return state.require(registryOf(input, context), name, context, `ecr:${operation}`);
}

/** The repository that an ARN names, for the tagging calls. */
export function repositoryOfArn(
  state: RegistryState,
  arn: unknown,
  context: CallContext,
  operation: string,
): Repository {
  const [, region = '', accountId = '', name = ''] =
    /^arn:[^:]+:ecr:([^:]+):(\d{12}):repository\/(.+)$/.exec(String(arn)) ?? [];
  if (!name) throw new InvalidParameterError('resourceArn', 'Invalid ARN');
  const repository = state.repositories({ accountId, region }).get(name);
  if (!repository) throw repositoryNotFound({ name, registryId: accountId });
  authorize(repository, context, `ecr:${operation}`);
  return repository;
}

/** Epoch seconds, as the JSON protocol writes timestamps. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}

/** How most answers begin. */
export function nameOf({ registryId, name }: Repository): { registryId: string; repositoryName: string } {
  return { registryId, repositoryName: name };
}
