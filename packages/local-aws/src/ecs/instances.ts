import { randomBytes } from 'node:crypto';
import type { CallContext, JsonService } from '../protocol/service.js';
import { ensureCluster, requireCluster } from './clusters.js';
import type { Engine } from './engine.js';
import { invalidParameter } from './errors.js';
import { ecsArn, lastSegment, randomHexId } from './ids.js';
import { instanceView } from './instance-views.js';
import { paginate } from './pagination.js';
import { parseExpression } from './placement-expression.js';
import type { Scheduler } from './scheduler.js';
import { describeInstance } from './shapes/container-instance.js';
import type { Cluster, ContainerInstance, Task } from './state.js';
import { setTags } from './tags.js';
import { agentCapabilities } from './task-definition-defaults.js';
import type { TaskRunner } from './task-lifecycle.js';
import type { Attribute, Failure, Resource, Tag } from './wire.js';

/** What an instance of `addContainerInstances` has: a t3.medium as its agent registers it. */
const INSTANCE_SIZE = { cpu: 2048, memory: 3884, type: 't3.medium' } as const;
/** SSH, the Docker daemon and the agent. */
const RESERVED_PORTS = ['22', '2375', '2376', '51678', '51679'];
const VERSIONS = { agentVersion: '1.99.0', agentHash: 'b1a2c3d4', dockerVersion: 'DockerVersion: 25.0.8' };

/** The container instance of an id or ARN; InvalidParameterException where there is none. */
export function requireInstance(cluster: Cluster, reference: string): ContainerInstance {
  const instance = findInstance(cluster, reference);
  if (instance === undefined) throw invalidParameter('The referenced container instance was not found.');
  return instance;
}

function findInstance(cluster: Cluster, reference: string): ContainerInstance | undefined {
  const instance = cluster.instances.get(lastSegment(reference));
  return instance === undefined || (reference.startsWith('arn:') && instance.arn !== reference)
    ? undefined
    : instance;
}

/** Services may want their tasks elsewhere, daemon services one more or one less. */
export function wakeServices(cluster: Cluster, scheduler: Scheduler): void {
  for (const service of cluster.services.values()) {
    if (service.status === 'ACTIVE') scheduler.wake(service);
  }
}

/** Registers `count` container instances, spread over three zones; makes the cluster if need be. */
export function addInstances(
  engine: Engine,
  account: Parameters<typeof ensureCluster>[0],
  clusterName: string,
  count: number,
): Cluster {
  const cluster = ensureCluster(account, clusterName);
  for (let index = 0; index < count; index += 1) register(engine, cluster, {});
  return cluster;
}

interface RegisterInput {
  cluster?: string;
  containerInstanceArn?: string;
  instanceIdentityDocument?: string;
  totalResources?: Partial<Resource>[];
  versionInfo?: Record<string, string>;
  attributes?: Attribute[];
  tags?: Tag[];
}

/** Container instances and their attributes. What changes them wakes the services of the cluster. */
export function createInstanceOperations(
  engine: Engine,
  runner: TaskRunner,
  scheduler: Scheduler,
): JsonService['operations'] {
  return {
    RegisterContainerInstance(input: RegisterInput, context: CallContext) {
      const cluster = ensureCluster(engine.account(context), lastSegment(input.cluster ?? 'default'));
      const instance = register(engine, cluster, input);
      setTags(cluster.account, instance.arn, input.tags);
      wakeServices(cluster, scheduler);
      return { containerInstance: describeInstance(instance, { tags: true }) };
    },

    DeregisterContainerInstance(
      input: { cluster?: string; containerInstance: string; force?: boolean },
      context: CallContext,
    ) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const instance = requireInstance(cluster, input.containerInstance ?? '');
      const tasks = runningTasks(instance);
      if (tasks.length > 0 && input.force !== true) {
        throw invalidParameter('Found running tasks on the instance.');
      }
      instance.status = 'INACTIVE';
      instance.agentConnected = false;
      for (const task of tasks) {
        runner.stop(task, {
          code: 'ServiceSchedulerInitiated',
          reason: 'Task stopped because its container instance was deregistered',
        });
      }
      const answer = { containerInstance: describeInstance(instance, { tags: true }) };
      cluster.instances.delete(instance.id);
      wakeServices(cluster, scheduler);
      return answer;
    },

    ListContainerInstances(
      input: { cluster?: string; filter?: string; status?: string; maxResults?: number; nextToken?: string },
      context: CallContext,
    ) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const filter = input.filter === undefined ? () => true : parseExpression(input.filter);
      const arns = [...cluster.instances.values()]
        .filter((instance) => input.status === undefined || instance.status === input.status)
        .filter((instance) => filter(instanceView(instance)))
        .map((instance) => instance.arn);
      const { page, ...more } = paginate(arns, input);
      return { containerInstanceArns: page, ...more };
    },

    DescribeContainerInstances(
      input: { cluster?: string; containerInstances?: string[]; include?: string[] },
      context: CallContext,
    ) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const tags = input.include?.includes('TAGS') ?? false;
      const asked = input.containerInstances ?? [];
      if (asked.length === 0) throw invalidParameter('Container instances cannot be empty.');
      return describeEach(cluster, asked, (instance) => describeInstance(instance, { tags }));
    },

    UpdateContainerInstancesState(
      input: { cluster?: string; containerInstances?: string[]; status: string },
      context: CallContext,
    ) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const { status } = input;
      if (status !== 'ACTIVE' && status !== 'DRAINING') {
        throw invalidParameter('Container instances status should be one of [ACTIVE, DRAINING].');
      }
      const answer = describeEach(cluster, input.containerInstances ?? [], (instance) => {
        instance.status = status;
        instance.version += 1;
        return describeInstance(instance);
      });
      wakeServices(cluster, scheduler);
      return answer;
    },

    PutAttributes(input: { cluster?: string; attributes?: Attribute[] }, context: CallContext) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const attributes = input.attributes ?? [];
      for (const { name, value, targetId } of attributes) {
        const instance = requireTarget(cluster, targetId);
        instance.attributes = [
          ...instance.attributes.filter((old) => old.name !== name),
          { name, ...(value !== undefined && { value }) },
        ];
        instance.version += 1;
      }
      wakeServices(cluster, scheduler);
      return { attributes };
    },

    DeleteAttributes(input: { cluster?: string; attributes?: Attribute[] }, context: CallContext) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const attributes = input.attributes ?? [];
      for (const { name, targetId } of attributes) {
        const instance = requireTarget(cluster, targetId);
        instance.attributes = instance.attributes.filter((old) => old.name !== name);
        instance.version += 1;
      }
      return { attributes };
    },

    ListAttributes(
      input: {
        cluster?: string;
        attributeName?: string;
        attributeValue?: string;
        maxResults?: number;
        nextToken?: string;
      },
      context: CallContext,
    ) {
      const cluster = requireCluster(engine.account(context), input.cluster);
      const all = [...cluster.instances.values()].flatMap((instance) =>
        instance.attributes.map((attribute) => ({
          ...attribute,
          targetType: 'container-instance',
          targetId: instance.arn,
        })),
      );
      const found = all.filter(
        ({ name, value }) =>
          (input.attributeName === undefined || name === input.attributeName) &&
          (input.attributeValue === undefined || value === input.attributeValue),
      );
      const { page, ...more } = paginate(found, input);
      return { attributes: page, ...more };
    },
  };
}

