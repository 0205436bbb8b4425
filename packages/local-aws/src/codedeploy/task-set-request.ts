import type { TaskSetRequest } from '../ecs/task-sets.js';
import type { LifecycleHook, LoadBalancer } from '../ecs/wire.js';
import { readAppSpec } from './appspec.js';
import type { AppSpec } from './appspec.js';
import { trafficRouting } from './configurations.js';
import { lifecycleEventNames, stageOf } from './lifecycle.js';
import type { Deployment, DeploymentGroup } from './state.js';

const DEFAULT_READY_WAIT_MINUTES = 60;

/** What a deployment asks of ECS: its AppSpec and its group in the terms of ECS's own deployments. */
export function requestFor(
  { id, group, revision, configurationName }: Deployment,
  findArn: (targetGroupName: string) => string | undefined,
): TaskSetRequest {
  const appSpec = readAppSpec(revision);
  const [service] = group.settings.ecsServices ?? [];
  const { taskDefinition, platformVersion, networkConfiguration } = appSpec;
  const loadBalancer = loadBalancerOf(group, appSpec, findArn);
  return {
    clusterName: service?.clusterName ?? 'default',
    serviceName: service?.serviceName ?? '',
    taskDefinition,
    ...(loadBalancer !== undefined && { loadBalancers: [loadBalancer] }),
    ...(platformVersion !== undefined && { platformVersion }),
    ...(networkConfiguration !== undefined && { networkConfiguration }),
    configuration: {
      ...trafficRouting(configurationName),
      lifecycleHooks: [...hooksOf(appSpec), ...waitsOf(group)],
    },
    externalId: id,
  };
}

/** The pair of the group, if both of its target groups were made here. */
function loadBalancerOf(
  { settings }: DeploymentGroup,
  { containerName, containerPort }: AppSpec,
  findArn: (targetGroupName: string) => string | undefined,
): LoadBalancer | undefined {
  const [pair] = settings.loadBalancerInfo?.targetGroupPairInfoList ?? [];
  const [targetGroupArn, alternateTargetGroupArn] = (pair?.targetGroups ?? []).map(({ name = '' }) =>
    findArn(name),
  );
  if (targetGroupArn === undefined || alternateTargetGroupArn === undefined) return undefined;
  const productionListenerRule = pair?.prodTrafficRoute?.listenerArns?.[0];
  const testListenerRule = pair?.testTrafficRoute?.listenerArns?.[0];
  return {
    targetGroupArn,
    containerName,
    containerPort,
    advancedConfiguration: {
      alternateTargetGroupArn,
      ...(productionListenerRule !== undefined && { productionListenerRule }),
      ...(testListenerRule !== undefined && { testListenerRule }),
    },
  };
}

function hooksOf({ hooks }: AppSpec): LifecycleHook[] {
  return lifecycleEventNames.flatMap((name) => {
    const hookTargetArn = hooks[name];
    return hookTargetArn === undefined
      ? []
      : [{ targetType: 'AWS_LAMBDA' as const, hookTargetArn, lifecycleStages: [stageOf(name)] }];
  });
}

/** Waiting for traffic to be rerouted, and for the old task set to be ended, are pauses of ECS's own deployments. */
function waitsOf({ settings }: DeploymentGroup): LifecycleHook[] {
  const { deploymentReadyOption: ready, terminateBlueInstancesOnDeploymentSuccess: termination } =
    settings.blueGreenDeploymentConfiguration ?? {};
  const waits: LifecycleHook[] = [];
  if (ready?.actionOnTimeout === 'STOP_DEPLOYMENT') {
    const timeoutInMinutes = ready.waitTimeInMinutes ?? DEFAULT_READY_WAIT_MINUTES;
    waits.push(pause('POST_TEST_TRAFFIC_SHIFT', timeoutInMinutes, 'ROLLBACK'));
  }
  const terminationWait = termination?.terminationWaitTimeInMinutes ?? 0;
  if (terminationWait > 0) waits.push(pause('BAKE_TIME', terminationWait, 'CONTINUE'));
  return waits;
}

function pause(stage: string, timeoutInMinutes: number, action: 'CONTINUE' | 'ROLLBACK'): LifecycleHook {
  return {
    targetType: 'PAUSE',
    lifecycleStages: [stage],
    timeoutConfiguration: { timeoutInMinutes, action },
  };
}
