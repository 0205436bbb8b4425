import { describe, expect, test } from '@jest/globals';
import { trafficRouting } from '../../src/codedeploy/configurations.js';
import { advanceEvents, endEvents, pendingEvents } from '../../src/codedeploy/lifecycle.js';
import type { LifecycleEvent } from '../../src/codedeploy/lifecycle.js';
import { judgeShift } from '../../src/codedeploy/verdict.js';
import type { TaskSetShift } from '../../src/ecs/task-sets.js';
import type { HookRun } from '../../src/ecs/stages.js';

const statuses = (events: readonly LifecycleEvent[]) => events.map(({ status }) => status[0]).join('');

describe('lifecycle events', () => {
  test.each([
    ['PRE_SCALE_UP', 'IPPPPPPP'],
    ['SCALE_UP', 'SIPPPPPP'],
    ['POST_TEST_TRAFFIC_SHIFT', 'SSSSIPPP'],
    ['PRODUCTION_TRAFFIC_SHIFT', 'SSSSSSIP'],
    ['BAKE_TIME', 'SSSSSSSS'],
    ['CLEAN_UP', 'SSSSSSSS'],
    [undefined, 'SSSSSSSS'],
  ] as const)('in %s stand at %s', (stage, shown) => {
    expect(statuses(advanceEvents(pendingEvents(), stage, 1))).toBe(shown);
  });

  test('keep their times, and are never taken back: traffic shifts in several steps', () => {
    const shifting = advanceEvents(
      advanceEvents(pendingEvents(), 'SCALE_UP', 10),
      'PRODUCTION_TRAFFIC_SHIFT',
      20,
    );
    const again = advanceEvents(shifting, 'PRE_PRODUCTION_TRAFFIC_SHIFT', 30);
    expect(again).toEqual(shifting);
    expect(again[1]).toEqual({ name: 'Install', status: 'Succeeded', startedAt: 10, endedAt: 20 });
  });

  test('end in the one under way', () => {
    const events = advanceEvents(pendingEvents(), 'POST_SCALE_UP', 10);
    const ended = endEvents(events, { status: 'Failed', message: 'no' }, 20);

    expect(ended.map(({ status }) => status).slice(3)).toEqual(Array(5).fill('Skipped'));
    expect(ended[2]).toMatchObject({ name: 'AfterInstall', status: 'Failed', endedAt: 20, message: 'no' });
  });

  test('end in the first if none was under way', () => {
    expect(endEvents(pendingEvents(), { status: 'Failed', message: 'no' }, 5)[0]).toEqual({
      name: 'BeforeInstall',
      status: 'Failed',
      startedAt: 5,
      endedAt: 5,
      message: 'no',
    });
  });
});

describe('a deployment configuration', () => {
  test.each([
    ['CodeDeployDefault.ECSAllAtOnce', { strategy: 'BLUE_GREEN' }],
    [
      'CodeDeployDefault.ECSLinear10PercentEvery3Minutes',
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 10, stepBakeTimeInMinutes: 3 } },
    ],
    [
      'CodeDeployDefault.ECSCanary10Percent15Minutes',
      { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 15 } },
    ],
  ])('%s shifts traffic in its way', (name, routing) => {
    expect(trafficRouting(name)).toEqual(routing);
  });

  test('of another name is not there', () => {
    expect(() => trafficRouting('CodeDeployDefault.LambdaAllAtOnce')).toThrow(
      'No Deployment Configuration found',
    );
  });
});

describe('a deployment', () => {
  const hook = (changes: Partial<HookRun>): HookRun => ({
    id: 'h',
    stage: 'POST_TEST_TRAFFIC_SHIFT',
    targetType: 'PAUSE',
    startedAt: 0,
    expiresAt: 1,
    timeoutAction: 'ROLLBACK',
    status: 'AWAITING_ACTION',
    ...changes,
  });
  const judge = (shift: Partial<TaskSetShift>, others: Partial<Parameters<typeof judgeShift>[0]> = {}) =>
    judgeShift({
      shift: {
        status: 'IN_PROGRESS',
        stage: 'SCALE_UP',
        productionWeight: 0,
        finishedAt: undefined,
        hooks: [],
        ...shift,
      },
      failedHook: undefined,
      activatedAlarms: [],
      installingForMs: 0,
      ...others,
    });

  test('goes on, ready while traffic waits to be rerouted', () => {
    expect(judge({})).toMatchObject({ kind: 'goes-on', status: 'InProgress', terminationWait: false });
    expect(judge({ hooks: [hook({})] })).toMatchObject({ status: 'Ready' });
    expect(judge({ hooks: [hook({ stage: 'BAKE_TIME' })], stage: 'BAKE_TIME' })).toMatchObject({
      status: 'InProgress',
      terminationWait: true,
    });
  });

  test('succeeds with its task set', () => {
    expect(judge({ status: 'SUCCESSFUL' })).toEqual({ kind: 'succeeded' });
  });

  test.each<[what: string, ...Parameters<typeof judge>, ...string[]]>([
    [
      'of a function',
      { status: 'ROLLBACK_IN_PROGRESS' },
      { failedHook: 'BeforeAllowTraffic' },
      'Failed',
      'HOOK_EXECUTION_FAILURE',
      'DEPLOYMENT_FAILURE',
    ],
    [
      'of waiting for a decision',
      { status: 'ROLLBACK_IN_PROGRESS', hooks: [hook({ status: 'TIMED_OUT' })] },
      {},
      'Stopped',
      'MANUAL_STOP',
      'DEPLOYMENT_STOP_ON_REQUEST',
    ],
    ['of ECS', { status: 'STOPPED' }, {}, 'Failed', 'ECS_UPDATE_ERROR', 'DEPLOYMENT_FAILURE'],
    ['of an alarm', {}, { activatedAlarms: ['5xx'] }, 'Stopped', 'ALARM_ACTIVE', 'DEPLOYMENT_STOP_ON_ALARM'],
    ['of time', {}, { installingForMs: 3_600_000 }, 'Failed', 'TIMEOUT', 'DEPLOYMENT_FAILURE'],
  ])('ends because %s', (_what, shift, others, status, code, rollbackEvent) => {
    expect(judge(shift, others)).toMatchObject({ kind: 'ended', status, code, rollbackEvent });
  });
});
