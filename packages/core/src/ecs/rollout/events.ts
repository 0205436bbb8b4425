import type {
  DeploymentLifecycleHookAction,
  DeploymentRolloutState,
  ServiceDeploymentLifecycleStage,
  ServiceDeploymentStatus,
  Task,
} from '@aws-sdk/client-ecs';

/** Numbers of a deployment's tasks. */
export interface TaskCounts {
  readonly desired: number;
  readonly pending: number;
  readonly running: number;
  /** Tasks in a row that could not be started or kept healthy, by ECS's own count. */
  readonly failed: number;
}

/** What happened in a rollout, without the moment. */
export type RolloutFact =
  /** Our deployment showed up in DescribeServices for the first time. */
  | { readonly type: 'deployment-visible'; readonly deploymentId: string; readonly taskDefinitionArn: string }
  | { readonly type: 'task-started'; readonly taskIds: readonly string[] }
  | { readonly type: 'task-counts'; readonly from: TaskCounts; readonly to: TaskCounts }
  /** A task of our deployment stopped. */
  | { readonly type: 'task-stopped'; readonly task: Task }
  /** ECS stopped tasks of an earlier deployment or scaled in. */
  | { readonly type: 'tasks-retired'; readonly taskIds: readonly string[] }
  | { readonly type: 'targets-registered'; readonly count: number; readonly targetGroup: string }
  | { readonly type: 'targets-deregistered'; readonly count: number; readonly targetGroup: string }
  | { readonly type: 'draining'; readonly message: string }
  | { readonly type: 'unhealthy'; readonly message: string }
  /** ECS says that something keeps it from starting or stopping tasks. */
  | { readonly type: 'impeded'; readonly message: string }
  | {
      readonly type: 'rollout-state';
      readonly from: DeploymentRolloutState | undefined;
      readonly to: DeploymentRolloutState;
      readonly reason: string | undefined;
    }
  | { readonly type: 'deployment-completed'; readonly deploymentId: string }
  | {
      readonly type: 'deployment-status';
      readonly to: ServiceDeploymentStatus;
      readonly reason: string | undefined;
    }
  | {
      readonly type: 'lifecycle-stage';
      readonly from: ServiceDeploymentLifecycleStage | undefined;
      readonly to: ServiceDeploymentLifecycleStage;
    }
  /** Percentages of traffic that the new service revision is meant to get. */
  | {
      readonly type: 'traffic-shifted';
      readonly production: number | undefined;
      readonly test: number | undefined;
    }
  | { readonly type: 'alarm-triggered'; readonly alarmNames: readonly string[] }
  | {
      readonly type: 'circuit-breaker-count';
      readonly failureCount: number;
      readonly threshold: number | undefined;
    }
  | {
      readonly type: 'paused';
      readonly hookId: string | undefined;
      readonly stage: ServiceDeploymentLifecycleStage | undefined;
      readonly expiresAt: Date | undefined;
    }
  /** ECS (or we) started to go back to an earlier deployment. */
  | {
      readonly type: 'rollback-started';
      readonly toTaskDefinitionArn: string | undefined;
      readonly reason: string | undefined;
    }
  | { readonly type: 'rolled-back'; readonly toTaskDefinitionArn: string | undefined }
  | {
      readonly type: 'superseded';
      readonly byDeploymentId: string | undefined;
      readonly taskDefinitionArn: string | undefined;
    }
  /** Autoscaling or a person changed the desired count during the rollout. */
  | { readonly type: 'desired-count'; readonly from: number; readonly to: number }
  | { readonly type: 'service-status'; readonly to: string }
  /** A service event that has no form of its own here. */
  | { readonly type: 'service-event'; readonly message: string }
  // Of the watcher itself:
  /** Nothing changed for a minute. */
  | { readonly type: 'heartbeat'; readonly elapsedMs: number; readonly counts: TaskCounts | undefined }
  /** A read failed in a way that passes; the next poll tries again. */
  | { readonly type: 'read-failed'; readonly message: string; readonly throttled: boolean }
  /** A read that only adds evidence is not allowed; it is not tried again. */
  | { readonly type: 'read-denied'; readonly message: string; readonly hint: string | undefined };

/** What a deployment did, besides what its rollout shows. */
export type DeploymentFact =
  | {
      readonly type: 'task-definition-registered';
      readonly taskDefinitionArn: string;
      readonly reused: boolean;
    }
  | { readonly type: 'service-created'; readonly serviceArn: string; readonly taskDefinitionArn: string }
  | {
      readonly type: 'service-updated';
      readonly deploymentId: string;
      readonly fromTaskDefinitionArn: string | undefined;
      readonly toTaskDefinitionArn: string;
    }
  /** A rollout of the same task definition was under way already: it is waited for. */
  | { readonly type: 'deployment-adopted'; readonly deploymentId: string; readonly taskDefinitionArn: string }
  | { readonly type: 'nothing-to-do'; readonly taskDefinitionArn: string }
  | { readonly type: 'codedeploy-started'; readonly deploymentId: string; readonly group: string }
  | { readonly type: 'codedeploy-status'; readonly status: string; readonly message: string | undefined }
  | {
      readonly type: 'rollback-requested';
      readonly toTaskDefinitionArn: string | undefined;
      readonly how: 'StopServiceDeployment' | 'UpdateService' | 'StopDeployment' | 'CreateDeployment';
    }
  | {
      readonly type: 'pause-answered';
      readonly hookId: string;
      readonly action: DeploymentLifecycleHookAction;
    };

/** Everything that a deployment reports while it goes on; `at` as in {@link RolloutEvent}. */
export type DeploymentEvent = (RolloutFact | DeploymentFact) & { readonly at: number };

/** What happened in a rollout, and when (epoch ms: by ECS's clock where it gave a time, else when we noticed). */
export type RolloutEvent = RolloutFact & { readonly at: number };
