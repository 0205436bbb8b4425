import {
  DescribeImagesCommand,
  ImageNotFoundException,
  RepositoryNotFoundException,
  type ECRClient,
  type ImageDetail,
  type ImageIdentifier,
} from '@aws-sdk/client-ecr';
import { callAws } from '../aws-errors.js';
import type { RepositoryId } from './repository.js';

/**
 * Looks an image up by tag or digest (`ecr:DescribeImages`). `undefined` where there is no such
 * image, or no such repository.
 */
export async function findEcrImage(
  ecr: ECRClient,
  { registryId, repositoryName }: RepositoryId,
  imageId: ImageIdentifier,
): Promise<ImageDetail | undefined> {
  const name = `${repositoryName}:${imageId.imageTag ?? imageId.imageDigest ?? ''}`;
  return callAws(`look up image ${name}`, 'ecr:DescribeImages', async () => {
    try {
      const { imageDetails } = await ecr.send(
        new DescribeImagesCommand({ registryId, repositoryName, imageIds: [imageId] }),
      );
      return imageDetails?.[0];
    } catch (error) {
      if (error instanceof ImageNotFoundException || error instanceof RepositoryNotFoundException)
        return undefined;
      throw error;
    }
  });
}
