import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wallDelay } from 'node:timers/promises';
import { respondJson } from '../protocol/http.js';
import type { Fault, FaultKind } from '../world/faults.js';

/** Status, and code and message as a registry gives them. */
const refusals: Partial<Record<FaultKind, readonly [status: number, code: string, message: string]>> = {
  throttle: [429, 'TOOMANYREQUESTS', 'Rate exceeded'],
  'server-error': [500, 'UNKNOWN', 'Internal server error'],
  'expired-token': [403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.'],
  'access-denied': [403, 'DENIED', 'Not authorized'],
};

/** Makes a request that is none to an AWS API go wrong. True if it is dealt with. */
export async function applyPlainFault(
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (fault.kind === 'reset') {
    request.socket.resetAndDestroy();
    return true;
  }
  if (fault.kind === 'delay') await wallDelay(fault.delayMs ?? 1000, undefined, { ref: false });
  const refusal = refusals[fault.kind];
  if (refusal === undefined) return false;
  const [status, code, message] = refusal;
  request.resume();
  respondJson(response, status, { errors: [{ code, message }], message });
  return true;
}
