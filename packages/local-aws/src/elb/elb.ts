import type { CallContext, QueryService } from '../protocol/service.js';
import type { TargetGroups } from '../world/ports.js';
import type { World } from '../world/world.js';
import { createLoadBalancerOperations } from './load-balancers.js';
import { createElbState } from './state.js';
import type { ElbState, TargetGroup } from './state.js';
import { createTargetGroupOperations } from './target-groups.js';
import { createTargets, drainingMs, timeToHealthyMs, timeToUnhealthyMs } from './targets.js';

export interface Elb {
  readonly service: QueryService;
  /** What ECS and CodeDeploy do with target groups and listeners. */
  readonly targetGroups: TargetGroups;
  reset(): void;
}

/** Elastic Load Balancing (v2): who is registered where and how healthy; no traffic really flows. */
export function createElb({ clock }: Pick<World, 'clock'>): Elb {
  const states = new Map<string, ElbState>();
  const stateOf = ({ accountId, region }: Pick<CallContext, 'accountId' | 'region'>): ElbState => {
    const key = `${accountId}/${region}`;
    const known = states.get(key) ?? createElbState(accountId, region);
    states.set(key, known);
    return known;
  };
  const findGroup = (arn: string): TargetGroup | undefined => {
    for (const { targetGroups } of states.values()) {
      const group = targetGroups.get(arn);
      if (group !== undefined) return group;
    }
    return undefined;
  };
  const targets = createTargets(clock);
  const onGroup = (arn: string, act: (group: TargetGroup) => void): void => {
    const group = findGroup(arn);
    if (group !== undefined) act(group);
  };
  return {
    service: {
      signingName: 'elasticloadbalancing',
      namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
      operations: {
        ...createLoadBalancerOperations(stateOf, clock),
        ...createTargetGroupOperations(stateOf, targets),
      },
    },
    targetGroups: {
      timings(arn) {
        const group = findGroup(arn);
        return (
          group && {
            healthyMs: timeToHealthyMs(group),
            unhealthyMs: timeToUnhealthyMs(group),
            drainingMs: drainingMs(group),
          }
        );
      },
      register: (arn, target) => onGroup(arn, (group) => targets.register(group, target)),
      setHealth: (arn, target, verdict) => onGroup(arn, (group) => targets.setHealth(group, target, verdict)),
      deregister: (arn, target) => onGroup(arn, (group) => targets.deregister(group, target)),
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
    },
    reset: () => states.clear(),
  };
}
