import { AwsError } from '../protocol/service.js';

/** What RegisterTaskDefinition and look-ups of task definitions refuse with. */
export const clientException = (message: string): AwsError => new AwsError('ClientException', message);

/** What nearly everything else refuses with. */
export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterException', message);

/** For a cluster that does not exist or is INACTIVE. */
export const clusterNotFound = (): AwsError => new AwsError('ClusterNotFoundException', 'Cluster not found.');

/** For a service that was never there. */
export const serviceNotFound = (): AwsError => new AwsError('ServiceNotFoundException', 'Service not found.');

/** For what is named by an ARN or id of its own. */
export const resourceNotFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', message);
