import { randomUUID } from 'node:crypto';
import {
  DescribeTasksCommand,
  RunTaskCommand,
  type ECSClient,
  type Failure,
  type RunTaskCommandInput,
  type Service,
  type Task,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { abortedAfter } from '../../abort.js';
import { callAws, classifyAwsError } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { verbatim } from '../../task-definition/verbatim.js';
import { writeJson } from '../../write-json.js';
import { inCluster } from '../cluster.js';
import { LAST_ANSWER_MS } from '../deploy/grace.js';
import { isUnanswered } from '../deploy/taken-once.js';
import { NO_TASK } from '../names.js';
import { patiently } from '../patience.js';
import { primaryTaskSet } from '../rollout/snapshot.js';

/**
 * What RunTask may be told besides cluster and task definition; every member as the SDK has it. Members that are newer
 * than the SDK are sent as they are.
 */
export type TaskSettings = Omit<RunTaskCommandInput, 'cluster' | 'taskDefinition' | 'clientToken'>;

/** What of a task definition decides how it can be launched. */
export type LaunchedTaskDefinition = Pick<TaskDefinition, 'networkMode' | 'requiresCompatibilities'>;

/**
 * Completes the settings: what is not given is taken from `service`, and a task definition that requires Fargate runs
 * on Fargate. Without either, the cluster's default capacity provider strategy decides, or EC2.
 *
 * @throws EcsActionsError `INPUT_INVALID` for network mode awsvpc without subnets.
 */
export function completeSettings(
  settings: TaskSettings,
  taskDefinition: LaunchedTaskDefinition,
  service?: Service,
): TaskSettings {
  const networkConfiguration = settings.networkConfiguration ?? networkOf(service);
  const complete = {
    ...settings,
    ...(networkConfiguration === undefined ? {} : { networkConfiguration }),
    ...capacityOf(settings, taskDefinition, service),
  };
  if (taskDefinition.networkMode !== 'awsvpc') {
    const { networkConfiguration: _, ...rest } = complete;
    return rest;
  }
  if ((networkConfiguration?.awsvpcConfiguration?.subnets ?? []).length === 0) {
    throw new EcsActionsError(
      'INPUT_INVALID',
      'The task definition has network mode awsvpc, and no subnets were given.',
      {
        hint: 'Pass subnets and security-groups (of deploy-service: run-task-subnets and run-task-security-groups), or name a service whose network configuration is to be used.',
      },
    );
  }
  return complete;
}

function networkOf(service: Service | undefined): Service['networkConfiguration'] {
  return service?.networkConfiguration ?? primaryTaskSet(service)?.networkConfiguration;
}

/** A launch type and a capacity provider strategy exclude each other, so they are taken over together or not at all. */
function capacityOf(
  settings: TaskSettings,
  { requiresCompatibilities = [] }: LaunchedTaskDefinition,
  service: Service | undefined,
): Pick<TaskSettings, 'launchType' | 'capacityProviderStrategy' | 'platformVersion'> {
  if (settings.launchType !== undefined || (settings.capacityProviderStrategy ?? []).length > 0) return {};
  if (service !== undefined) {
    const { launchType, capacityProviderStrategy = [], platformVersion } = primaryTaskSet(service) ?? service;
    const version = settings.platformVersion ?? platformVersion;
    return {
      ...(capacityProviderStrategy.length > 0
        ? { capacityProviderStrategy }
        : launchType === undefined
          ? {}
          : { launchType }),
      ...(version === undefined ? {} : { platformVersion: version }),
    };
  }
  return requiresCompatibilities.length === 1 && requiresCompatibilities[0] === 'FARGATE'
    ? { launchType: 'FARGATE' }
    : {};
}

/** What is asked for, and where. */
export interface TaskLaunch {
  readonly ecs: ECSClient;
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly settings: TaskSettings;
}

/**
 * Asks ECS for tasks. What has been started must be known, so that it can be stopped: a cancelled run
 * still waits a moment for the answer, and then says that tasks may have been started (`TASK_CANCELLED`).
 */
export async function launchTasks(
  { ecs, cluster, taskDefinition, settings }: TaskLaunch,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<{ tasks: Task[]; failures: Failure[] }> {
  // The token makes a call that is repeated return the same tasks instead of starting more.
  const input = { ...settings, cluster, taskDefinition, clientToken: randomUUID() };
  // With members that are newer than the SDK.
  const command = verbatim(new RunTaskCommand({ taskDefinition }), writeJson(input));
  const abortSignal = abortedAfter(signal, LAST_ANSWER_MS);
  const doing = `run task definition ${taskDefinition} in cluster ${cluster}`;
  let isOpen = false;
  const attempt = async () => {
    try {
      return await ecs.send(command, { abortSignal });
    } catch (error) {
      isOpen ||= isUnanswered(error);
      throw error;
    }
  };
  return callAws(doing, 'ecs:RunTask', async () => {
    try {
      const answer = await inCluster(cluster, () => patiently(clock, attempt, signal));
      const { tasks = [], failures = [] } = answer;
      return { tasks, failures };
    } catch (error) {
      if (signal?.aborted !== true) throw error;
      if (isOpen) throw perhapsStarted(doing, error);
      throw error === signal.reason || classifyAwsError(error) === 'throttled' ? notStarted(error) : error;
    }
  });
}

/** A run that was cancelled before it has asked for a task. */
export function notStarted(cause: unknown): EcsActionsError {
  return new EcsActionsError('CANCELLED', 'The run was cancelled before a task was started.', { cause });
}

function perhapsStarted(doing: string, cause: unknown): EcsActionsError {
  return new EcsActionsError(
    'TASK_CANCELLED',
    `This run was cancelled while it was about to ${doing}, and ECS did not answer in time: tasks may have been started, and then run on.`,
    { hint: 'Look at the tasks of the cluster, and stop what should not run.', cause },
  );
}

/**
 * Throws `CLUSTER_NOT_FOUND` where there is no such cluster, so that a mistyped one is found before anything is
 * registered. It asks for a task that cannot be, which everybody may do who may wait for tasks; whoever may not is
 * told by RunTask.
 */
export async function requireCluster(ecs: ECSClient, cluster: string, clock: Clock): Promise<void> {
  const command = new DescribeTasksCommand({ cluster, tasks: [NO_TASK] });
  await callAws(`look into cluster ${cluster}`, 'ecs:DescribeTasks', async () => {
    try {
      await inCluster(cluster, () => patiently(clock, () => ecs.send(command)));
    } catch (error) {
      if (classifyAwsError(error) !== 'denied') throw error;
    }
  });
}
