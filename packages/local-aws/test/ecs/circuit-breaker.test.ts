import { describe, expect, test } from '@jest/globals';
import {
  breakerThreshold,
  countFailures,
  isDeploymentFailure,
  restartGap,
} from '../../src/ecs/circuit-breaker.js';
import type { DeploymentCircuitBreaker } from '../../src/ecs/wire.js';

const on = { enable: true, rollback: true };

describe('the threshold', () => {
  const cases: [number, DeploymentCircuitBreaker['thresholdConfiguration'], number][] = [
    [0, undefined, 3],
    [1, undefined, 3],
    [25, undefined, 13],
    [400, undefined, 200],
    [1000, undefined, 200],
    [100, { type: 'BOUNDED_PERCENT', value: 10 }, 10],
    [10, { type: 'BOUNDED_PERCENT', value: 10 }, 3],
    [1000, { type: 'UNBOUNDED_PERCENT', value: 50 }, 500],
    [2, { type: 'UNBOUNDED_PERCENT', value: 50 }, 1],
    [400, { type: 'COUNT', value: 7 }, 7],
    [1, { type: 'COUNT', value: 1 }, 1],
  ];
  test.each(cases)('for %d tasks under %j is %d', (desiredCount, thresholdConfiguration, expected) => {
    const breaker = { ...on, ...(thresholdConfiguration && { thresholdConfiguration }) };
    expect(breakerThreshold(desiredCount, breaker)).toBe(expected);
  });
});

describe('the count of failures', () => {
  test.each([
    ['a failure adds one', 2, 'failed', on, 3],
    ['a healthy task resets it', 2, 'healthy', on, 0],
    ['unless the breaker says not to', 2, 'healthy', { ...on, resetOnHealthyTask: false }, 2],
    [
      'which counts only while the breaker is on',
      2,
      'healthy',
      { enable: false, rollback: false, resetOnHealthyTask: false },
      0,
    ],
    ['without a breaker too', 2, 'healthy', undefined, 0],
  ] as const)('%s', (_name, before, verdict, breaker, after) => {
    expect(countFailures(before, verdict, breaker)).toBe(after);
  });
});

describe('a stopped task counts against its deployment', () => {
  test.each([
    [
      'when it could not be started',
      { stopCode: 'TaskFailedToStart', wasHealthy: false, failedCheck: false },
      true,
    ],
    [
      'when it exits before it was healthy',
      { stopCode: 'EssentialContainerExited', wasHealthy: false, failedCheck: false },
      true,
    ],
    [
      'not when it exits later',
      { stopCode: 'EssentialContainerExited', wasHealthy: true, failedCheck: false },
      false,
    ],
    [
      'when a check failed it, even later',
      { stopCode: 'ServiceSchedulerInitiated', wasHealthy: true, failedCheck: true },
      true,
    ],
    [
      'not when the scheduler had too many',
      { stopCode: 'ServiceSchedulerInitiated', wasHealthy: false, failedCheck: false },
      false,
    ],
    [
      'not when somebody stopped it',
      { stopCode: 'UserInitiated', wasHealthy: false, failedCheck: false },
      false,
    ],
  ])('%s', (_name, task, expected) => {
    expect(isDeploymentFailure(task)).toBe(expected);
  });
});

test('gaps between restarts start after three rounds and double up to the largest', () => {
  const gaps = [0, 1, 3, 4, 5, 6, 10, 20].map((failures) =>
    restartGap(failures, 1, { first: 10, largest: 900 }),
  );
  expect(gaps).toEqual([0, 0, 0, 10, 20, 40, 640, 900]);
  expect(restartGap(12, 4, { first: 10, largest: 900 })).toBe(0);
  expect(restartGap(16, 4, { first: 10, largest: 900 })).toBe(10);
});
