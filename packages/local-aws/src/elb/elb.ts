import type { CallContext, QueryService } from '../protocol/service.js';
import type {
  FindTargetGroup,
  FindTargetGroupArn,
  FindTargets,
  ForwardTraffic,
  TargetGroupView,
} from '../world/ports.js';
import type { World } from '../world/world.js';
import { createAttributeOperations } from './attributes.js';
import { createLoadBalancerOperations, requireResource } from './load-balancers.js';
import { createElbState, targetGroupsInUse } from './state.js';
import type { ElbState, TargetGroup } from './state.js';
import { createTagOperations } from './tags.js';
import { createTargetGroupOperations } from './target-groups.js';
import { createTargets, drainingMs, timeToHealthyMs, timeToUnhealthyMs } from './targets.js';

/** What the server, ECS and CodeDeploy get of it. */
export interface Elb {
  readonly service: QueryService;
  readonly findTargetGroup: FindTargetGroup;
  readonly findTargetGroupArn: FindTargetGroupArn;
  readonly forward: ForwardTraffic;
  reset(): void;
}

/** Elastic Load Balancing (v2): who is registered where and how healthy; no traffic really flows. */
export function createElb({ clock }: Pick<World, 'clock'>, { findTasks }: { findTasks: FindTargets }): Elb {
  const states = new Map<string, ElbState>();
  const stateOf = ({ accountId, region }: Pick<CallContext, 'accountId' | 'region'>): ElbState => {
    const key = `${accountId}/${region}`;
    const known = states.get(key) ?? createElbState(accountId, region);
    states.set(key, known);
    return known;
  };
  return {
    service: {
      signingName: 'elasticloadbalancing',
      namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
      operations: {
        ...createLoadBalancerOperations(stateOf, clock),
        ...createTargetGroupOperations(stateOf, createTargets(clock), findTasks),
        ...createAttributeOperations(stateOf, requireResource),
        ...createTagOperations(stateOf),
      },
    },
    findTargetGroup(arn) {
      for (const state of states.values()) {
        const group = state.targetGroups.get(arn);
        if (group !== undefined) return viewOf(state, group);
      }
      return undefined;
    },
    findTargetGroupArn: (name, context) =>
      [...stateOf(context).targetGroups.values()].find((group) => group.name === name)?.arn,
    forward(listenerOrRuleArn, weights) {
      const forwards = Object.entries(weights).map(([targetGroupArn, weight]) => ({
        targetGroupArn,
        weight,
      }));
      for (const { listeners, rules } of states.values()) {
        const holder = listeners.get(listenerOrRuleArn) ?? rules.get(listenerOrRuleArn);
        if (holder !== undefined) holder.actions = [{ type: 'forward', order: 1, forwards }];
      }
    },
    reset: () => states.clear(),
  };
}

function viewOf(state: ElbState, group: TargetGroup): TargetGroupView {
  return {
    healthyMs: timeToHealthyMs(group),
    unhealthyMs: timeToUnhealthyMs(group),
    drainingMs: drainingMs(state, group),
    inUse: targetGroupsInUse(state).has(group.arn),
    targetType: group.targetType,
  };
}
