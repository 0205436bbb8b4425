import { conditionsHold, toList } from '../identity/conditions.js';
import { coversAction, policyFaults, statementsOf } from '../identity/policy.js';
import type { PolicyDocument, PolicyStatement } from '../identity/policy.js';
import { AwsError } from '../protocol/service.js';
import type { Repository } from './repository.js';

/** Who wants something of a repository. */
export interface Caller {
  readonly accountId: string;
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` or `arn:aws:iam::ACCOUNT:user/NAME`. */
  readonly principalArn: string;
}

/**
 * Holds a caller to the repository's policy: a caller of the owner's account passes unless it is
 * denied, any other needs an `Allow`. Identity-based policies are not looked at here.
 * @throws AwsError `AccessDeniedException`.
 */
export function authorize(repository: Repository, caller: Caller, action: string): void {
  const effects = statementsAbout(repository, caller, action).map(({ Effect }) => Effect);
  if (effects.includes('Deny'))
    throw accessDenied(caller, action, `${repository.arn} with an explicit deny in a resource-based policy`);
  if (caller.accountId !== repository.registryId && !effects.includes('Allow'))
    throw accessDenied(
      caller,
      action,
      `${repository.arn} because no resource-based policy allows the ${action} action`,
    );
}

/** IAM's refusal. `resource` is an ARN, with the reason behind it. */
export function accessDenied({ principalArn }: Caller, action: string, resource: string): AwsError {
  return new AwsError(
    'AccessDeniedException',
    `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource}`,
  );
}

/** Reads a policy document; undefined for a text that ECR would not take as one. */
export function parsePolicy(text: string): PolicyDocument | undefined {
  try {
    const policy = JSON.parse(text) as PolicyDocument;
    const isSound =
      policyFaults(policy).length === 0 &&
      statementsOf(policy).every(({ Principal }) => Principal !== undefined);
    return isSound ? policy : undefined;
  } catch {
    return undefined;
  }
}

function statementsAbout({ policy, region }: Repository, caller: Caller, action: string): PolicyStatement[] {
  const context = {
    'aws:principalarn': caller.principalArn,
    'aws:principalaccount': caller.accountId,
    'aws:requestedregion': region,
  };
  return (policy ? statementsOf(policy.document) : []).filter(
    (statement) =>
      coversAction(statement, action) &&
      coversPrincipal(statement, caller) &&
      conditionsHold(statement.Condition, context),
  );
}

function coversPrincipal({ Principal }: PolicyStatement, caller: Caller): boolean {
  const principals = typeof Principal === 'string' ? [Principal] : toList(Principal?.['AWS']);
  return principals.some((principal) => names(principal, caller));
}

/** Anybody, an account by its number or root, a session or a user by its ARN, a role by its ARN. */
function names(principal: string, { accountId, principalArn }: Caller): boolean {
  const role = /:assumed-role\/([^/]+)\//.exec(principalArn)?.[1];
  return [
    '*',
    accountId,
    `arn:aws:iam::${accountId}:root`,
    principalArn,
    ...(role === undefined ? [] : [`arn:aws:iam::${accountId}:role/${role}`]),
  ].includes(principal);
}
