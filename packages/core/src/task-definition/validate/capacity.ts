import { UNSUPPORTED_ON_FARGATE } from './fargate.js';
import type { Fault, Rule, Subject } from './rule.js';
import { called, eachContainer, inContainer } from './rule.js';
import { unsupportedMembers } from './unsupported.js';

/** Source: API reference, "This parameter is not supported for Windows containers", member by member. */
const UNSUPPORTED_ON_WINDOWS = {
  task: ['pidMode', 'ipcMode'],
  container: [
    'links',
    'user',
    'disableNetworking',
    'privileged',
    'readonlyRootFilesystem',
    'dnsServers',
    'dnsSearchDomains',
    'extraHosts',
    'ulimits',
    'linuxParameters',
  ],
  linux: [],
} as const;

const FARGATE_FAULTS = new Set<unknown>([
  ...UNSUPPORTED_ON_FARGATE.task,
  ...UNSUPPORTED_ON_FARGATE.container,
  'pidMode',
]);

const IPC_SYSTEM_CONTROL =
  /^(?:kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$|fs\.mqueue\.)/;

/** Rules of the capacity a task runs on, other than Fargate's own. */
export const capacityRules: readonly Rule[] = [
  {
    id: 'windows-network-mode',
    severity: 'error',
    summary: 'On Windows, the network mode is awsvpc or not given.',
    *check({ document: { networkMode }, isWindows, launchTypes }): Iterable<Fault> {
      if (!isWindows || networkMode === undefined || networkMode === 'awsvpc' || launchTypes.has('FARGATE'))
        return;
      yield {
        path: ['networkMode'],
        reason: `Windows containers do not support the network mode ${networkMode}.`,
        fix: 'Write "awsvpc", or remove "networkMode" for the default of Windows.',
      };
    },
  },
  {
    id: 'windows-unsupported-member',
    severity: 'error',
    summary: 'On Windows, members that only Linux has are absent.',
    *check(subject): Iterable<Fault> {
      if (!subject.isWindows) return;
      for (const fault of unsupportedMembers(subject, UNSUPPORTED_ON_WINDOWS, 'Windows')) {
        // What Fargate does not support anyway is reported as Fargate's.
        if (!subject.launchTypes.has('FARGATE') || !FARGATE_FAULTS.has(fault.path.at(-1))) yield fault;
      }
    },
  },
  {
    id: 'windows-architecture',
    severity: 'error',
    summary: 'On Windows, the architecture is X86_64.',
    *check({ document: { runtimePlatform }, isWindows }): Iterable<Fault> {
      if (!isWindows || runtimePlatform?.cpuArchitecture !== 'ARM64') return;
      yield {
        path: ['runtimePlatform', 'cpuArchitecture'],
        reason: 'ECS runs no Windows containers on ARM64.',
        fix: 'Write "X86_64".',
      };
    },
  },
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
  {
    id: 'external-network-mode',
    severity: 'error',
    summary: 'On external instances, the network mode is not awsvpc.',
    *check({ document: { networkMode }, launchTypes }): Iterable<Fault> {
      if (!launchTypes.has('EXTERNAL') || networkMode !== 'awsvpc') return;
      yield {
        path: ['networkMode'],
        reason: 'External instances do not support the network mode awsvpc.',
        fix: 'Write "bridge", "host" or "none".',
      };
    },
  },
  {
    id: 'external-volume',
    severity: 'error',
    summary: 'On external instances, there are no EFS, S3 Files, FSx or EBS volumes.',
    *check({ volumes, launchTypes }): Iterable<Fault> {
      if (!launchTypes.has('EXTERNAL')) return;
      const kinds = [
        'efsVolumeConfiguration',
        's3filesVolumeConfiguration',
        'fsxWindowsFileServerVolumeConfiguration',
        'configuredAtLaunch',
      ] as const;
      for (const [index, volume] of volumes.entries()) {
        for (const kind of kinds) {
          if (volume[kind] === undefined || volume[kind] === false) continue;
          yield {
            path: ['volumes', index, kind],
            reason: `External instances cannot mount volume "${volume.name}": it lives in AWS.`,
            fix: 'Use a host path or a Docker volume.',
          };
        }
      }
    },
  },
  {
    id: 'external-proxy',
    severity: 'error',
    summary: 'On external instances, there is no App Mesh proxy.',
    *check({ document: { proxyConfiguration }, launchTypes }): Iterable<Fault> {
      if (!launchTypes.has('EXTERNAL') || proxyConfiguration === undefined) return;
      yield {
        path: ['proxyConfiguration'],
        reason: 'External instances do not support App Mesh.',
        fix: 'Remove "proxyConfiguration".',
      };
    },
  },
  {
    id: 'device-requirement',
    severity: 'error',
    summary:
      'A GPU has either a value or a sharing strategy; a Neuron device is ALL, once, on Managed Instances.',
    *check(subject): Iterable<Fault> {
      if (subject.launchTypes.has('FARGATE')) return;
      yield* deviceFaults(subject);
    },
  },
  {
    id: 'proxy-container',
    severity: 'error',
    summary: 'The App Mesh proxy is a container of the task definition.',
    *check({ document: { proxyConfiguration }, containers }): Iterable<Fault> {
      const name = proxyConfiguration?.containerName;
      if (name === undefined || containers.some((container) => container.name === name)) return;
      yield {
        path: ['proxyConfiguration', 'containerName'],
        reason: `The proxy "${name}" is no container.`,
        fix: 'Write the name of the proxy’s container.',
      };
    },
  },
  {
    id: 'ipc-system-controls',
    severity: 'error',
    summary: 'With the ipcMode host, there are no IPC system controls.',
    *check(subject): Iterable<Fault> {
      if (subject.document.ipcMode !== 'host') return;
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { namespace = '' }] of (container.systemControls ?? []).entries()) {
          if (!IPC_SYSTEM_CONTROL.test(namespace)) continue;
          yield {
            path: inContainer(index, 'systemControls', at, 'namespace'),
            reason: `${called(container, index)} sets ${namespace}, which the host’s IPC namespace does not allow.`,
            fix: 'Remove it, or write "ipcMode": "task".',
          };
        }
      }
    },
  },
  {
    id: 'credential-specs',
    severity: 'error',
    summary: 'A container has at most one credential spec, with its prefix.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        const specs = container.credentialSpecs ?? [];
        if (specs.length > 1) {
          yield {
            path: inContainer(index, 'credentialSpecs'),
            reason: `${called(container, index)} has ${specs.length} credential specs; ECS takes one.`,
            fix: 'Keep one.',
          };
        }
        for (const [at, spec] of specs.entries()) {
          if (/^credentialspec(?:domainless)?:./.test(spec)) continue;
          yield {
            path: inContainer(index, 'credentialSpecs', at),
            reason: `A credential spec of ${called(container, index)} does not say of which kind it is.`,
            fix: 'Write credentialspec:ARN or credentialspecdomainless:ARN.',
          };
        }
      }
    },
  },
  {
    id: 'swappiness',
    severity: 'error',
    summary: 'maxSwap is not negative, and swappiness is 0 to 100.',
    *check(subject): Iterable<Fault> {
      if (subject.launchTypes.has('FARGATE')) return;
      for (const [container, index] of eachContainer(subject)) {
        const { maxSwap = 0, swappiness = 0 } = container.linuxParameters ?? {};
        const path = (name: string) => inContainer(index, 'linuxParameters', name);
        if (maxSwap < 0) {
          yield {
            path: path('maxSwap'),
            reason: `maxSwap of ${called(container, index)} is ${maxSwap}.`,
            fix: 'Write 0 or more.',
          };
        }
        if (swappiness < 0 || swappiness > 100) {
          yield {
            path: path('swappiness'),
            reason: `swappiness of ${called(container, index)} is ${swappiness}.`,
            fix: 'Write 0 to 100.',
          };
        }
      }
    },
  },
];

