import { UNSUPPORTED_ON_FARGATE } from './fargate.js';
import type { Fault, Rule } from './rule.js';
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

export const windowsRules: readonly Rule[] = [
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
];
