import { conditionsHold, toList } from './conditions.js';
import type { ConditionContext } from './conditions.js';
import { coversAction, statementsOf } from './policy.js';
import type { PolicyDocument, PolicyStatement } from './policy.js';

/** Who asks to take a role. */
export type Applicant =
  /** Somebody an identity provider vouches for. */
  | { readonly type: 'Federated'; readonly providerArn: string }
  /** Somebody with AWS credentials: its session's or user's ARN, and its role's if it has one. */
  | { readonly type: 'AWS'; readonly arns: readonly string[]; readonly accountId: string };

/** Whether a trust policy lets the applicant do `action` (`sts:AssumeRole`, …). A Deny wins. */
export function trusts(
  policy: PolicyDocument,
  applicant: Applicant,
  action: string,
  context: ConditionContext,
): boolean {
  const effects = statementsOf(policy)
    .filter(
      (statement) =>
        coversAction(statement, action) &&
        coversApplicant(statement, applicant) &&
        conditionsHold(statement.Condition, context),
    )
    .map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

function coversApplicant({ Principal }: PolicyStatement, applicant: Applicant): boolean {
  if (Principal === undefined) return false;
  if (Principal === '*') return true;
  const named = toList(Principal[applicant.type]);
  if (applicant.type === 'Federated') return named.includes(applicant.providerArn);
  return named.some(
    (principal) =>
      principal === '*' ||
      principal === applicant.accountId ||
      isAccountRoot(principal, applicant.accountId) ||
      applicant.arns.includes(principal),
  );
}

function isAccountRoot(principal: string, accountId: string): boolean {
  return new RegExp(`^arn:[^:]+:iam::${accountId}:root$`).test(principal);
}
