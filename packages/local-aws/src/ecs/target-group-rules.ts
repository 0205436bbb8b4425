import type { FindTargetGroup } from '../world/ports.js';
import { invalidParameter } from './errors.js';
import type { TaskDefinition } from './state.js';
import type { LoadBalancer } from './wire.js';

/** Whether tasks of the definition can be put behind the target groups, of which those not made here are believed. */
export function checkTargetGroups(
  loadBalancers: readonly LoadBalancer[],
  { networkMode }: Pick<TaskDefinition, 'networkMode'>,
  find: FindTargetGroup,
): void {
  for (const { targetGroupArn: arn = '', advancedConfiguration } of loadBalancers) {
    const group = find(arn);
    if (group === undefined) continue;
    if (!group.inUse && advancedConfiguration === undefined) {
      throw invalidParameter(
        `The target group with targetGroupArn ${arn} does not have an associated load balancer.`,
      );
    }
    if (networkMode === 'awsvpc' && group.targetType !== 'ip') {
      throw invalidParameter(
        `The provided target group ${arn} has target type ${group.targetType}, which is incompatible with the awsvpc network mode specified in the task definition.`,
      );
    }
  }
}
