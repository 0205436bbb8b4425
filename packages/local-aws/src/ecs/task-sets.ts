import type { Engine } from './engine.js';
import { invalidParameter } from './errors.js';
import type { Scope } from './ids.js';
import { requireCluster } from './clusters.js';
import { beginDeployment, failDeployment, stopRequested } from './deployments.js';
import type { Scheduler } from './scheduler.js';
import { requireService } from './services.js';
import { isUnfinished } from './service-deployment-status.js';
import { taskSetArn } from './shapes/task-set.js';
import { currentStep } from './stage-progress.js';
import type { HookRun, LifecycleStage } from './stages.js';
import type { ServiceDeployment, ServiceDeploymentStatus } from './state.js';
import { requireTaskDefinition } from './task-definitions.js';
import { replacementWeight, taskSetViews } from './task-set-views.js';
import type { TaskSetView } from './task-set-views.js';
import { timings } from './timings.js';
import type { DeploymentConfiguration, LoadBalancer, NetworkConfiguration } from './wire.js';

/** What CodeDeploy asks of a service whose deployment controller it is. */
export interface TaskSetRequest {
  readonly clusterName: string;
  readonly serviceName: string;
  /** ARN, or family:revision. */
  readonly taskDefinition: string;
  /** How traffic is shifted (BLUE_GREEN, LINEAR, CANARY), and how long the old tasks are kept (bakeTimeInMinutes). */
  readonly configuration: DeploymentConfiguration;
  /** Where its tasks are put; without it, where those of the old task set are. */
  readonly loadBalancers?: readonly LoadBalancer[];
  readonly platformVersion?: string;
  readonly networkConfiguration?: NetworkConfiguration;
  /** The CodeDeploy deployment, `d-…`. */
  readonly externalId: string;
}

/** A replacement task set on its way to all of the traffic. */
export interface TaskSetShift {
  /** As a service deployment has it: IN_PROGRESS, SUCCESSFUL, STOPPED, ROLLBACK_SUCCESSFUL, … */
  readonly status: ServiceDeploymentStatus;
  readonly stage: LifecycleStage | undefined;
  /** Percent of production traffic that it has. */
  readonly productionWeight: number;
  /** Every lifecycle hook that a stage has set off so far. */
  readonly hooks: readonly HookRun[];
  /** Epoch milliseconds. */
  readonly finishedAt: number | undefined;
}

/** What CodeDeploy steers services through. */
export interface TaskSetPort {
  /** The deployment controller of a service; `undefined` if there is no such service. */
  controllerOf(clusterName: string, serviceName: string, scope: Scope): string | undefined;
  /** Starts a replacement task set. Throws ECS's errors where the service cannot take one. */
  start(request: TaskSetRequest, scope: Scope): TaskSetHandle;
}

/** A replacement task set that was started. */
export interface TaskSetHandle {
  readonly taskSetArn: string;
  look(): TaskSetShift;
  /** The task sets of the service. */
  taskSets(): TaskSetView[];
  /** Ends the wait of a PAUSE hook. */
  resume(hookId: string): void;
  /** Ends it: the old task set keeps (or gets back) the traffic, and the new tasks stop. */
  stop(): void;
}

/** A shift is played as a deployment that shifts traffic, but shown as task sets. */
export function createTaskSetPort(engine: Engine, scheduler: Scheduler): TaskSetPort {
  return {
    controllerOf(clusterName, serviceName, scope) {
      const service = engine.account(scope).clusters.get(clusterName)?.services.get(serviceName);
      return service?.status === 'ACTIVE' ? service.deploymentController : undefined;
    },
    start(request, scope) {
      const account = engine.account(scope);
      const service = requireService(requireCluster(account, request.clusterName), request.serviceName);
      if (service.deploymentController !== 'CODE_DEPLOY' || service.configuration === undefined) {
        throw invalidParameter('The service does not use the CODE_DEPLOY deployment controller.');
      }
      const { platformVersion, networkConfiguration } = request;
      const configuration = {
        ...service.configuration,
        taskDefinition: requireTaskDefinition(account, request.taskDefinition),
        ...(platformVersion !== undefined && { platformVersion }),
        ...(networkConfiguration !== undefined && { networkConfiguration }),
      };
      const deployment = beginDeployment(service, configuration, engine.clock.now(), {
        configuration: request.configuration,
        loadBalancers: request.loadBalancers ?? configuration.loadBalancers,
        externalId: request.externalId,
      });
      const [shift] = service.serviceDeployments;
      if (shift === undefined) throw new Error('A deployment was begun without a service deployment.');
      scheduler.wake(service);
      return {
        taskSetArn: taskSetArn(service, deployment),
        look: () => describeShift(shift),
        taskSets: () => taskSetViews(service, shift, deployment),
        resume(hookId) {
          const hook = shift.position.hooks.find(({ id }) => id === hookId);
          if (hook?.status !== 'AWAITING_ACTION') return;
          hook.status = 'SUCCEEDED';
          scheduler.wake(service, timings.taskReaction);
        },
        stop() {
          if (!isUnfinished(shift) || shift.rollback !== undefined) return;
          failDeployment(service, deployment, {
            end: stopRequested,
            rollback: true,
            now: engine.clock.now(),
          });
          scheduler.wake(service, timings.taskReaction);
        },
      };
    },
  };
}

function describeShift(shift: ServiceDeployment): TaskSetShift {
  return {
    status: shift.status,
    stage: currentStep(shift)?.stage,
    productionWeight: replacementWeight(shift),
    hooks: [...shift.pastHooks, ...shift.position.hooks],
    finishedAt: shift.finishedAt,
  };
}