function requireTarget(cluster: Cluster, targetId: string | undefined): ContainerInstance {
  const instance = targetId === undefined ? undefined : findInstance(cluster, targetId);
  if (instance === undefined) {
    throw invalidParameter(`The specified target was not found: ${targetId ?? ''}`);
  }
  return instance;
}

function describeEach(
  cluster: Cluster,
  references: readonly string[],
  describe: (instance: ContainerInstance) => object,
): { containerInstances: object[]; failures: Failure[] } {
  const failures: Failure[] = [];
  const containerInstances = references.flatMap((reference) => {
    const instance = findInstance(cluster, reference);
    if (instance !== undefined) return [describe(instance)];
    const id = lastSegment(reference);
    failures.push({
      arn: ecsArn(cluster.account.scope, `container-instance/${cluster.name}/${id}`),
      reason: 'MISSING',
    });
    return [];
  });
  return { containerInstances, failures };
}

function runningTasks(instance: ContainerInstance): Task[] {
  return [...instance.cluster.tasks.values()].filter(
    (task) => task.instance === instance && task.desiredStatus === 'RUNNING',
  );
}

function register(engine: Engine, cluster: Cluster, input: RegisterInput): ContainerInstance {
  const known =
    input.containerInstanceArn === undefined ? undefined : findInstance(cluster, input.containerInstanceArn);
  const id = known?.id ?? randomHexId();
  const instance: ContainerInstance = {
    cluster,
    id,
    arn: ecsArn(cluster.account.scope, `container-instance/${cluster.name}/${id}`),
    ec2InstanceId: known?.ec2InstanceId ?? instanceIdOf(input.instanceIdentityDocument),
    status: 'ACTIVE',
    agentConnected: true,
    registeredResources: withResourceDefaults(input.totalResources ?? []),
    attributes: withAttributeDefaults(cluster, input.attributes ?? []),
    versionInfo: input.versionInfo ?? VERSIONS,
    registeredAt: engine.clock.now(),
    version: (known?.version ?? 0) + 1,
  };
  cluster.instances.set(id, instance);
  return instance;
}

function instanceIdOf(identityDocument: string | undefined): string {
  const match = /"instanceId"\s*:\s*"(i-[0-9a-f]+)"/.exec(identityDocument ?? '');
  return match?.[1] ?? `i-${randomBytes(9).toString('hex').slice(0, 17)}`;
}

function withResourceDefaults(given: readonly Partial<Resource>[]): Resource[] {
  const wanted: Resource[] = [
    { name: 'CPU', type: 'INTEGER', integerValue: INSTANCE_SIZE.cpu },
    { name: 'MEMORY', type: 'INTEGER', integerValue: INSTANCE_SIZE.memory },
    { name: 'PORTS', type: 'STRINGSET', stringSetValue: RESERVED_PORTS },
    { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
  ];
  const others = given.filter((resource) => wanted.every(({ name }) => name !== resource.name)) as Resource[];
  return [
    ...wanted.map((resource) => ({
      doubleValue: 0,
      longValue: 0,
      integerValue: 0,
      ...resource,
      ...given.find(({ name }) => name === resource.name),
    })),
    ...others,
  ];
}

/** What the agent would add to what the caller says: its capabilities, zone, type and OS. */
function withAttributeDefaults(cluster: Cluster, given: readonly Attribute[]): Attribute[] {
  const { region } = cluster.account.scope;
  const zone = 'abc'[cluster.instances.size % 3] ?? 'a';
  const added: Attribute[] = [
    { name: 'ecs.availability-zone', value: `${region}${zone}` },
    { name: 'ecs.instance-type', value: INSTANCE_SIZE.type },
    { name: 'ecs.os-type', value: 'linux' },
    { name: 'ecs.os-family', value: 'LINUX' },
    { name: 'ecs.cpu-architecture', value: 'x86_64' },
    ...agentCapabilities.map((name) => ({ name })),
  ];
  return [
    ...added.filter(({ name }) => given.every((attribute) => attribute.name !== name)),
    ...given.map(({ name, value }) => ({ name, ...(value !== undefined && { value }) })),
  ];
}
