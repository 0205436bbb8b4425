import type { LoadBalancer } from './wire.js';

/**
 * The target groups that a new revision registers with. A load balancer with an alternate target
 * group has a pair of them: a revision gets the one that the revision before it does not use.
 */
export function resolveLoadBalancers(
  loadBalancers: readonly LoadBalancer[],
  before: readonly LoadBalancer[],
): LoadBalancer[] {
  const used = new Set(before.map(({ targetGroupArn }) => targetGroupArn));
  return loadBalancers.map((loadBalancer) => {
    const alternate = loadBalancer.advancedConfiguration?.alternateTargetGroupArn;
    if (alternate === undefined || !used.has(loadBalancer.targetGroupArn)) return loadBalancer;
    return { ...loadBalancer, targetGroupArn: alternate };
  });
}

/** What a listener rule forwards to, in percent by target group. */
export interface Forwarding {
  readonly rule: string;
  readonly weights: Readonly<Record<string, number>>;
}

/**
 * How the listener rules of a service split its traffic between two revisions whose load balancers
 * are resolved. `productionWeight`, `testWeight`: percent that the target revision gets.
 */
export function forwardings(
  source: readonly LoadBalancer[],
  target: readonly LoadBalancer[],
  { productionWeight, testWeight }: { productionWeight: number; testWeight: number },
): Forwarding[] {
  return target.flatMap(({ targetGroupArn = '', containerName, containerPort, advancedConfiguration }) => {
    const before = source.find(
      (other) => other.containerName === containerName && other.containerPort === containerPort,
    );
    const split = (rule: string | undefined, weight: number): Forwarding[] => {
      if (rule === undefined) return [];
      const from = before?.targetGroupArn;
      if (from === undefined || from === targetGroupArn)
        return [{ rule, weights: { [targetGroupArn]: 100 } }];
      return [{ rule, weights: { [from]: 100 - weight, [targetGroupArn]: weight } }];
    };
    const { productionListenerRule, testListenerRule } = advancedConfiguration ?? {};
    return [...split(productionListenerRule, productionWeight), ...split(testListenerRule, testWeight)];
  });
}
