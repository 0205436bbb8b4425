import { randomInt, randomUUID } from 'node:crypto';
import type { TaskSetHandle } from '../ecs/task-sets.js';
import type { Revision } from './appspec.js';
import type { LifecycleEvent } from './lifecycle.js';

/** Everything that CodeDeploy knows in one account and region. Times are epoch milliseconds. */
export interface CodeDeployState {
  readonly accountId: string;
  readonly region: string;
  readonly applications: Map<string, Application>;
  readonly deployments: Map<string, Deployment>;
  /** Tags of applications and deployment groups, by ARN. */
  readonly tags: Map<string, Map<string, string>>;
}

/** A name for deployment groups. */
export interface Application {
  readonly id: string;
  readonly name: string;
  readonly computePlatform: string;
  readonly createdAt: number;
  readonly groups: Map<string, DeploymentGroup>;
}

/** How one service is deployed. */
export interface DeploymentGroup {
  readonly id: string;
  readonly application: Application;
  readonly name: string;
  settings: DeploymentGroupSettings;
}

/** The members of CreateDeploymentGroup and UpdateDeploymentGroup that matter for ECS, and the others as they came. */
export interface DeploymentGroupSettings {
  deploymentConfigName?: string;
  serviceRoleArn?: string;
  ecsServices?: { clusterName?: string; serviceName?: string }[];
  alarmConfiguration?: AlarmConfiguration;
  autoRollbackConfiguration?: AutoRollbackConfiguration;
  blueGreenDeploymentConfiguration?: BlueGreenConfiguration;
  loadBalancerInfo?: { targetGroupPairInfoList?: TargetGroupPair[] };
  [member: string]: unknown;
}

/** Two target groups, by name, and the listeners that lead to one or the other. */
export interface TargetGroupPair {
  targetGroups?: { name?: string }[];
  prodTrafficRoute?: { listenerArns?: string[] };
  testTrafficRoute?: { listenerArns?: string[] };
}

/** Alarms that stop a deployment. */
export interface AlarmConfiguration {
  enabled?: boolean;
  alarms?: { name?: string }[];
}

/** What a deployment is rolled back for. */
export interface AutoRollbackConfiguration {
  enabled?: boolean;
  events?: string[];
}

/** How long a deployment waits before traffic is rerouted, and before old tasks are ended. */
export interface BlueGreenConfiguration {
  deploymentReadyOption?: { actionOnTimeout?: string; waitTimeInMinutes?: number };
  terminateBlueInstancesOnDeploymentSuccess?: { action?: string; terminationWaitTimeInMinutes?: number };
}

/** Those of the API that a deployment to ECS goes through. */
export type DeploymentStatus = 'Created' | 'InProgress' | 'Ready' | 'Succeeded' | 'Failed' | 'Stopped';

/** One run of a deployment group. */
export interface Deployment {
  readonly id: string;
  readonly group: DeploymentGroup;
  readonly revision: Revision;
  readonly configurationName: string;
  readonly description?: string;
  readonly creator: 'user' | 'codeDeployRollback';
  readonly createdAt: number;
  readonly autoRollback: AutoRollbackConfiguration;
  readonly alarmNames: readonly string[];
  status: DeploymentStatus;
  startedAt?: number;
  completedAt?: number;
  error?: { readonly code: string; readonly message: string };
  rollback?: {
    readonly rollbackDeploymentId?: string;
    readonly rollbackTriggeringDeploymentId?: string;
    readonly rollbackMessage: string;
  };
  terminationWaitStarted: boolean;
  events: readonly LifecycleEvent[];
  /** The replacement task set, once ECS has one. */
  handle?: TaskSetHandle;
  updatedAt: number;
}

/** ARN of an application, or of one of its deployment groups. */
export function codeDeployArn(
  { accountId, region }: Pick<CodeDeployState, 'accountId' | 'region'>,
  application: string,
  group?: string,
): string {
  const path = group === undefined ? `application:${application}` : `deploymentgroup:${application}/${group}`;
  return `arn:aws:codedeploy:${region}:${accountId}:${path}`;
}

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** `d-` and nine capital letters or digits. */
export function randomDeploymentId(): string {
  return `d-${Array.from({ length: 9 }, () => ID_ALPHABET[randomInt(ID_ALPHABET.length)]).join('')}`;
}

/** Of applications and deployment groups. */
export const randomId: () => string = () => randomUUID();

/** Whether nothing more will happen to it. */
export const isOver = ({ status }: Deployment): boolean =>
  status === 'Succeeded' || status === 'Failed' || status === 'Stopped';
