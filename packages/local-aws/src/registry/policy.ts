import { AwsError } from '../protocol/service.js';
import type { Repository } from './repository.js';

/** A repository policy decides over callers of other accounts, and can refuse those of its own. */
export interface Caller {
  readonly accountId: string;
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` or `arn:aws:iam::ACCOUNT:user/NAME`. */
  readonly principalArn: string;
}

interface Statement {
  readonly Effect?: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly Condition?: unknown;
}

/**
 * Holds a caller to the repository's policy: a caller of the owner's account passes unless it is
 * denied, any other needs an `Allow`. Statements with a `Condition` are not evaluated and never apply.
 * @throws AwsError `AccessDeniedException`.
 */
export function authorize(repository: Repository, caller: Caller, action: string): void {
  const effects = statementsOf(repository.policyText)
    .filter((statement) => matches(statement, caller, action))
    .map(({ Effect }) => Effect);
  const refuse = (reason: string) =>
    new AwsError(
      'AccessDeniedException',
      `User: ${caller.principalArn} is not authorized to perform: ${action} on resource: ${repository.arn} ${reason}`,
    );
  if (effects.includes('Deny')) throw refuse('with an explicit deny in a resource-based policy');
  if (caller.accountId !== repository.registryId && !effects.includes('Allow'))
    throw refuse(`because no resource-based policy allows the ${action} action`);
}

/** True for a policy document that ECR would take. */
export function isPolicyDocument(text: string): boolean {
  const policy = parse(text);
  const statements = list<Statement>(policy?.Statement);
  return (
    statements.length > 0 &&
    statements.every(
      ({ Effect, Principal, Action }) => (Effect === 'Allow' || Effect === 'Deny') && Principal && Action,
    )
  );
}

function statementsOf(policyText: string | undefined): readonly Statement[] {
  return policyText === undefined ? [] : list<Statement>(parse(policyText)?.Statement);
}

function matches(statement: Statement, caller: Caller, action: string): boolean {
  return (
    statement.Condition === undefined &&
    list(statement.Action).some((pattern) => isLike(pattern, action)) &&
    principalsOf(statement).some((principal) => isPrincipal(principal, caller))
  );
}

function principalsOf({ Principal }: Statement): readonly string[] {
  return typeof Principal === 'string' ? [Principal] : list(Principal?.['AWS']);
}

function isPrincipal(principal: string, { accountId, principalArn }: Caller): boolean {
  const role = /:assumed-role\/([^/]+)\//.exec(principalArn)?.[1];
  return (
    principal === '*' ||
    principal === accountId ||
    principal === principalArn ||
    /^arn:[^:]+:iam::(\d{12}):root$/.exec(principal)?.[1] === accountId ||
    (role !== undefined && principal === `arn:aws:iam::${accountId}:role/${role}`)
  );
}

/** `*` in an action stands for any characters; case does not matter. */
function isLike(pattern: string, action: string): boolean {
  const expression = pattern.split('*').map((part) => part.replace(/[.?+^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${expression.join('.*')}$`, 'i').test(action);
}

function list<T = string>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

function parse(text: string): { Statement?: Statement | readonly Statement[] } | undefined {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
