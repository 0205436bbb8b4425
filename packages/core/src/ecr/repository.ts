import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  PutLifecyclePolicyCommand,
  RepositoryAlreadyExistsException,
  RepositoryNotFoundException,
  type ECRClient,
  type ImageTagMutability,
  type ImageTagMutabilityExclusionFilter,
  type Repository,
  type Tag,
} from '@aws-sdk/client-ecr';
import { callAws } from '../aws-errors.js';
import { EcsActionsError } from '../errors.js';

/** One repository of a private registry. */
export interface RepositoryId {
  /** Twelve digits; `undefined` means the account of the credentials. */
  readonly registryId?: string | undefined;
  readonly repositoryName: string;
}

/** What a repository is like if it has to be created. One that exists stays as it is. */
export interface NewRepository {
  /** Default: ECR's, `MUTABLE`. */
  readonly imageTagMutability?: ImageTagMutability | undefined;
  /** At most five wildcards (`cache-*`) of tags that are exempt, for the mutabilities `…_WITH_EXCLUSION`. */
  readonly exclusionFilters?: readonly string[] | undefined;
  readonly scanOnPush?: boolean | undefined;
  /** JSON text of a lifecycle policy. */
  readonly lifecyclePolicy?: string | undefined;
  /** Needs `ecr:TagResource` besides `ecr:CreateRepository`. */
  readonly tags?: readonly Tag[] | undefined;
}

/** Looks a repository up (`ecr:DescribeRepositories`); `undefined` where there is none. */
export async function findRepository(
  ecr: ECRClient,
  { registryId, repositoryName }: RepositoryId,
): Promise<Repository | undefined> {
  return callAws(`look up repository ${repositoryName}`, 'ecr:DescribeRepositories', async () => {
    try {
      const { repositories } = await ecr.send(
        new DescribeRepositoriesCommand({ registryId, repositoryNames: [repositoryName] }),
      );
      return repositories?.[0];
    } catch (error) {
      if (error instanceof RepositoryNotFoundException) return undefined;
      throw error;
    }
  });
}

/**
 * Returns the repository, creating it (with its lifecycle policy) if it is not there. Two jobs may
 * do so at the same time. Only the repository that this call created is `created`.
 */
export async function ensureRepository(
  { ecr, repository }: { ecr: ECRClient; repository: RepositoryId },
  options: NewRepository = {},
): Promise<{ repository: Repository; created: boolean }> {
  const found = await findRepository(ecr, repository);
  if (found !== undefined) return { repository: found, created: false };
  const made = await createRepository(ecr, repository, options);
  if (made !== undefined) {
    if (options.lifecyclePolicy !== undefined)
      await putLifecyclePolicy(ecr, repository, options.lifecyclePolicy);
    return { repository: made, created: true };
  }
  const raced = await findRepository(ecr, repository);
  if (raced === undefined)
    throw new EcsActionsError(
      'REPOSITORY_NOT_FOUND',
      `Repository ${repository.repositoryName} appeared and vanished again while it was being created.`,
    );
  return { repository: raced, created: false };
}

/** `undefined` if somebody else was faster. */
async function createRepository(
  ecr: ECRClient,
  { registryId, repositoryName }: RepositoryId,
  options: NewRepository,
): Promise<Repository | undefined> {
  const { imageTagMutability, exclusionFilters, scanOnPush, tags } = options;
  return callAws(`create repository ${repositoryName}`, 'ecr:CreateRepository', async () => {
    try {
      const { repository } = await ecr.send(
        new CreateRepositoryCommand({
          registryId,
          repositoryName,
          imageTagMutability,
          imageTagMutabilityExclusionFilters: unlessEmpty(exclusionFilters?.map(wildcard)),
          imageScanningConfiguration: scanOnPush === undefined ? undefined : { scanOnPush },
          tags: unlessEmpty(tags),
        }),
      );
      return repository;
    } catch (error) {
      if (error instanceof RepositoryAlreadyExistsException) return undefined;
      throw error;
    }
  });
}

async function putLifecyclePolicy(
  ecr: ECRClient,
  { registryId, repositoryName }: RepositoryId,
  lifecyclePolicyText: string,
): Promise<void> {
  await callAws(`set the lifecycle policy of repository ${repositoryName}`, 'ecr:PutLifecyclePolicy', () =>
    ecr.send(new PutLifecyclePolicyCommand({ registryId, repositoryName, lifecyclePolicyText })),
  );
}

/** ECR refuses lists without members. */
function unlessEmpty<T>(list: readonly T[] | undefined): T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : [...list];
}

function wildcard(filter: string): ImageTagMutabilityExclusionFilter {
  return { filterType: 'WILDCARD', filter };
}
