import type { Operation } from '../../protocol/service.js';
import { isDigest } from '../digest.js';
import {
  emptyUpload,
  InvalidParameterError,
  invalidLayer,
  invalidLayerPart,
  layerAlreadyExists,
  layerNotFound,
  layerPartTooSmall,
  uploadNotFound,
} from '../errors.js';
import type { LayerUpload, Repository } from '../repository.js';
import type { RegistryState } from '../state.js';
import { requireList, requireString } from '../validation.js';
import { nameOf, type RepositoryInput, repositoryOf } from './scope.js';

interface UploadInput extends RepositoryInput {
  readonly uploadId?: string;
}

interface PartInput extends UploadInput {
  readonly partFirstByte?: number;
  readonly partLastByte?: number;
  /** Base64. */
  readonly layerPartBlob?: string;
}

const partSize = 10 * 1024 * 1024;
/** Every part but the last has at least this size. */
const minimumPartSize = 5 * 1024 * 1024;

/** The calls that push and pull layers without the distribution API. */
export function layerOperations(state: RegistryState): Record<string, Operation> {
  return {
    BatchCheckLayerAvailability(input: RepositoryInput & { layerDigests?: string[] }, context) {
      const repository = repositoryOf(state, input, context, 'BatchCheckLayerAvailability');
      const digests = requireList<string>('layerDigests', input.layerDigests, 1, 100);
      return {
        layers: digests.filter(isDigest).map((layerDigest) => ({
          layerDigest,
          ...(repository.blobs.has(layerDigest)
            ? { layerAvailability: 'AVAILABLE', layerSize: state.blobs.size(layerDigest) }
            : { layerAvailability: 'UNAVAILABLE' }),
        })),
        failures: digests
          .filter((digest) => !isDigest(digest))
          .map((layerDigest) => ({
            layerDigest,
            failureCode: layerDigest === '' ? 'MissingLayerDigest' : 'InvalidLayerDigest',
            failureReason: `Invalid layer digest '${layerDigest}'`,
          })),
      };
    },

    InitiateLayerUpload(input: RepositoryInput, context) {
      const repository = repositoryOf(state, input, context, 'InitiateLayerUpload');
      const upload = state.blobs.begin();
      repository.uploads.set(upload.id, { upload, parts: [] });
      return { uploadId: upload.id, partSize };
    },

    UploadLayerPart(input: PartInput, context) {
      const repository = repositoryOf(state, input, context, 'UploadLayerPart');
      const { upload, parts } = uploadOf(repository, input);
      const bytes = Buffer.from(requireString('layerPartBlob', input.layerPartBlob), 'base64');
      const first = input.partFirstByte;
      if (first !== upload.size || input.partLastByte !== first + bytes.length - 1)
        throw invalidLayerPart(upload.id, upload.size - 1, repository);
      state.blobs.append(upload, bytes);
      parts.push(bytes.length);
      return { ...nameOf(repository), uploadId: upload.id, lastByteReceived: upload.size - 1 };
    },

    CompleteLayerUpload(input: UploadInput & { layerDigests?: string[] }, context) {
      const repository = repositoryOf(state, input, context, 'CompleteLayerUpload');
      const { upload, parts } = uploadOf(repository, input);
      const digests = requireList<string>('layerDigests', input.layerDigests, 1, 100);
      if (!digests.every(isDigest))
        throw new InvalidParameterError(
          'layerDigests',
          'Member must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z0-9-_+.]+:[a-fA-F0-9]+]',
        );
      if (upload.size === 0) throw emptyUpload(upload.id, repository);
      if (parts.slice(0, -1).some((size) => size < minimumPartSize)) throw layerPartTooSmall();

      repository.uploads.delete(upload.id);
      const layerDigest = state.blobs.finish(upload, digests);
      if (layerDigest === undefined) throw invalidLayer();
      if (repository.blobs.has(layerDigest)) throw layerAlreadyExists(layerDigest, repository);
      repository.blobs.add(layerDigest);
      return { ...nameOf(repository), uploadId: upload.id, layerDigest };
    },

    GetDownloadUrlForLayer(input: RepositoryInput & { layerDigest?: string }, context) {
      const repository = repositoryOf(state, input, context, 'GetDownloadUrlForLayer');
      const layerDigest = requireString('layerDigest', input.layerDigest);
      if (!repository.blobs.has(layerDigest)) throw layerNotFound(layerDigest, repository);
      return { downloadUrl: downloadUrl(state, repository, layerDigest, context), layerDigest };
    },
  };
}

/** The query parameter that stands in for the `Authorization` header in a download URL, as in S3's presigned ones. */
export const downloadTokenParameter = 'X-Amz-Security-Token';

/** ECR's download URLs are good for an hour. */
const downloadLifetimeMs = 3_600_000;

function downloadUrl(
  state: RegistryState,
  { name, registryId, region }: Repository,
  digest: string,
  { accountId, principalArn }: { accountId: string; principalArn: string },
): string {
  const { password } = state.tokens.issue(
    { registryId, region, accountId, principalArn },
    downloadLifetimeMs,
  );
  const url = new URL(`http://${state.world.host()}/v2/${name}/blobs/${digest}`);
  url.searchParams.set(downloadTokenParameter, password);
  return url.href;
}

function uploadOf(repository: Repository, input: UploadInput): LayerUpload {
  const uploadId = requireString('uploadId', input.uploadId);
  const upload = repository.uploads.get(uploadId);
  if (!upload) throw uploadNotFound(uploadId, repository);
  return upload;
}
