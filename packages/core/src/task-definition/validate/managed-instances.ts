import type { Fault, Rule } from './rule.js';

/** Source: developer guide, "Amazon ECS task networking for Amazon ECS Managed Instances". */
export const managedInstancesRules: readonly Rule[] = [
  {
    id: 'managed-instances-network-mode',
    severity: 'error',
    summary: 'On Managed Instances, a network mode is given, and it is not bridge.',
    *check({ document: { networkMode }, launchTypes }): Iterable<Fault> {
      if (!launchTypes.has('MANAGED_INSTANCES') || (networkMode !== undefined && networkMode !== 'bridge'))
        return;
      yield {
        path: ['networkMode'],
        reason:
          networkMode === undefined
            ? 'Managed Instances need a network mode, and none is given.'
            : 'Managed Instances do not support the network mode bridge.',
        fix: 'Write "networkMode": "awsvpc" or "host".',
      };
    },
  },
  {
    id: 'managed-instances-operating-system',
    severity: 'error',
    summary: 'On Managed Instances, the operating system is Linux.',
    *check({ launchTypes, isWindows }): Iterable<Fault> {
      if (!launchTypes.has('MANAGED_INSTANCES') || !isWindows) return;
      yield {
        path: ['runtimePlatform', 'operatingSystemFamily'],
        reason: 'Managed Instances do not run Windows.',
        fix: 'Write "LINUX".',
      };
    },
  },
];
