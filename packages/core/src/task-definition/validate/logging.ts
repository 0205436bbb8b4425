import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { Fault, Rule } from './rule.js';
import { called, eachContainer, inContainer } from './rule.js';

const ALL_DRIVERS = [
  'awslogs',
  'fluentd',
  'gelf',
  'json-file',
  'journald',
  'syslog',
  'splunk',
  'awsfirelens',
] as const;

/** Source: API reference, LogConfiguration, `logDriver`. */
const DRIVERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['FARGATE', ['awslogs', 'splunk', 'awsfirelens']],
  ['MANAGED_INSTANCES', ['awslogs', 'splunk', 'awsfirelens', 'json-file']],
]);

export const loggingRules: readonly Rule[] = [
  {
    id: 'log-driver',
    severity: 'error',
    summary: 'The log driver is one that the task’s capacity has.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        const driver: string | undefined = container.logConfiguration?.logDriver;
        // A driver that no capacity has is reported as an unknown value.
        if (driver === undefined || !ALL_DRIVERS.some((known) => known === driver)) continue;
        for (const launchType of subject.launchTypes) {
          const drivers = DRIVERS.get(launchType) ?? ALL_DRIVERS;
          if (drivers.some((known) => known === driver)) continue;
          yield {
            path: inContainer(index, 'logConfiguration', 'logDriver'),
            reason: `${launchType} has no log driver ${driver}, which ${called(container, index)} uses.`,
            fix: `Write one of ${drivers.join(', ')}.`,
          };
        }
      }
    },
  },
  {
    id: 'awslogs-options',
    severity: 'error',
    summary: 'awslogs has a group and a region, and on Fargate a stream prefix.',
    *check(subject): Iterable<Fault> {
      const required = ['awslogs-group', 'awslogs-region'];
      if (subject.launchTypes.has('FARGATE')) required.push('awslogs-stream-prefix');
      for (const [container, index] of eachContainer(subject)) {
        if (container.logConfiguration?.logDriver !== 'awslogs') continue;
        for (const name of required) {
          if ((container.logConfiguration.options?.[name] ?? '') !== '') continue;
          yield {
            path: inContainer(index, 'logConfiguration', 'options', name),
            reason: `The awslogs driver of ${called(container, index)} has no ${name}.`,
            fix: `Add "${name}" to its options.`,
          };
        }
      }
    },
  },
  {
    id: 'firelens-router',
    severity: 'error',
    summary: 'awsfirelens needs exactly one container with a firelensConfiguration.',
    *check(subject): Iterable<Fault> {
      const routers = subject.containers.filter((container) => container.firelensConfiguration !== undefined);
      for (const [container, index] of eachContainer(subject)) {
        if (container.logConfiguration?.logDriver === 'awsfirelens' && routers.length === 0) {
          yield {
            path: inContainer(index, 'logConfiguration', 'logDriver'),
            reason: `${called(container, index)} sends its logs to a log router, but there is none.`,
            fix: 'Add a container with "firelensConfiguration": { "type": "fluentbit" }.',
          };
        }
        if (isFurtherRouter(container, routers)) {
          yield {
            path: inContainer(index, 'firelensConfiguration'),
            reason: 'There is more than one log router.',
            fix: 'Keep one container with a firelensConfiguration.',
          };
        }
      }
    },
  },
];

function isFurtherRouter(container: ContainerDefinition, routers: readonly ContainerDefinition[]): boolean {
  return routers.indexOf(container) > 0;
}
