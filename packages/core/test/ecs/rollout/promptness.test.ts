import {
  DescribeTasksCommand,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  type ECSClient,
  type Service,
  type ServiceDeployment,
} from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import { createCallBudget } from '../../../src/ecs/rollout/budget.js';
import type { Outcome } from '../../../src/ecs/rollout/outcome.js';
import { createPace } from '../../../src/ecs/rollout/pace.js';
import { createRolloutReader } from '../../../src/ecs/rollout/read.js';
import type { ExpectedRollout, ServiceSnapshot } from '../../../src/ecs/rollout/snapshot.js';
import { watchRollout, type WatchedRollout } from '../../../src/ecs/rollout/watch.js';
import { ManualClock } from '../manual-clock.js';
import { busiestMinute, seeded, share } from '../promptness.js';
import {
  at,
  breaker,
  newer,
  old,
  ours,
  rollout,
  service,
  serviceDeployment,
  stoppedTask,
} from './snapshots.js';

/** What ECS answers at a moment. */
interface View {
  readonly service: Service;
  readonly serviceDeployment: ServiceDeployment;
}
/** A rollout by ECS: what it answers `now`, if it ends at `end` (both ms after the update). */
type Story = (now: number, end: number) => View;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const FAST = { timeout: () => new AbortController().signal, timeoutMs: 120 * MINUTE };

/** Something changes at every poll, so that the details are always wanted. */
const restless = (now: number) => ({
  desiredCount: 120,
  runningCount: Math.floor(now / 2_000) % 100,
  pendingCount: 120 - (Math.floor(now / 2_000) % 100),
});
const primary = (now: number) => old({ status: 'PRIMARY', rolloutState: 'IN_PROGRESS', ...restless(now) });
const backAt = (now: number) => ({ updatedAt: at(now / SECOND) });
const strategy = (name: 'BLUE_GREEN' | 'LINEAR' | 'CANARY'): Partial<Service> => ({
  deploymentConfiguration: { strategy: name },
});
const going =
  (more: Partial<Service> = {}) =>
  (now: number) =>
    service([ours(restless(now)), old(restless(now))], more);
const shifting =
  (name: 'BLUE_GREEN' | 'LINEAR' | 'CANARY', ended: Partial<ServiceDeployment>): Story =>
  (now, end) => ({
    service: going(strategy(name))(now),
    serviceDeployment: serviceDeployment(now < end ? { lifecycleStage: 'SCALE_UP' } : ended),
  });
/** The last moments of a rollout that fails: it is given up before it ends. */
const isFailing = (now: number, end: number) => now >= end - Math.min(30 * SECOND, end / 2);
const rollsBack =
  (ended: Partial<ServiceDeployment>, by: Partial<Service>): Story =>
  (now, end) => ({
    service: service(
      isFailing(now, end)
        ? [ours({ status: 'ACTIVE', rolloutState: 'FAILED' }), { ...primary(now), ...backAt(now) }]
        : [ours(restless(now)), old(restless(now))],
      by,
    ),
    serviceDeployment: serviceDeployment(
      now >= end ? ended : isFailing(now, end) ? { status: 'ROLLBACK_IN_PROGRESS' } : {},
    ),
  });

const byBreaker: Partial<ServiceDeployment> = {
  status: 'ROLLBACK_SUCCESSFUL',
  deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 60, threshold: 60 },
};
const paused: Partial<ServiceDeployment> = {
  lifecycleStage: 'POST_SCALE_UP',
  lifecycleHookDetails: [{ hookId: 'h', targetType: 'PAUSE', status: 'AWAITING_ACTION' }],
};

