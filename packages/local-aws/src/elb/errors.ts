import { AwsError } from '../protocol/service.js';

export const targetGroupNotFound = (): AwsError =>
  new AwsError('TargetGroupNotFound', 'One or more target groups not found');

export const loadBalancerNotFound = (): AwsError =>
  new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');

export const listenerNotFound = (): AwsError =>
  new AwsError('ListenerNotFound', 'One or more listeners not found');

export const ruleNotFound = (): AwsError => new AwsError('RuleNotFound', 'One or more rules not found');

export const validationError = (message: string): AwsError => new AwsError('ValidationError', message);
