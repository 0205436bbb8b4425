import type { ContainerDefinition, Task } from '@aws-sdk/client-ecs';
import { coverValues, type Cover } from '../../task-definition/cover.js';
import { secretsIn } from '../../task-definition/secrets-in.js';
import { taskDefinitionShape } from '../../task-definition/shape/members.js';
import type { Diagnosis } from './diagnose.js';

/**
 * Covers the values of a task definition's secrets wherever ECS or a container quotes them: all that
 * {@link secretsIn} finds, and variables named in `names`. Nothing else of the text is touched: its end is what
 * tells most.
 */
export function coverSecrets(containers: readonly ContainerDefinition[], names: readonly string[]): Cover {
  return coverValues([
    ...secretsIn({ containerDefinitions: containers }, taskDefinitionShape),
    ...valuesOfVariables(containers, names),
  ]);
}

/** The values that the containers give the variables of these names. */
export function valuesOfVariables(
  containers: readonly ContainerDefinition[],
  names: readonly string[],
): string[] {
  return containers.flatMap(({ environment = [] }) =>
    environment.flatMap(({ name = '', value = '' }) => (names.includes(name) ? value : [])),
  );
}

/** What ECS says about a stopped task, covered. */
export function coverTask(task: Task, cover: Cover): Task {
  const containers = task.containers?.map((container) =>
    container.reason === undefined ? container : { ...container, reason: cover(container.reason) },
  );
  return {
    ...task,
    ...(task.stoppedReason === undefined ? {} : { stoppedReason: cover(task.stoppedReason) }),
    ...(containers === undefined ? {} : { containers }),
  };
}

/** What a diagnosis quotes, covered. It was made from what was really said. */
export function coverDiagnosis(diagnosis: Diagnosis, cover: Cover): Diagnosis {
  const containers = diagnosis.containers.map((container) =>
    container.reason === undefined ? container : { ...container, reason: cover(container.reason) },
  );
  return { ...diagnosis, reason: cover(diagnosis.reason), containers };
}
