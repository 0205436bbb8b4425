import { checkSessionName, parseRoleArn } from '@ecs-actions/core';
import type { InputReader } from './inputs.js';

/** The inputs that every action has. */
export type AwsInputName = 'aws-region' | 'role-to-assume' | 'role-session-name' | 'role-duration-seconds';

export interface AwsInputs {
  readonly region: string | undefined;
  /** ARN of the role to take with the job's ID token; without one the ambient credentials serve. */
  readonly roleToAssume: string | undefined;
  readonly roleSessionName: string | undefined;
  readonly roleDurationSeconds: number | undefined;
}

/** `eu-central-1`, `us-gov-west-1`, `eusc-de-east-1`: words and a number. Which regions there are is AWS's to know. */
const REGION = /^[a-z]+(-[a-z]+)+-\d+$/;

/** Reads the inputs that every action has. */
export function readAwsInputs(input: InputReader<AwsInputName>): AwsInputs {
  const region = input.optional('aws-region');
  if (region !== undefined && !REGION.test(region))
    input.fault('aws-region', `is "${region}": write the name of a region, such as eu-central-1.`);
  const roleToAssume = input.optional('role-to-assume');
  if (roleToAssume !== undefined) input.settled(() => parseRoleArn(roleToAssume));
  const roleSessionName = input.optional('role-session-name');
  if (roleSessionName !== undefined) input.settled(() => checkSessionName(roleSessionName));
  return {
    region,
    roleToAssume,
    roleSessionName,
    roleDurationSeconds: input.integer('role-duration-seconds', { min: 900, max: 43_200 }),
  };
}
