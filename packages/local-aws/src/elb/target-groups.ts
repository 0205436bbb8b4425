import type { XmlObject } from '../protocol/query.js';
import type { CallContext, QueryService } from '../protocol/service.js';
import { AwsError } from '../protocol/service.js';
import type { FindTargets } from '../world/ports.js';
import { targetGroupNotFound, validationError } from './errors.js';
import { choose, listOf } from './load-balancers.js';
import { elbArn, loadBalancersOf, randomElbId, targetGroupsInUse } from './state.js';
import type { ElbState, HealthCheck, StateOf, Tag, TargetGroup } from './state.js';
import { addTags } from './tags.js';
import { describeHealth } from './target-health.js';
import { drainingMs } from './targets.js';
import type { Targets } from './targets.js';

interface TargetGroupInput {
  Name?: string;
  Protocol?: string;
  Port?: string;
  VpcId?: string;
  TargetType?: string;
  HealthCheckProtocol?: string;
  HealthCheckPort?: string;
  HealthCheckPath?: string;
  HealthCheckIntervalSeconds?: string;
  HealthCheckTimeoutSeconds?: string;
  HealthyThresholdCount?: string;
  UnhealthyThresholdCount?: string;
  Matcher?: { HttpCode?: string };
  Tags?: Tag[];
}

interface TargetInput {
  Id: string;
  Port?: string;
  AvailabilityZone?: string;
}

interface TargetsInput {
  TargetGroupArn?: string;
  Targets?: TargetInput[];
}

/** `findTasks`: tasks that ECS has registered, on top of what callers register. */
export function createTargetGroupOperations(
  stateOf: StateOf,
  targets: Targets,
  findTasks: FindTargets,
): QueryService['operations'] {
  return {
    CreateTargetGroup(input: TargetGroupInput, context: CallContext) {
      const state = stateOf(context);
      const { Name: name = '' } = input;
      if (!/^[A-Za-z0-9-]{1,32}$/.test(name))
        throw validationError(`Target group name '${name}' is not valid`);
      if ([...state.targetGroups.values()].some((group) => group.name === name)) {
        throw new AwsError(
          'DuplicateTargetGroupName',
          `A target group with the same name '${name}' exists, but with different settings`,
        );
      }
      const group: TargetGroup = {
        arn: elbArn(state, `targetgroup/${name}/${randomElbId()}`),
        name,
        targetType: input.TargetType ?? 'instance',
        protocol: input.Protocol ?? 'HTTP',
        port: Number(input.Port ?? 80),
        vpcId: input.VpcId ?? 'vpc-local',
        healthCheck: healthCheckOf(input, { ...DEFAULT_CHECK, protocol: input.Protocol ?? 'HTTP' }),
        targets: new Map(),
      };
      state.targetGroups.set(group.arn, group);
      addTags(state, group.arn, input.Tags);
      return { TargetGroups: [describeTargetGroup(state, group)] };
    },

    DescribeTargetGroups(
      input: { TargetGroupArns?: string[]; Names?: string[]; LoadBalancerArn?: string },
      context: CallContext,
    ) {
      const state = stateOf(context);
      const found = choose(
        [...state.targetGroups.values()],
        listOf(input.TargetGroupArns),
        listOf(input.Names),
      );
      if (found === undefined) throw targetGroupNotFound();
      const { LoadBalancerArn: loadBalancer } = input;
      return {
        TargetGroups: found
          .map((group) => describeTargetGroup(state, group))
          .filter(
            ({ LoadBalancerArns: arns }) =>
              loadBalancer === undefined || (arns as readonly string[]).includes(loadBalancer),
          ),
      };
    },

    DeleteTargetGroup({ TargetGroupArn: arn = '' }: { TargetGroupArn?: string }, context: CallContext) {
      const state = stateOf(context);
      if (targetGroupsInUse(state).has(arn)) {
        throw new AwsError(
          'ResourceInUse',
          `Target group '${arn}' is currently in use by a listener or a rule`,
        );
      }
      state.targetGroups.delete(arn);
      return {};
    },

    ModifyTargetGroup(input: TargetGroupInput & { TargetGroupArn?: string }, context: CallContext) {
      const state = stateOf(context);
      const group = requireGroup(state, input.TargetGroupArn);
      group.healthCheck = healthCheckOf(input, group.healthCheck);
      return { TargetGroups: [describeTargetGroup(state, group)] };
    },

    RegisterTargets(input: TargetsInput, context: CallContext) {
      const group = requireGroup(stateOf(context), input.TargetGroupArn);
      for (const { Id: id, Port: port, AvailabilityZone: zone } of input.Targets ?? []) {
        targets.register(group, {
          id,
          port: Number(port ?? group.port),
          ...(zone !== undefined && { zone }),
        });
      }
      return {};
    },

    DeregisterTargets(input: TargetsInput, context: CallContext) {
      const state = stateOf(context);
      const group = requireGroup(state, input.TargetGroupArn);
      for (const { Id: id, Port: port } of input.Targets ?? []) {
        targets.deregister(group, { id, port: Number(port ?? group.port) }, drainingMs(state, group));
      }
      return {};
    },

    DescribeTargetHealth(input: TargetsInput, context: CallContext) {
      const state = stateOf(context);
      const group = requireGroup(state, input.TargetGroupArn);
      const inUse = targetGroupsInUse(state).has(group.arn);
      const registered = [
        ...[...group.targets.values()].map(({ zone, ...target }) => ({ ...target, availabilityZone: zone })),
        ...findTasks(group.arn, context),
      ];
      const asked = Array.isArray(input.Targets)
        ? input.Targets.map(({ Id: id, Port: port }) => ({ id, port: Number(port ?? group.port) }))
        : registered;
      return {
        TargetHealthDescriptions: asked.map(({ id, port }) => {
          const target = registered.find((candidate) => candidate.id === id && candidate.port === port);
          return {
            Target: { Id: id, Port: port, AvailabilityZone: target?.availabilityZone },
            HealthCheckPort: group.healthCheck.port === 'traffic-port' ? port : group.healthCheck.port,
            TargetHealth: describeHealth(target, { inUse }),
          };
        }),
      };
    },
  };
}

