import type { RunningTask, HostPort } from '../backends/backend.js';
import type { Timer } from '../world/clock.js';
import type { Scope } from './ids.js';
import type { HookRun, Step } from './stages.js';
import type {
  Attachment,
  Attribute,
  CapacityProviderStrategyItem,
  ContainerDefinition,
  DeploymentConfiguration,
  LaunchType,
  LoadBalancer,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
  Resource,
  Tag,
  TaskOverride,
} from './wire.js';

/** Everything ECS knows in one account and region. Times are epoch milliseconds throughout. */
export interface AccountState {
  readonly scope: Scope;
  readonly clusters: Map<string, Cluster>;
  /** Revisions by family; the revision `n` stands at index `n - 1`, a deleted one is `undefined`. */
  readonly taskDefinitions: Map<string, (TaskDefinition | undefined)[]>;
  /** Tags of every taggable resource, by ARN. */
  readonly tags: Map<string, Tag[]>;
  readonly accountSettings: Map<string, string>;
  /** Names of the CloudWatch alarms that are in ALARM. */
  readonly alarms: Set<string>;
}

/** A cluster with all that lives in it. */
export interface Cluster {
  readonly account: AccountState;
  readonly name: string;
  readonly arn: string;
  status: 'ACTIVE' | 'INACTIVE';
  settings: { name: string; value: string }[];
  configuration?: unknown;
  serviceConnectDefaults?: { namespace?: string };
  capacityProviders: string[];
  defaultCapacityProviderStrategy: CapacityProviderStrategyItem[];
  readonly services: Map<string, Service>;
  readonly tasks: Map<string, Task>;
  readonly instances: Map<string, ContainerInstance>;
}

/** One revision of a family. */
export interface TaskDefinition {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly containerDefinitions: readonly ContainerDefinition[];
  readonly networkMode: 'bridge' | 'host' | 'awsvpc' | 'none';
  readonly compatibilities: readonly string[];
  readonly requiresAttributes: readonly Attribute[];
  readonly placementConstraints: readonly PlacementConstraint[];
  readonly cpu?: string;
  readonly memory?: string;
  /** Every other member of the registered input, as it came. */
  readonly members: Readonly<Record<string, unknown>>;
  status: 'ACTIVE' | 'INACTIVE' | 'DELETE_IN_PROGRESS';
  readonly registeredAt: number;
  readonly registeredBy: string;
  deregisteredAt?: number;
  deleteRequestedAt?: number;
}

/** What a service revision fixes: a change of any of it is a new deployment. */
export interface RevisionConfiguration {
  readonly taskDefinition: TaskDefinition;
  readonly launchType?: LaunchType;
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[];
  readonly platformVersion?: string;
  readonly platformFamily?: string;
  readonly networkConfiguration?: NetworkConfiguration;
  readonly loadBalancers: readonly LoadBalancer[];
  readonly serviceRegistries: readonly unknown[];
  readonly serviceConnectConfiguration?: unknown;
  readonly volumeConfigurations?: readonly unknown[];
  readonly vpcLatticeConfigurations?: readonly unknown[];
}

/** A fixed configuration of a service, and what of it really ran. */
export interface ServiceRevision {
  /** 19 digits. */
  readonly number: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly configuration: RevisionConfiguration;
  /** Those of its configuration (or its external controller), with the one target group of each pair that its tasks get. */
  readonly loadBalancers: readonly LoadBalancer[];
  /** Digest of what really ran, by container name. */
  readonly imageDigests: Map<string, string>;
}

/** As DescribeServices shows it; never FAILED without a circuit breaker, an alarm or a stop. */
export type RolloutState = 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';

/** What DescribeServices calls a deployment: the tasks of one service revision. */
export interface Deployment {
  /** `ecs-svc/` and the digits of its revision. */
  readonly id: string;
  readonly revision: ServiceRevision;
  /** The CodeDeploy deployment that began it. */
  readonly externalId?: string;
  status: 'PRIMARY' | 'ACTIVE';
  desiredCount: number;
  readonly createdAt: number;
  updatedAt: number;
  rolloutState: RolloutState;
  rolloutStateReason: string;
  /** Consecutive failures, as DescribeServices shows them. */
  failedTasks: number;
  /** True once a deployment of this revision completed: it can be rolled back to. */
  completed: boolean;
  /** The scheduler starts no task of it before this moment. */
  notBefore: number;
  /** The last attempt to start a task found no place for it. */
  placementBlocked: boolean;
}

/** There is no FAILED: a failure without rollback ends STOPPED. */
export type ServiceDeploymentStatus =
  | 'PENDING'
  | 'IN_PROGRESS'
  | 'SUCCESSFUL'
  | 'STOPPED'
  | 'STOP_REQUESTED'
  | 'ROLLBACK_REQUESTED'
  | 'ROLLBACK_IN_PROGRESS'
  | 'ROLLBACK_SUCCESSFUL'
  | 'ROLLBACK_FAILED';

