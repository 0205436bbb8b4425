import { describe, expect, test } from '@jest/globals';
import { forwardings, resolveLoadBalancers } from '../../src/ecs/target-group-pairs.js';
import { checkTargetGroups } from '../../src/ecs/target-group-rules.js';
import { targetTimings } from '../../src/ecs/target-timings.js';
import type { LoadBalancer } from '../../src/ecs/wire.js';
import type { TargetGroupView } from '../../src/world/ports.js';

const behind = (targetGroupArn: string, advanced?: object): LoadBalancer => ({
  targetGroupArn,
  containerName: 'app',
  containerPort: 80,
  ...(advanced !== undefined && { advancedConfiguration: advanced }),
});
const pair = { alternateTargetGroupArn: 'green', productionListenerRule: 'main', testListenerRule: 'test' };

describe('a revision behind a pair of target groups', () => {
  test.each([
    ['the first', [], 'blue'],
    ['one after blue', [behind('blue')], 'green'],
    ['one after green', [behind('green')], 'blue'],
  ])('%s gets the free one', (_which, before, got) => {
    const [resolved] = resolveLoadBalancers([behind('blue', pair)], before);
    expect(resolved?.targetGroupArn).toBe(got);
  });

  test('without an alternate it keeps its own', () => {
    expect(resolveLoadBalancers([behind('blue')], [behind('blue')])).toEqual([behind('blue')]);
  });

  test.each([
    [10, 100, { blue: 90, green: 10 }, { blue: 0, green: 100 }],
    [100, 0, { blue: 0, green: 100 }, { blue: 100, green: 0 }],
  ])('gets %i %% of the production traffic', (productionWeight, testWeight, main, testing) => {
    const weights = { productionWeight, testWeight };
    expect(forwardings([behind('blue')], [behind('green', pair)], weights)).toEqual([
      { rule: 'main', weights: main },
      { rule: 'test', weights: testing },
    ]);
  });

  test('gets all of it as the first, whatever the step', () => {
    expect(
      forwardings([], [behind('blue', pair)], { productionWeight: 0, testWeight: 0 }).map(
        ({ weights }) => weights,
      ),
    ).toEqual([{ blue: 100 }, { blue: 100 }]);
  });

  test('leaves listeners alone where it has no rules', () => {
    expect(forwardings([behind('blue')], [behind('blue')], { productionWeight: 50, testWeight: 0 })).toEqual(
      [],
    );
  });
});

const group = (changes: Partial<TargetGroupView> = {}): TargetGroupView => ({
  healthyMs: 1,
  unhealthyMs: 2,
  drainingMs: 3,
  inUse: true,
  targetType: 'ip',
  ...changes,
});

describe('a target group', () => {
  const check = (view: TargetGroupView | undefined, networkMode: 'awsvpc' | 'bridge' = 'awsvpc') =>
    checkTargetGroups([behind('web')], { networkMode }, () => view);

  test.each([
    ['that suits', group(), 'awsvpc'],
    ['that was not made here', undefined, 'awsvpc'],
    ['of instances, for tasks that share their address', group({ targetType: 'instance' }), 'bridge'],
  ] as const)('%s is taken', (_what, view, networkMode) => {
    expect(() => check(view, networkMode)).not.toThrow();
  });

  test.each([
    ['no load balancer leads to', group({ inUse: false }), 'does not have an associated load balancer'],
    ['of instances', group({ targetType: 'instance' }), 'incompatible with the awsvpc network mode'],
  ])('that %s is refused', (_what, view, message) => {
    expect(() => check(view)).toThrow(message);
  });

  test('is as slow as the slowest of a task', () => {
    const groups: Record<string, TargetGroupView> = {
      quick: group(),
      slow: group({ healthyMs: 99_000, drainingMs: 300_000 }),
    };
    const loadBalancers = [behind('quick'), behind('slow'), behind('elsewhere')];
    expect(targetTimings({ loadBalancers }, (arn) => groups[arn])).toEqual({
      healthyMs: 99_000,
      unhealthyMs: 60_000,
      drainingMs: 300_000,
    });
  });
});
