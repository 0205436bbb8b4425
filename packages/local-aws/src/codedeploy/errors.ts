import { AwsError } from '../protocol/service.js';

/** An application that is not there. */
export const applicationNotFound = (name: string): AwsError =>
  new AwsError('ApplicationDoesNotExistException', `No application found for name: ${name}`);

/** A deployment group that is not there. */
export const deploymentGroupNotFound = (name: string): AwsError =>
  new AwsError('DeploymentGroupDoesNotExistException', `No Deployment Group found for name: ${name}`);

/** A deployment that is not there. */
export const deploymentNotFound = (id: string): AwsError =>
  new AwsError('DeploymentDoesNotExistException', `The deployment ${id} could not be found`);

/** A deployment that is over already. */
export const deploymentCompleted = (id: string): AwsError =>
  new AwsError('DeploymentAlreadyCompletedException', `The deployment ${id} has already completed`);

/** A member that is missing; `code` is its name in the exception. */
export const required = (code: string, member: string): AwsError =>
  new AwsError(`${code}RequiredException`, `${member} is required`);

/** An AppSpec that makes no sense. */
export const invalidRevision = (message: string): AwsError =>
  new AwsError('InvalidRevisionException', message);
