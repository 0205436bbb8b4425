import { AwsError } from '../protocol/service.js';

/**
 * ECR's exceptions in ECR's words. Both front ends speak from this list: the JSON API sends them as
 * they are, the distribution API under the error codes of the OCI specification, as ECR does.
 */

/** Names a repository in messages. */
export interface RepositoryName {
  readonly name: string;
  /** Twelve digits of the account that owns the registry. */
  readonly registryId: string;
}

/** A parameter that breaks a constraint of the API. */
export class InvalidParameterError extends AwsError {
  /** The parameter as ECR spells it in its message. */
  readonly parameter: string;

  constructor(parameter: string, constraint: string) {
    super(
      'InvalidParameterException',
      `Invalid parameter at '${parameter}' failed to satisfy constraint: '${constraint}'`,
    );
    this.parameter = parameter;
  }
}

export const repositoryNotFound = (repository: RepositoryName) =>
  new AwsError(
    'RepositoryNotFoundException',
    `The repository with name '${repository.name}' does not exist in the registry with id '${repository.registryId}'`,
  );

export const repositoryAlreadyExists = (repository: RepositoryName) =>
  new AwsError(
    'RepositoryAlreadyExistsException',
    `The repository with name '${repository.name}' already exists in the registry with id '${repository.registryId}'`,
  );

export const repositoryNotEmpty = (repository: RepositoryName) =>
  new AwsError(
    'RepositoryNotEmptyException',
    `The repository with name '${repository.name}' in registry with id '${repository.registryId}' cannot be deleted because it still contains images`,
  );

export const repositoryPolicyNotFound = (repository: RepositoryName) =>
  new AwsError(
    'RepositoryPolicyNotFoundException',
    `Repository policy does not exist for the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`,
  );

export const lifecyclePolicyNotFound = (repository: RepositoryName) =>
  new AwsError(
    'LifecyclePolicyNotFoundException',
    `Lifecycle policy does not exist for the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`,
  );

/** What an API call names an image by. */
export interface ImageId {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

export const imageNotFound = (id: ImageId, repository: RepositoryName) =>
  new AwsError(
    'ImageNotFoundException',
    `The image with imageId ${describe(id)} does not exist within the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`,
  );

export const scanNotFound = (id: ImageId, repository: RepositoryName) =>
  new AwsError(
    'ScanNotFoundException',
    `Image scan does not exist for the image with '${describe(id)}' in the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`,
  );

export const imageAlreadyExists = (digest: string, tag: string | undefined, repository: RepositoryName) =>
  new AwsError(
    'ImageAlreadyExistsException',
    `Image with digest '${digest}' and tag '${tag ?? 'null'}' already exists in the repository with name '${repository.name}' in registry with id '${repository.registryId}'`,
  );

export const imageTagAlreadyExists = (tag: string, repository: RepositoryName) =>
  new AwsError(
    'ImageTagAlreadyExistsException',
    `The image tag '${tag}' already exists in the '${repository.name}' repository and cannot be overwritten because the tag is immutable.`,
  );

export const imageDigestDoesNotMatch = (digest: string, repository: RepositoryName) =>
  new AwsError(
    'ImageDigestDoesNotMatchException',
    `The image with digest '${digest}' in repository '${repository.name}' and registry ID '${repository.registryId}' does not match the image digest that Amazon ECR has calculated.`,
  );

export const layersRequired = (digests: readonly string[], repository: RepositoryName) =>
  new AwsError(
    'LayersNotFoundException',
    `Layers with digests '[${digests.join(', ')}]' required for pushing image into repository with name '${repository.name}' in the registry with id '${repository.registryId}' do not exist`,
  );

export const imagesRequired = (digests: readonly string[], repository: RepositoryName) =>
  new AwsError(
    'ReferencedImagesNotFoundException',
    `Images with digests '[${digests.join(', ')}]' required for pushing image into repository with name '${repository.name}' in the registry with id '${repository.registryId}' do not exist`,
  );

export const layerNotFound = (digest: string, repository: RepositoryName) =>
  new AwsError(
    'LayersNotFoundException',
    `The layer with digest '${digest}' does not exist within the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`,
  );

export const layerAlreadyExists = (digest: string, repository: RepositoryName) =>
  new AwsError(
    'LayerAlreadyExistsException',
    `The layer with digest '${digest}' already exists in the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`,
  );

export const uploadNotFound = (uploadId: string, repository: RepositoryName) =>
  new AwsError(
    'UploadNotFoundException',
    `Upload with id '${uploadId}' could not be found for the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`,
  );

export const invalidLayerPart = (uploadId: string, lastByteReceived: number, repository: RepositoryName) =>
  new AwsError(
    'InvalidLayerPartException',
    `Invalid layer part upload for upload with id '${uploadId}' in the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`,
    {
      fields: {
        registryId: repository.registryId,
        repositoryName: repository.name,
        uploadId,
        lastValidByteReceived: lastByteReceived,
      },
    },
  );

export const invalidLayer = () =>
  new AwsError(
    'InvalidLayerException',
    'None of the provided layer digests match the calculated layer digest',
  );

export const emptyUpload = (uploadId: string, repository: RepositoryName) =>
  new AwsError(
    'EmptyUploadException',
    `The upload with id '${uploadId}' in the repository with name '${repository.name}' in registry with id '${repository.registryId}' cannot be completed because it does not have any parts`,
  );

export const layerPartTooSmall = () =>
  new AwsError('LayerPartTooSmallException', 'Layer parts must be at least 5 MiB in size');

function describe({ imageDigest, imageTag }: ImageId): string {
  return `{imageDigest:'${imageDigest ?? 'null'}', imageTag:'${imageTag ?? 'null'}'}`;
}
