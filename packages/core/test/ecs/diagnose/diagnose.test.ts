import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../../src/ecs/diagnose/diagnose.js';
import { mostTellingContainer, type LogTail } from '../../../src/ecs/diagnose/evidence.js';
import { normalizeReason } from '../../../src/ecs/diagnose/signature.js';
import {
  logStreamConsoleUrl,
  serviceConsoleUrl,
  taskConsoleUrl,
} from '../../../src/ecs/diagnose/console-links.js';
import { at, OURS, serviceEvent, stoppedTask } from '../rollout/snapshots.js';

const pullError = (number: number) =>
  stoppedTask(number, {
    stopCode: 'TaskFailedToStart',
    stoppedReason: `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref web:v9: not found (request ${`${number}`.padStart(8, '0')}-0000-4000-8000-000000000000)`,
    containers: [{ name: 'app' }],
  });

describe('diagnose', () => {
  test('groups equal failures and counts them', () => {
    const [first, ...rest] = diagnose({ tasks: [pullError(1), pullError(2), pullError(3)] });
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ id: 'image-not-found', count: 3, weight: 'cause' });
    expect(first?.taskArns).toEqual([pullError(3), pullError(2), pullError(1)].map(({ taskArn }) => taskArn));
  });

  test('tells different exit codes apart', () => {
    const tasks = [stoppedTask(1), stoppedTask(2, { containers: [{ name: 'app', exitCode: 139 }] })];
    expect(
      diagnose({ tasks })
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['application-exited', 'segmentation-fault']);
  });

  describe('explains the container that ended the task, not those that were stopped with it', () => {
    const app = (exitCode: number) => ({ name: 'app', exitCode });
    const envoy = (exitCode: number) => ({ name: 'envoy', exitCode });
    const init = (exitCode: number) => ({ name: 'init', exitCode });
    const both = { containerDefinitions: [{ name: 'app' }, { name: 'envoy' }] };
    const one = {
      containerDefinitions: [
        { name: 'init', essential: false },
        { name: 'app' },
        { name: 'envoy', essential: false },
      ],
    };
    test.each([
      ['an error, a sidecar killed', [app(1), envoy(137)], undefined, 'application-exited'],
      ['an error, a sidecar that comes first killed', [envoy(137), app(1)], both, 'application-exited'],
      ['an error, a sidecar that ended on SIGTERM', [app(1), envoy(143)], both, 'application-exited'],
      ['an error, a sidecar that crashed on its way out', [app(2), envoy(139)], both, 'application-exited'],
      ['no error, a sidecar killed', [app(0), envoy(137)], one, 'application-exited'],
      ['no error, a sidecar that ended on SIGTERM', [app(0), envoy(143)], one, 'application-exited'],
      ['a missing command, a sidecar killed', [app(127), envoy(137)], undefined, 'entry-point-not-found'],
      ['killed', [app(137), envoy(143)], undefined, 'killed'],
      ['killed, after one that prepared something', [init(0), app(137)], one, 'killed'],
      ['killed, beside one that need not run', [init(1), app(137)], one, 'killed'],
      ['killed, or the sidecar was: who can tell', [app(0), envoy(137)], both, 'killed'],
      ['crashed', [app(139), envoy(137)], undefined, 'segmentation-fault'],
    ])('%s', (_, containers, taskDefinition, id) => {
      expect(diagnose({ tasks: [stoppedTask(1, { containers })], taskDefinition })).toMatchObject([{ id }]);
    });
  });

  test('never cuts a reason: the decisive words are at its end', () => {
    const reason = `ResourceInitializationError: ${'service call has been retried; '.repeat(100)}did not contain json key PASSWORD`;
    const [first] = diagnose({ tasks: [stoppedTask(1, { stoppedReason: reason })] });
    expect(first?.reason).toBe(reason);
    expect(first?.id).toBe('secret-key-missing');
  });

  test('adds what containers say to what the task says', () => {
    const [first] = diagnose({
      tasks: [
        stoppedTask(1, {
          containers: [
            { name: 'app', exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
            { name: 'sidecar', exitCode: 0 },
          ],
        }),
      ],
    });
    expect(first).toMatchObject({
      id: 'out-of-memory',
      reason:
        'Essential container in task exited\napp: OutOfMemoryError: Container killed due to memory usage',
      containers: [{ name: 'app', exitCode: 137 }],
    });
  });

  test('leaves out tasks that the scheduler drained, and events of ordinary progress', () => {
    expect(
      diagnose({
        tasks: [stoppedTask(1, { stoppedReason: `Scaling activity initiated by (deployment ${OURS})` })],
        events: [
          serviceEvent(1, 'has started 1 tasks: (task 0123).'),
          serviceEvent(2, 'registered 1 targets in (target-group arn)'),
          serviceEvent(3, 'has reached a steady state.'),
          serviceEvent(4, `(deployment ${OURS}) deployment completed.`),
        ],
      }),
    ).toEqual([]);
  });

  test('puts the cause before the symptom, and the symptom before the circumstance', () => {
    const found = diagnose({
      tasks: [
        stoppedTask(1, { stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.' }),
        stoppedTask(2),
        stoppedTask(3),
        stoppedTask(4, {
          stoppedReason: 'FluxCapacitorError',
          stopCode: 'TaskFailedToStart',
          containers: [],
        }),
        pullError(5),
      ],
      events: [serviceEvent(9, 'is unable to consistently start tasks successfully.')],
    });
    expect(found.map(({ id }) => id)).toEqual([
      'image-not-found',
      'unknown',
      'application-exited',
      'task-starts-throttled',
      'spot-interruption',
    ]);
  });

  test('shows an unknown reason as it is and says that it is unknown', () => {
    const [first] = diagnose({
      tasks: [
        stoppedTask(1, {
          stoppedReason: 'FluxCapacitorError: 1.21 gigawatts missing',
          stopCode: undefined,
          containers: [],
        }),
      ],
    });
    expect(first).toMatchObject({
      id: 'unknown',
      weight: 'unknown',
      reason: 'FluxCapacitorError: 1.21 gigawatts missing',
      cause: 'ECS gives a reason that is not in the catalogue.',
    });
    expect(first?.docs).toBeUndefined();
  });

  test('lets the log decide where the reason says too little', () => {
    const task = stoppedTask(2);
    const logTail: LogTail = {
      kind: 'lines',
      taskArn: task.taskArn!,
      containerName: 'app',
      logGroup: '/ecs/web',
      logStream: 'web/app/2',
      region: undefined,
      lines: ['starting', 'exec /app: exec format error'],
    };
    const [first, ...rest] = diagnose({ tasks: [stoppedTask(1), task, stoppedTask(3)], logTails: [logTail] });
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ id: 'exec-format-error', count: 3, logTail });
    expect(first?.logConsoleUrl).toContain(
      'log-groups/log-group/$252Fecs$252Fweb/log-events/web$252Fapp$252F2',
    );
  });

  test('reads placement failures of RunTask', () => {
    expect(
      diagnose({
        failures: [
          { reason: 'RESOURCE:MEMORY', arn: 'arn:ci' },
          { reason: 'RESOURCE:MEMORY', arn: 'arn:ci' },
        ],
      }),
    ).toMatchObject([{ id: 'insufficient-memory', count: 2, source: 'failure' }]);
  });

  test('counts an event that names different tasks as one', () => {
    const events = [1, 2].map((second) =>
      serviceEvent(second, `(task 000${second}) failed container health checks.`),
    );
    expect(diagnose({ events })).toMatchObject([
      { id: 'container-health-check-failed', count: 2, source: 'event' },
    ]);
  });

  test('links the newest task in the console', () => {
    const [first] = diagnose({ tasks: [stoppedTask(1), stoppedTask(2)] });
    expect(first?.consoleUrl).toBe(
      'https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/00000000000000000000000000000002/configuration?region=eu-west-1',
    );
  });

  test('says so where a task gives no reason at all', () => {
    const [first] = diagnose({
      tasks: [stoppedTask(1, { stoppedReason: undefined, stopCode: undefined, containers: [] })],
    });
    expect(first?.reason).toBe('No reason was given.');
  });
});

