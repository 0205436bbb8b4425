import { AwsError, type Operation } from '../../protocol/service.js';
import { type ImageId, imageNotFound, scanNotFound } from '../errors.js';
import { readImageConfig } from '../image-config.js';
import { findImage, type Image, type Repository } from '../repository.js';
import type { RegistryState } from '../state.js';
import { nameOf, type RepositoryInput, repositoryOf, seconds } from './scope.js';
import { type PageRequest, pageOf } from './paging.js';

interface ScanInput extends RepositoryInput, PageRequest {
  readonly imageId?: ImageId;
}

/** World time that a basic scan takes. */
const scanDurationMs = 10_000;

/**
 * The label that says what a scan of an image finds: `CVE-2026-0001=HIGH,CVE-2026-0002=LOW`.
 * Without it a scan finds nothing.
 */
const findingsLabel = 'local-aws.findings';

/** Basic scanning: StartImageScan and DescribeImageScanFindings. */
export function scanOperations(state: RegistryState): Record<string, Operation> {
  return {
    StartImageScan(input: ScanInput, context) {
      const repository = repositoryOf(state, input, context, 'StartImageScan');
      const image = imageOf(repository, input);
      const now = state.world.clock.now();
      if (image.manifest.kind === 'index')
        throw new AwsError(
          'UnsupportedImageTypeException',
          `The operation StartImageScan is not supported for image with media type '${image.manifest.mediaType}'`,
        );
      if (image.lastScanStartedAt !== undefined && now - image.lastScanStartedAt < 24 * 3_600_000)
        throw new AwsError(
          'LimitExceededException',
          'The scan quota per image has been exceeded. Wait and try again.',
        );
      image.lastScanStartedAt = now;
      return {
        ...nameOf(repository),
        imageId: { ...input.imageId, imageDigest: image.digest },
        imageScanStatus: { status: 'IN_PROGRESS' },
      };
    },

    DescribeImageScanFindings(input: ScanInput, context) {
      const repository = repositoryOf(state, input, context, 'DescribeImageScanFindings');
      const image = imageOf(repository, input);
      const { imageScanStatus, imageScanFindingsSummary } = describeScan(state, image);
      if (!imageScanStatus) throw scanNotFound(input.imageId ?? {}, repository);
      const answer = {
        ...nameOf(repository),
        imageId: { ...input.imageId, imageDigest: image.digest },
        imageScanStatus,
      };
      if (!imageScanFindingsSummary) return answer;
      const { items, next } = pageOf(findingsOf(state, image), input);
      return { ...answer, imageScanFindings: { ...imageScanFindingsSummary, findings: items }, ...next };
    },
  };
}

interface ScanDescription {
  readonly imageScanStatus?: { readonly status: string; readonly description?: string };
  readonly imageScanFindingsSummary?: {
    readonly imageScanCompletedAt: number;
    readonly vulnerabilitySourceUpdatedAt: number;
    readonly findingSeverityCounts: Readonly<Record<string, number>>;
  };
}

/** The two members of `ImageDetail` that are about scanning; none before the first scan. */
export function describeScan(state: RegistryState, image: Image): ScanDescription {
  if (image.lastScanStartedAt === undefined) return {};
  const completedAt = image.lastScanStartedAt + scanDurationMs;
  if (state.world.clock.now() < completedAt) return { imageScanStatus: { status: 'IN_PROGRESS' } };
  const findingSeverityCounts: Record<string, number> = {};
  for (const { severity } of findingsOf(state, image))
    findingSeverityCounts[severity] = (findingSeverityCounts[severity] ?? 0) + 1;
  return {
    imageScanStatus: { status: 'COMPLETE', description: 'The scan was completed successfully.' },
    imageScanFindingsSummary: {
      imageScanCompletedAt: seconds(completedAt),
      vulnerabilitySourceUpdatedAt: seconds(image.lastScanStartedAt),
      findingSeverityCounts,
    },
  };
}

function findingsOf(state: RegistryState, image: Image): { name: string; severity: string }[] {
  const label = readImageConfig(state.blobs, image.manifest)?.labels[findingsLabel] ?? '';
  return label
    .split(',')
    .filter((finding) => finding !== '')
    .map((finding) => {
      const [name = '', severity = 'UNDEFINED'] = finding.trim().split('=');
      return { name, severity };
    });
}

function imageOf(repository: Repository, { imageId = {} }: ScanInput): Image {
  const image = findImage(repository, imageId);
  if (!image) throw imageNotFound(imageId, repository);
  return image;
}
