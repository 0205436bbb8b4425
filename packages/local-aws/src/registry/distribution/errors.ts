import { AwsError } from '../../protocol/service.js';
import { InvalidParameterError } from '../errors.js';

/** An error as the distribution API answers it: an OCI error code and ECR's message. */
export class DistributionError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** What docker sees of ECR's exceptions. */
const exceptions: Readonly<Record<string, readonly [status: number, code: string]>> = {
  AccessDeniedException: [403, 'DENIED'],
  RepositoryNotFoundException: [404, 'NAME_UNKNOWN'],
  ImageTagAlreadyExistsException: [400, 'TAG_INVALID'],
  ImageDigestDoesNotMatchException: [400, 'MANIFEST_INVALID'],
  LayersNotFoundException: [400, 'MANIFEST_BLOB_UNKNOWN'],
  ReferencedImagesNotFoundException: [400, 'MANIFEST_BLOB_UNKNOWN'],
  InvalidLayerException: [400, 'BLOB_UPLOAD_INVALID'],
  EmptyUploadException: [400, 'BLOB_UPLOAD_INVALID'],
  UploadNotFoundException: [404, 'BLOB_UPLOAD_UNKNOWN'],
};

const parameters: Readonly<Record<string, string>> = {
  repositoryName: 'NAME_INVALID',
  ImageManifest: 'MANIFEST_INVALID',
  imageTag: 'TAG_INVALID',
  maxResults: 'UNSUPPORTED',
};

/** Translates what the store throws; undefined for what is no refusal. */
export function toDistributionError(error: unknown): DistributionError | undefined {
  if (error instanceof DistributionError) return error;
  if (error instanceof InvalidParameterError)
    return new DistributionError(400, parameters[error.parameter] ?? 'UNSUPPORTED', error.message);
  const known = error instanceof AwsError ? exceptions[error.code] : undefined;
  return known && new DistributionError(...known, (error as AwsError).message);
}

export const blobUnknown = () => new DistributionError(404, 'BLOB_UNKNOWN', 'blob unknown to registry');

export const manifestUnknown = () =>
  new DistributionError(404, 'MANIFEST_UNKNOWN', 'Requested image not found');

export const digestInvalid = (digest: string) =>
  new DistributionError(400, 'DIGEST_INVALID', `Invalid digest '${digest}'`);

export const methodNotAllowed = (method: string | undefined) =>
  new DistributionError(405, 'UNSUPPORTED', `The method ${method} is not supported here`);
