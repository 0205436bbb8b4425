import { AwsError } from '../protocol/service.js';
import { listMembers } from '../protocol/query.js';
import { policyFaults } from './policy.js';
import type { PolicyDocument } from './policy.js';

/** What the two ways of assuming a role have in common. */
export interface SessionRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly sessionPolicies: readonly PolicyDocument[];
}

/**
 * Reads and validates the parameters of a new session.
 *
 * @throws AwsError `ValidationError` with all faults at once, `MalformedPolicyDocument`.
 */
export function parseSessionRequest(
  parameters: URLSearchParams,
  required: readonly string[] = [],
): SessionRequest {
  const roleArn = parameters.get('RoleArn');
  const sessionName = parameters.get('RoleSessionName');
  const duration = parameters.get('DurationSeconds');
  const faults = [
    ...lengthFaults('roleArn', roleArn, 20, 2048),
    ...lengthFaults('roleSessionName', sessionName, 2, 64),
    ...patternFaults('roleSessionName', sessionName, /^[\w+=,.@-]*$/, String.raw`[\w+=,.@-]*`),
    ...durationFaults(duration),
    ...required.filter((name) => !parameters.get(name)).map((name) => nullFault(memberName(name))),
  ];
  if (faults.length > 0) throw validationError(faults);
  return {
    roleArn: roleArn!,
    sessionName: sessionName!,
    durationSeconds: Number(duration ?? 3600),
    sessionPolicies: sessionPoliciesOf(parameters),
  };
}

function sessionPoliciesOf(parameters: URLSearchParams): PolicyDocument[] {
  const inline = parameters.get('Policy');
  const managed = listMembers(parameters, 'PolicyArns', 'arn').map((arn) => {
    const policy = managedPolicies[arn];
    if (policy === undefined) throw validationError([`The policy ${arn} is not known here.`]);
    return policy;
  });
  return inline === null ? managed : [...managed, parsePolicy(inline)];
}

function parsePolicy(json: string): PolicyDocument {
  let policy: PolicyDocument;
  try {
    policy = JSON.parse(json) as PolicyDocument;
  } catch {
    throw new AwsError('MalformedPolicyDocument', 'This policy contains invalid Json');
  }
  const [fault] = policyFaults(policy);
  if (fault !== undefined) throw new AwsError('MalformedPolicyDocument', fault);
  return policy;
}

function allow(...actions: string[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: actions, Resource: '*' } };
}

/** The managed policies of AWS that make sense in this world. */
const managedPolicies: Readonly<Record<string, PolicyDocument>> = {
  'arn:aws:iam::aws:policy/AdministratorAccess': allow('*'),
  'arn:aws:iam::aws:policy/ReadOnlyAccess': allow(
    'ecr:BatchCheckLayerAvailability',
    'ecr:BatchGetImage',
    'ecr:Describe*',
    'ecr:Get*',
    'ecr:List*',
    'ecs:Describe*',
    'ecs:List*',
    'logs:Describe*',
    'logs:FilterLogEvents',
    'logs:Get*',
    'logs:List*',
  ),
};

function lengthFaults(member: string, value: string | null, shortest: number, longest: number): string[] {
  if (value === null) return [nullFault(member)];
  if (value.length < shortest) {
    return [constraint(member, value, `have length greater than or equal to ${shortest}`)];
  }
  if (value.length > longest) {
    return [constraint(member, value, `have length less than or equal to ${longest}`)];
  }
  return [];
}

function patternFaults(member: string, value: string | null, pattern: RegExp, shown: string): string[] {
  if (value === null || pattern.test(value)) return [];
  return [constraint(member, value, `satisfy regular expression pattern: ${shown}`)];
}

function durationFaults(value: string | null): string[] {
  if (value === null) return [];
  const seconds = Number(value);
  if (!Number.isInteger(seconds)) return [constraint('durationSeconds', value, 'be an integer')];
  if (seconds < 900) {
    return [constraint('durationSeconds', value, 'have value greater than or equal to 900')];
  }
  if (seconds > 43_200) {
    return [constraint('durationSeconds', value, 'have value less than or equal to 43200')];
  }
  return [];
}

function constraint(member: string, value: string, what: string): string {
  return `Value '${value}' at '${member}' failed to satisfy constraint: Member must ${what}`;
}

function nullFault(member: string): string {
  return `Value null at '${member}' failed to satisfy constraint: Member must not be null`;
}

function memberName(parameter: string): string {
  return parameter.charAt(0).toLowerCase() + parameter.slice(1);
}

/** `ValidationError`; several constraints that fail are counted and joined as AWS does. */
export function validationError(faults: readonly string[]): AwsError {
  const constraints = faults.filter((fault) => fault.startsWith('Value '));
  const message =
    constraints.length === 0
      ? faults.join(' ')
      : `${constraints.length} validation error${constraints.length === 1 ? '' : 's'} detected: ${constraints.join('; ')}`;
  return new AwsError('ValidationError', message);
}
