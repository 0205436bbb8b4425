import type { CreateServiceCommandInput, DeploymentConfiguration, LoadBalancer } from '@aws-sdk/client-ecs';
import type { TaskDefinitionDocument } from '../document.js';
import { containersOf } from '../document.js';
import type { DocumentPath } from '../path.js';
import { formatPath } from '../path.js';
import { didYouMean } from '../suggest.js';
import type { Severity } from './rule.js';
import type { Finding } from './finding.js';

/** What a service is, or is to become: members of `CreateService` and `UpdateService`. */
export type ValidatedServiceSettings = Partial<
  Pick<
    CreateServiceCommandInput,
    | 'deploymentConfiguration'
    | 'deploymentController'
    | 'desiredCount'
    | 'loadBalancers'
    | 'networkConfiguration'
    | 'schedulingStrategy'
  >
>;

interface ServiceFault {
  readonly path: DocumentPath;
  readonly reason: string;
  readonly fix: string;
}

interface ServiceRule {
  readonly id: string;
  readonly severity: Severity;
  readonly check: (
    service: ValidatedServiceSettings,
    taskDefinition: TaskDefinitionDocument | undefined,
  ) => Iterable<ServiceFault>;
}

const MAX_SUBNETS = 16;
const MAX_SECURITY_GROUPS = 5;
const MAX_TARGET_GROUPS = 5;

/**
 * Holds the settings of a service to ECS's rules, without asking AWS, and returns all findings. With
 * the task definition it also sees whether the two fit together. Paths are those in the settings.
 *
 * Source: developer guide, "Amazon ECS service quotas"; API reference, CreateService and
 * DeploymentConfiguration.
 */
export function validateServiceSettings(
  service: ValidatedServiceSettings,
  taskDefinition?: TaskDefinitionDocument,
): readonly Finding[] {
  return rules.flatMap(({ id, severity, check }) =>
    [...check(service, taskDefinition)].map(({ path, reason, fix }) => ({
      rule: id,
      severity,
      path: formatPath(path),
      reason,
      fix,
    })),
  );
}