function requireGroup(state: ElbState, arn = ''): TargetGroup {
  const group = state.targetGroups.get(arn);
  if (group === undefined) throw targetGroupNotFound();
  return group;
}

const DEFAULT_CHECK: HealthCheck = {
  protocol: 'HTTP',
  port: 'traffic-port',
  path: '/',
  matcher: '200',
  intervalSeconds: 30,
  timeoutSeconds: 5,
  healthyThresholdCount: 5,
  unhealthyThresholdCount: 2,
};

/** What is given, else what was before. */
function healthCheckOf(input: TargetGroupInput, before: HealthCheck): HealthCheck {
  return {
    protocol: input.HealthCheckProtocol ?? before.protocol,
    port: input.HealthCheckPort ?? before.port,
    path: input.HealthCheckPath ?? before.path,
    matcher: input.Matcher?.HttpCode ?? before.matcher,
    intervalSeconds: Number(input.HealthCheckIntervalSeconds ?? before.intervalSeconds),
    timeoutSeconds: Number(input.HealthCheckTimeoutSeconds ?? before.timeoutSeconds),
    healthyThresholdCount: Number(input.HealthyThresholdCount ?? before.healthyThresholdCount),
    unhealthyThresholdCount: Number(input.UnhealthyThresholdCount ?? before.unhealthyThresholdCount),
  };
}

function describeTargetGroup(state: ElbState, group: TargetGroup): XmlObject {
  const { healthCheck } = group;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: healthCheck.protocol,
    HealthCheckPort: healthCheck.port,
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: healthCheck.intervalSeconds,
    HealthCheckTimeoutSeconds: healthCheck.timeoutSeconds,
    HealthyThresholdCount: healthCheck.healthyThresholdCount,
    UnhealthyThresholdCount: healthCheck.unhealthyThresholdCount,
    HealthCheckPath: healthCheck.path,
    Matcher: { HttpCode: healthCheck.matcher },
    LoadBalancerArns: loadBalancersOf(state, group.arn),
    TargetType: group.targetType,
    ProtocolVersion: 'HTTP1',
    IpAddressType: 'ipv4',
  };
}
