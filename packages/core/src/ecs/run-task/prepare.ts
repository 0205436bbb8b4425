import { containersOf } from '../../task-definition/document.js';
import { describeService, fetchRevision } from '../../task-definition/ecs-calls.js';
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
  { clock, settings = {}, container, likeService }: RunTaskOptions,
): Promise<PreparedTaskRun> {
  const { taskDefinitionArn, ...written } = await readTaskDefinition(ecs, taskDefinition);
  const service = likeService === undefined ? undefined : await describeService(ecs, cluster, likeService);
  if (likeService === undefined && taskDefinitionArn === undefined) await requireCluster(ecs, cluster, clock);
  const overrides = overrideContainers(settings.overrides, container, written.containerDefinitions);
  return {
    definition: {
      ...written,
      containerDefinitions: asOverridden(written.containerDefinitions, overrides),
    },
    taskDefinitionArn,
    settings: completeSettings({ ...settings, overrides }, written, service),
  };
}

async function readTaskDefinition(
  ecs: TaskToRun['ecs'],
  taskDefinition: TaskToRun['taskDefinition'],
): Promise<KnownTaskDefinition & { readonly taskDefinitionArn: string | undefined }> {
  if ('document' in taskDefinition) {
    const { document } = taskDefinition;
    return { ...document, containerDefinitions: containersOf(document), taskDefinitionArn: undefined };
  }
  const found = await fetchRevision(ecs, taskDefinition.revision);
  const { containerDefinitions = [] } = found.taskDefinition;
  return { ...found.taskDefinition, containerDefinitions, taskDefinitionArn: found.taskDefinitionArn };
}
