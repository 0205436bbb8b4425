import { describe, expect, it } from '@jest/globals';
import { formatEcrHost, isLoopbackHost, parseEcrHost, partitionOfRegion } from '../../src/image/index.js';

const A = '111122223333';
const plain = { fips: false, dualStack: false };

describe('parseEcrHost', () => {
  it.each([
    [`${A}.dkr.ecr.eu-west-1.amazonaws.com`, 'eu-west-1', plain],
    [`${A}.dkr.ecr-fips.us-east-1.amazonaws.com`, 'us-east-1', { fips: true, dualStack: false }],
    [`${A}.dkr-ecr.us-east-1.on.aws`, 'us-east-1', { fips: false, dualStack: true }],
    [`${A}.dkr-ecr-fips.us-gov-west-1.on.aws`, 'us-gov-west-1', { fips: true, dualStack: true }],
    [`${A}.dkr.ecr.us-gov-west-1.amazonaws.com`, 'us-gov-west-1', plain],
    [`${A}.dkr.ecr.cn-north-1.amazonaws.com.cn`, 'cn-north-1', plain],
    [`${A}.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn`, 'cn-north-1', { fips: false, dualStack: true }],
    [`${A}.dkr.ecr.us-iso-east-1.c2s.ic.gov`, 'us-iso-east-1', plain],
    [`${A}.dkr.ecr.us-isob-east-1.sc2s.sgov.gov`, 'us-isob-east-1', plain],
    [`${A}.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk`, 'eu-isoe-west-1', plain],
    [`${A}.dkr.ecr.us-isof-south-1.csp.hci.ic.gov`, 'us-isof-south-1', plain],
    [`${A}.dkr.ecr.eusc-de-east-1.amazonaws.eu`, 'eusc-de-east-1', plain],
  ])('%s', (host, region, flags) => {
    expect(parseEcrHost(host)).toEqual({ kind: 'private', accountId: A, region, ...flags });
    expect(formatEcrHost({ accountId: A, region }, flags)).toBe(host);
  });

  it.each(['public.ecr.aws', 'ecr-public.aws.com'])('%s is public', (host) => {
    expect(parseEcrHost(host)).toEqual({ kind: 'public' });
  });

  it.each([
    'ghcr.io',
    '127.0.0.1:5000',
    '1111.dkr.ecr.eu-west-1.amazonaws.com',
    `${A}.dkr.ecr.eu-west-1.amazonaws.com.evil.example`,
    `${A}.dkr.ecr.cn-north-1.amazonaws.com`,
    `${A}.dkr.ecr.eu-west-1.amazonaws.com.cn`,
    `${A}.dkr-ecr.eu-west-1.amazonaws.com`,
    `${A}.dkr.ecr.amazonaws.com`,
  ])('%s is not ECR', (host) => {
    expect(parseEcrHost(host)).toBeUndefined();
  });
});

it.each([
  ['eu-central-1', 'aws'],
  ['cn-northwest-1', 'aws-cn'],
  ['us-gov-east-1', 'aws-us-gov'],
  ['eusc-de-east-1', 'aws-eusc'],
])('%s is in partition %s', (region, partition) => {
  expect(partitionOfRegion(region)).toBe(partition);
});

it.each([
  ['localhost', true],
  ['localhost:5000', true],
  ['127.0.0.1:5000', true],
  ['127.1.2.3', true],
  ['[::1]:80', true],
  ['127.0.0.1.example', false],
  ['localhost.example:80', false],
  ['10.0.0.1', false],
])('isLoopbackHost(%s) is %s', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected);
});
