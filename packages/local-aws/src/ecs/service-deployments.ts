import { AwsError, type CallContext, type JsonService } from '../protocol/service.js';
import { requireCluster } from './clusters.js';
import type { Engine } from './engine.js';
import { clientException, invalidParameter } from './errors.js';
import { paginate } from './pagination.js';
import type { Scheduler } from './scheduler.js';
import { requireService } from './services.js';
import {
  describeServiceDeployment,
  describeServiceDeploymentBriefly,
  describeServiceRevision,
} from './shapes/service-deployment.js';
import { isUnfinished } from './service-deployment-status.js';
import type { AccountState, Service, ServiceDeployment, ServiceRevision } from './state.js';
import { timings } from './timings.js';
import type { Failure } from './wire.js';

const MOST_ARNS = 20;

/** The service-deployment API: list, describe, stop, continue; and service revisions. */
export function createServiceDeploymentOperations(
  engine: Engine,
  scheduler: Scheduler,
): JsonService['operations'] {
  return {
    ListServiceDeployments(
      input: {
        cluster?: string;
        service: string;
        status?: string[];
        createdAt?: { after?: number; before?: number };
        maxResults?: number;
        nextToken?: string;
      },
      context: CallContext,
    ) {
      const service = requireService(requireCluster(engine.account(context), input.cluster), input.service);
      const { after = 0, before = Infinity } = input.createdAt ?? {};
      // What an external controller does is not a service deployment to the API.
      const known = service.deploymentController === 'ECS' ? service.serviceDeployments : [];
      const found = known
        .filter(
          ({ status }) =>
            input.status === undefined || input.status.length === 0 || input.status.includes(status),
        )
        .filter(({ createdAt }) => createdAt / 1000 > after && createdAt / 1000 < before);
      const { page, ...more } = paginate(found, input, 20);
      return {
        serviceDeployments: page.map((deployment) => describeServiceDeploymentBriefly(service, deployment)),
        ...more,
      };
    },

    DescribeServiceDeployments(input: { serviceDeploymentArns?: string[] }, context: CallContext) {
      const account = engine.account(context);
      const arns = checkArns(input.serviceDeploymentArns, 'serviceDeploymentArns');
      const failures: Failure[] = [];
      const serviceDeployments = arns.flatMap((arn) => {
        const found = findServiceDeployment(account, arn);
        if (found !== undefined) return [describeServiceDeployment(found.service, found.deployment)];
        failures.push({ arn, reason: 'MISSING' });
        return [];
      });
      return { serviceDeployments, failures };
    },

    DescribeServiceRevisions(input: { serviceRevisionArns?: string[] }, context: CallContext) {
      const account = engine.account(context);
      const arns = checkArns(input.serviceRevisionArns, 'serviceRevisionArns');
      const failures: Failure[] = [];
      const serviceRevisions = arns.flatMap((arn) => {
        const found = findServiceRevision(account, arn);
        if (found !== undefined) return [describeServiceRevision(found.service, found.revision)];
        failures.push({ arn, reason: 'MISSING' });
        return [];
      });
      return { serviceRevisions, failures };
    },

    StopServiceDeployment(
      input: { serviceDeploymentArn: string; stopType?: 'ROLLBACK' | 'ABORT' },
      context: CallContext,
    ) {
      const { service, deployment } = requireServiceDeployment(
        engine.account(context),
        input.serviceDeploymentArn,
      );
      if (deployment.status !== 'PENDING' && deployment.status !== 'IN_PROGRESS') {
        throw new AwsError(
          'ConflictException',
          `The service deployment can not be stopped because it is in ${deployment.status} state.`,
          { fields: { resourceIds: [deployment.arn] } },
        );
      }
      scheduler.stopServiceDeployment(service, deployment, input.stopType ?? 'ROLLBACK');
      return { serviceDeploymentArn: deployment.arn };
    },

    ContinueServiceDeployment(
      input: { serviceDeploymentArn: string; hookId: string; action?: 'CONTINUE' | 'ROLLBACK' },
      context: CallContext,
    ) {
      const { service, deployment } = requireServiceDeployment(
        engine.account(context),
        input.serviceDeploymentArn,
      );
      const hook = deployment.position.hooks.find(({ id }) => id === input.hookId);
      if (hook === undefined) throw invalidParameter('The specified lifecycle hook was not found.');
      if (hook.status !== 'AWAITING_ACTION' || !isUnfinished(deployment)) {
        throw clientException(
          `The lifecycle hook can not be continued because it is in ${hook.status} state.`,
        );
      }
      hook.status = input.action === 'ROLLBACK' ? 'FAILED' : 'SUCCEEDED';
      scheduler.wake(service, timings.taskReaction);
      return { serviceDeploymentArn: deployment.arn };
    },
  };
}

function requireServiceDeployment(
  account: AccountState,
  arn: string | undefined,
): { service: Service; deployment: ServiceDeployment } {
  const found = findServiceDeployment(account, arn ?? '');
  if (found !== undefined) return found;
  throw new AwsError('ServiceDeploymentNotFoundException', 'Service deployment not found.');
}

function checkArns(arns: readonly string[] = [], member: string): readonly string[] {
  if (arns.length === 0) throw invalidParameter(`${member} cannot be empty.`);
  if (arns.length > MOST_ARNS) {
    throw invalidParameter(`${member} cannot have more than ${MOST_ARNS} elements.`);
  }
  return arns;
}

function servicesOf(account: AccountState): Service[] {
  return [...account.clusters.values()].flatMap((cluster) => [...cluster.services.values()]);
}

function findServiceDeployment(
  account: AccountState,
  arn: string,
): { service: Service; deployment: ServiceDeployment } | undefined {
  for (const service of servicesOf(account)) {
    const deployment = service.serviceDeployments.find((candidate) => candidate.arn === arn);
    if (deployment !== undefined) return { service, deployment };
  }
  return undefined;
}

function findServiceRevision(
  account: AccountState,
  arn: string,
): { service: Service; revision: ServiceRevision } | undefined {
  for (const service of servicesOf(account)) {
    const revision = service.revisions.get(arn);
    if (revision !== undefined) return { service, revision };
  }
  return undefined;
}
