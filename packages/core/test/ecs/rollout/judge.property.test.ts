import * as fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { judgeRollout } from '../../../src/ecs/rollout/judge.js';
import {
  currentServiceDeployment,
  ownDeployment,
  primaryDeployment,
} from '../../../src/ecs/rollout/snapshot.js';
import {
  at,
  denied,
  NEWER,
  OLD,
  OURS,
  ours,
  rollout,
  service,
  serviceDeployment,
  snapshot,
} from './snapshots.js';

const count = fc.integer({ min: 0, max: 3 });
const moment = fc.integer({ min: -100, max: 100 }).map(at);

const deployment = (id: string, createdAt: Date) =>
  fc
    .record({
      rolloutState: fc.constantFrom(
        'IN_PROGRESS' as const,
        'COMPLETED' as const,
        'FAILED' as const,
        undefined,
      ),
      desiredCount: count,
      runningCount: count,
      pendingCount: count,
      failedTasks: count,
      updatedAt: moment,
    })
    .map((more) => ours({ id, createdAt, status: 'ACTIVE', ...more }));

const anySnapshot = fc
  .record({
    deployments: fc
      .shuffledSubarray([0, 1, 2], { minLength: 1 })
      .chain((chosen) =>
        fc.tuple(
          ...chosen.map((index) =>
            deployment([OLD, OURS, NEWER][index] ?? OURS, at([-1000, 0, 30][index] ?? 0)),
          ),
        ),
      ),
    desiredCount: count,
    status: fc.option(
      fc.constantFrom(
        'PENDING' as const,
        'IN_PROGRESS' as const,
        'SUCCESSFUL' as const,
        'STOP_REQUESTED' as const,
        'STOPPED' as const,
        'ROLLBACK_REQUESTED' as const,
        'ROLLBACK_IN_PROGRESS' as const,
        'ROLLBACK_SUCCESSFUL' as const,
        'ROLLBACK_FAILED' as const,
      ),
      { nil: undefined },
    ),
    strategy: fc.constantFrom('ROLLING' as const, 'BLUE_GREEN' as const),
    unread: fc.constantFrom({}, denied, { unansweredSince: at(0).getTime() }),
  })
  .map(({ deployments, desiredCount, status, strategy, unread }) => {
    const [first, ...rest] = deployments;
    return snapshot({
      service: service([{ ...first, status: 'PRIMARY' }, ...rest], {
        desiredCount,
        deploymentConfiguration: { strategy },
      }),
      serviceDeployment: status === undefined ? undefined : serviceDeployment({ status }),
      ...unread,
    });
  });

test('whatever ECS answers, no success without its word for our own deployment', () => {
  fc.assert(
    fc.property(anySnapshot, (seen) => {
      if (judgeRollout(seen, rollout)?.outcome !== 'succeeded') return;
      const own = ownDeployment(seen.service, rollout);
      const isPrimary = primaryDeployment(seen.service)?.id === OURS;
      const counted = own?.rolloutState === undefined && own?.runningCount === seen.service?.desiredCount;
      expect(
        seen.serviceDeployment?.status === 'SUCCESSFUL' ||
          (isPrimary && (own?.rolloutState === 'COMPLETED' || counted)),
      ).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test('whatever ECS answers, no rollback while our own deployment is primary, and no end while one is under way', () => {
  fc.assert(
    fc.property(anySnapshot, (seen) => {
      const verdict = judgeRollout(seen, rollout);
      const status = seen.serviceDeployment?.status;
      if (verdict?.outcome === 'rolled-back' && status !== 'ROLLBACK_SUCCESSFUL')
        expect(primaryDeployment(seen.service)?.id).toBe(OLD);
      if (status !== 'ROLLBACK_IN_PROGRESS' && status !== 'ROLLBACK_REQUESTED') return;
      if (currentServiceDeployment(seen) === undefined) expect(verdict?.outcome).not.toBe('succeeded');
      else expect(verdict).toBeUndefined();
    }),
    { numRuns: 3_000 },
  );
});

test('without a service deployment that answers, no success of shifted traffic while what ran before runs', () => {
  fc.assert(
    fc.property(anySnapshot, (seen) => {
      if (judgeRollout(seen, rollout)?.outcome !== 'succeeded') return;
      if (currentServiceDeployment(seen) !== undefined) return;
      if (seen.service?.deploymentConfiguration?.strategy === 'ROLLING') return;
      const others = (seen.service?.deployments ?? []).filter(({ id }) => id !== OURS);
      expect(others.every(({ runningCount }) => runningCount === 0)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});
