import type { Principal } from '../identity/credentials.js';
import { authorize, isUnrestricted } from '../identity/permissions.js';
import { requiredActions } from '../identity/required-actions.js';
import type { Protocol } from '../protocol/failures.js';
import type { CallContext } from '../protocol/service.js';
import type { Fault } from '../world/faults.js';

/** Refuses a call for which the caller lacks a permission; an `access-denied` fault withholds them all. */
export function authorizeCall(
  protocol: Protocol,
  call: {
    /** Signing name of the service. */
    readonly service: string;
    readonly operation: string;
    readonly input: Readonly<Record<string, unknown>>;
    readonly context: CallContext;
    /** What it acts on, where that cannot be read off the input. */
    readonly resources?: readonly string[] | undefined;
  },
  principal: Principal,
  fault: Fault | undefined,
): void {
  const permissions =
    fault?.kind === 'access-denied' ? { ...principal.permissions, withheld: ['*'] } : principal.permissions;
  if (isUnrestricted(permissions)) return;
  const { service, operation, input, context, resources } = call;
  for (const required of requiredActions(service, operation, input, context, resources)) {
    authorize({ ...principal, permissions }, required, protocol);
  }
}
