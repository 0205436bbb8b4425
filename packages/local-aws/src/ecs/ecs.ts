import type { JsonService } from '../protocol/service.js';
import type { World } from '../world/world.js';
import { createAccountSettingOperations } from './account-settings.js';
import { createClusterOperations } from './clusters.js';
import { createEngine, type EnginePorts } from './engine.js';
import type { Scope } from './ids.js';
import { addInstances, wakeServices, createInstanceOperations } from './instances.js';
import { createScheduler } from './scheduler.js';
import { createServiceDeploymentOperations } from './service-deployments.js';
import { createServiceOperations } from './services.js';
import { createTagOperations } from './tag-operations.js';
import { type Target, targetsOf } from './targets.js';
import { createTaskDefinitionOperations } from './task-definitions.js';
import { createTaskRunner } from './task-lifecycle.js';
import { createTaskSetPort, type TaskSetPort } from './task-sets.js';
import { createTaskOperations } from './tasks.js';

/** The ECS of a world, and what the services around it need of it. */
export interface Ecs {
  readonly service: JsonService;
  /**
   * Registers container instances (2048 CPU units, 3884 MiB each, over three zones) in a cluster of
   * the world's own account and region; the cluster is made if it is not there.
   */
  addContainerInstances(cluster: string, count: number): void;
  /** Puts a CloudWatch alarm in ALARM, or back to OK; of the world's own account and region by default. */
  setAlarmState(alarmName: string, state: 'ALARM' | 'OK', scope?: Scope): void;
  /** Tasks that are registered with a target group, and their health. */
  targetsOf(targetGroupArn: string, scope?: Scope): Target[];
  /** For CodeDeploy: replacement task sets of the services that it deploys. */
  readonly taskSets: TaskSetPort;
  /** Stops what runs and forgets everything. */
  reset(): void;
}

/** Amazon ECS: its API, and a scheduler that really rolls services out, on the world's clock. */
export function createEcs(world: World, ports: EnginePorts): Ecs {
  const engine = createEngine(world, ports);
  const runner = createTaskRunner(engine, (task, change) => scheduler.onTaskChange(task, change));
  const scheduler = createScheduler(engine, runner);
  return {
    service: {
      targetPrefix: 'AmazonEC2ContainerServiceV20141113',
      signingName: 'ecs',
      operations: {
        ...createClusterOperations(engine),
        ...createTaskDefinitionOperations(engine),
        ...createServiceOperations(engine, scheduler),
        ...createServiceDeploymentOperations(engine, scheduler),
        ...createTaskOperations(engine, runner, scheduler),
        ...createInstanceOperations(engine, runner, scheduler),
        ...createTagOperations(engine),
        ...createAccountSettingOperations(engine),
      },
    },
    addContainerInstances(cluster, count) {
      wakeServices(addInstances(engine, engine.account(world), cluster, count), scheduler);
    },
    taskSets: createTaskSetPort(engine, scheduler),
    targetsOf: (targetGroupArn, scope = world) => targetsOf(engine.account(scope), targetGroupArn),
    setAlarmState(alarmName, state, scope = world) {
      const account = engine.account(scope);
      if (state === 'ALARM') account.alarms.add(alarmName);
      else account.alarms.delete(alarmName);
      for (const cluster of account.clusters.values()) wakeServices(cluster, scheduler);
    },
    reset() {
      for (const account of engine.accounts()) {
        for (const cluster of account.clusters.values()) {
          for (const task of cluster.tasks.values()) {
            for (const timer of task.timers) timer.cancel();
            task.running?.stop();
          }
          for (const service of cluster.services.values()) {
            service.wake?.timer.cancel();
            service.steadyTimer?.cancel();
            service.status = 'INACTIVE';
          }
        }
      }
      engine.clear();
    },
  };
}
