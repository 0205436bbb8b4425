import type { Fault, Rule, Subject } from './rule.js';
import { called, eachContainer, inContainer, outside } from './rule.js';
import { unsupportedMembers } from './unsupported.js';

/** A rule that only a task for Fargate can break. */
function onFargate(rule: Rule): Rule {
  return { ...rule, check: (subject) => (subject.launchTypes.has('FARGATE') ? rule.check(subject) : []) };
}

/** Source: developer guide, "Task definition differences for Fargate"; API reference, member by member. */
export const UNSUPPORTED_ON_FARGATE = {
  task: ['ipcMode', 'placementConstraints', 'inferenceAccelerators'],
  container: [
    'disableNetworking',
    'dnsSearchDomains',
    'dnsServers',
    'dockerSecurityOptions',
    'extraHosts',
    'links',
    'privileged',
    'hostname',
  ],
  linux: ['devices', 'sharedMemorySize', 'maxSwap', 'swappiness'],
} as const;

const WINDOWS_ON_FARGATE = /^WINDOWS_SERVER_(2019|2022)_/;

const rules: readonly Rule[] = [
  {
    id: 'fargate-network-mode',
    severity: 'error',
    summary: 'On Fargate, the network mode is awsvpc.',
    *check({ document: { networkMode } }: Subject): Iterable<Fault> {
      if (networkMode === 'awsvpc') return;
      yield {
        path: ['networkMode'],
        reason: `Fargate only supports the network mode awsvpc${networkMode === undefined ? '' : `, not ${networkMode}`}.`,
        fix: 'Write "networkMode": "awsvpc".',
      };
    },
  },
  {
    id: 'fargate-unsupported-member',
    severity: 'error',
    summary: 'On Fargate, members that need a container instance of one’s own are absent.',
    check: (subject) => unsupportedMembers(subject, UNSUPPORTED_ON_FARGATE, 'Fargate'),
  },
  {
    id: 'fargate-gpu',
    severity: 'error',
    summary: 'On Fargate, no container asks for a GPU or another device.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { type }] of (container.resourceRequirements ?? []).entries()) {
          yield {
            path: inContainer(index, 'resourceRequirements', at),
            reason: `Fargate has no ${type ?? 'device'} for ${called(container, index)}.`,
            fix: 'Remove the resource requirement, or run the task on EC2 or Managed Instances.',
          };
        }
      }
    },
  },
  {
    id: 'fargate-capabilities',
    severity: 'error',
    summary: 'On Fargate, SYS_PTRACE is the only capability that can be added.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, capability] of (container.linuxParameters?.capabilities?.add ?? []).entries()) {
          if (capability === 'SYS_PTRACE') continue;
          yield {
            path: inContainer(index, 'linuxParameters', 'capabilities', 'add', at),
            reason: `Fargate does not add the capability ${capability} to ${called(container, index)}.`,
            fix: 'Remove it; only SYS_PTRACE can be added.',
          };
        }
      }
    },
  },
  {
    id: 'fargate-volume',
    severity: 'error',
    summary: 'On Fargate, volumes are neither Docker volumes nor paths of a host.',
    *check({ volumes }): Iterable<Fault> {
      for (const [index, { name, dockerVolumeConfiguration, host }] of volumes.entries()) {
        if (dockerVolumeConfiguration === undefined && host?.sourcePath === undefined) continue;
        const member = dockerVolumeConfiguration === undefined ? 'host' : 'dockerVolumeConfiguration';
        yield {
          path: ['volumes', index, member],
          reason: `Fargate has no ${member === 'host' ? 'host path' : 'Docker volume'} for volume "${name}".`,
          fix: 'Use an EFS volume, or a volume with only a name for storage that ends with the task.',
        };
      }
    },
  },
  {
    id: 'fargate-ephemeral-storage',
    severity: 'error',
    summary: 'On Fargate, ephemeral storage is 21 to 200 GiB.',
    check: ({ document: { ephemeralStorage } }) =>
      outside(
        ephemeralStorage?.sizeInGiB,
        [21, 200],
        ['ephemeralStorage', 'sizeInGiB'],
        'Ephemeral storage, in GiB,',
      ),
  },
  {
    id: 'fargate-timeout',
    severity: 'error',
    summary: 'On Fargate, startTimeout and stopTimeout are 2 to 120 seconds.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        for (const name of ['startTimeout', 'stopTimeout'] as const) {
          const what = `${name} of ${called(container, index)}`;
          yield* outside(container[name], [2, 120], inContainer(index, name), what);
        }
      }
    },
  },
  {
    id: 'fargate-pid-mode',
    severity: 'error',
    summary: 'On Fargate, pidMode is task, and only on Linux.',
    *check({ document: { pidMode }, isWindows }): Iterable<Fault> {
      if (pidMode === undefined || (pidMode === 'task' && !isWindows)) return;
      yield {
        path: ['pidMode'],
        reason: isWindows
          ? 'Windows tasks have no pidMode.'
          : `Fargate does not support the pidMode ${pidMode}.`,
        fix: isWindows ? 'Remove "pidMode".' : 'Write "task", or remove "pidMode".',
      };
    },
  },
  {
    id: 'fargate-operating-system',
    severity: 'error',
    summary: 'On Fargate, the operating system is Linux, Windows Server 2019 or 2022.',
    *check({ document: { runtimePlatform } }): Iterable<Fault> {
      const family = runtimePlatform?.operatingSystemFamily ?? 'LINUX';
      // 2025 has a rule of its own; a family that we do not know is reported as such.
      if (family === 'LINUX' || WINDOWS_ON_FARGATE.test(family) || !/_(2004|2016|20H2)_/.test(family)) return;
      yield {
        path: ['runtimePlatform', 'operatingSystemFamily'],
        reason: `Fargate does not run ${family}.`,
        fix: 'Write LINUX or one of WINDOWS_SERVER_2019_CORE, 2019_FULL, 2022_CORE, 2022_FULL.',
      };
    },
  },
  {
    id: 'fargate-windows-2025',
    severity: 'warning',
    summary: 'On Fargate, Windows Server 2025 is not listed as supported.',
    *check({ document: { runtimePlatform } }): Iterable<Fault> {
      const family = runtimePlatform?.operatingSystemFamily ?? '';
      if (!family.startsWith('WINDOWS_SERVER_2025_')) return;
      yield {
        path: ['runtimePlatform', 'operatingSystemFamily'],
        reason: `AWS does not list ${family} among what Fargate runs.`,
        fix: 'If ECS refuses it, write WINDOWS_SERVER_2022_CORE or WINDOWS_SERVER_2022_FULL.',
      };
    },
  },
  {
    id: 'fargate-firelens-config',
    severity: 'error',
    summary: 'On Fargate, the configuration of a log router is a file in its image.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        if (container.firelensConfiguration?.options?.['config-file-type'] !== 's3') continue;
        yield {
          path: inContainer(index, 'firelensConfiguration', 'options', 'config-file-type'),
          reason: `Fargate does not read the log router configuration of ${called(container, index)} from S3.`,
          fix: 'Put the file into the image and write "file".',
        };
      }
    },
  },
];

export const fargateRules: readonly Rule[] = rules.map(onFargate);
