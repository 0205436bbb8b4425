import type { AccountState } from './state.js';

/** A task registered with a target group, as the load balancer sees it. */
export interface Target {
  /** The task's address (awsvpc), or the id of its EC2 instance. */
  readonly id: string;
  readonly port: number;
  readonly availabilityZone: string;
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'draining';
  /** Why it is unhealthy, in ELB's words. */
  readonly description?: string;
  readonly taskId: string;
}

/** Every target of the group, from registration to the end of draining. */
export function targetsOf(account: AccountState, targetGroupArn: string): Target[] {
  const tasks = [...account.clusters.values()].flatMap((cluster) => [...cluster.tasks.values()]);
  return tasks.flatMap((task) => {
    const draining = task.lastStatus === 'DEACTIVATING';
    if (!task.registeredTargets && !draining) return [];
    return task.loadBalancers
      .filter((loadBalancer) => loadBalancer.targetGroupArn === targetGroupArn)
      .map(({ containerName, containerPort = 0 }) => {
        const container = task.containers.find(({ definition }) => definition.name === containerName);
        const mapped = container?.hostPorts.find((port) => port.containerPort === containerPort);
        const ownAddress = task.taskDefinition.networkMode === 'awsvpc';
        return {
          id: ownAddress ? (task.privateIpv4Address ?? '') : (task.instance?.ec2InstanceId ?? ''),
          port: ownAddress ? containerPort : (mapped?.hostPort ?? containerPort),
          availabilityZone: task.availabilityZone,
          state: draining ? 'draining' : STATES[task.targetHealth],
          ...(task.targetHealthReason !== undefined && { description: task.targetHealthReason }),
          taskId: task.id,
        } as const;
      });
  });
}

const STATES = { UNKNOWN: 'initial', HEALTHY: 'healthy', UNHEALTHY: 'unhealthy' } as const;