/** The transition of a service to a target revision: what the service-deployment API shows. */
export interface ServiceDeployment {
  readonly arn: string;
  readonly createdAt: number;
  readonly target: ServiceRevision;
  readonly sources: readonly { readonly revision: ServiceRevision; readonly requestedTaskCount: number }[];
  /** Of the sources, the one with the traffic that the target does not have; the others were overtaken. */
  readonly serving: ServiceRevision | undefined;
  readonly configuration: DeploymentConfiguration;
  startedAt?: number;
  finishedAt?: number;
  stoppedAt?: number;
  updatedAt: number;
  status: ServiceDeploymentStatus;
  statusReason?: string;
  rollback?: { reason: string; startedAt: number; revision: ServiceRevision };
  /** What a deployment that shifts traffic goes through; empty for a rolling one. */
  readonly steps: readonly Step[];
  position: { readonly index: number; entered: boolean; enteredAt: number; hooks: HookRun[] };
  readonly pastHooks: HookRun[];
  /** Since when a rolling one has met its criteria. */
  bakingSince?: number;
  /** Alarms that were in ALARM when it began: they do not count. */
  readonly ignoredAlarms: readonly string[];
  triggeredAlarms: readonly string[];
  breakerTriggered: boolean;
  /** Frozen when it ends: what the circuit breaker had counted. */
  failureCount: number;
}

/** A line of a service's history. */
export interface ServiceEvent {
  readonly id: string;
  readonly createdAt: number;
  readonly message: string;
}

/** A service with its deployments, their history and its place in the scheduler. */
export interface Service {
  readonly cluster: Cluster;
  readonly name: string;
  readonly arn: string;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  readonly schedulingStrategy: 'REPLICA' | 'DAEMON';
  readonly deploymentController: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL';
  desiredCount: number;
  /** What an update without further members would deploy. Absent: controller EXTERNAL. */
  configuration?: RevisionConfiguration;
  deploymentConfiguration: DeploymentConfiguration;
  placementConstraints: readonly PlacementConstraint[];
  placementStrategy: readonly PlacementStrategy[];
  healthCheckGracePeriodSeconds?: number;
  enableExecuteCommand: boolean;
  enableECSManagedTags: boolean;
  propagateTags: string;
  availabilityZoneRebalancing: string;
  readonly roleArn?: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly clientToken?: string;
  /** PRIMARY first, then the others, newest first. */
  deployments: Deployment[];
  /** The deployment that a rollback goes back to. */
  lastCompleted?: Deployment;
  readonly serviceDeployments: ServiceDeployment[];
  readonly revisions: Map<string, ServiceRevision>;
  /** Newest first. */
  readonly events: ServiceEvent[];
  steady: boolean;
  /** The scheduler's next look. */
  wake?: { readonly at: number; readonly timer: Timer };
  steadyTimer?: Timer;
}

/** In the order of a task's life; ACTIVATING and DEACTIVATING only behind target groups. */
export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED';

/** Who or what ended a task. */
export type StopCode =
  'TaskFailedToStart' | 'EssentialContainerExited' | 'UserInitiated' | 'ServiceSchedulerInitiated';

/** A container of a task. */
export interface TaskContainer {
  readonly definition: ContainerDefinition;
  readonly arn: string;
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  runtimeId?: string;
  imageDigest?: string;
  exitCode?: number;
  reason?: string;
  health: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';
  hostPorts: readonly HostPort[];
}

/** What a task takes of a container instance. */
export interface Reservation {
  /** CPU units. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
  /** Fixed host ports. */
  readonly tcpPorts: readonly number[];
  readonly udpPorts: readonly number[];
}

/** A task, from its request until an hour after its end. */
export interface Task {
  readonly cluster: Cluster;
  readonly id: string;
  readonly arn: string;
  readonly taskDefinition: TaskDefinition;
  readonly containers: readonly TaskContainer[];
  readonly overrides: TaskOverride;
  readonly launchType: LaunchType;
  readonly capacityProviderName?: string;
  readonly platformVersion?: string;
  readonly group: string;
  readonly startedBy?: string;
  readonly enableExecuteCommand: boolean;
  readonly networkConfiguration?: NetworkConfiguration;
  readonly service?: Service;
  readonly deployment?: Deployment;
  /** Target groups it registers with. */
  readonly loadBalancers: readonly LoadBalancer[];
  readonly availabilityZone: string;
  readonly instance?: ContainerInstance;
  readonly reservation: Reservation;
  readonly createdAt: number;
  lastStatus: TaskStatus;
  desiredStatus: 'RUNNING' | 'STOPPED';
  version: number;
  attachments: Attachment[];
  privateIpv4Address?: string;
  pullStartedAt?: number;
  pullStoppedAt?: number;
  connectivityAt?: number;
  startedAt?: number;
  stoppingAt?: number;
  executionStoppedAt?: number;
  stoppedAt?: number;
  stopCode?: StopCode;
  stoppedReason?: string;
  /** It passed its health checks, or ran long enough without any. */
  healthy: boolean;
  /** It was healthy at some time: its end is no failure to start. */
  wasHealthy: boolean;
  /** Said by its container checks or target groups; the scheduler replaces it. */
  failedCheck?: { readonly kind: 'container' | 'target-group'; readonly reason: string };
  targetHealth: 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY';
  /** Why its targets are unhealthy, in ELB's words. */
  targetHealthReason: string | undefined;
  registeredTargets: boolean;
  protection?: { expiresAt: number };
  running?: RunningTask;
  readonly timers: Set<Timer>;
}

/** An EC2 instance that runs tasks. */
export interface ContainerInstance {
  readonly cluster: Cluster;
  readonly id: string;
  readonly arn: string;
  readonly ec2InstanceId: string;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  agentConnected: boolean;
  readonly registeredResources: readonly Resource[];
  attributes: Attribute[];
  readonly versionInfo: Readonly<Record<string, string>>;
  readonly registeredAt: number;
  version: number;
}
