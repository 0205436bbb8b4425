import { AwsError } from '../protocol/service.js';

export const clientException = (message: string): AwsError => new AwsError('ClientException', message);

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterException', message);

export const clusterNotFound = (): AwsError => new AwsError('ClusterNotFoundException', 'Cluster not found.');

export const serviceNotFound = (): AwsError => new AwsError('ServiceNotFoundException', 'Service not found.');

export const resourceNotFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', message);
