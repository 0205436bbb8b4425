import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { STSClient } from '@aws-sdk/client-sts';
import type { LocalAws } from '../../src/index.js';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Clients of the unmodified SDK. They do not retry, so that a refusal is seen as it comes. */
export function clientsOf(
  aws: LocalAws,
  { credentials = aws.credentials, region = aws.region }: { credentials?: Keys; region?: string } = {},
) {
  const config = { endpoint: aws.endpoint, region, credentials, maxAttempts: 1 };
  return {
    sts: new STSClient(config),
    ecs: new ECSClient(config),
    ecr: new ECRClient(config),
    logs: new CloudWatchLogsClient(config),
    cloudwatch: new CloudWatchClient(config),
    codedeploy: new CodeDeployClient(config),
    elb: new ElasticLoadBalancingV2Client(config),
  };
}

/** The error a promise rejects with, as an SDK client shapes it. */
export async function errorOf(
  promise: Promise<unknown>,
): Promise<{ name: string; message: string; status: number | undefined }> {
  try {
    await promise;
  } catch (error) {
    const { name, message } = error as Error;
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
    return { name, message, status: $metadata?.httpStatusCode };
  }
  throw new Error('It was not refused.');
}
