import { isDeepStrictEqual } from 'node:util';
import { AwsError, type CallContext, type JsonService } from '../protocol/service.js';
import { checkStrategyOfCluster, requireCluster } from './clusters.js';
import type { Engine } from './engine.js';
import { invalidParameter } from './errors.js';
import { ecsArn, lastSegment } from './ids.js';
import { requireInstance } from './instances.js';
import { paginate } from './pagination.js';
import type { Placement } from './placement.js';
import type { Scheduler } from './scheduler.js';
import { checkLaunch } from './service-rules.js';
import { requireService } from './services.js';
import { describeTask } from './shapes/task.js';
import type { Cluster, ContainerInstance, Task, TaskDefinition } from './state.js';
import { checkTags } from './tags.js';
import { createTask, resolveCapacity, type TaskRequest } from './task-factory.js';
import { requireTaskDefinition } from './task-definitions.js';
import type { TaskRunner } from './task-lifecycle.js';
import { propagateTags } from './task-tags.js';
import type {
  CapacityProviderStrategyItem,
  Failure,
  LaunchType,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
  Tag,
  TaskOverride,
} from './wire.js';

interface StartInput {
  cluster?: string;
  taskDefinition: string;
  containerInstances?: string[];
  enableExecuteCommand?: boolean;
  group?: string;
  networkConfiguration?: NetworkConfiguration;
  overrides?: TaskOverride;
  propagateTags?: string;
  startedBy?: string;
  tags?: Tag[];
}

interface RunInput extends StartInput {
  capacityProviderStrategy?: CapacityProviderStrategyItem[];
  clientToken?: string;
  count?: number;
  launchType?: LaunchType;
  placementConstraints?: PlacementConstraint[];
  placementStrategy?: PlacementStrategy[];
  platformVersion?: string;
}

interface ListInput {
  cluster?: string;
  containerInstance?: string;
  desiredStatus?: 'RUNNING' | 'PENDING' | 'STOPPED';
  family?: string;
  launchType?: LaunchType;
  maxResults?: number;
  nextToken?: string;
  serviceName?: string;
  startedBy?: string;
}

/** What a RunTask of some client token asked for and got. */
interface Remembered {
  readonly input: RunInput;
  readonly tasks: readonly Task[];
}