const STORIES: readonly [string, Outcome, Story][] = [
  [
    'rolling: completes',
    'succeeded',
    (now, end) => ({
      service:
        now < end ? going()(now) : service([ours({ ...restless(now), rolloutState: 'COMPLETED' }), old()]),
      serviceDeployment: serviceDeployment(now < end ? {} : { status: 'SUCCESSFUL' }),
    }),
  ],
  ['rolling: the circuit breaker rolls back', 'rolled-back', rollsBack(byBreaker, breaker(true))],
  [
    'rolling: the circuit breaker ends it',
    'failed',
    (now, end) => ({
      service: service(
        [ours({ ...restless(now), rolloutState: now < end ? 'IN_PROGRESS' : 'FAILED' }), old()],
        breaker(false),
      ),
      serviceDeployment: serviceDeployment(now < end ? {} : { ...byBreaker, status: 'STOPPED' }),
    }),
  ],
  [
    'rolling: somebody rolls it back',
    'stopped',
    rollsBack({ status: 'ROLLBACK_SUCCESSFUL', statusReason: 'Rolled back by user request.' }, {}),
  ],
  [
    'rolling: a newer one takes over',
    'superseded',
    (now, end) => ({
      service: now < end ? going()(now) : service([newer(), ours({ status: 'ACTIVE' }), old()]),
      serviceDeployment: serviceDeployment(now < end ? {} : { status: 'STOPPED' }),
    }),
  ],
  ['blue/green: completes', 'succeeded', shifting('BLUE_GREEN', { status: 'SUCCESSFUL' })],
  ['blue/green: pauses', 'paused', shifting('BLUE_GREEN', paused)],
  ['blue/green: is rolled back', 'rolled-back', rollsBack(byBreaker, strategy('BLUE_GREEN'))],
  [
    'blue/green: is stopped',
    'stopped',
    shifting('BLUE_GREEN', { status: 'STOPPED', statusReason: 'Stopped by user request.' }),
  ],
  [
    'blue/green: the service is deleted',
    'stopped',
    (now, end) => ({
      service: going({ ...strategy('BLUE_GREEN'), status: now < end ? 'ACTIVE' : 'INACTIVE' })(now),
      serviceDeployment: serviceDeployment(now < end ? {} : { status: 'STOPPED' }),
    }),
  ],
  ['linear: fails to roll back', 'failed', shifting('LINEAR', { status: 'ROLLBACK_FAILED' })],
  ['canary: pauses', 'paused', shifting('CANARY', paused)],
];

/** An ECS with one service: 120 tasks of it have stopped after a minute, and one more every two seconds. */
function simulate(clock: ManualClock, view: () => View) {
  const calls: number[] = [];
  const stopped = () =>
    Array.from({ length: Math.min(480, Math.floor(clock.now() / 500)) }, (_, number) => stoppedTask(number));
  const answer = (command: unknown): object => {
    if (command instanceof ListServiceDeploymentsCommand) {
      const { serviceDeploymentArn, targetServiceRevision } = view().serviceDeployment;
      const targetServiceRevisionArn = targetServiceRevision?.arn;
      return { serviceDeployments: [{ serviceDeploymentArn, targetServiceRevisionArn }] };
    }
    if (command instanceof ListTasksCommand) {
      const from = Number(command.input.nextToken ?? 0);
      const all = stopped();
      const more = from + 100 < all.length ? { nextToken: String(from + 100) } : {};
      return { taskArns: all.slice(from, from + 100).map(({ taskArn }) => taskArn), ...more };
    }
    if (command instanceof DescribeTasksCommand) {
      const asked = new Set(command.input.tasks);
      return { tasks: stopped().filter(({ taskArn = '' }) => asked.has(taskArn)) };
    }
    throw new Error('The simulated ECS does not know this command.');
  };
  const ecs = {
    send: async (command: unknown) => {
      calls.push(clock.now());
      return answer(command);
    },
  } as unknown as ECSClient;
  const describeService = async () => {
    calls.push(clock.now());
    return view().service;
  };
  const describeServiceDeployment = async () => {
    calls.push(clock.now());
    return view().serviceDeployment;
  };
  return { ecs, describeService, describeServiceDeployment, calls };
}

/** Watches a service in one run, as often as wanted. */
function openRun(clock: ManualClock, random: () => number, view: () => View) {
  const { calls, ...world } = simulate(clock, view);
  const pace = createPace(clock, random);
  const source = { ...world, clock, budget: createCallBudget(clock, pace) };
  const watch = async (expected: ExpectedRollout, from?: ServiceSnapshot): Promise<WatchedRollout> => {
    const steps = watchRollout(expected, createRolloutReader(source, expected), {
      clock,
      pace,
      from,
      ...FAST,
    });
    for (;;) {
      const step = await steps.next();
      if (step.done === true) return step.value;
    }
  };
  return { calls, watch };
}

