import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { isRecord } from './plain-data.js';

/**
 * A task definition as `RegisterTaskDefinition` takes it, plus whatever members ECS has learned since
 * the SDK was built. Plain JSON data; where in a file a member stands is kept beside it
 * ({@link SourcePositions}), never inside.
 *
 * A document that was only loaded may still break every rule of ECS: its members may be absent or of
 * another type than declared here until {@link validateTaskDefinition} has found no error in it.
 */
export type TaskDefinitionDocument = RegisterTaskDefinitionCommandInput & {
  readonly [member: string]: unknown;
};

/** The containers of a document, whatever it holds: anything that is not an object is left out. */
export function containersOf(document: TaskDefinitionDocument): readonly ContainerDefinition[] {
  const list: unknown = document.containerDefinitions;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
