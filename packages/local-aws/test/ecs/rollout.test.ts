import { describe, expect, test } from '@jest/globals';
import {
  healthyFloor,
  isRolloutComplete,
  planRollout,
  type RolloutPlan,
  type RolloutView,
  type TaskView,
  taskCeiling,
} from '../../src/ecs/rollout.js';

const task = (id: string, more: Partial<TaskView> = {}): TaskView => ({
  id,
  healthy: true,
  protected: false,
  createdAt: 0,
  failedCheck: false,
  ...more,
});
const tasks = (prefix: string, count: number, more: Partial<TaskView> = {}): TaskView[] =>
  Array.from({ length: count }, (_, index) => task(`${prefix}${index + 1}`, { createdAt: index, ...more }));
const starting = (prefix: string, count: number): TaskView[] => tasks(prefix, count, { healthy: false });

const view = (more: Partial<RolloutView>): RolloutView => ({
  desiredCount: 2,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  primary: [],
  primaryEnding: 0,
  others: [],
  overtaken: [],
  stoppingAgainstCeiling: 0,
  mayStart: true,
  mayStopOthers: true,
  placementBlocked: false,
  ...more,
});

const nothing: RolloutPlan = {
  start: 0,
  stopFailed: [],
  stopOthers: [],
  scaleIn: [],
  deadlock: false,
  protectedTasks: 0,
};

test('the floor is rounded up, the ceiling down', () => {
  expect(healthyFloor(3, 50)).toBe(2);
  expect(taskCeiling(3, 150)).toBe(4);
  expect(healthyFloor(1, 0)).toBe(0);
});

const cases: [string, Partial<RolloutView>, Partial<RolloutPlan>][] = [
  ['a new service starts all it wants', {}, { start: 2 }],
  ['a steady service does nothing', { primary: tasks('new', 2) }, {}],
  ['an update starts up to the ceiling', { others: tasks('old', 2) }, { start: 2 }],
  ['and only up to it', { desiredCount: 4, maximumPercent: 150, others: tasks('old', 4) }, { start: 2 }],
  ['old tasks stay while new ones start', { primary: starting('new', 2), others: tasks('old', 2) }, {}],
  [
    'an old task goes for every new one that is healthy',
    { primary: [task('new1'), ...starting('late', 1)], others: tasks('old', 2) },
    { stopOthers: ['old1'] },
  ],
  [
    'old tasks that never got healthy go at once',
    { others: starting('old', 2) },
    { start: 2, stopOthers: ['old1', 'old2'] },
  ],
  [
    'below 100 % old tasks make room first where the ceiling is reached',
    { desiredCount: 4, minimumHealthyPercent: 50, maximumPercent: 100, others: tasks('old', 4) },
    { stopOthers: ['old1', 'old2'] },
  ],
  [
    'or where no place was found',
    { desiredCount: 4, minimumHealthyPercent: 50, others: tasks('old', 4), placementBlocked: true },
    { start: 4, stopOthers: ['old1', 'old2'] },
  ],
  [
    'but not where there is room',
    { desiredCount: 4, minimumHealthyPercent: 50, others: tasks('old', 4) },
    { start: 4 },
  ],
  [
    'a task on its way out of an instance still counts against the ceiling',
    { desiredCount: 1, minimumHealthyPercent: 0, maximumPercent: 100, stoppingAgainstCeiling: 1 },
    {},
  ],
  ['a failed task keeps its place until it has stopped', { primaryEnding: 2 }, {}],
  ['nothing is started during a gap', { mayStart: false }, {}],
  [
    'nor is room made while nothing may start',
    {
      desiredCount: 4,
      minimumHealthyPercent: 50,
      maximumPercent: 100,
      others: tasks('old', 4),
      placementBlocked: true,
      mayStart: false,
    },
    {},
  ],
  [
    'a deployment that shifts traffic keeps the old tasks',
    { primary: tasks('new', 2), others: tasks('old', 2), mayStopOthers: false },
    {},
  ],
  [
    'but stops at once those of a deployment that it has overtaken',
    {
      others: [...tasks('old', 2), ...tasks('overtaken', 2)],
      overtaken: [...tasks('overtaken', 1), task('overtaken2', { protected: true })],
      mayStart: false,
      mayStopOthers: false,
    },
    { stopOthers: ['overtaken1'], protectedTasks: 1 },
  ],
  [
    'and starts all it wants, however many old tasks there are',
    { maximumPercent: undefined, others: tasks('old', 5), mayStopOthers: false },
    { start: 2 },
  ],
  [
    'a task that failed its check is replaced',
    { primary: [task('new1'), task('new2', { healthy: false, failedCheck: true })] },
    { start: 1, stopFailed: ['new2'] },
  ],
  [
    'scaling in takes what is not healthy, then the oldest',
    { primary: [...tasks('new', 3), ...starting('late', 1)] },
    { scaleIn: ['late1', 'new1'] },
  ],
  [
    'a protected task stays',
    { primary: tasks('new', 2), others: [task('old1', { protected: true }), task('old2')] },
    { stopOthers: ['old2'], protectedTasks: 1 },
  ],
  [
    'percentages that allow neither a start nor a stop are a deadlock',
    { desiredCount: 1, minimumHealthyPercent: 50, maximumPercent: 150, others: tasks('old', 1) },
    { deadlock: true },
  ],
  [
    'which it is not while a task is on its way',
    {
      desiredCount: 2,
      minimumHealthyPercent: 100,
      maximumPercent: 150,
      primary: starting('new', 1),
      others: tasks('old', 2),
    },
    {},
  ],
];

test.each(cases)('%s', (_name, given, expected) => {
  expect(planRollout(view(given))).toEqual({ ...nothing, ...expected });
});

describe('a rollout is complete', () => {
  test.each([
    [
      'with every task healthy and no other left',
      { desiredCount: 2, primary: tasks('new', 2), othersLeft: 0 },
      true,
    ],
    ['with nothing wanted', { desiredCount: 0, primary: [], othersLeft: 0 }, true],
    ['not while another stops', { desiredCount: 2, primary: tasks('new', 2), othersLeft: 1 }, false],
    [
      'not while one is starting',
      { desiredCount: 2, primary: [task('a'), ...starting('b', 1)], othersLeft: 0 },
      false,
    ],
    ['not with one too many', { desiredCount: 1, primary: tasks('new', 2), othersLeft: 0 }, false],
  ])('%s', (_name, given, expected) => {
    expect(isRolloutComplete(given)).toBe(expected);
  });
});