/** From 20 s to 30 min, as many short ones as long ones. */
const duration = (random: () => number) => Math.round(20 * SECOND * 90 ** random());

describe('1,400 rollouts: found out within 6 s at the median, 11 s at the 99th percentile, by 20 calls a minute', () => {
  test.each(STORIES)('%s', async (_, outcome, story) => {
    const random = seeded(7);
    const lags: number[] = [];
    for (let run = 0; run < 100; run += 1) {
      const clock = new ManualClock();
      const end = duration(random);
      const { calls, watch } = openRun(clock, random, () => story(clock.now(), end));
      const { verdict, snapshot } = await clock.run(watch(rollout));
      expect(verdict.outcome).toBe(outcome);
      // Details are never urgent, and still come.
      if (end > 4 * MINUTE) expect(snapshot?.stoppedTasks.length).toBeGreaterThanOrEqual(100);
      lags.push(clock.now() - end);
      expect(busiestMinute(calls)).toBeLessThanOrEqual(20);
    }
    expect(share(lags, 0)).toBeGreaterThanOrEqual(0);
    expect(share(lags, 0.5)).toBeLessThanOrEqual(6 * SECOND);
    expect(share(lags, 0.99)).toBeLessThanOrEqual(11 * SECOND);
  });

  test('blue/green: the service is deleted, and its deployment does not say so: within three polls', async () => {
    const random = seeded(7);
    for (let run = 0; run < 100; run += 1) {
      const clock = new ManualClock();
      const end = duration(random);
      const { calls, watch } = openRun(clock, random, () => ({
        service: going({
          ...strategy('BLUE_GREEN'),
          status: clock.now() < end ? 'ACTIVE' : 'INACTIVE',
        })(clock.now()),
        serviceDeployment: serviceDeployment(),
      }));
      const { verdict } = await clock.run(watch(rollout));
      expect(verdict.outcome).toBe('stopped');
      expect(clock.now() - end).toBeLessThanOrEqual(30 * SECOND);
      expect(busiestMinute(calls)).toBeLessThanOrEqual(20);
    }
  });

  test('rolling: we give up, and ECS rolls back', async () => {
    const random = seeded(7);
    const lags: number[] = [];
    for (let run = 0; run < 100; run += 1) {
      const clock = new ManualClock();
      const failsAt = duration(random);
      let backAtMs = Number.POSITIVE_INFINITY;
      const { calls, watch } = openRun(clock, random, () => {
        const now = clock.now();
        const asked = Number.isFinite(backAtMs);
        const failed = { failedTasks: now < failsAt ? 0 : 60 };
        const own = ours(asked ? { status: 'ACTIVE' } : { ...restless(now), ...failed });
        const status = now >= backAtMs ? 'ROLLBACK_SUCCESSFUL' : 'ROLLBACK_IN_PROGRESS';
        return {
          service: service([own, asked ? { ...primary(now), ...backAt(now) } : old(restless(now))]),
          serviceDeployment: serviceDeployment(asked ? { status } : {}),
        };
      });
      const whole = async () => {
        const expected = { ...rollout, failFastAfter: 60 };
        const givenUp = await watch({ ...expected, since: at(3_600).getTime() });
        expect(givenUp.verdict).toMatchObject({ outcome: 'failed', endedBy: 'fail-fast' });
        // The service deployment is looked up for the request.
        calls.push(clock.now());
        backAtMs = clock.now() + 3 * SECOND + Math.round(120 * SECOND * random());
        return watch({ ...expected, rollbackRequested: true }, givenUp.snapshot);
      };
      const { verdict } = await clock.run(whole());
      expect(verdict.outcome).toBe('rolled-back');
      lags.push(clock.now() - backAtMs);
      expect(busiestMinute(calls)).toBeLessThanOrEqual(20);
    }
    expect(share(lags, 0.5)).toBeLessThanOrEqual(6 * SECOND);
    expect(share(lags, 0.99)).toBeLessThanOrEqual(11 * SECOND);
  });
});
