import type { Deployment, Service, ServiceDeployment, ServiceEvent, Task } from '@aws-sdk/client-ecs';
import type { ExpectedRollout, ServiceSnapshot } from '../../../src/ecs/rollout/snapshot.js';

/** Seconds after our own deployment was created, as a date of ECS's clock. */
export const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 24, 12) + seconds * 1000);

const ARN = 'arn:aws:ecs:eu-west-1:123456789012';
export const taskDefinition = (revision: number): string => `${ARN}:task-definition/web:${revision}`;

/** Deployment ids of the story: OLD ran before, OURS is waited for, NEWER came later. */
export const OLD = 'ecs-svc/1000000000000000001';
export const OURS = 'ecs-svc/1000000000000000002';
export const NEWER = 'ecs-svc/1000000000000000003';

export const rollout: ExpectedRollout = {
  cluster: 'prod',
  service: 'web',
  deploymentId: OURS,
  createdAt: at(0).getTime(),
  taskDefinitionArn: taskDefinition(2),
};

export const old = (more: Partial<Deployment> = {}): Deployment => ({
  id: OLD,
  status: 'ACTIVE',
  taskDefinition: taskDefinition(1),
  desiredCount: 2,
  runningCount: 2,
  pendingCount: 0,
  failedTasks: 0,
  createdAt: at(-86_400),
  updatedAt: at(-86_000),
  rolloutState: 'COMPLETED',
  rolloutStateReason: `ECS deployment ${OLD} completed.`,
  ...more,
});

export const ours = (more: Partial<Deployment> = {}): Deployment => ({
  id: OURS,
  status: 'PRIMARY',
  taskDefinition: taskDefinition(2),
  desiredCount: 0,
  runningCount: 0,
  pendingCount: 0,
  failedTasks: 0,
  createdAt: at(0),
  updatedAt: at(0),
  rolloutState: 'IN_PROGRESS',
  rolloutStateReason: `ECS deployment ${OURS} in progress.`,
  ...more,
});

export const newer = (more: Partial<Deployment> = {}): Deployment =>
  ours({ id: NEWER, taskDefinition: taskDefinition(3), createdAt: at(30), updatedAt: at(30), ...more });

export const service = (deployments: Deployment[], more: Partial<Service> = {}): Service => ({
  serviceArn: `${ARN}:service/prod/web`,
  serviceName: 'web',
  clusterArn: `${ARN}:cluster/prod`,
  status: 'ACTIVE',
  desiredCount: 2,
  runningCount: 2,
  deployments,
  events: [],
  deploymentConfiguration: { maximumPercent: 200, minimumHealthyPercent: 100 },
  ...more,
});

export const breaker = (rollback: boolean): Partial<Service> => ({
  deploymentConfiguration: {
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    deploymentCircuitBreaker: { enable: true, rollback },
  },
});

export const serviceDeployment = (more: Partial<ServiceDeployment> = {}): ServiceDeployment => ({
  serviceDeploymentArn: `${ARN}:service-deployment/prod/web/abc`,
  status: 'IN_PROGRESS',
  targetServiceRevision: { arn: `${ARN}:service-revision/prod/web/1000000000000000002` },
  ...more,
});

export const serviceEvent = (seconds: number, message: string): ServiceEvent => ({
  id: `event-${seconds}-${message.length}`,
  createdAt: at(seconds),
  message: `(service web) ${message}`,
});

export const stoppedTask = (number: number, more: Partial<Task> = {}): Task => ({
  taskArn: `${ARN}:task/prod/${number.toString(16).padStart(32, '0')}`,
  taskDefinitionArn: taskDefinition(2),
  startedBy: OURS,
  lastStatus: 'STOPPED',
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
  stoppedAt: at(20 + number),
  containers: [{ name: 'app', exitCode: 1 }],
  ...more,
});

export const snapshot = (more: Partial<ServiceSnapshot> = {}): ServiceSnapshot => ({
  at: at(60).getTime(),
  service: service([ours(), old()]),
  serviceDeployment: undefined,
  stoppedTasks: [],
  unreadable: [],
  ...more,
});

/** A service deployment that may not be read. */
export const denied: Partial<ServiceSnapshot> = {
  unreadable: [{ action: 'ecs:DescribeServiceDeployments', message: 'not allowed', hint: undefined }],
};
