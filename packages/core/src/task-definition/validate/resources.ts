import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { cpuUnits, memoryMiB } from '../quantities.js';
import type { Fault, Rule } from './rule.js';
import { called, eachContainer, inContainer, outside } from './rule.js';

/** Docker reserves this much for every container. */
const MIN_MEMORY_MIB = 6;

/** Source: API reference, RegisterTaskDefinition (`cpu`, `memory`) and ContainerDefinition (the same, `memoryReservation`). */
export const resourceRules: readonly Rule[] = [
  {
    id: 'task-size-format',
    severity: 'error',
    summary: 'The task’s cpu is CPU units or vCPUs, its memory MiB or GB.',
    *check({ document: { cpu, memory } }): Iterable<Fault> {
      if (cpu !== undefined && cpuUnits(cpu) === undefined) {
        yield {
          path: ['cpu'],
          reason: `"${cpu}" is no amount of CPU.`,
          fix: 'Write CPU units ("1024") or vCPUs ("1 vCPU").',
        };
      }
      if (memory !== undefined && memoryMiB(memory) === undefined) {
        yield {
          path: ['memory'],
          reason: `"${memory}" is no amount of memory.`,
          fix: 'Write MiB ("2048") or GB ("2 GB").',
        };
      }
    },
  },
  {
    id: 'task-cpu-range',
    severity: 'error',
    summary: 'Away from Fargate, the task’s cpu is 128 to 196608 units.',
    check: ({ document: { cpu = '' }, launchTypes }) =>
      launchTypes.has('FARGATE') ? [] : outside(cpuUnits(cpu), [128, 196_608], ['cpu'], 'The task’s cpu'),
  },
  {
    id: 'memory-required',
    severity: 'error',
    summary: 'Where the task has no memory, every container has memory or memoryReservation.',
    *check(subject): Iterable<Fault> {
      const { memory } = subject.document;
      if ((memory !== undefined && memoryMiB(memory) !== 0) || subject.launchTypes.has('FARGATE')) return;
      for (const [container, index] of eachContainer(subject)) {
        if ((container.memory ?? 0) > 0 || (container.memoryReservation ?? 0) > 0) continue;
        yield {
          path: inContainer(index, 'memory'),
          reason: `Neither the task nor ${called(container, index)} says how much memory it needs.`,
          fix: 'Give the task or the container "memory", or the container "memoryReservation".',
        };
      }
    },
  },
  {
    id: 'memory-minimum',
    severity: 'error',
    summary: 'A container has at least 6 MiB of memory, and so has a task.',
    *check(subject): Iterable<Fault> {
      const memory = memoryMiB(subject.document.memory ?? '');
      // Fargate has sizes of its own.
      if (isTooLittle(memory) && !subject.launchTypes.has('FARGATE')) {
        yield {
          path: ['memory'],
          reason: `The task’s memory is ${memory} MiB, less than one container needs.`,
          fix: `Write at least ${MIN_MEMORY_MIB}.`,
        };
      }
      for (const [container, index] of eachContainer(subject)) {
        for (const name of ['memory', 'memoryReservation'] as const) {
          const value = container[name];
          if (!isTooLittle(value)) continue;
          yield {
            path: inContainer(index, name),
            reason: `${name} of ${called(container, index)} is ${value} MiB.`,
            fix: `Write at least ${MIN_MEMORY_MIB}.`,
          };
        }
      }
    },
  },
  {
    id: 'memory-above-reservation',
    severity: 'error',
    summary: 'A container’s memory is greater than its memoryReservation.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        const { memory, memoryReservation } = container;
        // 0 means "not given".
        if (!memory || !memoryReservation || memory > memoryReservation) continue;
        yield {
          path: inContainer(index, 'memory'),
          reason: `memory of ${called(container, index)} is ${memory} MiB, not more than its memoryReservation of ${memoryReservation}.`,
          fix: 'Raise memory, or lower memoryReservation.',
        };
      }
    },
  },
  {
    id: 'container-cpu-minimum',
    severity: 'error',
    summary: 'A container’s cpu is not negative.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        if ((container.cpu ?? 0) >= 0) continue;
        yield {
          path: inContainer(index, 'cpu'),
          reason: `cpu of ${called(container, index)} is ${container.cpu}.`,
          fix: 'Write CPU units, or 0 to reserve none.',
        };
      }
    },
  },
  {
    id: 'container-memory-sum',
    severity: 'error',
    summary: 'The containers’ memory fits into the task’s.',
    *check({ document, containers }): Iterable<Fault> {
      const memory = memoryMiB(document.memory ?? '');
      if (memory === undefined) return;
      // A reservation of 0 is none.
      const reserved = sum(containers, (container) => container.memoryReservation || container.memory);
      if (reserved > memory) {
        yield {
          path: ['memory'],
          reason: `The containers reserve ${reserved} MiB, the task has ${memory}.`,
          fix: 'Raise the task’s memory, or lower that of its containers.',
        };
      }
      for (const [index, container] of containers.entries()) {
        if ((container.memory ?? 0) <= memory || reserved > memory) continue;
        yield {
          path: inContainer(index, 'memory'),
          reason: `memory of ${called(container, index)} is ${container.memory} MiB, the task has ${memory}.`,
          fix: 'Raise the task’s memory, or lower that of the container.',
        };
      }
    },
  },
  {
    id: 'container-cpu-sum',
    severity: 'error',
    summary: 'The containers’ cpu fits into the task’s.',
    *check({ document, containers }): Iterable<Fault> {
      const cpu = cpuUnits(document.cpu ?? '');
      const reserved = sum(containers, (container) => container.cpu);
      if (cpu === undefined || reserved <= cpu) return;
      yield {
        path: ['cpu'],
        reason: `The containers reserve ${reserved} CPU units, the task has ${cpu}.`,
        fix: 'Raise the task’s cpu, or lower that of its containers.',
      };
    },
  },
];

/** 0 means "not given". */
function isTooLittle(memory: number | undefined): boolean {
  return memory !== undefined && memory !== 0 && memory < MIN_MEMORY_MIB;
}

function sum(
  containers: readonly ContainerDefinition[],
  amount: (container: ContainerDefinition) => number | undefined,
): number {
  return containers.reduce((total, container) => total + (amount(container) ?? 0), 0);
}
