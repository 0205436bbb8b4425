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

/** Reads the inputs that every action has. */
export function readAwsInputs(input: InputReader<AwsInputName>): AwsInputs {
  return {
    region: input.optional('aws-region'),
    roleToAssume: input.optional('role-to-assume'),
    roleSessionName: input.optional('role-session-name'),
    roleDurationSeconds: input.integer('role-duration-seconds', { min: 900, max: 43_200 }),
  };
}