/** Tasks: run, start, stop, list, describe, protect. */
export function createTaskOperations(
  engine: Engine,
  runner: TaskRunner,
  scheduler: Scheduler,
): JsonService['operations'] {
  const remembered = new WeakMap<Cluster, Map<string, Remembered>>();

  function start(request: TaskRequest, input: StartInput): { task: Task } | { refused: Placement } {
    const made = createTask(engine, request);
    if ('task' in made) {
      propagateTags(made.task, { from: input.propagateTags, own: input.tags ?? [] });
      runner.launch(made.task);
    }
    return made;
  }

  return {
    RunTask(input: RunInput, context: CallContext) {
      const account = engine.account(context);
      const cluster = requireCluster(account, input.cluster);
      const count = input.count ?? 1;
      if (count < 1 || count > 10) throw invalidParameter('Count must be between 1 and 10.');
      const taskDefinition = requireTaskDefinition(account, input.taskDefinition);
      checkRun(cluster, taskDefinition, input);
      const tokens = remembered.get(cluster) ?? new Map<string, Remembered>();
      remembered.set(cluster, tokens);
      const before = input.clientToken === undefined ? undefined : tokens.get(input.clientToken);
      if (before !== undefined)
        return { tasks: repeat(before, input).map((task) => describeTask(task)), failures: [] };

      const request: TaskRequest = { ...requestOf(cluster, taskDefinition, input), ...capacityOf(input) };
      if (resolveCapacity(request).launchType !== 'FARGATE' && !hasActiveInstance(cluster)) {
        throw invalidParameter('No Container Instances were found in your cluster.');
      }
      const tasks: Task[] = [];
      const failures: Failure[] = [];
      for (let index = 0; index < count; index += 1) {
        const made = start(request, input);
        if ('task' in made) tasks.push(made.task);
        else failures.push(...failuresOf(made.refused));
      }
      if (input.clientToken !== undefined) tokens.set(input.clientToken, { input, tasks });
      return { tasks: tasks.map((task) => describeTask(task, { tags: true })), failures };
    },

    StartTask(input: StartInput, context: CallContext) {
      const account = engine.account(context);
      const cluster = requireCluster(account, input.cluster);
      const taskDefinition = requireTaskDefinition(account, input.taskDefinition);
      const asked = input.containerInstances ?? [];
      if (asked.length === 0) throw invalidParameter('Container instances cannot be empty.');
      if (asked.length > 10) throw invalidParameter('Container instances cannot have more than 10 elements.');
      checkRun(cluster, taskDefinition, { ...input, launchType: 'EC2' });
      const tasks: Task[] = [];
      const failures: Failure[] = [];
      for (const reference of asked) {
        const instance = cluster.instances.get(lastSegment(reference));
        if (instance === undefined) {
          failures.push({ arn: instanceArn(cluster, reference), reason: 'MISSING' });
          continue;
        }
        const made = start(startRequest(cluster, taskDefinition, input, instance), input);
        if ('task' in made) tasks.push(made.task);
        else failures.push(...failuresOf(made.refused));
      }
      return { tasks: tasks.map((task) => describeTask(task, { tags: true })), failures };
    },

    StopTask(input: { cluster?: string; task?: string; reason?: string }, context: CallContext) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const task = findTask(cluster, input.task ?? '');
      if (task === undefined) throw invalidParameter('The referenced task was not found.');
      runner.stop(task, { code: 'UserInitiated', reason: input.reason ?? 'Task stopped by user' });
      return { task: describeTask(task, { tags: true }) };
    },

    ListTasks(input: ListInput, context: CallContext) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      checkListFilters(cluster, input);
      const { page, ...more } = paginate(
        [...cluster.tasks.values()].filter((task) => matches(task, input)).map((task) => task.arn),
        input,
      );
      return { taskArns: page, ...more };
    },

    DescribeTasks(input: { cluster?: string; tasks?: string[]; include?: string[] }, context: CallContext) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const asked = input.tasks ?? [];
      if (asked.length === 0) throw invalidParameter('Tasks cannot be empty.');
      if (asked.length > 100) throw invalidParameter('Tasks cannot have more than 100 elements.');
      const failures: Failure[] = [];
      const tasks = asked.flatMap((reference) => {
        const task = findTask(cluster, reference);
        if (task !== undefined)
          return [describeTask(task, { tags: input.include?.includes('TAGS') ?? false })];
        failures.push({ arn: taskArn(cluster, reference), reason: 'MISSING' });
        return [];
      });
      return { tasks, failures };
    },

    UpdateTaskProtection(
      input: { cluster: string; tasks: string[]; protectionEnabled: boolean; expiresInMinutes?: number },
      context: CallContext,
    ) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const minutes = input.expiresInMinutes ?? 120;
      if (minutes < 1 || minutes > 2880) {
        throw invalidParameter('expiresInMinutes must be between 1 and 2880.');
      }
      const expiresAt = engine.clock.now() + minutes * 60_000;
      return onTasks(cluster, input.tasks, (task) => {
        if (task.service === undefined) return 'TASK_NOT_VALID';
        if (input.protectionEnabled) task.protection = { expiresAt };
        else delete task.protection;
        scheduler.wake(task.service);
        return undefined;
      });
    },

    GetTaskProtection(input: { cluster: string; tasks?: string[] }, context: CallContext) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      return onTasks(cluster, input.tasks ?? [], () => undefined);
    },
  };

  function onTasks(
    cluster: Cluster,
    references: readonly string[],
    act: (task: Task) => string | undefined,
  ): { protectedTasks: object[]; failures: Failure[] } {
    const protectedTasks: object[] = [];
    const failures: Failure[] = [];
    for (const reference of references) {
      const task = findTask(cluster, reference);
      const reason = task === undefined ? 'MISSING' : act(task);
      if (task === undefined || reason !== undefined) {
        failures.push({ arn: taskArn(cluster, reference), reason: reason ?? 'MISSING' });
        continue;
      }
      const { protection } = task;
      const enabled = protection !== undefined && protection.expiresAt > engine.clock.now();
      protectedTasks.push({
        taskArn: task.arn,
        protectionEnabled: enabled,
        ...(enabled && { expirationDate: protection.expiresAt / 1000 }),
      });
    }
    return { protectedTasks, failures };
  }
}

