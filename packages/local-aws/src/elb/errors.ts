import { AwsError } from '../protocol/service.js';

/** A target group that is not there. */
export const targetGroupNotFound = (): AwsError =>
  new AwsError('TargetGroupNotFound', 'One or more target groups not found');

/** A load balancer that is not there. */
export const loadBalancerNotFound = (): AwsError =>
  new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');

/** A listener that is not there. */
export const listenerNotFound = (): AwsError =>
  new AwsError('ListenerNotFound', 'One or more listeners not found');

/** A rule that is not there. */
export const ruleNotFound = (): AwsError => new AwsError('RuleNotFound', 'One or more rules not found');

/** A request that makes no sense. */
export const validationError = (message: string): AwsError => new AwsError('ValidationError', message);