describe('console links', () => {
  test.each([
    ['aws', 'eu-west-1', 'https://eu-west-1.console.aws.amazon.com/'],
    ['aws-cn', 'cn-north-1', 'https://cn-north-1.console.amazonaws.cn/'],
    ['aws-us-gov', 'us-gov-west-1', 'https://us-gov-west-1.console.amazonaws-us-gov.com/'],
    ['aws-eusc', 'eusc-de-east-1', 'https://eusc-de-east-1.console.amazonaws-eusc.eu/'],
  ])('%s', (partition, region, origin) => {
    const arn = (resource: string) => `arn:${partition}:ecs:${region}:123456789012:${resource}`;
    expect(taskConsoleUrl(arn('task/prod/abc'))).toBe(
      `${origin}ecs/v2/clusters/prod/tasks/abc/configuration?region=${region}`,
    );
    expect(serviceConsoleUrl(arn('service/prod/web'))).toBe(
      `${origin}ecs/v2/clusters/prod/services/web/deployments?region=${region}`,
    );
  });

  test('none in a partition without a public console, or for an ARN in the short format', () => {
    expect(taskConsoleUrl('arn:aws-iso:ecs:us-iso-east-1:123456789012:task/prod/abc')).toBeUndefined();
    expect(taskConsoleUrl('arn:aws:ecs:eu-west-1:123456789012:task/abc')).toBeUndefined();
    expect(serviceConsoleUrl('arn:aws:ecs:eu-west-1:123456789012:service/web')).toBeUndefined();
    expect(
      logStreamConsoleUrl('arn:aws-iso:ecs:x:1:task/a/b', { logGroup: 'a', logStream: 'b' }),
    ).toBeUndefined();
  });
});

