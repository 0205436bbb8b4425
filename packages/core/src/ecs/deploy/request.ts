import type { DeploymentMode } from './perform.js';

/** What is wrong with a combination; `problem` completes "Input NAME …". */
export interface RequestFault {
  readonly name: 'service' | 'task-definition' | 'rollback' | 'run-task';
  readonly problem: string;
}

/** What a deployment is asked for, before anything was read. */
export interface RequestedDeployment {
  readonly mode: DeploymentMode;
  readonly services: readonly string[];
  /** Paths and revisions. */
  readonly taskDefinitions: readonly string[];
  /** Whether a deployment is wanted even of what the services have. */
  readonly force: boolean;
  /** Whether a task is wanted before it. */
  readonly runTask?: boolean | undefined;
}

/** Which services and task definitions go with each other and with what is to be done; all faults. Pure. */
export function checkRequest({
  mode,
  services,
  taskDefinitions,
  force,
  runTask = false,
}: RequestedDeployment): RequestFault[] {
  const { kind } = mode;
  const faults: RequestFault[] = [];
  const fault = (name: RequestFault['name'], problem: string) => faults.push({ name, problem });
  const isOwn = kind === 'deploy' || kind === 'plan';
  const twice = services.find((name, index) => services.indexOf(name) !== index);
  if (twice !== undefined) fault('service', `names ${twice} twice.`);
  if (!isOwn && services.length === 0) fault('service', 'is required and was not given.');
  if (!isOwn && taskDefinitions.length > 0)
    fault('task-definition', 'goes with neither rollback nor continue.');
  if (!isOwn && runTask) fault('run-task', 'goes with neither rollback nor continue.');
  // The latest revision of a family may well be the one to go back from.
  if ('to' in mode && mode.to !== undefined && !/:\d+$/.test(mode.to))
    fault('rollback', `is neither true nor a revision (family:revision, or its ARN): ${mode.to}`);
  if (isOwn && taskDefinitions.length === 0 && (services.length === 0 || !force))
    fault('task-definition', 'is required and was not given.');
  if (taskDefinitions.length > 1 && taskDefinitions.length !== services.length)
    fault(
      'task-definition',
      `names ${taskDefinitions.length} for ${services.length} services: name one for all, or one for each.`,
    );
  return faults;
}