/** Source: API reference, ResourceRequirement. */
function* deviceFaults(subject: Subject): Iterable<Fault> {
  let neuronContainers = 0;
  for (const [container, index] of eachContainer(subject)) {
    for (const [at, { type, value, sharingStrategy }] of (container.resourceRequirements ?? []).entries()) {
      const path = (...rest: string[]) => inContainer(index, 'resourceRequirements', at, ...rest);
      const who = called(container, index);
      if (type === 'GPU' && (value === undefined) === (sharingStrategy === undefined)) {
        yield {
          path: path(),
          reason: `The GPU of ${who} has ${value === undefined ? 'neither' : 'both'} a value and a sharing strategy.`,
          fix: 'Write one of the two.',
        };
      }
      if (type === 'GPU' && value !== undefined && !/^(?:[1-9]\d*|ALL)$/.test(value)) {
        yield {
          path: path('value'),
          reason: `"${value}" is no number of GPUs for ${who}.`,
          fix: 'Write a number, or ALL.',
        };
      }
      if (type === 'GPU' && sharingStrategy !== undefined && subject.launchTypes.has('EXTERNAL')) {
        yield {
          path: path('sharingStrategy'),
          reason: `External instances do not share GPUs, as ${who} asks.`,
          fix: 'Write a value instead.',
        };
      }
      if (type !== 'NeuronDevice') continue;
      neuronContainers += 1;
      if (value !== 'ALL' || neuronContainers > 1) {
        yield {
          path: path(),
          reason: `The Neuron devices of ${who} are not "ALL" of one container.`,
          fix: 'Write "ALL", in one container.',
        };
      }
      if (
        subject.launchTypes.size > 0 &&
        ![...subject.launchTypes].every((type) => type === 'MANAGED_INSTANCES')
      ) {
        yield {
          path: path('type'),
          reason: 'Only Managed Instances have Neuron devices.',
          fix: 'Write "requiresCompatibilities": ["MANAGED_INSTANCES"].',
        };
      }
    }
  }
}
