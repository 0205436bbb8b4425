import { describe, expect, test } from '@jest/globals';
import type { Container, Task } from '@aws-sdk/client-ecs';
import { judgeTask } from '../../../src/index.js';

const definitions = [
  { name: 'app' },
  { name: 'proxy', essential: true },
  { name: 'agent', essential: false },
];

function stopped(
  containers: Container[],
  rest: { [Member in keyof Task]?: Task[Member] | undefined } = {},
): Task {
  return {
    taskArn: 'arn:aws:ecs:eu-west-1:123456789012:task/prod/0123',
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    startedAt: new Date(0),
    containers: containers.map((container) => ({ lastStatus: 'STOPPED', ...container })),
    ...rest,
  };
}

const exited = (name: string, exitCode: number, reason?: string): Container => ({
  name,
  exitCode,
  ...(reason === undefined ? {} : { reason }),
});

describe('judging a stopped task', () => {
  test.each<[string, Task, string, string, string?]>([
    ['all ended well', stopped([exited('app', 0), exited('proxy', 0)]), 'succeeded', 'app, proxy ended'],
    [
      'one ended badly',
      stopped([exited('app', 3), exited('proxy', 0)]),
      'failed',
      'app ended with exit code 3',
    ],
    [
      'a sidecar that is not essential ended badly',
      stopped([exited('app', 0), exited('agent', 1)]),
      'succeeded',
      'app ended',
    ],
    [
      'a container that the task definition does not know ended badly',
      stopped([exited('app', 0), exited('aws-guardduty-agent-x', 1)]),
      'succeeded',
      'app ended',
    ],
    [
      'the other was terminated when the work was done',
      stopped([exited('app', 0), exited('proxy', 143)]),
      'succeeded',
      'app, proxy ended',
    ],
    [
      'the other was killed when the work was done, which was seen',
      stopped([exited('app', 0), exited('proxy', 137)]),
      'succeeded',
      'app, proxy ended',
      'app',
    ],
    [
      'one was killed first, and the other then ended by itself',
      stopped([exited('app', 137), exited('proxy', 0)]),
      'failed',
      'app ended with exit code 137',
      'app',
    ],
    [
      'nobody saw which was killed first',
      stopped([exited('app', 137), exited('proxy', 0)]),
      'failed',
      'app ended with exit code 137',
    ],
    [
      'one ran out of memory',
      stopped([exited('app', 0), exited('proxy', 137, 'OutOfMemoryError: Container killed')]),
      'failed',
      'OutOfMemoryError',
      'app',
    ],
    [
      'one failed and the other was terminated for it',
      stopped([exited('proxy', 143), exited('app', 1)]),
      'failed',
      'app ended with exit code 1',
    ],
    [
      'the image could not be pulled',
      stopped([{ name: 'app', reason: 'CannotPullContainerError: not found' }], {
        stopCode: 'TaskFailedToStart',
        startedAt: undefined,
        stoppedReason: 'Task failed to start',
      }),
      'not-started',
      'CannotPullContainerError: not found',
    ],
    [
      'there is no exit code and no reason at all',
      stopped([{ name: 'app' }], { startedAt: undefined, stoppedReason: '' }),
      'not-started',
      'ECS gives no reason',
    ],
    [
      'the host was lost',
      stopped([{ name: 'app' }], {
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Host EC2 terminated',
      }),
      'failed',
      'without an exit code: Host EC2 terminated',
    ],
    [
      'somebody stopped it, and it ended politely',
      stopped([exited('app', 0)], { stopCode: 'UserInitiated', stoppedReason: 'by hand' }),
      'failed',
      'stopped before it was done (UserInitiated): by hand',
    ],
    [
      'Spot capacity was taken away',
      stopped([exited('app', 0)], {
        stopCode: 'SpotInterruption',
        stoppedReason: 'Your Spot Task was interrupted.',
      }),
      'failed',
      'SpotInterruption',
    ],
    ['it still runs', { ...stopped([]), lastStatus: 'RUNNING' }, 'unfinished', 'RUNNING'],
  ])('%s', (_name, task, outcome, reason, stoppedFirst = '') => {
    const ran = judgeTask({
      task,
      containerDefinitions: definitions,
      stoppedFirst: stoppedFirst || undefined,
    });
    expect(ran.outcome).toBe(outcome);
    expect(ran.reason).toContain(reason);
  });
});
