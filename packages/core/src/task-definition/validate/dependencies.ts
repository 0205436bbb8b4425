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
      const known = new Set(names);
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { containerName }] of (container.dependsOn ?? []).entries()) {
          if (containerName === undefined || known.has(containerName)) continue;
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
      // The first of a name is meant.
      const byName = new Map(subject.containers.toReversed().map((container) => [container.name, container]));
      for (const [container, index] of eachContainer(subject)) {
        for (const [at, { containerName, condition }] of (container.dependsOn ?? []).entries()) {
          const target = byName.get(containerName);
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

/** Each cycle once, as the names along it. Keeps its own stack: a chain may be longer than the program's is deep. */
function cyclesOf(containers: readonly ContainerDefinition[]): readonly (readonly string[])[] {
  const dependencies = new Map(
    containers.map(({ name = '', dependsOn = [] }) => [
      name,
      dependsOn.flatMap(({ containerName }) => containerName ?? []),
    ]),
  );
  const done = new Set<string>();
  const cycles: (readonly string[])[] = [];
  for (const first of dependencies.keys()) {
    if (done.has(first)) continue;
    // The names from the first one to where the search is, each with its dependencies that are still to be looked at.
    const trail = new Map([[first, [...(dependencies.get(first) ?? [])]]]);
    const names = [first];
    let at: string | undefined = first;
    while (at !== undefined) {
      const next: string | undefined = trail.get(at)?.shift();
      if (next === undefined) {
        done.add(at);
        trail.delete(at);
        names.pop();
        at = names.at(-1);
      } else if (trail.has(next)) {
        cycles.push(names.slice(names.indexOf(next)));
      } else if (!done.has(next)) {
        trail.set(next, [...(dependencies.get(next) ?? [])]);
        names.push(next);
        at = next;
      }
    }
  }
  return cycles;
}
