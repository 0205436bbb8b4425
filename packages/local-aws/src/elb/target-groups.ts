import type { XmlObject } from '../protocol/query.js';
import type { CallContext, QueryService } from '../protocol/service.js';
import { AwsError } from '../protocol/service.js';
import type { FindTargets } from '../world/ports.js';
import { targetGroupNotFound, validationError } from './errors.js';
import { choose, listOf } from './load-balancers.js';
import { elbArn, loadBalancersOf, randomElbId, targetGroupsInUse } from './state.js';
import type { ElbState, HealthCheck, TargetGroup } from './state.js';
import { describeHealth } from './target-health.js';
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

type StateOf = (context: Pick<CallContext, 'accountId' | 'region'>) => ElbState;

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
        healthCheck: healthCheckOf(input),
        attributes: new Map(),
        targets: new Map(),
      };
      state.targetGroups.set(group.arn, group);
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

    ModifyTargetGroupAttributes(
      input: { TargetGroupArn?: string; Attributes?: { Key: string; Value: string }[] },
      context: CallContext,
    ) {
      const group = requireGroup(stateOf(context), input.TargetGroupArn);
      for (const { Key: key, Value: value } of input.Attributes ?? []) group.attributes.set(key, value);
      return { Attributes: describeAttributes(group) };
    },

    DescribeTargetGroupAttributes(input: { TargetGroupArn?: string }, context: CallContext) {
      return { Attributes: describeAttributes(requireGroup(stateOf(context), input.TargetGroupArn)) };
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
      const group = requireGroup(stateOf(context), input.TargetGroupArn);
      for (const { Id: id, Port: port } of input.Targets ?? []) {
        targets.deregister(group, { id, port: Number(port ?? group.port) });
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

function healthCheckOf(input: TargetGroupInput): HealthCheck {
  return {
    protocol: input.HealthCheckProtocol ?? input.Protocol ?? 'HTTP',
    port: input.HealthCheckPort ?? 'traffic-port',
    path: input.HealthCheckPath ?? '/',
    matcher: input.Matcher?.HttpCode ?? '200',
    intervalSeconds: Number(input.HealthCheckIntervalSeconds ?? 30),
    timeoutSeconds: Number(input.HealthCheckTimeoutSeconds ?? 5),
    healthyThresholdCount: Number(input.HealthyThresholdCount ?? 5),
    unhealthyThresholdCount: Number(input.UnhealthyThresholdCount ?? 2),
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

const DEFAULT_ATTRIBUTES: Readonly<Record<string, string>> = {
  'deregistration_delay.timeout_seconds': '300',
  'stickiness.enabled': 'false',
  'slow_start.duration_seconds': '0',
};

function describeAttributes({ attributes }: TargetGroup): XmlObject[] {
  const all = { ...DEFAULT_ATTRIBUTES, ...Object.fromEntries(attributes) };
  return Object.entries(all).map(([key, value]) => ({ Key: key, Value: value }));
}
