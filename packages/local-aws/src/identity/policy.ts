import { conditionsHold, parseOperator, toList } from './conditions.js';
import type { ConditionContext, Conditions } from './conditions.js';
import { matchesWildcard } from './wildcard.js';

type OneOrMany = string | readonly string[];

/** One statement of an IAM policy, as its JSON has it. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  /** Trust policies only. `"*"` is anybody. */
  readonly Principal?: '*' | Readonly<Record<string, OneOrMany>>;
  readonly Action?: OneOrMany;
  readonly NotAction?: OneOrMany;
  readonly Resource?: OneOrMany;
  readonly NotResource?: OneOrMany;
  readonly Condition?: Conditions;
}

/** An IAM policy, as its JSON has it. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

export function statementsOf(policy: PolicyDocument): readonly PolicyStatement[] {
  return Array.isArray(policy.Statement)
    ? (policy.Statement as readonly PolicyStatement[])
    : [policy.Statement as PolicyStatement];
}

/**
 * What is wrong with a policy, one sentence each. A condition operator that this world cannot
 * evaluate is a fault too: it must not pass for one that matched.
 */
export function policyFaults(policy: PolicyDocument): string[] {
  if (typeof policy !== 'object' || policy === null || policy.Statement === undefined) {
    return ['A policy is an object with a Statement.'];
  }
  return statementsOf(policy).flatMap((statement, index) => {
    const faults: string[] = [];
    const where = `Statement ${statement.Sid ?? index + 1}`;
    if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
      faults.push(`${where}: Effect is neither Allow nor Deny.`);
    }
    if (statement.Action === undefined && statement.NotAction === undefined) {
      faults.push(`${where}: Action is missing.`);
    }
    for (const operator of Object.keys(statement.Condition ?? {})) {
      if (parseOperator(operator) === undefined) {
        faults.push(`${where}: the condition operator ${operator} is not known here.`);
      }
    }
    return faults;
  });
}

/** True if the statement is about this action (case does not matter, as in IAM). */
export function coversAction(statement: PolicyStatement, action: string): boolean {
  const named = (patterns: OneOrMany) =>
    toList(patterns).some((pattern) => matchesWildcard(pattern, action, { ignoreCase: true }));
  return statement.Action === undefined ? !named(statement.NotAction ?? []) : named(statement.Action);
}

function coversResource(statement: PolicyStatement, resource: string): boolean {
  const named = (patterns: OneOrMany) =>
    toList(patterns).some((pattern) => matchesWildcard(pattern, resource));
  if (statement.Resource !== undefined) return named(statement.Resource);
  return statement.NotResource === undefined || !named(statement.NotResource);
}

/** What policies that grant permissions say together: a Deny wins, nothing said is no. */
export function evaluatePolicies(
  policies: readonly PolicyDocument[],
  request: { readonly action: string; readonly resource: string; readonly context: ConditionContext },
): 'allow' | 'deny' | 'none' {
  const effects = policies
    .flatMap(statementsOf)
    .filter(
      (statement) =>
        coversAction(statement, request.action) &&
        coversResource(statement, request.resource) &&
        conditionsHold(statement.Condition, request.context),
    )
    .map(({ Effect }) => Effect);
  if (effects.includes('Deny')) return 'deny';
  return effects.includes('Allow') ? 'allow' : 'none';
}
