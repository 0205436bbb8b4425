import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { EcsActionsError } from '../errors.js';
import type { TaskDefinitionDocument } from './document.js';
import { containersOf } from './document.js';
import { isRecord } from './plain-data.js';
import type { ContainerEdits, TaskDefinitionEdits } from './edits.js';
import { normaliseTaskDefinition } from './normalise.js';
import { patchTaskDefinition, requireShallow } from './patch.js';
import { formatPath } from './path.js';
import { fillPlaceholders } from './placeholders.js';
import { coverDocuments, secretsInEdits } from './secrets-in.js';
import { redactText } from './secrets.js';
import { didYouMean } from './suggest.js';

/**
 * Applies edits to a document and returns the normalised result; neither argument is changed. Without
 * edits it is {@link normaliseTaskDefinition}.
 *
 * Throws `TASK_DEFINITION_EDIT_INVALID` naming everything that does not fit together: containers that
 * the document does not have, placeholders without a value, log options without a driver; and
 * `TASK_DEFINITION_UNREADABLE` for what is nested too deep.
 */
export function renderTaskDefinition(
  document: TaskDefinitionDocument,
  edits: TaskDefinitionEdits = {},
): TaskDefinitionDocument {
  requireShallow(edits.patch);
  const faults: string[] = [];
  const filled = fill(normaliseTaskDefinition(document).document, edits, faults);
  const edited = applyEdits(filled.document, edits, faults);
  if (faults.length > 0) throw editError(faults.map(coverDocuments([document], secretsInEdits(edits))));
  const patched = filled.patch === undefined ? edited : patchTaskDefinition(edited, filled.patch);
  return normaliseTaskDefinition(patched).document;
}

function editError(faults: readonly string[]): EcsActionsError {
  return new EcsActionsError(
    'TASK_DEFINITION_EDIT_INVALID',
    faults.length === 1 ? (faults[0] ?? '') : `${faults.length} edits do not fit:\n- ${faults.join('\n- ')}`,
    { hint: 'Correct the inputs of this step, or the task definition that they are applied to.' },
  );
}

function fill(
  document: TaskDefinitionDocument,
  { variables, patch }: TaskDefinitionEdits,
  faults: string[],
): { document: TaskDefinitionDocument; patch: unknown } {
  if (patch !== undefined && patch !== null && !isRecord(patch)) {
    faults.push(
      'The patch is not an object with members of a task definition, such as containerDefinitions.',
    );
  }
  const mapping = isRecord(patch) ? patch : undefined;
  if (variables === undefined) return { document, patch: mapping };
  const [filledDocument, filledPatch] = [document, mapping].map((part) => {
    const { value, undefinedPlaceholders, clashingNames } = fillPlaceholders(part, variables);
    for (const { name, path } of undefinedPlaceholders) {
      faults.push(
        `\${${name}} at ${formatPath(path)} has no value.${didYouMean(name, Object.keys(variables))} Add it to the variables, or write $\${${name}} for the text itself.`,
      );
    }
    for (const { name, path } of clashingNames) {
      faults.push(
        `At ${formatPath(path)} the name "${redactText(name)}" stands twice once its placeholders are filled. Keep one of them.`,
      );
    }
    return value;
  });
  return { document: filledDocument as TaskDefinitionDocument, patch: filledPatch };
}

function applyEdits(
  document: TaskDefinitionDocument,
  edits: TaskDefinitionEdits,
  faults: string[],
): TaskDefinitionDocument {
  const images = Object.entries(edits.images ?? {}).map(([name, image]) => ({ names: [name], image }));
  const containers = [...images, ...(edits.containers ?? [])].reduce(
    (current, edit) => editContainers(current, edit, faults),
    document.containerDefinitions,
  );
  const { family, taskRoleArn, executionRoleArn, cpu, memory } = edits;
  const members = { family, taskRoleArn, executionRoleArn, cpu, memory, containerDefinitions: containers };
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return { ...document, ...Object.fromEntries(given) };
}

function editContainers(
  containers: TaskDefinitionDocument['containerDefinitions'],
  edit: ContainerEdits,
  faults: string[],
): TaskDefinitionDocument['containerDefinitions'] {
  const known = containersOf({ family: '', containerDefinitions: containers });
  const names = new Set<unknown>(edit.names.length > 0 ? edit.names : onlyName(known, faults));
  for (const name of edit.names) {
    if (!known.some((container) => container.name === name)) faults.push(unknownContainer(name, known));
  }
  if (!Array.isArray(containers)) return containers;
  return containers.map((container: ContainerDefinition) =>
    isRecord(container) && names.has(container.name ?? '')
      ? editContainer(container, edit, faults)
      : container,
  );
}

function onlyName(known: readonly ContainerDefinition[], faults: string[]): readonly string[] {
  const [only, ...others] = known;
  if (typeof only?.name === 'string' && others.length === 0) return [only.name];
  faults.push(
    known.length === 0
      ? 'The task definition has no containers to edit.'
      : `The task definition has ${known.length} containers (${namesOf(known)}): say which ones to edit.`,
  );
  return [];
}

function unknownContainer(name: string, known: readonly ContainerDefinition[]): string {
  const missing = `There is no container "${redactText(name)}"`;
  if (known.length === 0) return `${missing}: the task definition has no containers.`;
  const names = known.flatMap((container) => (typeof container.name === 'string' ? container.name : []));
  return `${missing}.${didYouMean(name, names)} The task definition has: ${namesOf(known)}.`;
}

function namesOf(containers: readonly ContainerDefinition[]): string {
  return containers
    .map(({ name }) => (typeof name === 'string' ? redactText(name) : '(without a name)'))
    .join(', ');
}

function editContainer(
  container: ContainerDefinition,
  edit: ContainerEdits,
  faults: string[],
): ContainerDefinition {
  const { image, environment, secrets, environmentFiles, dockerLabels, command } = edit;
  const items = (values: Readonly<Record<string, string>> = {}, member: string) =>
    Object.entries(values).map(([name, value]) => ({ name, [member]: value }));
  return patchTaskDefinition(
    { containerDefinitions: [container] },
    {
      containerDefinitions: [
        {
          name: container.name,
          ...(image !== undefined && { image }),
          ...(environment !== undefined && { environment: items(environment, 'value') }),
          ...(secrets !== undefined && { secrets: items(secrets, 'valueFrom') }),
          ...(environmentFiles !== undefined && {
            environmentFiles: environmentFiles.map((value) => ({ value, type: 's3' })),
          }),
          ...(dockerLabels !== undefined && { dockerLabels }),
          ...(command !== undefined && { command }),
          ...logEdits(container, edit, faults),
        },
      ],
    },
  ).containerDefinitions[0] as ContainerDefinition;
}

function logEdits(
  { name, logConfiguration }: ContainerDefinition,
  { logDriver, logOptions }: ContainerEdits,
  faults: string[],
): Pick<ContainerDefinition, 'logConfiguration'> {
  if (logDriver === undefined && logOptions === undefined) return {};
  const driver = logDriver ?? logConfiguration?.logDriver;
  if (driver === undefined) {
    faults.push(`Container "${name}" has no log driver that the log options could be for: give one.`);
    return {};
  }
  return {
    logConfiguration: {
      logDriver: driver as NonNullable<ContainerDefinition['logConfiguration']>['logDriver'],
      ...(logOptions !== undefined && { options: { ...logOptions } }),
    },
  };
}
