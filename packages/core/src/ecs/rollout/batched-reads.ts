import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  type ECSClient,
  type Service,
  type ServiceDeployment,
} from '@aws-sdk/client-ecs';
import { shortName } from '../names.js';
import { batchReads } from './batch.js';

/** Reads a service; `undefined` if DescribeServices calls it MISSING. */
export type DescribeService = (
  cluster: string,
  service: string,
  signal?: AbortSignal,
) => Promise<Service | undefined>;

/** Reads a service deployment by its ARN; `undefined` if ECS does not know it. */
export type DescribeServiceDeployment = (
  arn: string,
  signal?: AbortSignal,
) => Promise<ServiceDeployment | undefined>;

/** DescribeServices takes this many services of a cluster a call … */
const SERVICES_PER_CALL = 10;
/** … and DescribeServiceDeployments this many ARNs. */
const DEPLOYMENTS_PER_CALL = 20;

/** DescribeServices for many callers. */
export function batchDescribeServices(ecs: ECSClient): DescribeService {
  return batchReads(SERVICES_PER_CALL, async (cluster, services) => {
    const answer = await ecs.send(new DescribeServicesCommand({ cluster, services: [...services] }));
    return (service) =>
      answer.services?.find(
        ({ serviceArn, serviceName }) => serviceArn === service || serviceName === shortName(service),
      );
  });
}

/** DescribeServiceDeployments for many callers. */
export function batchDescribeServiceDeployments(ecs: ECSClient): DescribeServiceDeployment {
  const read = batchReads(DEPLOYMENTS_PER_CALL, async (_, arns) => {
    const answer = await ecs.send(
      new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [...arns] }),
    );
    return (arn) =>
      answer.serviceDeployments?.find(({ serviceDeploymentArn }) => serviceDeploymentArn === arn);
  });
  return (arn, signal) => read('', arn, signal);
}
