import type { Deployment, Service } from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import { judgeRollout } from '../../../src/ecs/rollout/judge.js';
import type { Verdict } from '../../../src/ecs/rollout/outcome.js';
import type { ExpectedRollout, ServiceSnapshot } from '../../../src/ecs/rollout/snapshot.js';
import {
  at,
  breaker,
  denied,
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
} from './snapshots.js';

type Row = readonly [
  situation: string,
  snapshot: ServiceSnapshot,
  expected: Partial<Verdict> | undefined,
  rollout?: Partial<ExpectedRollout>,
];

const running = { desiredCount: 2, runningCount: 2 };
const completed = ours({ ...running, rolloutState: 'COMPLETED' });
const rolledBack = `ECS deployment ${OURS} circuit breaker: rolling back to deploymentId ${OLD}.`;
const goingBack = old({
  status: 'PRIMARY',
  rolloutState: 'IN_PROGRESS',
  rolloutStateReason: rolledBack,
  updatedAt: at(40),
});
const wentBack = old({
  status: 'PRIMARY',
  rolloutStateReason: `ECS deployment ${OLD} completed.`,
  updatedAt: at(50),
});
const failedOurs = ours({
  status: 'ACTIVE',
  rolloutState: 'FAILED',
  rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
});
const triggered = {
  deploymentCircuitBreaker: { status: 'TRIGGERED' as const, failureCount: 3, threshold: 3 },
};
const canary = { deploymentConfiguration: { strategy: 'CANARY' as const } };
const baking = { deploymentConfiguration: { strategy: 'BLUE_GREEN' as const, bakeTimeInMinutes: 10 } };
const pause = (status: 'AWAITING_ACTION' | 'SUCCEEDED') =>
  serviceDeployment({
    lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
    lifecycleHookDetails: [
      { hookId: 'hook-1', targetType: 'PAUSE', status, expiresAt: at(3600), timeoutAction: 'ROLLBACK' },
    ],
  });
const hookFailed = (name: string) =>
  `Service deployment rolled back because POST_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target arn:aws:lambda:eu-central-1:123456789012:function:${name} returned FAILED status.`;
const noRoom = { minimumHealthyPercent: 100, maximumPercent: 100 };
const three = [1, 2, 3].map((number) => stoppedTask(number));

