import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { didYouMean } from '../suggest.js';
import type { Fault, Rule } from './rule.js';
import { called, eachContainer, inContainer } from './rule.js';

/** Source: API reference, ContainerDependency. */
export const dependencyRules: readonly Rule[] = [
  {
    id: 'depends-on-container',
    severity: 'error',
    summary: 'A container depends on another container of the task definition.',
    *check(subject): Iterable<Fault> {
      const names = subject.containers.flatMap(({ name }) => name ?? []);
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { containerName }] of (container.dependsOn ?? []).entries()) {
          if (containerName === undefined || names.includes(containerName)) continue;
          yield {
            path: inContainer(index, 'dependsOn', at, 'containerName'),
            reason: `${called(container, index)} depends on "${containerName}", which is no container.`,
            fix: `Write the name of a container.${didYouMean(containerName, names)}`,
          };
        }
      }
    },
  },
  {
    id: 'depends-on-cycle',
    severity: 'error',
    summary: 'No container depends on itself, not even through others.',
    *check({ containers }): Iterable<Fault> {
      for (const cycle of cyclesOf(containers)) {
        const index = containers.findIndex(({ name }) => name === cycle[0]);
        yield {
          path: inContainer(index, 'dependsOn'),
          reason: `Each of these containers waits for the next: ${[...cycle, cycle[0]].join(' → ')}.`,
          fix: 'Remove one of these dependencies.',
        };
      }
    },
  },
  {
    id: 'depends-on-condition',
    severity: 'error',
    summary:
      'COMPLETE and SUCCESS wait for a container that is not essential, HEALTHY for one with a health check.',
    *check(subject): Iterable<Fault> {
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { containerName, condition }] of (container.dependsOn ?? []).entries()) {
          const target = subject.containers.find(({ name }) => name === containerName);
          const path = inContainer(index, 'dependsOn', at, 'condition');
          const waits = `${called(container, index)} waits for "${containerName}" to be ${condition}`;
          if (target === undefined) continue;
          if ((condition === 'COMPLETE' || condition === 'SUCCESS') && target.essential !== false) {
            const reason = `${waits}, but that is an essential container: when it ends, so does the task.`;
            yield { path, reason, fix: `Write "essential": false in "${containerName}".` };
          }
          if (condition === 'HEALTHY' && target.healthCheck === undefined) {
            const reason = `${waits}, but that container has no health check.`;
            yield { path, reason, fix: `Give "${containerName}" a healthCheck, or wait for START.` };
          }
        }
      }
    },
  },
];

/** Each cycle once, as the names along it. */
function cyclesOf(containers: readonly ContainerDefinition[]): readonly (readonly string[])[] {
  const dependencies = new Map(
    containers.map(({ name = '', dependsOn = [] }) => [
      name,
      dependsOn.flatMap(({ containerName }) => containerName ?? []),
    ]),
  );
  const done = new Set<string>();
  const cycles: (readonly string[])[] = [];
  const visit = (name: string, trail: readonly string[]): void => {
    const start = trail.indexOf(name);
    if (start >= 0) cycles.push(trail.slice(start));
    if (start >= 0 || done.has(name)) return;
    for (const next of dependencies.get(name) ?? []) visit(next, [...trail, name]);
    done.add(name);
  };
  for (const name of dependencies.keys()) visit(name, []);
  return cycles;
}
