import type { ContainerDefinition, LinuxParameters } from '@aws-sdk/client-ecs';
import type { TaskDefinitionDocument } from '../document.js';
import type { Fault, Subject } from './rule.js';
import { called, eachContainer, inContainer } from './rule.js';

/** Members that a kind of capacity does not know, at each level of a document. */
export interface UnsupportedMembers {
  readonly task: readonly (keyof TaskDefinitionDocument & string)[];
  readonly container: readonly (keyof ContainerDefinition)[];
  readonly linux: readonly (keyof LinuxParameters)[];
}

/** One fault for each member that is set although `where` does not support it. */
export function* unsupportedMembers(
  subject: Subject,
  { task, container: ofContainer, linux }: UnsupportedMembers,
  where: string,
): Iterable<Fault> {
  const fix = (name: string) => `Remove "${name}".`;
  for (const name of task) {
    if (isSet(subject.document[name])) {
      yield { path: [name], reason: `${where} does not support "${name}".`, fix: fix(name) };
    }
  }
  for (const [container, index] of eachContainer(subject)) {
    const reason = (name: string) =>
      `${where} does not support "${name}", which ${called(container, index)} has.`;
    for (const name of ofContainer) {
      if (isSet(container[name])) {
        yield { path: inContainer(index, name), reason: reason(name), fix: fix(name) };
      }
    }
    for (const name of linux) {
      if (isSet(container.linuxParameters?.[name])) {
        yield { path: inContainer(index, 'linuxParameters', name), reason: reason(name), fix: fix(name) };
      }
    }
  }
}

/** `false` and an empty list ask for nothing, so they are no harm anywhere. 0 does ask for something. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}
