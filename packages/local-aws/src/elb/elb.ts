import type { CallContext, QueryService } from '../protocol/service.js';
import type { FindTargetGroup, FindTargets } from '../world/ports.js';
import type { World } from '../world/world.js';
import { createLoadBalancerOperations } from './load-balancers.js';
import { createElbState } from './state.js';
import type { ElbState } from './state.js';
import { createTargetGroupOperations } from './target-groups.js';
import { createTargets, drainingMs, timeToHealthyMs, timeToUnhealthyMs } from './targets.js';

export interface Elb {
  readonly service: QueryService;
  readonly findTargetGroup: FindTargetGroup;
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
      },
    },
    findTargetGroup(arn) {
      const group = [...states.values()].map(({ targetGroups }) => targetGroups.get(arn)).find(Boolean);
      return (
        group && {
          healthyMs: timeToHealthyMs(group),
          unhealthyMs: timeToUnhealthyMs(group),
          drainingMs: drainingMs(group),
        }
      );
    },
    reset: () => states.clear(),
  };
}
