import type { XmlObject } from '../protocol/query.js';
import type { ForeignTarget } from '../world/ports.js';

/** What DescribeTargetHealth says of a target: state, and why it is not healthy. */
export function describeHealth(
  target: Pick<ForeignTarget, 'state' | 'description'> | undefined,
  { inUse }: { inUse: boolean },
): XmlObject {
  if (target === undefined) {
    return {
      State: 'unused',
      Reason: 'Target.NotRegistered',
      Description: 'Target is not registered to the target group',
    };
  }
  if (target.state === 'draining') {
    return {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    };
  }
  if (!inUse) {
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  }
  if (target.state === 'initial') {
    return {
      State: 'initial',
      Reason: 'Elb.RegistrationInProgress',
      Description: 'Target registration is in progress',
    };
  }
  if (target.state === 'healthy') return { State: 'healthy' };
  const description = target.description ?? 'Health checks failed';
  return { State: 'unhealthy', Reason: reasonOf(description), Description: description };
}

/** The reason code that goes with ELB's words. */
function reasonOf(description: string): string {
  if (description.startsWith('Health checks failed with these codes')) return 'Target.ResponseCodeMismatch';
  if (/timed out/i.test(description)) return 'Target.Timeout';
  return 'Target.FailedHealthChecks';
}