function checkRun(cluster: Cluster, taskDefinition: TaskDefinition, input: RunInput): void {
  if (input.launchType !== undefined && (input.capacityProviderStrategy ?? []).length > 0) {
    throw invalidParameter(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    );
  }
  checkTags(input.tags);
  if (input.group?.startsWith('service:')) {
    throw invalidParameter('Invalid namespace for group.');
  }
  if ((input.startedBy ?? '').length > 128)
    throw invalidParameter('startedBy must be at most 128 characters long.');
  checkStrategyOfCluster(cluster, input.capacityProviderStrategy ?? []);
  const { launchType } = resolveCapacity({ cluster, taskDefinition, group: '', ...capacityOf(input) });
  const { networkConfiguration } = input;
  checkLaunch({
    taskDefinition,
    launchType,
    ...(networkConfiguration !== undefined && { networkConfiguration }),
  });
  const names = taskDefinition.containerDefinitions.map(({ name }) => name);
  for (const { name } of input.overrides?.containerOverrides ?? []) {
    if (name === undefined || !names.includes(name)) {
      throw invalidParameter(
        `Override for container named ${name ?? ''} is not a container in the TaskDefinition.`,
      );
    }
  }
}

function requestOf(cluster: Cluster, taskDefinition: TaskDefinition, input: StartInput): TaskRequest {
  return {
    cluster,
    taskDefinition,
    group: input.group ?? `family:${taskDefinition.family}`,
    ...(input.networkConfiguration !== undefined && { networkConfiguration: input.networkConfiguration }),
    ...(input.overrides !== undefined && { overrides: input.overrides }),
    ...(input.startedBy !== undefined && { startedBy: input.startedBy }),
    enableExecuteCommand: input.enableExecuteCommand ?? false,
  };
}

function startRequest(
  cluster: Cluster,
  taskDefinition: TaskDefinition,
  input: StartInput,
  instance: ContainerInstance,
): TaskRequest {
  return { ...requestOf(cluster, taskDefinition, input), launchType: 'EC2', instances: [instance] };
}

function capacityOf(input: RunInput): Partial<TaskRequest> {
  const {
    launchType,
    capacityProviderStrategy = [],
    platformVersion,
    placementConstraints,
    placementStrategy,
  } = input;
  return {
    ...(launchType !== undefined && { launchType }),
    ...(capacityProviderStrategy.length > 0 && { capacityProviderStrategy }),
    ...(platformVersion !== undefined && { platformVersion }),
    ...(placementConstraints !== undefined && { placementConstraints }),
    ...(placementStrategy !== undefined && { placementStrategy }),
  };
}

function repeat(before: Remembered, input: RunInput): readonly Task[] {
  if (isDeepStrictEqual(before.input, input)) return before.tasks;
  throw new AwsError(
    'ConflictException',
    'The RunTask request could not be processed due to conflicts: the client token was used with other parameters.',
    { fields: { resourceIds: before.tasks.map((task) => task.arn) } },
  );
}

function hasActiveInstance(cluster: Cluster): boolean {
  return [...cluster.instances.values()].some(({ status }) => status === 'ACTIVE');
}

function failuresOf(placement: Placement): Failure[] {
  if (placement.kind === 'placed') return [];
  if (placement.kind === 'no-capacity') return [{ reason: `${placement.reason}.` }];
  return placement.refusals.map(({ instance, reason }) => ({ arn: instance.arn, reason }));
}

function findTask(cluster: Cluster, reference: string): Task | undefined {
  const task = cluster.tasks.get(lastSegment(reference));
  return reference.startsWith('arn:') && task?.arn !== reference ? undefined : task;
}

const taskArn = (cluster: Cluster, reference: string): string =>
  reference.startsWith('arn:')
    ? reference
    : ecsArn(cluster.account.scope, `task/${cluster.name}/${reference}`);

const instanceArn = (cluster: Cluster, reference: string): string =>
  reference.startsWith('arn:')
    ? reference
    : ecsArn(cluster.account.scope, `container-instance/${cluster.name}/${reference}`);

function checkListFilters(cluster: Cluster, input: ListInput): void {
  const { startedBy, family, containerInstance, serviceName } = input;
  const others = [family, containerInstance, serviceName].filter((filter) => filter !== undefined);
  if (startedBy !== undefined && others.length > 0) {
    throw invalidParameter('cannot use startedBy with any other filter.');
  }
  if (serviceName !== undefined) requireService(cluster, serviceName);
  if (containerInstance !== undefined) requireInstance(cluster, containerInstance);
}

function matches(task: Task, input: ListInput): boolean {
  const wanted: [string | undefined, string | undefined][] = [
    [input.desiredStatus ?? 'RUNNING', task.desiredStatus],
    [input.family, task.taskDefinition.family],
    [input.launchType, task.launchType],
    [input.startedBy, task.startedBy],
    [input.serviceName && lastSegment(input.serviceName), task.service?.name],
    [input.containerInstance && lastSegment(input.containerInstance), task.instance?.id],
  ];
  return wanted.every(([filter, value]) => filter === undefined || filter === value);
}