describe('mostTellingContainer', () => {
  const definition = {
    containerDefinitions: [{ name: 'app' }, { name: 'proxy' }, { name: 'metrics', essential: false }],
  };
  test.each([
    [
      'the essential one that failed by itself',
      [
        { name: 'proxy', exitCode: 137 },
        { name: 'app', exitCode: 1 },
      ],
      'app',
    ],
    [
      'not the sidecar that failed earlier',
      [
        { name: 'metrics', exitCode: 1 },
        { name: 'app', exitCode: 3 },
      ],
      'app',
    ],
    [
      'the killed one, if no other failed',
      [
        { name: 'proxy', exitCode: 0 },
        { name: 'app', exitCode: 137 },
      ],
      'app',
    ],
    ['the sidecar, if only it failed', [{ name: 'metrics', exitCode: 1 }, { name: 'app' }], 'metrics'],
    ['one that ended with 0, if none failed', [{ name: 'proxy' }, { name: 'app', exitCode: 0 }], 'app'],
    [
      'one that gave a reason',
      [{ name: 'proxy', reason: 'CannotStartContainerError' }, { name: 'app' }],
      'proxy',
    ],
  ])('%s', (_, containers, expected) => {
    expect(mostTellingContainer({ containers }, definition)).toBe(expected);
  });

  test.each([
    [
      'the one that ended the task without an error, not the sidecar that was killed',
      [
        { name: 'metrics', exitCode: 137 },
        { name: 'app', exitCode: 0 },
      ],
      'app',
    ],
    [
      'the one that ended the task, not the proxy that crashed on its way out',
      [
        { name: 'proxy', exitCode: 139 },
        { name: 'app', exitCode: 2 },
      ],
      'app',
    ],
  ])('%s', (_, containers, expected) => {
    const task = { stopCode: 'EssentialContainerExited' as const, containers };
    expect(mostTellingContainer(task, definition)).toBe(expected);
  });
});

test('normalizeReason drops what varies and keeps what tells', () => {
  const reason = `(task 0123) in ${'a'.repeat(32)} at ${at(0).toISOString()} from 10.1.2.3:443 (deployment ${OURS}): not found`;
  expect(normalizeReason(reason)).toBe(
    '(task …) in <id> at <time> from <ip> (deployment ecs-svc/…): not found',
  );
  // Digests and image references are what was deployed, not chance.
  expect(normalizeReason(`web@sha256:${'b'.repeat(64)}`)).toContain('b'.repeat(64));
});
