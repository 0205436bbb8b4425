import { AwsError } from '../protocol/service.js';

export const applicationNotFound = (name: string): AwsError =>
  new AwsError('ApplicationDoesNotExistException', `No application found for name: ${name}`);

export const deploymentGroupNotFound = (name: string): AwsError =>
  new AwsError('DeploymentGroupDoesNotExistException', `No Deployment Group found for name: ${name}`);

export const deploymentNotFound = (id: string): AwsError =>
  new AwsError('DeploymentDoesNotExistException', `The deployment ${id} could not be found`);

export const deploymentCompleted = (id: string): AwsError =>
  new AwsError('DeploymentAlreadyCompletedException', `The deployment ${id} has already completed`);

export const required = (code: string, member: string): AwsError =>
  new AwsError(`${code}RequiredException`, `${member} is required`);

export const invalidRevision = (message: string): AwsError =>
  new AwsError('InvalidRevisionException', message);
