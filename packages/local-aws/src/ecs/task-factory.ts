import { randomUUID } from 'node:crypto';
import type { Engine } from './engine.js';
import { ecsArn, randomHexId } from './ids.js';
import { instanceViews } from './instance-views.js';
import { resolvePlatformVersion } from './platform.js';
import { type Placement, placeTask } from './placement.js';
import { reservationOf } from './resources.js';
import type { Cluster, ContainerInstance, Deployment, Service, Task, TaskDefinition } from './state.js';
import { taskSpec } from './task-spec.js';
import { requestNetworkInterface } from './task-lifecycle.js';
import type {
  CapacityProviderStrategyItem,
  LaunchType,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
  TaskOverride,
} from './wire.js';

/** Everything that decides what a task is and where it may go. */
export interface TaskRequest {
  readonly cluster: Cluster;
  readonly taskDefinition: TaskDefinition;
  readonly launchType?: LaunchType;
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[];
  readonly platformVersion?: string;
  readonly networkConfiguration?: NetworkConfiguration;
  readonly overrides?: TaskOverride;
  readonly group: string;
  readonly startedBy?: string;
  readonly enableExecuteCommand?: boolean;
  readonly placementConstraints?: readonly PlacementConstraint[];
  readonly placementStrategy?: readonly PlacementStrategy[];
  readonly service?: Service;
  readonly deployment?: Deployment;
  /** Only these instances may take it (StartTask, daemon services). */
  readonly instances?: readonly ContainerInstance[];
}

/** Makes a task where there is a place for it; the caller launches it. */
export function createTask(engine: Engine, request: TaskRequest): { task: Task } | { refused: Placement } {
  const { cluster } = request;
  const capacity = resolveCapacity(request);
  const zone = `${cluster.account.scope.region}${'abc'[cluster.tasks.size % 3] ?? 'a'}`;
  if (capacity.launchType === 'FARGATE') {
    const task = build(engine, request, capacity, zone);
    const reason = engine.backend.findNoCapacity?.(taskSpec(task));
    return reason === undefined ? { task } : { refused: { kind: 'no-capacity', reason } };
  }

  const constraints = [
    ...request.taskDefinition.placementConstraints,
    ...(request.placementConstraints ?? []),
  ];
  const placement = placeTask(instanceViews(cluster, request.instances), {
    reservation: reservationOf(request.taskDefinition, request.overrides),
    requiredAttributes: request.taskDefinition.requiresAttributes,
    constraints,
    strategy: request.placementStrategy ?? [],
    group: request.group,
  });
  if (placement.kind !== 'placed') return { refused: placement };
  const instance = cluster.instances.get(placement.instanceId);
  const instanceZone = instance?.attributes.find(({ name }) => name === 'ecs.availability-zone')?.value;
  return { task: build(engine, request, capacity, instanceZone ?? zone, instance) };
}

interface Capacity {
  readonly launchType: LaunchType;
  readonly capacityProviderName?: string;
}

/** The launch type asked for, or what the first weighted provider of the strategy gives. */
export function resolveCapacity(request: TaskRequest): Capacity {
  if (request.launchType !== undefined) return { launchType: request.launchType };
  const strategy = request.capacityProviderStrategy ?? request.cluster.defaultCapacityProviderStrategy;
  const chosen = strategy.find(({ base = 0, weight = 0 }) => base + weight > 0) ?? strategy[0];
  if (chosen === undefined) return { launchType: 'EC2' };
  return { launchType: 'FARGATE', capacityProviderName: chosen.capacityProvider };
}

function build(
  engine: Engine,
  request: TaskRequest,
  { launchType, capacityProviderName }: Capacity,
  availabilityZone: string,
  instance?: ContainerInstance,
): Task {
  const { cluster, taskDefinition, service, deployment, networkConfiguration, startedBy } = request;
  const id = randomHexId();
  const overrides = request.overrides ?? {};
  const subnet = networkConfiguration?.awsvpcConfiguration?.subnets?.[0];
  const platformVersion =
    launchType === 'FARGATE' ? resolvePlatformVersion(request.platformVersion ?? 'LATEST') : undefined;
  return {
    cluster,
    id,
    arn: ecsArn(cluster.account.scope, `task/${cluster.name}/${id}`),
    taskDefinition,
    containers: taskDefinition.containerDefinitions.map((definition) => ({
      definition,
      arn: ecsArn(cluster.account.scope, `container/${cluster.name}/${id}/${randomUUID()}`),
      lastStatus: 'PENDING',
      health: 'UNKNOWN',
      hostPorts: [],
    })),
    overrides,
    launchType,
    ...(capacityProviderName !== undefined && { capacityProviderName }),
    ...(platformVersion !== undefined && { platformVersion }),
    group: request.group,
    ...(startedBy !== undefined && { startedBy }),
    enableExecuteCommand: request.enableExecuteCommand ?? false,
    ...(networkConfiguration !== undefined && { networkConfiguration }),
    ...(service !== undefined && { service }),
    ...(deployment !== undefined && { deployment }),
    loadBalancers: deployment?.revision.loadBalancers ?? [],
    availabilityZone,
    ...(instance !== undefined && { instance }),
    reservation: reservationOf(taskDefinition, overrides),
    createdAt: engine.clock.now(),
    lastStatus: taskDefinition.networkMode === 'awsvpc' ? 'PROVISIONING' : 'PENDING',
    desiredStatus: 'RUNNING',
    version: 1,
    attachments: taskDefinition.networkMode === 'awsvpc' ? [requestNetworkInterface(subnet)] : [],
    healthy: false,
    wasHealthy: false,
    targetHealth: 'UNKNOWN',
    targetHealthReason: undefined,
    registeredTargets: false,
    timers: new Set(),
  };
}
