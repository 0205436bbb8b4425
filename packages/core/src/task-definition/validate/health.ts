import type { HealthCheck } from '@aws-sdk/client-ecs';
import type { Fault, Rule } from './rule.js';
import { called, eachContainer, inContainer, outside } from './rule.js';

/** Seconds, but for `retries`. Source: API reference, HealthCheck. */
const BOUNDS: Readonly<Record<Exclude<keyof HealthCheck, 'command'>, readonly [number, number]>> = {
  interval: [5, 300],
  timeout: [2, 60],
  retries: [1, 10],
  startPeriod: [0, 300],
};

const MAX_IGNORED_EXIT_CODES = 50;

function hasKind([kind]: readonly string[]): boolean {
  return kind === 'CMD' || kind === 'CMD-SHELL';
}

/** Source: API reference, HealthCheck and ContainerRestartPolicy. */
export const healthRules: readonly Rule[] = [
  {
    id: 'health-check-command',
    severity: 'error',
    summary: 'A health check has a command to run.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        const command = container.healthCheck?.command;
        if (command === undefined || command.length > (hasKind(command) ? 1 : 0)) continue;
        yield {
          path: inContainer(index, 'healthCheck', 'command'),
          reason: `The health check of ${called(container, index)} has no command to run.`,
          fix: 'Write for example ["CMD-SHELL", "curl -f http://localhost/ || exit 1"].',
        };
      }
    },
  },
  {
    // A warning: the API reference asks for it, but pages of AWS's own do without, and registrations went through.
    id: 'health-check-kind',
    severity: 'warning',
    summary: 'A health check’s command begins with CMD or CMD-SHELL.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        const command = container.healthCheck?.command ?? [];
        if (command.length === 0 || hasKind(command)) continue;
        yield {
          path: inContainer(index, 'healthCheck', 'command'),
          reason: `The health check of ${called(container, index)} begins with neither CMD nor CMD-SHELL.`,
          fix: 'Put CMD before a program and its arguments, or CMD-SHELL before a command line.',
        };
      }
    },
  },
  {
    id: 'health-check-range',
    severity: 'error',
    summary: 'A health check has interval 5–300 s, timeout 2–60 s, 1–10 retries and startPeriod 0–300 s.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        for (const name of ['interval', 'timeout', 'retries', 'startPeriod'] as const) {
          const path = inContainer(index, 'healthCheck', name);
          const what = `${name} of the health check of ${called(container, index)}`;
          yield* outside(container.healthCheck?.[name], BOUNDS[name], path, what);
        }
      }
    },
  },
  {
    id: 'restart-policy',
    severity: 'error',
    summary: 'A restart policy has a period of 60–1800 s and ignores up to 50 exit codes.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        const { restartAttemptPeriod, ignoredExitCodes = [] } = container.restartPolicy ?? {};
        yield* outside(
          restartAttemptPeriod,
          [60, 1800],
          inContainer(index, 'restartPolicy', 'restartAttemptPeriod'),
          `restartAttemptPeriod of ${called(container, index)}`,
        );
        if (ignoredExitCodes.length <= MAX_IGNORED_EXIT_CODES) continue;
        yield {
          path: inContainer(index, 'restartPolicy', 'ignoredExitCodes'),
          reason: `The restart policy of ${called(container, index)} ignores ${ignoredExitCodes.length} exit codes; ECS takes ${MAX_IGNORED_EXIT_CODES}.`,
          fix: 'Remove some.',
        };
      }
    },
  },
];
