import { describe, expect, test } from '@jest/globals';
import type { RolloutFact } from '../../../src/ecs/rollout/events.js';
import { observeRollout } from '../../../src/ecs/rollout/observe.js';
import type { ServiceSnapshot } from '../../../src/ecs/rollout/snapshot.js';
import {
  at,
  NEWER,
  newer,
  OLD,
  old,
  ours,
  OURS,
  rollout,
  service,
  serviceDeployment,
  serviceEvent,
  snapshot,
  stoppedTask,
  taskDefinition,
} from './snapshots.js';

const none = { desired: 0, pending: 0, running: 0, failed: 0 };
const withEvents = (...events: ReturnType<typeof serviceEvent>[]) =>
  snapshot({ service: service([ours(), old()], { events }) });
const withDeployment = (more: Parameters<typeof serviceDeployment>[0]) =>
  snapshot({ serviceDeployment: serviceDeployment(more) });
const wentBack = old({ status: 'PRIMARY', updatedAt: at(50) });
const pulledTask = stoppedTask(1);

const table: readonly (readonly [string, ServiceSnapshot, ServiceSnapshot, readonly RolloutFact[]])[] = [
  ['nothing changed', snapshot(), snapshot({ at: at(70).getTime() }), []],
  [
    'tasks came up',
    snapshot(),
    snapshot({ service: service([ours({ desiredCount: 2, pendingCount: 1, runningCount: 1 }), old()]) }),
    [{ type: 'task-counts', from: none, to: { desired: 2, pending: 1, running: 1, failed: 0 } }],
  ],
  [
    'a task of ours stopped',
    snapshot(),
    snapshot({ stoppedTasks: [pulledTask] }),
    [{ type: 'task-stopped', task: pulledTask }],
  ],
  [
    'a task that was told already',
    snapshot({ stoppedTasks: [pulledTask] }),
    snapshot({ stoppedTasks: [pulledTask] }),
    [],
  ],
  [
    'a task that was drained is no news',
    snapshot(),
    snapshot({
      stoppedTasks: [stoppedTask(1, { stoppedReason: `Scaling activity initiated by (deployment ${OURS})` })],
    }),
    [],
  ],
  [
    'service events, oldest first',
    withEvents(),
    withEvents(
      serviceEvent(8, 'registered 2 targets in (target-group arn:tg)'),
      serviceEvent(5, 'has started 2 tasks: (task a1) (task b2).'),
    ),
    [
      { type: 'task-started', taskIds: ['a1', 'b2'] },
      { type: 'targets-registered', count: 2, targetGroup: 'arn:tg' },
    ],
  ],
  [
    'events from before our deployment',
    withEvents(),
    withEvents(serviceEvent(-5, 'has started 1 tasks: (task a).')),
    [],
  ],
  [
    'a steady state that repeats',
    withEvents(),
    withEvents(serviceEvent(5, 'has reached a steady state.')),
    [],
  ],
  [
    'what keeps ECS from going on',
    withEvents(),
    withEvents(
      serviceEvent(
        5,
        'was unable to place a task because no container instance met all of its requirements.',
      ),
    ),
    [
      {
        type: 'impeded',
        message:
          '(service web) was unable to place a task because no container instance met all of its requirements.',
      },
    ],
  ],
  [
    'completed',
    snapshot(),
    snapshot({ service: service([ours({ rolloutState: 'COMPLETED' })]) }),
    [{ type: 'deployment-completed', deploymentId: OURS }],
  ],
  [
    'failed, and going back',
    snapshot(),
    snapshot({
      service: service([
        old({ status: 'PRIMARY', rolloutState: 'IN_PROGRESS', rolloutStateReason: 'rolling back' }),
        ours({ status: 'ACTIVE', rolloutState: 'FAILED', rolloutStateReason: 'tasks failed to start.' }),
      ]),
    }),
    [
      { type: 'rollout-state', from: 'IN_PROGRESS', to: 'FAILED', reason: 'tasks failed to start.' },
      { type: 'rollback-started', toTaskDefinitionArn: taskDefinition(1), reason: 'rolling back' },
    ],
  ],
  [
    'gone back',
    snapshot({ service: service([old({ status: 'PRIMARY', rolloutState: 'IN_PROGRESS' })]) }),
    snapshot({ service: service([wentBack]) }),
    [{ type: 'rolled-back', toTaskDefinitionArn: taskDefinition(1) }],
  ],
  [
    'gone back within one poll, told by events',
    snapshot(),
    snapshot({
      service: service([wentBack], {
        events: [
          serviceEvent(50, `(deployment ${OLD}) deployment completed.`),
          serviceEvent(49, `rolling back to deployment ${OLD}.`),
          serviceEvent(49, `(deployment ${OURS}) deployment failed: tasks failed to start.`),
        ],
      }),
    }),
    [
      { type: 'rollback-started', toTaskDefinitionArn: taskDefinition(1), reason: undefined },
      { type: 'rolled-back', toTaskDefinitionArn: taskDefinition(1) },
    ],
  ],
  [
    'pending tasks that ECS stopped, which it only counts',
    snapshot(),
    snapshot({
      service: service([ours(), old()], { events: [serviceEvent(20, 'stopped 2 pending tasks.')] }),
    }),
    [{ type: 'service-event', message: '(service web) stopped 2 pending tasks.' }],
  ],
  [
    'gone back within one poll, without an event',
    snapshot(),
    snapshot({ service: service([{ ...wentBack, rolloutStateReason: 'ECS deployment completed.' }]) }),
    [
      { type: 'rollback-started', toTaskDefinitionArn: taskDefinition(1), reason: undefined },
      { type: 'rolled-back', toTaskDefinitionArn: taskDefinition(1) },
    ],
  ],
  [
    'superseded',
    snapshot(),
    snapshot({ service: service([newer(), ours({ status: 'ACTIVE' })]) }),
    [{ type: 'superseded', byDeploymentId: NEWER, taskDefinitionArn: taskDefinition(3) }],
  ],
  [
    'autoscaling',
    snapshot(),
    snapshot({ service: service([ours(), old()], { desiredCount: 6 }) }),
    [{ type: 'desired-count', from: 2, to: 6 }],
  ],
  [
    'lifecycle stage and traffic',
    withDeployment({ lifecycleStage: 'TEST_TRAFFIC_SHIFT' }),
    withDeployment({
      lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT',
      targetServiceRevision: { requestedProductionTrafficWeight: 5, requestedTestTrafficWeight: 100 },
    }),
    [
      { type: 'lifecycle-stage', from: 'TEST_TRAFFIC_SHIFT', to: 'PRODUCTION_TRAFFIC_SHIFT' },
      { type: 'traffic-shifted', production: 5, test: 100 },
    ],
  ],
  [
    'the circuit breaker counts',
    withDeployment({ deploymentCircuitBreaker: { failureCount: 1, threshold: 3 } }),
    withDeployment({ deploymentCircuitBreaker: { failureCount: 2, threshold: 3 } }),
    [{ type: 'circuit-breaker-count', failureCount: 2, threshold: 3 }],
  ],
  [
    'an alarm',
    withDeployment({}),
    withDeployment({ alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['5xx'] } }),
    [{ type: 'alarm-triggered', alarmNames: ['5xx'] }],
  ],
  [
    'a pause',
    withDeployment({ lifecycleStage: 'POST_SCALE_UP' }),
    withDeployment({
      lifecycleStage: 'POST_SCALE_UP',
      lifecycleHookDetails: [
        { hookId: 'h', targetType: 'PAUSE', status: 'AWAITING_ACTION', expiresAt: at(99) },
      ],
    }),
    [{ type: 'paused', hookId: 'h', stage: 'POST_SCALE_UP', expiresAt: at(99) }],
  ],
  [
    'the service deployment turns back',
    withDeployment({}),
    withDeployment({ status: 'ROLLBACK_IN_PROGRESS', statusReason: 'breaker' }),
    [{ type: 'deployment-status', to: 'ROLLBACK_IN_PROGRESS', reason: 'breaker' }],
  ],
  ['the service deployment starts', withDeployment({ status: 'PENDING' }), withDeployment({}), []],
  [
    'a source that may not be read',
    snapshot(),
    snapshot({ unreadable: [{ action: 'ecs:ListTasks', message: 'no', hint: 'allow it' }] }),
    [{ type: 'read-denied', message: 'no', hint: 'allow it' }],
  ],
  [
    'the service is being deleted',
    snapshot(),
    snapshot({ service: service([ours(), old()], { status: 'DRAINING' }) }),
    [{ type: 'service-status', to: 'DRAINING' }],
  ],
];