const rules: readonly ServiceRule[] = [
  {
    id: 'service-network-limits',
    severity: 'error',
    *check({ networkConfiguration }): Iterable<ServiceFault> {
      const { subnets = [], securityGroups = [] } = networkConfiguration?.awsvpcConfiguration ?? {};
      const path = ['networkConfiguration', 'awsvpcConfiguration'];
      yield* atMost(subnets, MAX_SUBNETS, [...path, 'subnets'], 'subnets');
      yield* atMost(securityGroups, MAX_SECURITY_GROUPS, [...path, 'securityGroups'], 'security groups');
    },
  },
  {
    id: 'service-network-configuration',
    severity: 'error',
    *check({ networkConfiguration }, taskDefinition): Iterable<ServiceFault> {
      if (taskDefinition === undefined) return;
      const isAwsvpc = taskDefinition.networkMode === 'awsvpc';
      const isGiven = networkConfiguration?.awsvpcConfiguration !== undefined;
      if (isAwsvpc === isGiven) return;
      yield {
        path: ['networkConfiguration'],
        reason: isAwsvpc
          ? 'The task definition has the network mode awsvpc, but no subnets are given.'
          : `The network mode ${taskDefinition.networkMode ?? 'bridge'} of the task definition takes no subnets.`,
        fix: isAwsvpc ? 'Give networkConfiguration.' : 'Remove networkConfiguration.',
      };
    },
  },
  {
    id: 'service-network-subnets',
    severity: 'error',
    *check({ networkConfiguration: { awsvpcConfiguration: network } = {} }): Iterable<ServiceFault> {
      if (network === undefined || (network.subnets ?? []).length > 0) return;
      yield {
        path: ['networkConfiguration', 'awsvpcConfiguration', 'subnets'],
        reason: 'The network configuration names no subnets.',
        fix: 'Name those of the service; security groups alone are not enough.',
      };
    },
  },
  {
    id: 'service-target-groups',
    severity: 'error',
    *check({ loadBalancers = [] }): Iterable<ServiceFault> {
      yield* atMost(loadBalancers, MAX_TARGET_GROUPS, ['loadBalancers'], 'target groups');
    },
  },
  {
    id: 'service-load-balancer',
    severity: 'error',
    *check({ loadBalancers = [] }, taskDefinition): Iterable<ServiceFault> {
      if (taskDefinition === undefined) return;
      for (const [index, loadBalancer] of loadBalancers.entries()) {
        yield* loadBalancerFaults(loadBalancer, ['loadBalancers', index], taskDefinition);
      }
    },
  },
  {
    id: 'service-daemon-count',
    severity: 'error',
    *check({ schedulingStrategy, desiredCount }): Iterable<ServiceFault> {
      if (schedulingStrategy !== 'DAEMON' || desiredCount === undefined) return;
      yield {
        path: ['desiredCount'],
        reason: 'A daemon service has no desired count: it runs one task on every container instance.',
        fix: 'Remove desiredCount.',
      };
    },
  },
  {
    id: 'service-deployment-room',
    severity: 'error',
    *check({ deploymentConfiguration, desiredCount = 1, schedulingStrategy }): Iterable<ServiceFault> {
      const {
        minimumHealthyPercent: min = 100,
        maximumPercent: max = 200,
        strategy = 'ROLLING',
      } = deploymentConfiguration ?? {};
      if (strategy !== 'ROLLING' || schedulingStrategy === 'DAEMON' || desiredCount === 0) return;
      const mayStop = Math.ceil((desiredCount * min) / 100) < desiredCount;
      const mayStart = Math.floor((desiredCount * max) / 100) > desiredCount;
      if (mayStop || mayStart) return;
      yield {
        path: ['deploymentConfiguration'],
        reason: `With ${desiredCount} tasks, minimumHealthyPercent ${min} and maximumPercent ${max}, ECS may neither stop a task nor start one.`,
        fix: 'Raise maximumPercent, or lower minimumHealthyPercent.',
      };
    },
  },
  {
    id: 'service-strategy',
    severity: 'error',
    *check({ deploymentConfiguration: configuration = {} }): Iterable<ServiceFault> {
      const strategy = configuration.strategy ?? 'ROLLING';
      for (const [member, owner] of Object.entries(STRATEGY_OF)) {
        if (configuration[member as keyof DeploymentConfiguration] === undefined || strategy === owner)
          continue;
        yield {
          path: ['deploymentConfiguration', member],
          reason: `${member} belongs to the strategy ${owner}; this one is ${strategy}.`,
          fix: `Remove it, or write "strategy": "${owner}".`,
        };
      }
    },
  },
  {
    id: 'service-early-success',
    severity: 'error',
    *check({ deploymentConfiguration }): Iterable<ServiceFault> {
      const { earlySuccessCriteria: early, minimumHealthyPercent: min = 100 } = deploymentConfiguration ?? {};
      if (early?.healthyPercent === undefined || early.healthyPercent >= min) return;
      yield {
        path: ['deploymentConfiguration', 'earlySuccessCriteria', 'healthyPercent'],
        reason: `Early success at ${early.healthyPercent} % would come before the ${min} % that have to be healthy.`,
        fix: `Write ${min} or more.`,
      };
    },
  },
  {
    id: 'service-step-range',
    severity: 'error',
    *check({
      deploymentConfiguration: { linearConfiguration: linear = {}, canaryConfiguration: canary = {} } = {},
    }): Iterable<ServiceFault> {
      yield* inRange(linear.stepPercent, [3, 100], 'linearConfiguration', 'stepPercent');
      yield* inRange(linear.stepBakeTimeInMinutes, [0, 1440], 'linearConfiguration', 'stepBakeTimeInMinutes');
      yield* inRange(canary.canaryPercent, [0.1, 100], 'canaryConfiguration', 'canaryPercent');
      yield* inRange(
        canary.canaryBakeTimeInMinutes,
        [0, 1440],
        'canaryConfiguration',
        'canaryBakeTimeInMinutes',
      );
    },
  },
  {
    id: 'service-bake-time',
    severity: 'warning',
    *check({ deploymentConfiguration: { strategy, bakeTimeInMinutes } = {} }): Iterable<ServiceFault> {
      if (strategy !== 'BLUE_GREEN' || bakeTimeInMinutes !== undefined) return;
      yield {
        path: ['deploymentConfiguration', 'bakeTimeInMinutes'],
        reason: 'The API reference asks a blue/green deployment for bakeTimeInMinutes, and none is given.',
        fix: 'Write how many minutes old and new tasks are to run side by side.',
      };
    },
  },
];

const STRATEGY_OF: Readonly<Record<string, string>> = {
  linearConfiguration: 'LINEAR',
  canaryConfiguration: 'CANARY',
  earlySuccessCriteria: 'ROLLING',
};

function* loadBalancerFaults(
  { containerName, containerPort }: LoadBalancer,
  path: DocumentPath,
  taskDefinition: TaskDefinitionDocument,
): Iterable<ServiceFault> {
  if (containerName === undefined) return;
  const containers = containersOf(taskDefinition);
  const target = containers.find(({ name }) => name === containerName);
  if (target === undefined) {
    const names = containers.flatMap(({ name }) => name ?? []);
    yield {
      path: [...path, 'containerName'],
      reason: `The load balancer sends to "${containerName}", which is no container of the task definition.`,
      fix: `Write one of ${names.join(', ')}.${didYouMean(containerName, names)}`,
    };
    return;
  }
  const ports = (target.portMappings ?? []).map((mapping) => mapping.containerPort);
  if (containerPort === undefined || ports.includes(containerPort)) return;
  yield {
    path: [...path, 'containerPort'],
    reason: `The load balancer sends to port ${containerPort} of "${containerName}", which has no such port mapping.`,
    fix:
      ports.length === 0
        ? `Map port ${containerPort} in the task definition.`
        : `Map it, or write ${ports.join(' or ')}.`,
  };
}

function* atMost(
  list: readonly unknown[],
  limit: number,
  path: DocumentPath,
  what: string,
): Iterable<ServiceFault> {
  if (list.length <= limit) return;
  yield { path, reason: `There are ${list.length} ${what}; ECS takes ${limit}.`, fix: 'Remove some.' };
}

function* inRange(
  value: number | undefined,
  [min, max]: readonly [number, number],
  member: string,
  name: string,
): Iterable<ServiceFault> {
  if (value === undefined || (value >= min && value <= max)) return;
  const path = ['deploymentConfiguration', member, name];
  yield { path, reason: `${name} is ${value}.`, fix: `Write ${min} to ${max}.` };
}
