import { describe, expect, test } from '@jest/globals';
import {
  hookFailure,
  hookStatus,
  type HookRun,
  isStepDone,
  planSteps,
  startHooks,
} from '../../src/ecs/stages.js';
import type { DeploymentConfiguration } from '../../src/ecs/wire.js';

const weights = (configuration: DeploymentConfiguration): number[] =>
  planSteps(configuration, 1)
    .filter(({ stage }) => stage === 'PRODUCTION_TRAFFIC_SHIFT')
    .map(({ productionWeight }) => productionWeight);

/** Minutes of baking between traffic shifts, the time of the shifts themselves left out. */
const bakes = (configuration: DeploymentConfiguration): number[] =>
  planSteps(configuration, 1)
    .filter(({ stage }) => stage === 'PRODUCTION_TRAFFIC_SHIFT')
    .map(({ durationMs }) => Math.floor(durationMs / 60_000));

describe('the steps of a strategy', () => {
  test('ROLLING has none', () => {
    expect(planSteps({}, 1)).toEqual([]);
    expect(planSteps({ strategy: 'ROLLING' }, 2)).toEqual([]);
  });

  test('BLUE_GREEN shifts once, then bakes', () => {
    const steps = planSteps({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 }, 1);
    expect(steps.map(({ stage }) => stage)).toEqual([
      'PRE_SCALE_UP',
      'SCALE_UP',
      'POST_SCALE_UP',
      'TEST_TRAFFIC_SHIFT',
      'POST_TEST_TRAFFIC_SHIFT',
      'PRE_PRODUCTION_TRAFFIC_SHIFT',
      'PRODUCTION_TRAFFIC_SHIFT',
      'POST_PRODUCTION_TRAFFIC_SHIFT',
      'BAKE_TIME',
      'CLEAN_UP',
    ]);
    expect(steps.find(({ stage }) => stage === 'BAKE_TIME')?.durationMs).toBe(300_000);
    expect(planSteps({ strategy: 'BLUE_GREEN' }, 2)[0]?.stage).toBe('RECONCILE_SERVICE');
  });

  test.each([
    [{ strategy: 'LINEAR' }, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100], [6, 6, 6, 6, 6, 6, 6, 6, 6, 0]],
    [
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 1 } },
      [40, 80, 100],
      [1, 1, 0],
    ],
    [{ strategy: 'CANARY' }, [5, 100], [10, 0]],
    [
      { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 25, canaryBakeTimeInMinutes: 2 } },
      [25, 100],
      [2, 0],
    ],
  ] as const)('%j shifts to %j', (configuration, expectedWeights, expectedBakes) => {
    expect(weights(configuration)).toEqual(expectedWeights);
    expect(bakes(configuration)).toEqual(expectedBakes);
  });
});

const hook = (more: Partial<HookRun> = {}): HookRun => ({
  id: 'hook-1',
  stage: 'PRE_SCALE_UP',
  targetType: 'PAUSE',
  startedAt: 0,
  expiresAt: 60_000,
  timeoutAction: 'ROLLBACK',
  status: 'AWAITING_ACTION',
  ...more,
});
const lambda = (name: string): Partial<HookRun> => ({
  targetType: 'AWS_LAMBDA',
  targetArn: `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
  status: 'IN_PROGRESS',
});

describe('a lifecycle hook', () => {
  test('starts with its stage, with a day to answer by default', () => {
    const hooks = [
      { targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] },
      { hookTargetArn: 'arn', lifecycleStages: ['PRE_SCALE_UP'] },
    ] as const;
    const run = startHooks(
      hooks.map((each) => ({ ...each, lifecycleStages: [...each.lifecycleStages] })),
      'POST_SCALE_UP',
      1000,
      () => 'id',
    );
    expect(run).toEqual([
      {
        id: 'id',
        stage: 'POST_SCALE_UP',
        targetType: 'PAUSE',
        startedAt: 1000,
        expiresAt: 1000 + 86_400_000,
        timeoutAction: 'ROLLBACK',
        status: 'AWAITING_ACTION',
      },
    ]);
  });

  test.each([
    ['a pause waits', hook(), 59_999, 'AWAITING_ACTION'],
    ['and runs out', hook(), 60_000, 'TIMED_OUT'],
    ['or goes on by itself', hook({ timeoutAction: 'CONTINUE' }), 60_000, 'SUCCEEDED'],
    ['a function takes its time', hook(lambda('check')), 0, 'IN_PROGRESS'],
    ['and succeeds', hook(lambda('check')), 10_000, 'SUCCEEDED'],
    ['unless its name says otherwise', hook(lambda('check-fails')), 10_000, 'FAILED'],
    ['or never ends', hook(lambda('check-hangs')), 59_999, 'IN_PROGRESS'],
    ['until its time is up', hook(lambda('check-hangs')), 60_000, 'TIMED_OUT'],
    ['and so are those that are over', hook({ status: 'SUCCEEDED' }), 60_000, 'SUCCEEDED'],
  ] as const)('%s', (_name, run, now, status) => {
    expect(hookStatus(run, now)).toBe(status);
  });

  test.each([
    [
      'by a function',
      hook({ ...lambda('x-fails'), status: 'FAILED' }),
      'Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target arn:aws:lambda:us-east-1:123456789012:function:x-fails returned FAILED status.',
    ],
    [
      'by a function that never ended',
      hook({ ...lambda('x-hangs'), status: 'TIMED_OUT' }),
      'Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed. Lifecycle hook hook-1 timed out.',
    ],
    [
      'by its end',
      hook({ status: 'TIMED_OUT' }),
      'Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed. Lifecycle hook hook-1 timed out.',
    ],
    [
      'by request',
      hook({ status: 'FAILED' }),
      'Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed. A rollback was requested for lifecycle hook hook-1.',
    ],
    ['not at all', hook({ status: 'SUCCEEDED' }), undefined],
  ] as const)('fails a deployment %s', (_name, run, reason) => {
    expect(hookFailure([hook({ status: 'SUCCEEDED' }), run])).toBe(reason);
  });
});

test('a step is done after its hooks, its time and its purpose', () => {
  const step = { stage: 'SCALE_UP', durationMs: 10, productionWeight: 0, testWeight: 0 } as const;
  const state = { hooks: [], enteredAt: 0, now: 10, reconciled: false, scaledUp: true, cleanedUp: false };
  expect(isStepDone(step, state)).toBe(true);
  expect(isStepDone(step, { ...state, now: 9 })).toBe(false);
  expect(isStepDone(step, { ...state, scaledUp: false })).toBe(false);
  expect(isStepDone(step, { ...state, hooks: [hook()] })).toBe(false);
  expect(isStepDone({ ...step, stage: 'CLEAN_UP' }, state)).toBe(false);
  expect(isStepDone({ ...step, stage: 'RECONCILE_SERVICE' }, state)).toBe(false);
  expect(isStepDone({ ...step, stage: 'RECONCILE_SERVICE' }, { ...state, reconciled: true })).toBe(true);
  expect(isStepDone({ ...step, stage: 'BAKE_TIME' }, state)).toBe(true);
});