describe('observeRollout', () => {
  test.each(table.map((row) => ({ what: row[0], row })))('$what', ({ row }) => {
    const [, previous, next, expected] = row;
    const events = observeRollout(previous, next, rollout);
    expect(events).toEqual(expected.map((fact) => ({ ...fact, at: expect.any(Number) })));
  });

  test('the first snapshot tells what happened since our deployment was created', () => {
    const first = snapshot({
      service: service([ours({ pendingCount: 2 }), old()], {
        events: [
          serviceEvent(4, 'has started 2 tasks: (task a) (task b).'),
          serviceEvent(-9, 'has reached a steady state.'),
        ],
      }),
    });
    expect(observeRollout(undefined, first, rollout)).toEqual([
      { type: 'task-started', taskIds: ['a', 'b'], at: at(4).getTime() },
      {
        type: 'deployment-visible',
        deploymentId: OURS,
        taskDefinitionArn: taskDefinition(2),
        at: at(60).getTime(),
      },
      { type: 'task-counts', from: none, to: { ...none, pending: 2 }, at: at(60).getTime() },
      {
        type: 'rollout-state',
        from: undefined,
        to: 'IN_PROGRESS',
        reason: `ECS deployment ${OURS} in progress.`,
        at: at(60).getTime(),
      },
    ]);
  });

  test('says when things happened by ECS where it tells', () => {
    const [event] = observeRollout(snapshot(), snapshot({ stoppedTasks: [stoppedTask(1)] }), rollout);
    expect(event?.at).toBe(at(21).getTime());
  });

  test('an answer from before our deployment is no superseding and no rollback', () => {
    const stale = snapshot({ service: service([old({ id: OLD, status: 'PRIMARY' })]) });
    expect(observeRollout(stale, stale, rollout)).toEqual([]);
  });
});
