/** A private ECR registry, as its host name tells it. */
export interface PrivateEcrHost {
  readonly kind: 'private';
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
  /** True for the FIPS endpoint. */
  readonly fips: boolean;
  /** True for the endpoint that answers over IPv4 and IPv6. */
  readonly dualStack: boolean;
}

/** Amazon ECR Public. */
export interface PublicEcrHost {
  readonly kind: 'public';
}

/** A host of Amazon ECR. */
export type EcrHost = PrivateEcrHost | PublicEcrHost;

interface Partition {
  readonly id: string;
  readonly region: RegExp;
  readonly suffix: string;
  readonly dualStackSuffix?: string;
}

/** Region names and DNS suffixes of the partitions, from `partitions.json` of the AWS SDKs. */
const PARTITIONS: readonly Partition[] = [
  {
    id: 'aws-cn',
    region: /^cn-/,
    suffix: 'amazonaws.com.cn',
    dualStackSuffix: 'on.amazonwebservices.com.cn',
  },
  { id: 'aws-us-gov', region: /^us-gov-/, suffix: 'amazonaws.com', dualStackSuffix: 'on.aws' },
  { id: 'aws-iso', region: /^us-iso-/, suffix: 'c2s.ic.gov' },
  { id: 'aws-iso-b', region: /^us-isob-/, suffix: 'sc2s.sgov.gov' },
  { id: 'aws-iso-e', region: /^eu-isoe-/, suffix: 'cloud.adc-e.uk' },
  { id: 'aws-iso-f', region: /^us-isof-/, suffix: 'csp.hci.ic.gov' },
  { id: 'aws-eusc', region: /^eusc-/, suffix: 'amazonaws.eu' },
  { id: 'aws', region: /^/, suffix: 'amazonaws.com', dualStackSuffix: 'on.aws' },
];

const PRIVATE = /^(\d{12})\.dkr([.-])ecr(-fips)?\.([a-z]{2,4}(?:-[a-z]+)+-\d+)\.([a-z0-9.-]+)$/;

/** The partition that a region belongs to: `aws`, `aws-cn`, `aws-us-gov`, … */
export function partitionOfRegion(region: string): string {
  return partition(region).id;
}

/**
 * Reads the host of an ECR registry in any partition: plain (`dkr.ecr`), FIPS (`dkr.ecr-fips`),
 * dual stack (`dkr-ecr….on.aws`) or public. `undefined` for every other host, also for one that
 * only resembles ECR's, such as a region under the suffix of another partition.
 */
export function parseEcrHost(host: string): EcrHost | undefined {
  if (host === 'public.ecr.aws' || host === 'ecr-public.aws.com') return { kind: 'public' };
  const [, accountId, separator, fips, region, suffix] = PRIVATE.exec(host) ?? [];
  if (accountId === undefined || region === undefined) return undefined;
  const dualStack = separator === '-';
  const expected = dualStack ? partition(region).dualStackSuffix : partition(region).suffix;
  if (suffix !== expected) return undefined;
  return { kind: 'private', accountId, region, fips: fips !== undefined, dualStack };
}

/** The host of a private registry; the inverse of {@link parseEcrHost}. */
export function formatEcrHost(
  { accountId, region }: { accountId: string; region: string },
  { fips = false, dualStack = false }: { fips?: boolean; dualStack?: boolean } = {},
): string {
  const { suffix, dualStackSuffix } = partition(region);
  const service = `dkr${dualStack ? '-' : '.'}ecr${fips ? '-fips' : ''}`;
  return `${accountId}.${service}.${region}.${dualStack ? (dualStackSuffix ?? suffix) : suffix}`;
}

/** True for a host (with or without port) that is this machine's own loopback: reached over plain HTTP. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host);
}

function partition(region: string): Partition {
  return PARTITIONS.find((candidate) => candidate.region.test(region)) as Partition;
}