const table: readonly Row[] = [
  // (a) the service's own numbers are right from the first second
  ['a fresh update: the service runs what is desired, but nothing of ours', snapshot(), undefined],
  [
    'a fresh update, said by the service deployment too',
    snapshot({ serviceDeployment: serviceDeployment() }),
    undefined,
  ],
  // success
  ['completed, alone', snapshot({ service: service([completed]) }), { outcome: 'succeeded' }],
  [
    'completed while the old tasks still drain',
    snapshot({ service: service([completed, old({ desiredCount: 0 })]) }),
    { outcome: 'succeeded' },
  ],
  [
    'the service deployment is successful before DescribeServices knows',
    snapshot({ serviceDeployment: serviceDeployment({ status: 'SUCCESSFUL' }) }),
    { outcome: 'succeeded' },
  ],
  [
    'completed, then superseded: ours did succeed',
    snapshot({
      service: service([newer(), completed]),
      serviceDeployment: serviceDeployment({ status: 'SUCCESSFUL' }),
    }),
    { outcome: 'succeeded' },
  ],
  [
    'autoscaling raised the desired count meanwhile',
    snapshot({ service: service([completed], { desiredCount: 5 }) }),
    { outcome: 'succeeded' },
  ],
  [
    'scaled to zero',
    snapshot({
      service: service([ours({ rolloutState: 'COMPLETED' })], { desiredCount: 0, runningCount: 0 }),
    }),
    {
      outcome: 'succeeded',
      reason: 'The deployment of web:2 completed at a desired count of 0: no task runs.',
    },
  ],
  [
    'early success leaves old tasks running (DEFERRED)',
    snapshot({
      service: service([completed, old()]),
      serviceDeployment: serviceDeployment({ status: 'SUCCESSFUL' }),
    }),
    { outcome: 'succeeded' },
  ],
  [
    'rolled back to ours, which succeeded before: it is still under way',
    snapshot({
      service: service([
        ours({ ...running, updatedAt: at(3_600) }),
        newer({ status: 'ACTIVE', rolloutState: 'FAILED' }),
      ]),
      serviceDeployment: serviceDeployment({ status: 'SUCCESSFUL', finishedAt: at(90) }),
    }),
    undefined,
  ],
  // one deployment left says nothing
  [
    'one deployment left, all tasks running, but in progress',
    snapshot({ service: service([ours(running)]) }),
    undefined,
  ],
  // (b) eventual consistency
  [
    'an answer from before our update',
    snapshot({ service: service([old({ status: 'PRIMARY' })]) }),
    undefined,
  ],
  [
    'an answer from before our update, while the service deployment is known',
    snapshot({ service: service([old({ status: 'PRIMARY' })]), serviceDeployment: serviceDeployment() }),
    undefined,
  ],
  [
    'the service is missing for a moment',
    snapshot({ service: undefined, missingSince: at(55).getTime() }),
    undefined,
  ],
  // (c) the primary is not ours
  [
    'rolling back: the old id is primary again',
    snapshot({ service: service([goingBack, failedOurs], breaker(true)) }),
    undefined,
  ],
  [
    'rolled back, ours gone',
    snapshot({ service: service([wentBack], breaker(true)) }),
    { outcome: 'rolled-back', endedBy: 'ecs', reason: 'The deployment was rolled back to web:1.' },
  ],
  [
    'rolled back, ours gone, but the event says why',
    snapshot({
      service: service([wentBack], {
        ...breaker(true),
        events: [
          serviceEvent(45, `(deployment ${OURS}) deployment failed: tasks failed to start.`),
          serviceEvent(-45, '(deployment ecs-svc/7) deployment failed: alarm detected.'),
        ],
      }),
    }),
    {
      outcome: 'rolled-back',
      endedBy: 'circuit-breaker',
      reason: 'The deployment was rolled back to web:1: tasks failed to start.',
    },
  ],
  [
    'rolled back, ours still listed as failed',
    snapshot({ service: service([wentBack, failedOurs], breaker(true)) }),
    { outcome: 'rolled-back', endedBy: 'circuit-breaker' },
  ],
  [
    'rolled back, by the event alone',
    snapshot({
      service: service([old({ status: 'PRIMARY' })], {
        events: [serviceEvent(40, `rolling back to deployment ${OLD}.`)],
      }),
    }),
    { outcome: 'rolled-back' },
  ],
  [
    'an event of an earlier rollback proves nothing',
    snapshot({
      service: service([old({ status: 'PRIMARY' })], {
        events: [serviceEvent(-500, `rolling back to deployment ${OLD}.`)],
      }),
    }),
    undefined,
  ],
  [
    'rolled back, but the service deployment is not done with it',
    snapshot({
      service: service([wentBack]),
      serviceDeployment: serviceDeployment({ status: 'ROLLBACK_IN_PROGRESS', ...triggered }),
    }),
    undefined,
  ],
  [
    'rolled back, says the service deployment',
    snapshot({
      service: service([wentBack]),
      serviceDeployment: serviceDeployment({
        status: 'ROLLBACK_SUCCESSFUL',
        statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
        ...triggered,
      }),
    }),
    {
      outcome: 'rolled-back',
      endedBy: 'circuit-breaker',
      reason:
        'The deployment was rolled back to web:1: Service deployment rolled back because the circuit breaker threshold was exceeded.',
    },
  ],
  [
    'rolled back by an alarm',
    snapshot({
      service: service([wentBack]),
      serviceDeployment: serviceDeployment({
        status: 'ROLLBACK_SUCCESSFUL',
        alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['5xx'] },
      }),
    }),
    { outcome: 'rolled-back', endedBy: 'alarm' },
  ],
  [
    'rolled back because we asked',
    snapshot({
      service: service([wentBack]),
      serviceDeployment: serviceDeployment({
        status: 'ROLLBACK_SUCCESSFUL',
        statusReason: 'Rollback requested by user.',
      }),
    }),
    { outcome: 'rolled-back', endedBy: 'us' },
    { rollbackRequested: true },
  ],
  [
    'rolled back because somebody else asked',
    snapshot({
      service: service([wentBack]),
      serviceDeployment: serviceDeployment({
        status: 'ROLLBACK_SUCCESSFUL',
        statusReason: 'Rollback requested by user.',
      }),
    }),
    { outcome: 'stopped', endedBy: 'somebody' },
  ],
  ...['check-user', 'validate-request', 'manual-gate', 'alarm-check'].map((name): Row => [
    `rolled back by a hook called ${name}`,
    snapshot({
      service: service([wentBack]),
      serviceDeployment: serviceDeployment({ status: 'ROLLBACK_SUCCESSFUL', statusReason: hookFailed(name) }),
    }),
    { outcome: 'rolled-back', endedBy: 'ecs' },
  ]),
  [
    'ended by a hook, without a rollback',
    snapshot({
      serviceDeployment: serviceDeployment({ status: 'STOPPED', statusReason: hookFailed('check-user') }),
    }),
    { outcome: 'failed', endedBy: 'ecs' },
  ],
  [
    'rolled back on the same revision (forced deployment)',
    snapshot({
      service: service([
        old({ status: 'PRIMARY', taskDefinition: ours().taskDefinition, updatedAt: at(50) }),
      ]),
      serviceDeployment: serviceDeployment({ status: 'ROLLBACK_SUCCESSFUL', ...triggered }),
    }),
    { outcome: 'rolled-back' },
  ],
  [
    'same revision, no service deployment readable',
    snapshot({
      service: service([
        old({ status: 'PRIMARY', taskDefinition: ours().taskDefinition, updatedAt: at(50) }),
      ]),
    }),
    { outcome: 'rolled-back' },
  ],
  [
    'the rollback failed too',
    snapshot({
      service: service([goingBack]),
      serviceDeployment: serviceDeployment({ status: 'ROLLBACK_FAILED', ...triggered }),
    }),
    { outcome: 'failed', endedBy: 'circuit-breaker' },
  ],
  [
    'the rollback failed too, by DescribeServices alone',
    snapshot({ service: service([old({ status: 'PRIMARY', rolloutState: 'FAILED', updatedAt: at(50) })]) }),
    { outcome: 'failed' },
  ],
  [
    'superseded',
    snapshot({ service: service([newer(), ours({ status: 'ACTIVE' }), old()]) }),
    { outcome: 'superseded', reason: `A newer deployment took over: ${NEWER} with web:3.` },
  ],
  [
    'superseded, ours gone',
    snapshot({ service: service([newer()]), serviceDeployment: serviceDeployment() }),
    { outcome: 'superseded' },
  ],
  [
    'superseded and done already',
    snapshot({
      service: service([newer({ rolloutState: 'COMPLETED' })]),
      serviceDeployment: serviceDeployment({ status: 'STOPPED' }),
    }),
    { outcome: 'superseded' },
  ],
  [
    'superseded by a deployment that rolls back to the old one',
    snapshot({ service: service([newer({ taskDefinition: old().taskDefinition })]) }),
    { outcome: 'superseded' },
  ],
  [
    'a rollback under a new id is no superseding',
    snapshot({
      service: service([newer()], { events: [serviceEvent(31, `rolling back to deployment ${NEWER}.`)] }),
    }),
    undefined,
  ],
  // failed
  [
    'circuit breaker without rollback',
    snapshot({ service: service([{ ...failedOurs, status: 'PRIMARY' }, old()], breaker(false)) }),
    { outcome: 'failed', endedBy: 'circuit-breaker' },
  ],
  [
    'circuit breaker without rollback, by the service deployment',
    snapshot({
      serviceDeployment: serviceDeployment({
        status: 'STOPPED',
        statusReason: 'Service deployment stopped because the circuit breaker threshold was exceeded.',
        ...triggered,
      }),
    }),
    { outcome: 'failed', endedBy: 'circuit-breaker' },
  ],
  [
    'circuit breaker with rollback, which has not begun',
    snapshot({ service: service([{ ...failedOurs, status: 'PRIMARY' }, old()], breaker(true)) }),
    undefined,
  ],
  [
    'first deployment, nothing to go back to',
    snapshot({ service: service([{ ...failedOurs, status: 'PRIMARY' }], breaker(true)) }),
    { outcome: 'failed', endedBy: 'circuit-breaker' },
    { first: true },
  ],
  [
    'first deployment, by the service deployment',
    snapshot({
      service: service([{ ...failedOurs, status: 'PRIMARY' }], breaker(true)),
      serviceDeployment: serviceDeployment({
        status: 'ROLLBACK_FAILED',
        statusReason: 'No rollback candidate was found to run the rollback.',
      }),
    }),
    {
      outcome: 'failed',
      reason:
        'The deployment failed, and so did its rollback: No rollback candidate was found to run the rollback.',
    },
  ],
  [
    'an alarm stopped it without a rollback',
    snapshot({
      serviceDeployment: serviceDeployment({ status: 'STOPPED', alarms: { status: 'TRIGGERED' } }),
    }),
    { outcome: 'failed', endedBy: 'alarm' },
  ],
  [
    'we stopped it, and it was not rolled back',
    snapshot({ serviceDeployment: serviceDeployment({ status: 'STOPPED' }) }),
    { outcome: 'failed', endedBy: 'us' },
    { rollbackRequested: true },
  ],
  // stopped
  [
    'somebody stopped it',
    snapshot({
      serviceDeployment: serviceDeployment({
        status: 'STOPPED',
        statusReason: 'Service deployment stopped by user.',
      }),
    }),
    { outcome: 'stopped' },
  ],
  [
    'being stopped',
    snapshot({ serviceDeployment: serviceDeployment({ status: 'STOP_REQUESTED' }) }),
    undefined,
  ],
  [
    'the service is being deleted',
    snapshot({ service: service([ours()], { status: 'DRAINING' }) }),
    { outcome: 'stopped' },
  ],
  [
    'the service was deleted',
    snapshot({ service: service([], { status: 'INACTIVE' }) }),
    { outcome: 'stopped' },
  ],
  [
    'the service is missing for good',
    snapshot({ service: undefined, missingSince: at(45).getTime() }),
    { outcome: 'stopped' },
  ],
  // paused
  ['a PAUSE hook waits', snapshot({ serviceDeployment: pause('AWAITING_ACTION') }), { outcome: 'paused' }],
  ['a PAUSE hook was answered', snapshot({ serviceDeployment: pause('SUCCEEDED') }), undefined],
  // (g) traffic that is shifted in stages
  [
    'canary: COMPLETED in DescribeServices, bake time going on',
    snapshot({
      service: service([completed], canary),
      serviceDeployment: serviceDeployment({ lifecycleStage: 'BAKE_TIME' }),
    }),
    undefined,
  ],
  [
    'canary: service deployment not readable',
    snapshot({ service: service([completed], canary) }),
    { outcome: 'succeeded' },
  ],
  [
    'canary: service deployment not readable, COMPLETED while what ran before still runs',
    snapshot({ service: service([completed, old()], canary) }),
    undefined,
  ],
  [
    'blue/green: service deployment not readable, nothing ran before, bake time going on',
    snapshot({ service: service([completed], baking), completedSince: at(-60 * 8).getTime() }),
    undefined,
  ],
  [
    'blue/green: service deployment not readable, what ran before is gone',
    snapshot({ service: service([completed], baking), othersRan: true }),
    { outcome: 'succeeded' },
  ],
  [
    'blue/green: service deployment not readable, nothing ran before, bake time over',
    snapshot({ service: service([completed], baking), completedSince: at(-60 * 9).getTime() }),
    { outcome: 'succeeded' },
  ],
  // a service deployment that cannot be read any more
  ...(
    [
      ['may not be read any more', denied],
      ['has not answered for half a minute', { unansweredSince: at(30).getTime() }],
    ] as const
  ).flatMap(([why, unread]: readonly [string, Partial<ServiceSnapshot>]): Row[] => {
    const stale = (given: Partial<ServiceSnapshot>) =>
      snapshot({ serviceDeployment: serviceDeployment(), ...unread, ...given });
    const back = serviceDeployment({
      status: 'ROLLBACK_IN_PROGRESS',
      statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
      rollback: { serviceRevisionArn: 'arn:aws:ecs:::service-revision/prod/web/1000000000000000003' },
      ...triggered,
    });
    const hooked = { deploymentConfiguration: { ...canary.deploymentConfiguration, lifecycleHooks: [{}] } };
    return [
      [`${why}: under way`, stale({}), undefined],
      [`${why}: completed`, stale({ service: service([completed]) }), { outcome: 'succeeded' }],
      [
        `${why}: rolling back`,
        stale({ service: service([goingBack, failedOurs], breaker(true)) }),
        undefined,
      ],
      [
        `${why}: rolled back`,
        stale({ service: service([wentBack, failedOurs], breaker(true)) }),
        { outcome: 'rolled-back', endedBy: 'circuit-breaker' },
      ],
      [
        `${why}: an answer from before our update`,
        stale({ service: service([old({ status: 'PRIMARY' })]) }),
        undefined,
      ],
      [
        `${why}: seen going back, it keeps its words`,
        stale({ service: service([wentBack], breaker(true)), serviceDeployment: back }),
        {
          outcome: 'rolled-back',
          endedBy: 'circuit-breaker',
          reason:
            'The deployment was rolled back to web:1: Service deployment rolled back because the circuit breaker threshold was exceeded.',
        },
      ],
      [
        `${why}: seen going back under a new id`,
        stale({ service: service([newer({ rolloutState: 'COMPLETED' })]), serviceDeployment: back }),
        { outcome: 'rolled-back', endedBy: 'circuit-breaker' },
      ],
      [
        `${why}: seen going back, it never succeeds`,
        stale({ service: service([completed]), serviceDeployment: back }),
        undefined,
      ],
      [
        `${why}: seen going back, and that fails`,
        stale({
          service: service([old({ status: 'PRIMARY', rolloutState: 'FAILED' })]),
          serviceDeployment: back,
        }),
        { outcome: 'failed', endedBy: 'circuit-breaker' },
        { createdAt: at(-86_100).getTime() },
      ],
      [
        `${why}: somebody asked for a rollback`,
        stale({
          service: service([wentBack], {
            events: [
              serviceEvent(
                45,
                `(deployment ${OURS}) deployment failed: a stop of the service deployment was requested.`,
              ),
            ],
          }),
        }),
        { outcome: 'stopped', endedBy: 'somebody' },
      ],
      [
        `${why}: we asked for a rollback, which has not begun`,
        stale({ service: service([{ ...failedOurs, status: 'PRIMARY' }, old()]) }),
        undefined,
        { rollbackRequested: true },
      ],
      [
        `${why}: a hook failed, and the rollback has not begun`,
        stale({ service: service([ours({ rolloutState: 'FAILED' }), old()], hooked) }),
        undefined,
      ],
      [
        `${why}: a circuit breaker that does not roll back`,
        stale({ service: service([{ ...failedOurs, status: 'PRIMARY' }, old()], breaker(false)) }),
        { outcome: 'failed', endedBy: 'circuit-breaker' },
      ],
      [`${why}: superseded`, stale({ service: service([newer()]) }), { outcome: 'superseded' }],
      [`${why}: canary in its bake time`, stale({ service: service([completed, old()], canary) }), undefined],
      [
        `${why}: canary, what ran before is gone`,
        stale({ service: service([completed, old({ runningCount: 0 })], canary) }),
        { outcome: 'succeeded' },
      ],
      [
        `${why}: canary, rolled back`,
        stale({ service: service([wentBack], canary) }),
        { outcome: 'rolled-back' },
      ],
      [
        `${why}, but it had ended`,
        stale({ serviceDeployment: serviceDeployment({ status: 'SUCCESSFUL' }) }),
        { outcome: 'succeeded' },
      ],
    ];
  }),
  [
    'a service deployment that has not answered for a moment is waited for',
    snapshot({
      service: service([wentBack], breaker(true)),
      serviceDeployment: serviceDeployment(),
      unansweredSince: at(31).getTime(),
    }),
    undefined,
  ],
  // rolloutState absent
  [
    'no rolloutState: counting, not there yet',
    snapshot({ service: service([ours({ ...running, rolloutState: undefined }), old()]) }),
    undefined,
  ],
  [
    'no rolloutState: new primary with a desired count of 0',
    snapshot({ service: service([ours({ rolloutState: undefined })]) }),
    undefined,
  ],
  [
    'no rolloutState: steady',
    snapshot({ service: service([ours({ ...running, rolloutState: undefined })]) }),
    { outcome: 'succeeded' },
  ],
  [
    'no rolloutState: scaled to zero',
    snapshot({ service: service([ours({ rolloutState: undefined })], { desiredCount: 0 }) }),
    { outcome: 'succeeded' },
  ],
  // patience
  [
    'three equal failures without a circuit breaker',
    snapshot({ stoppedTasks: three }),
    { outcome: 'failed', endedBy: 'fail-fast' },
    { failFastAfter: 3 },
  ],
  [
    'three equal failures with a circuit breaker: ECS decides',
    snapshot({ service: service([ours(), old()], breaker(true)), stoppedTasks: three }),
    undefined,
    { failFastAfter: 3 },
  ],
  [
    'three failures of three kinds',
    snapshot({
      stoppedTasks: three.map((task, index) => ({
        ...task,
        containers: [{ name: 'app', exitCode: index + 1 }],
      })),
    }),
    undefined,
    { failFastAfter: 3 },
  ],
  [
    'three tasks drained',
    snapshot({
      stoppedTasks: three.map((task) => ({
        ...task,
        stopCode: 'ServiceSchedulerInitiated',
        stoppedReason: `Scaling activity initiated by (deployment ${OURS})`,
      })),
    }),
    undefined,
    { failFastAfter: 3 },
  ],
  [
    'three Spot interruptions',
    snapshot({ stoppedTasks: three.map((task) => ({ ...task, stopCode: 'SpotInterruption' })) }),
    undefined,
    { failFastAfter: 3 },
  ],
  ['patience turned off', snapshot({ stoppedTasks: three }), undefined],
  [
    'three that could not even be started',
    snapshot({ service: service([ours({ failedTasks: 3 }), old()]) }),
    { outcome: 'failed', endedBy: 'fail-fast' },
    { failFastAfter: 3 },
  ],
  ...(
    [
      ['three failures of what it goes back to', 3, {}, true],
      ['two', 2, {}, false],
      ['three, one of them from before', 3, { failedBefore: 1 }, false],
      ['three, but we did not ask for it', 3, { rollbackRequested: false }, false],
      ['three, patience turned off', 3, { failFastAfter: undefined }, false],
    ] as const
  ).flatMap(([title, failedTasks, more, isOver]): Row[] => {
    const deployments = [{ ...goingBack, failedTasks }, failedOurs];
    const under = serviceDeployment({ status: 'ROLLBACK_IN_PROGRESS' });
    const expected = isOver
      ? {
          outcome: 'failed' as const,
          reason:
            'The rollback to web:1 does not succeed either: 3 tasks in a row could not be started. ECS goes on trying.',
        }
      : undefined;
    const asked = { failFastAfter: 3, rollbackRequested: true, ...more };
    const given = snapshot({ service: service(deployments) });
    return [
      [`a rollback that we asked for: ${title}`, { ...given, serviceDeployment: under }, expected, asked],
      [`a rollback that we asked for, by DescribeServices alone: ${title}`, given, expected, asked],
      [
        `a rollback with a circuit breaker: ${title}`,
        { ...given, service: service(deployments, breaker(true)), serviceDeployment: under },
        undefined,
        asked,
      ],
    ];
  }),
  [
    'three that could not be started before the run, which waits for the tasks of a completed deployment',
    snapshot({ service: service([ours({ ...completed, runningCount: 1, failedTasks: 3 })]) }),
    undefined,
    { failFastAfter: 3, untilSteady: true },
  ],
  [
    'a deadlock of the percentages',
    snapshot({
      service: service([ours(), old()], {
        events: [
          serviceEvent(
            20,
            'was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
          ),
        ],
      }),
    }),
    { outcome: 'failed', endedBy: 'fail-fast' },
    { failFastAfter: 3 },
  ],
  [
    'a deadlock, with a circuit breaker that has nothing to count',
    snapshot({
      service: service([ours(), old()], {
        deploymentConfiguration: { ...noRoom, deploymentCircuitBreaker: { enable: true, rollback: true } },
      }),
    }),
    { outcome: 'failed', endedBy: 'fail-fast' },
    { failFastAfter: 3 },
  ],
  ...(
    [
      ['100 and 100', 2, 100, 100, 60, true],
      ['100 and 100, right after the update', 2, 100, 100, 59, false],
      ['50 and 100 of one task: the minimum is rounded up', 1, 50, 100, 60, true],
      ['50 and 100 of two tasks', 2, 50, 100, 60, false],
      ['100 and 150 of one task: the maximum is rounded down', 1, 100, 150, 60, true],
      ['100 and 150 of two tasks', 2, 100, 150, 60, false],
      ['nothing set: 100 and 200', 2, undefined, undefined, 60, false],
    ] as const
  ).map(([title, count, minimumHealthyPercent, maximumPercent, seconds, stuck]): Row => {
    const counts = { desiredCount: count, runningCount: count };
    return [
      `no event, but the numbers: ${title}`,
      snapshot({
        at: at(seconds).getTime(),
        service: service([ours({ desiredCount: count }), old(counts)], {
          ...counts,
          deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
        }),
      }),
      stuck
        ? {
            outcome: 'failed',
            endedBy: 'fail-fast',
            reason: `Given up: minimumHealthyPercent ${minimumHealthyPercent} and maximumPercent ${maximumPercent} leave ECS no room to replace ${count === 1 ? 'the one task' : `even one of ${count} tasks`}.`,
          }
        : undefined,
      { failFastAfter: 3 },
    ];
  }),
  ...(
    [
      ['a task that ended makes room', [ours(), old({ runningCount: 1 })], {}],
      ['the first deployment has nothing to replace', [ours(running)], {}],
      ['all replaced, and only draining left', [ours(running), old()], {}],
      ['a daemon service starts one after the other', [ours(), old()], { schedulingStrategy: 'DAEMON' }],
      ['traffic is shifted: the percentages say nothing', [ours(), old()], { strategy: 'CANARY' }],
      ['scaled to zero', [ours(), old({ runningCount: 0 })], { desiredCount: 0 }],
    ] as const
  ).map(
    ([title, deployments, { strategy, ...more }]: readonly [
      string,
      readonly Deployment[],
      Partial<Service> & { strategy?: 'CANARY' },
    ]): Row => [
      `no room, but no deadlock: ${title}`,
      snapshot({
        service: service([...deployments], { deploymentConfiguration: { ...noRoom, strategy }, ...more }),
      }),
      undefined,
      { failFastAfter: 3 },
    ],
  ),
  [
    'a deadlock, patience turned off',
    snapshot({ service: service([ours(), old()], { deploymentConfiguration: noRoom }) }),
    undefined,
  ],
];

describe('judgeRollout', () => {
  test.each(table.map((row) => ({ situation: row[0], row })))('$situation', ({ row }) => {
    const [, given, expected, more] = row;
    const verdict = judgeRollout(given, { ...rollout, ...more });
    if (expected === undefined) expect(verdict).toBeUndefined();
    else expect(verdict).toMatchObject(expected);
  });

  test('tells how long a pause lasts and what follows it', () => {
    const verdict = judgeRollout(snapshot({ serviceDeployment: pause('AWAITING_ACTION') }), rollout);
    expect(verdict?.reason).toBe(
      'The deployment is paused at POST_TEST_TRAFFIC_SHIFT and waits for a decision until 2026-11-24T13:00:00.000Z, then: ROLLBACK.',
    );
  });
});
