import type { ContainerDefinition, ContainerOverride, TaskOverride } from '@aws-sdk/client-ecs';
import { EcsActionsError } from '../../errors.js';
import type { ContainerChange } from './options.js';

/**
 * Adds a change of one container to the overrides of a task, and checks that every container named is there: ECS would
 * say so only after the task definition has been registered.
 *
 * @throws EcsActionsError `INPUT_INVALID` for a container that is not there, or if it is not clear which one is meant.
 */
export function overrideContainers(
  overrides: TaskOverride | undefined,
  change: ContainerChange | undefined,
  containerDefinitions: readonly ContainerDefinition[],
): TaskOverride | undefined {
  const given = overrides?.containerOverrides ?? [];
  const names = containerDefinitions.map(({ name = '' }) => name);
  const asked = [...given.map(({ name }) => name), change?.name].filter((name) => name !== undefined);
  const unknown = asked.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new EcsActionsError(
      'INPUT_INVALID',
      `The task definition has no container ${unknown.join(', ')} to override.`,
      { hint: `Its containers are: ${names.join(', ')}.` },
    );
  }
  if (change === undefined) return overrides;
  const name = change.name ?? theContainer(containerDefinitions);
  const before = given.find((override) => override.name === name);
  const merged: ContainerOverride = {
    ...before,
    name,
    ...(change.command === undefined ? {} : { command: [...change.command] }),
    ...(change.environment === undefined
      ? {}
      : { environment: mergeEnvironment(before?.environment, change.environment) }),
  };
  return { ...overrides, containerOverrides: [...given.filter((override) => override !== before), merged] };
}

/** The containers as they run: with the command that the overrides give them, and their variables too. */
export function asOverridden(
  containerDefinitions: readonly ContainerDefinition[],
  overrides: TaskOverride | undefined,
): ContainerDefinition[] {
  return containerDefinitions.map((container) => {
    const override = overrides?.containerOverrides?.find(({ name }) => name === container.name);
    const environment = [...(container.environment ?? []), ...(override?.environment ?? [])];
    return { ...container, environment, command: override?.command ?? container.command };
  });
}

function mergeEnvironment(
  before: ContainerOverride['environment'],
  added: Readonly<Record<string, string>>,
): NonNullable<ContainerOverride['environment']> {
  const kept = (before ?? []).filter(({ name = '' }) => !Object.hasOwn(added, name));
  return [...kept, ...Object.entries(added).map(([name, value]) => ({ name, value }))];
}

function theContainer(definitions: readonly ContainerDefinition[]): string {
  const candidates =
    definitions.length === 1 ? definitions : definitions.filter(({ essential }) => essential !== false);
  const [only] = candidates;
  if (candidates.length === 1 && only?.name !== undefined) return only.name;
  throw new EcsActionsError(
    'INPUT_INVALID',
    `The task definition has several essential containers: ${candidates.map(({ name }) => name).join(', ')}.`,
    { hint: 'Name the one that command and environment are for with container-name.' },
  );
}
