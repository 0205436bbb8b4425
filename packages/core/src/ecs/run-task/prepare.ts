import { EcsActionsError } from '../../errors.js';
import { containersOf } from '../../task-definition/document.js';
import { describeService, fetchRevision } from '../../task-definition/ecs-calls.js';
import { validateStructure } from '../../task-definition/validate/structure.js';
import { listFindings } from '../../task-definition/validate/finding.js';
import { requestShape } from '../request-shape.js';
import type { KnownTaskDefinition } from './conclude.js';
import { completeSettings, requireCluster, type TaskSettings } from './launch.js';
import type { RunTaskOptions, TaskToRun } from './options.js';
import { asOverridden, overrideContainers } from './overrides.js';

/** A run of one-off tasks that nothing known before a registration speaks against. */
export interface PreparedTaskRun {
  /** With the commands and variables that the overrides give it. */
  readonly definition: KnownTaskDefinition;
  /** Absent for a document, which is not registered yet. */
  readonly taskDefinitionArn: string | undefined;
  readonly settings: TaskSettings;
}

/**
 * Reads and completes what RunTask will be told, and changes nothing.
 *
 * @throws EcsActionsError `INPUT_INVALID`, `CLUSTER_NOT_FOUND`, `SERVICE_NOT_FOUND`, `TASK_DEFINITION_NOT_FOUND`.
 */
export async function prepareTaskRun(
  { ecs, cluster, taskDefinition }: TaskToRun,
  options: RunTaskOptions,
): Promise<PreparedTaskRun> {
  const { clock, signal, settings = {}, container, likeService } = options;
  const understood = requireUnderstood(settings, options);
  const { taskDefinitionArn, ...written } = await readTaskDefinition(ecs, taskDefinition, signal);
  const service = likeService === undefined ? undefined : await describeService(ecs, cluster, likeService);
  if (likeService === undefined && taskDefinitionArn === undefined) await requireCluster(ecs, cluster, clock);
  const change = (overrides: TaskSettings['overrides']) =>
    overrideContainers(overrides, container, written.containerDefinitions);
  const overrides = change(settings.overrides);
  return {
    definition: {
      ...written,
      containerDefinitions: asOverridden(written.containerDefinitions, change(understood.overrides)),
    },
    taskDefinitionArn,
    settings: completeSettings({ ...settings, overrides }, written, service),
  };
}

/**
 * What of the settings has the types of RunTask. ECS says nothing of a member that it does not know: a task whose
 * command is mistyped would run another one, and end well.
 */
function requireUnderstood(
  settings: TaskSettings,
  { validate = 'strict', onFindings }: RunTaskOptions,
): TaskSettings {
  const { wellTyped, findings } = validateStructure(settings, requestShape('RunTask'));
  if (validate === 'off' || findings.length === 0) return wellTyped;
  onFindings?.(findings.map((finding) => ({ ...finding, path: `task, ${finding.path}` })));
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0 || validate === 'warn') return wellTyped;
  throw new EcsActionsError(
    'INPUT_INVALID',
    `ECS would not understand what the task is to be run with:\n${listFindings(errors)}`,
    {
      hint: 'Correct these places, or (in deploy-service) set validate to warn to leave the verdict to ECS. Nothing was registered or run.',
    },
  );
}

async function readTaskDefinition(
  ecs: TaskToRun['ecs'],
  taskDefinition: TaskToRun['taskDefinition'],
  signal: AbortSignal | undefined,
): Promise<KnownTaskDefinition & { readonly taskDefinitionArn: string | undefined }> {
  if ('document' in taskDefinition) {
    const { document } = taskDefinition;
    return { ...document, containerDefinitions: containersOf(document), taskDefinitionArn: undefined };
  }
  const found = await fetchRevision(ecs, taskDefinition.revision, signal);
  const { containerDefinitions = [] } = found.taskDefinition;
  return { ...found.taskDefinition, containerDefinitions, taskDefinitionArn: found.taskDefinitionArn };
}
