/**
 * The members of ECS's requests and responses that this ECS reads. Where AWS passes a member
 * through untouched, so do we: types stay open (`[member: string]: unknown`), and a member that is
 * newer than this file survives a round trip.
 */

export interface Tag {
  key: string;
  value?: string;
}

export interface KeyValuePair {
  name?: string;
  value?: string;
}

export interface PortMapping {
  containerPort?: number;
  hostPort?: number;
  protocol?: 'tcp' | 'udp';
  containerPortRange?: string;
  [member: string]: unknown;
}

export interface HealthCheck {
  command: string[];
  interval?: number;
  timeout?: number;
  retries?: number;
  startPeriod?: number;
}

export interface LogConfiguration {
  logDriver: string;
  options?: Record<string, string>;
  [member: string]: unknown;
}

export interface ContainerDependency {
  containerName: string;
  condition: 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY';
}

export interface ContainerDefinition {
  name: string;
  image: string;
  cpu?: number;
  memory?: number;
  memoryReservation?: number;
  essential?: boolean;
  command?: string[];
  entryPoint?: string[];
  workingDirectory?: string;
  user?: string;
  links?: string[];
  portMappings?: PortMapping[];
  environment?: KeyValuePair[];
  secrets?: { name: string; valueFrom: string }[];
  mountPoints?: { sourceVolume?: string; containerPath?: string; readOnly?: boolean }[];
  volumesFrom?: { sourceContainer?: string; readOnly?: boolean }[];
  dependsOn?: ContainerDependency[];
  dockerLabels?: Record<string, string>;
  healthCheck?: HealthCheck;
  logConfiguration?: LogConfiguration;
  repositoryCredentials?: { credentialsParameter: string };
  startTimeout?: number;
  stopTimeout?: number;
  hostname?: string;
  privileged?: boolean;
  [member: string]: unknown;
}

export interface TaskDefinitionInput {
  family: string;
  containerDefinitions: ContainerDefinition[];
  networkMode?: 'bridge' | 'host' | 'awsvpc' | 'none';
  requiresCompatibilities?: string[];
  cpu?: string;
  memory?: string;
  taskRoleArn?: string;
  executionRoleArn?: string;
  volumes?: { name?: string; [kind: string]: unknown }[];
  placementConstraints?: PlacementConstraint[];
  runtimePlatform?: { cpuArchitecture?: string; operatingSystemFamily?: string };
  ephemeralStorage?: { sizeInGiB: number };
  [member: string]: unknown;
}

export interface PlacementConstraint {
  type?: 'distinctInstance' | 'memberOf';
  expression?: string;
}

export interface PlacementStrategy {
  type?: 'random' | 'spread' | 'binpack';
  field?: string;
}

export interface CapacityProviderStrategyItem {
  capacityProvider: string;
  weight?: number;
  base?: number;
}

export interface NetworkConfiguration {
  awsvpcConfiguration?: {
    subnets?: string[];
    securityGroups?: string[];
    assignPublicIp?: 'ENABLED' | 'DISABLED';
  };
}

export interface LoadBalancer {
  targetGroupArn?: string;
  loadBalancerName?: string;
  containerName?: string;
  containerPort?: number;
  advancedConfiguration?: {
    alternateTargetGroupArn?: string;
    productionListenerRule?: string;
    testListenerRule?: string;
    roleArn?: string;
  };
  [member: string]: unknown;
}

export interface DeploymentConfiguration {
  deploymentCircuitBreaker?: DeploymentCircuitBreaker;
  maximumPercent?: number;
  minimumHealthyPercent?: number;
  alarms?: { alarmNames: string[]; enable: boolean; rollback: boolean };
  strategy?: 'ROLLING' | 'BLUE_GREEN' | 'LINEAR' | 'CANARY';
  bakeTimeInMinutes?: number;
  lifecycleHooks?: LifecycleHook[];
  linearConfiguration?: { stepPercent?: number; stepBakeTimeInMinutes?: number };
  canaryConfiguration?: { canaryPercent?: number; canaryBakeTimeInMinutes?: number };
  earlySuccessCriteria?: EarlySuccessCriteria;
  [member: string]: unknown;
}

export interface LifecycleHook {
  targetType?: 'AWS_LAMBDA' | 'PAUSE';
  hookTargetArn?: string;
  roleArn?: string;
  lifecycleStages?: string[];
  timeoutConfiguration?: { timeoutInMinutes?: number; action?: 'CONTINUE' | 'ROLLBACK' };
  [member: string]: unknown;
}

export interface EarlySuccessCriteria {
  enable: boolean;
  healthyPercent?: number;
  sourceServiceRevisionCleanup?: 'BLOCKING' | 'DEFERRED';
}

export interface DeploymentCircuitBreaker {
  enable: boolean;
  rollback: boolean;
  resetOnHealthyTask?: boolean;
  thresholdConfiguration?: { type?: 'BOUNDED_PERCENT' | 'UNBOUNDED_PERCENT' | 'COUNT'; value?: number };
}

export interface ContainerOverride {
  name?: string;
  command?: string[];
  environment?: KeyValuePair[];
  cpu?: number;
  memory?: number;
  memoryReservation?: number;
  [member: string]: unknown;
}

export interface TaskOverride {
  containerOverrides?: ContainerOverride[];
  cpu?: string;
  memory?: string;
  [member: string]: unknown;
}

export interface Attribute {
  name: string;
  value?: string;
  targetType?: string;
  targetId?: string;
}

export interface Resource {
  name: string;
  type: string;
  integerValue?: number;
  stringSetValue?: string[];
  [member: string]: unknown;
}

export interface Attachment {
  id: string;
  type: string;
  status: string;
  details: KeyValuePair[];
}

export interface Failure {
  arn?: string;
  reason: string;
  detail?: string;
}

export type LaunchType = 'EC2' | 'FARGATE' | 'EXTERNAL';
