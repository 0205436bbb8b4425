import { failure } from '../protocol/failures.js';
import type { Protocol } from '../protocol/failures.js';
import type { ConditionContext } from './conditions.js';
import type { Principal } from './credentials.js';
import { evaluatePolicies } from './policy.js';
import type { PolicyDocument } from './policy.js';
import { matchesWildcard } from './wildcard.js';

/** What the keys of a principal are good for. */
export interface Permissions {
  /** Identity-based policies. None at all: everything is allowed. */
  readonly policies: readonly PolicyDocument[];
  /** Actions (`ecs:UpdateService`, `ecs:*`) that the policies are taken not to allow, whatever they say. */
  readonly withheld: readonly string[];
  /** Policies that a session was narrowed by when it began. */
  readonly sessionPolicies: readonly PolicyDocument[];
}

export const allPermissions: Permissions = { policies: [], withheld: [], sessionPolicies: [] };

/** An action on a resource, and what conditions may ask about it. */
export interface RequiredAction {
  /** `service:Operation` */
  readonly action: string;
  /** ARN, or `*` where the action knows no resources. */
  readonly resource: string;
  readonly context?: ConditionContext;
}

/** True if no policy needs to be looked at. */
export function isUnrestricted({ policies, withheld, sessionPolicies }: Permissions): boolean {
  return policies.length === 0 && withheld.length === 0 && sessionPolicies.length === 0;
}

/** Refuses what the principal's policies do not allow, in AWS's words. */
export function authorize(principal: Principal, required: RequiredAction, protocol: Protocol): void {
  const because = refusal(principal.permissions, required);
  if (because === undefined) return;
  throw failure(
    protocol,
    'access-denied',
    `User: ${principal.arn} is not authorized to perform: ${required.action} on resource: ${required.resource} ${because}`,
  );
}

function refusal(permissions: Permissions, { action, resource, context = {} }: RequiredAction) {
  const request = { action, resource, context };
  if (permissions.withheld.some((pattern) => matchesWildcard(pattern, action, { ignoreCase: true }))) {
    return `because no identity-based policy allows the ${action} action`;
  }
  const layers = [
    { kind: 'identity-based', policies: permissions.policies },
    { kind: 'session', policies: permissions.sessionPolicies },
  ].filter(({ policies }) => policies.length > 0);
  const answers = layers.map(({ kind, policies }) => ({
    kind,
    effect: evaluatePolicies(policies, request),
  }));
  const denied = answers.find(({ effect }) => effect === 'deny');
  if (denied !== undefined) {
    return `with an explicit deny in ${denied.kind === 'session' ? 'a session' : 'an identity-based'} policy`;
  }
  const silent = answers.find(({ effect }) => effect === 'none');
  return silent === undefined ? undefined : `because no ${silent.kind} policy allows the ${action} action`;
}
