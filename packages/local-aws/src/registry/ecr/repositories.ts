import { randomUUID } from 'node:crypto';
import type { CallContext, Operation } from '../../protocol/service.js';
import { InvalidParameterError, repositoryAlreadyExists, repositoryNotEmpty } from '../errors.js';
import type { ExclusionFilter, Repository, TagMutability } from '../repository.js';
import type { RegistryState } from '../state.js';
import { requireEnum, requireLength, requireList, requireRepositoryName } from '../validation.js';
import { type PageRequest, pageOf } from './paging.js';
import { requireTags, type Tag } from './resource-tags.js';
import { nameOf, ownRegistryOf, registryOf, type RepositoryInput, repositoryOf, seconds } from './scope.js';

interface MutabilityInput {
  readonly imageTagMutability?: TagMutability;
  readonly imageTagMutabilityExclusionFilters?: readonly ExclusionFilter[];
}

interface CreateInput extends RepositoryInput, MutabilityInput {
  readonly tags?: readonly Tag[];
  readonly imageScanningConfiguration?: { readonly scanOnPush?: boolean };
  readonly encryptionConfiguration?: { readonly encryptionType: string; readonly kmsKey?: string };
}

/** CreateRepository, DescribeRepositories, DeleteRepository and the two settings that can change. */
export function repositoryOperations(state: RegistryState): Record<string, Operation> {
  return {
    CreateRepository(input: CreateInput, context) {
      const registry = ownRegistryOf(input, context, 'CreateRepository');
      const name = requireRepositoryName(input.repositoryName);
      const settings = {
        ...mutabilityOf(input),
        encryption: encryptionOf(input, context),
        resourceTags: new Map(requireTags(input.tags ?? []).map(({ Key, Value }) => [Key, Value])),
      };
      const repositories = state.repositories(registry);
      if (repositories.has(name)) throw repositoryAlreadyExists({ name, registryId: registry.accountId });
      const repository: Repository = {
        name,
        registryId: registry.accountId,
        region: registry.region,
        arn: `arn:aws:ecr:${registry.region}:${registry.accountId}:repository/${name}`,
        createdAt: state.world.clock.now(),
        scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
        ...settings,
        images: new Map(),
        tags: new Map(),
        blobs: new Set(),
        uploads: new Map(),
      };
      repositories.set(name, repository);
      return { repository: describe(state, repository) };
    },

    DescribeRepositories(input: RepositoryInput & PageRequest & { repositoryNames?: string[] }, context) {
      if (input.repositoryNames) {
        requireLength('repositoryNames', input.repositoryNames, 1, 100);
        const named = input.repositoryNames.map((repositoryName) =>
          repositoryOf(state, { ...input, repositoryName }, context, 'DescribeRepositories'),
        );
        return { repositories: named.map((repository) => describe(state, repository)) };
      }
      const repositories = state.repositories(ownRegistryOf(input, context, 'DescribeRepositories'));
      const { items, next } = pageOf([...repositories.values()], input);
      return { repositories: items.map((repository) => describe(state, repository)), ...next };
    },

    DeleteRepository(input: RepositoryInput & { force?: boolean }, context) {
      const repository = repositoryOf(state, input, context, 'DeleteRepository');
      if (repository.images.size > 0 && !input.force) throw repositoryNotEmpty(repository);
      state.removeRepository(registryOf(input, context), repository);
      return { repository: describe(state, repository) };
    },

    PutImageTagMutability(input: RepositoryInput & MutabilityInput, context) {
      const repository = repositoryOf(state, input, context, 'PutImageTagMutability');
      requireEnum('imageTagMutability', input.imageTagMutability, mutabilities);
      Object.assign(repository, mutabilityOf(input));
      return { ...nameOf(repository), ...describeMutability(repository) };
    },

    PutImageScanningConfiguration(
      input: RepositoryInput & { imageScanningConfiguration?: { scanOnPush?: boolean } },
      context,
    ) {
      const repository = repositoryOf(state, input, context, 'PutImageScanningConfiguration');
      if (!input.imageScanningConfiguration)
        throw new InvalidParameterError('imageScanningConfiguration', 'Member must not be null');
      repository.scanOnPush = input.imageScanningConfiguration.scanOnPush ?? false;
      return {
        ...nameOf(repository),
        imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
      };
    },
  };
}

const mutabilities = [
  'IMMUTABLE',
  'MUTABLE',
  'MUTABLE_WITH_EXCLUSION',
  'IMMUTABLE_WITH_EXCLUSION',
] as const satisfies readonly TagMutability[];

function mutabilityOf(input: MutabilityInput): Pick<Repository, 'tagMutability' | 'exclusionFilters'> {
  const tagMutability = requireEnum(
    'imageTagMutability',
    input.imageTagMutability ?? 'MUTABLE',
    mutabilities,
  );
  const filters = input.imageTagMutabilityExclusionFilters;
  const parameter = 'imageTagMutabilityExclusionFilters';
  if (tagMutability.endsWith('_WITH_EXCLUSION')) {
    if (!filters)
      throw new InvalidParameterError(
        parameter,
        `ImageTagMutabilityExclusionFilters can't be null when imageTagMutability is set as ${tagMutability}`,
      );
    return { tagMutability, exclusionFilters: requireList(parameter, filters, 1, 5).map(requireFilter) };
  }
  if (filters)
    throw new InvalidParameterError(
      parameter,
      `ImageTagMutabilityExclusionFilters must be null when imageTagMutability is set as ${tagMutability}`,
    );
  return { tagMutability, exclusionFilters: [] };
}

/** A filter has at most two wildcards. */
function requireFilter(value: unknown): ExclusionFilter {
  const { filterType, filter } = value as ExclusionFilter;
  requireEnum('filterType', filterType, ['WILDCARD']);
  if (!/^[0-9a-zA-Z._*-]{1,128}$/.test(filter))
    throw new InvalidParameterError(
      'filter',
      'Member must satisfy regular expression pattern: ^[0-9a-zA-Z._*-]{1,128}$',
    );
  if (filter.split('*').length > 3)
    throw new InvalidParameterError('filter', 'Member must not contain more than 2 wildcards');
  return { filterType, filter };
}

function encryptionOf(input: CreateInput, context: CallContext): Repository['encryption'] {
  const { encryptionType = 'AES256', kmsKey } = input.encryptionConfiguration ?? {};
  requireEnum('encryptionType', encryptionType, ['AES256', 'KMS', 'KMS_DSSE']);
  if (encryptionType === 'AES256') {
    if (kmsKey !== undefined)
      throw new InvalidParameterError('kmsKey', 'KMS key must not be set for encryption type AES256');
    return { encryptionType };
  }
  return {
    encryptionType,
    kmsKey: kmsKey ?? `arn:aws:kms:${context.region}:${context.accountId}:key/${randomUUID()}`,
  };
}

/**
 * The API's `Repository`. `repositoryUri` is on this world's host, so that what docker is told to
 * push to is where this registry listens.
 */
function describe(state: RegistryState, repository: Repository) {
  return {
    repositoryArn: repository.arn,
    ...nameOf(repository),
    repositoryUri: `${state.world.host()}/${repository.name}`,
    createdAt: seconds(repository.createdAt),
    ...describeMutability(repository),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: repository.encryption,
  };
}

function describeMutability({ tagMutability, exclusionFilters }: Repository) {
  return {
    imageTagMutability: tagMutability,
    ...(exclusionFilters.length > 0 ? { imageTagMutabilityExclusionFilters: exclusionFilters } : {}),
  };
}
