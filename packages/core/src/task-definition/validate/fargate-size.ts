import { cpuUnits, memoryMiB } from '../quantities.js';
import type { Fault, Rule, Subject } from './rule.js';

interface FargateSize {
  readonly cpu: number;
  /** MiB, in ascending order. */
  readonly memory: readonly number[];
  readonly linuxOnly?: true;
}

const GIB = 1024;

/**
 * Source: developer guide, "Task CPU and memory" for Fargate. The row of 32 vCPU is in the console's
 * table and missing from the API reference.
 */
const FARGATE_SIZES: readonly FargateSize[] = [
  { cpu: 256, memory: [512, 1 * GIB, 2 * GIB] },
  { cpu: 512, memory: steps(1, 4, 1) },
  { cpu: 1024, memory: steps(2, 8, 1) },
  { cpu: 2048, memory: steps(4, 16, 1) },
  { cpu: 4096, memory: steps(8, 30, 1) },
  { cpu: 8192, memory: steps(16, 60, 4), linuxOnly: true },
  { cpu: 16_384, memory: steps(32, 120, 8), linuxOnly: true },
  { cpu: 32_768, memory: [60 * GIB, 120 * GIB, 244 * GIB], linuxOnly: true },
];

function steps(fromGiB: number, toGiB: number, stepGiB: number): readonly number[] {
  const count = (toGiB - fromGiB) / stepGiB + 1;
  return Array.from({ length: count }, (_, index) => (fromGiB + index * stepGiB) * GIB);
}

export const fargateSizeRules: readonly Rule[] = [
  {
    id: 'fargate-task-size',
    severity: 'error',
    summary: 'On Fargate, cpu and memory are given for the task.',
    *check({ document, launchTypes }): Iterable<Fault> {
      if (!launchTypes.has('FARGATE')) return;
      for (const name of ['cpu', 'memory'] as const) {
        if (document[name] !== undefined) continue;
        yield {
          path: [name],
          reason: `Fargate needs "${name}" at the level of the task, not only of its containers.`,
          fix: name === 'cpu' ? 'Add for example "cpu": "256".' : 'Add for example "memory": "512".',
        };
      }
    },
  },
  {
    id: 'fargate-size',
    severity: 'error',
    summary: 'On Fargate, cpu and memory are one of the pairs that Fargate offers.',
    *check(subject): Iterable<Fault> {
      const size = fargateSize(subject);
      if (size === undefined) return;
      const { cpu, memory } = size;
      const row = FARGATE_SIZES.find((candidate) => candidate.cpu === cpu);
      if (row?.memory.includes(memory)) return;
      yield {
        path: [row === undefined ? 'cpu' : 'memory'],
        reason: `Fargate offers no task with ${cpu} CPU units and ${memory} MiB.`,
        fix:
          row === undefined
            ? `Write one of ${FARGATE_SIZES.map((candidate) => candidate.cpu).join(', ')} as cpu.`
            : `With cpu ${cpu}, memory is ${describeMemory(row.memory)}${otherCpus(memory)}.`,
      };
    },
  },
  {
    id: 'fargate-size-windows',
    severity: 'error',
    summary: 'On Fargate, a Windows task has 1024 to 4096 CPU units.',
    *check(subject): Iterable<Fault> {
      const cpu = subject.isWindows ? fargateSize(subject)?.cpu : undefined;
      const row = FARGATE_SIZES.find((candidate) => candidate.cpu === cpu);
      if (cpu === undefined || row === undefined || (cpu >= 1024 && row.linuxOnly === undefined)) return;
      yield {
        path: ['cpu'],
        reason: `Fargate runs no Windows task with ${cpu} CPU units.`,
        fix: 'Write 1024, 2048 or 4096.',
      };
    },
  },
];

/** The size of a Fargate task, where both numbers can be read. */
function fargateSize({ document, launchTypes }: Subject): { cpu: number; memory: number } | undefined {
  if (!launchTypes.has('FARGATE')) return undefined;
  const [cpu, memory] = [cpuUnits(document.cpu ?? ''), memoryMiB(document.memory ?? '')];
  return cpu === undefined || memory === undefined ? undefined : { cpu, memory };
}

function describeMemory(memory: readonly number[]): string {
  const [first, second = 0, third = 0] = memory;
  const last = memory.at(-1);
  return memory.length > 3
    ? `${first} to ${last} in steps of ${third - second}`
    : `one of ${memory.join(', ')}`;
}

function otherCpus(memory: number): string {
  const cpus = FARGATE_SIZES.filter((row) => row.memory.includes(memory)).map(({ cpu }) => cpu);
  return cpus.length === 0 ? '' : `; with memory ${memory}, cpu is ${cpus.join(' or ')}`;
}
