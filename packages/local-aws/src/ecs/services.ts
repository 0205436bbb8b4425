import { AwsError, type CallContext, type JsonService } from '../protocol/service.js';
import { requireCluster } from './clusters.js';
import { buildService, serviceArn } from './create-service.js';
import { abandonDeployment, beginDeployment } from './deployments.js';
import type { Engine } from './engine.js';
import { invalidParameter, serviceNotFound } from './errors.js';
import { lastSegment } from './ids.js';
import { paginate } from './pagination.js';
import type { Scheduler } from './scheduler.js';
import type { CreateServiceInput, UpdateServiceInput } from './service-input.js';
import { checkServiceName } from './service-rules.js';
import { checkTargetGroups } from './target-group-rules.js';
import { describeService } from './shapes/service.js';
import type { Cluster, Service } from './state.js';
import { checkTags, setTags } from './tags.js';
import { updateService } from './update-service.js';
import type { Failure } from './wire.js';

/** The service of a name or ARN in its cluster, whatever its status. */
function findService(cluster: Cluster, nameOrArn: string): Service | undefined {
  const service = cluster.services.get(lastSegment(nameOrArn));
  return nameOrArn.startsWith('arn:') && service?.arn !== nameOrArn ? undefined : service;
}

/** The service of a name or ARN, whatever its status; ServiceNotFoundException where there is none. */
export function requireService(cluster: Cluster, nameOrArn: string | undefined): Service {
  if (!nameOrArn) throw invalidParameter('Service can not be blank.');
  const service = findService(cluster, nameOrArn);
  if (service === undefined) throw serviceNotFound();
  return service;
}

/** Services: create, update, describe, list, delete. What changes them wakes the scheduler. */
export function createServiceOperations(engine: Engine, scheduler: Scheduler): JsonService['operations'] {
  const { clock } = engine;
  return {
    CreateService(input: CreateServiceInput, context: CallContext) {
      checkServiceName(input.serviceName);
      const account = engine.account(context);
      const cluster = requireCluster(account, input.cluster);
      const existing = cluster.services.get(input.serviceName);
      if (existing?.status === 'DRAINING') {
        throw invalidParameter('Unable to Start a service that is still Draining.');
      }
      if (existing?.status === 'ACTIVE') return { service: describeAgain(existing, input) };
      checkTags(input.tags);
      const { service, configuration } = buildService(
        account,
        cluster,
        input.serviceName,
        input,
        context,
        clock.now(),
      );
      if (configuration !== undefined) {
        checkTargetGroups(configuration.loadBalancers, configuration.taskDefinition, engine.findTargetGroup);
      }
      cluster.services.set(service.name, service);
      setTags(account, service.arn, input.tags);
      if (configuration !== undefined) beginDeployment(service, configuration, clock.now());
      scheduler.wake(service);
      return { service: describeService(service, { tags: true }) };
    },

    UpdateService(input: UpdateServiceInput, context: CallContext) {
      const account = engine.account(context);
      const service = requireService(requireCluster(account, input.cluster), input.service);
      if (service.status !== 'ACTIVE') {
        throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
      }
      updateService(account, service, input, clock.now());
      scheduler.wake(service);
      return { service: describeService(service, { tags: true }) };
    },

    DescribeServices(
      input: { cluster?: string; services?: string[]; include?: string[] },
      context: CallContext,
    ) {
      const account = engine.account(context);
      const cluster = requireCluster(account, input.cluster);
      const names = input.services ?? [];
      if (names.length === 0) throw invalidParameter('Services cannot be empty.');
      if (names.length > 10) throw invalidParameter('Services cannot have more than 10 elements.');
      const services = [];
      const failures: Failure[] = [];
      for (const name of names) {
        const service = findService(cluster, name);
        if (service === undefined) failures.push({ arn: serviceArn(cluster, name), reason: 'MISSING' });
        else services.push(describeService(service, { tags: input.include?.includes('TAGS') ?? false }));
      }
      return { services, failures };
    },

    ListServices(
      input: {
        cluster?: string;
        launchType?: string;
        schedulingStrategy?: string;
        maxResults?: number;
        nextToken?: string;
      },
      context: CallContext,
    ) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const arns = [...cluster.services.values()]
        .filter((service) => service.status !== 'INACTIVE')
        .filter(
          (service) =>
            input.launchType === undefined || service.configuration?.launchType === input.launchType,
        )
        .filter(
          (service) =>
            input.schedulingStrategy === undefined || service.schedulingStrategy === input.schedulingStrategy,
        )
        .map((service) => service.arn);
      const { page, ...more } = paginate(arns, input, 10);
      return { serviceArns: page, ...more };
    },

    DeleteService(input: { cluster?: string; service: string; force?: boolean }, context: CallContext) {
      const service = requireService(requireCluster(engine.account(context), input.cluster), input.service);
      if (service.status === 'INACTIVE') throw serviceNotFound();
      refuseDeletion(service, input.force ?? false);
      if (service.status === 'ACTIVE') {
        service.status = 'DRAINING';
        service.desiredCount = 0;
        for (const deployment of service.deployments) deployment.desiredCount = 0;
        abandonDeployment(service, clock.now());
        scheduler.wake(service);
      }
      return { service: describeService(service, { tags: true }) };
    },
  };
}

/** A repeated CreateService is answered again if it carries the same token. */
function describeAgain(existing: Service, input: CreateServiceInput): object {
  const sameToken = input.clientToken !== undefined && input.clientToken === existing.clientToken;
  if (!sameToken) throw invalidParameter('Creation of service was not idempotent.');
  return describeService(existing, { tags: true });
}

function refuseDeletion(service: Service, force: boolean): void {
  if (force || service.schedulingStrategy === 'DAEMON') return;
  if (service.desiredCount > 0) {
    throw invalidParameter('The service cannot be stopped while it is scaled above 0.');
  }
  if (service.deployments.length > 1) {
    throw invalidParameter('The service cannot be stopped while deployments are active.');
  }
}
