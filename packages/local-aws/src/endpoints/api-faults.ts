import type { IncomingMessage } from 'node:http';
import { setTimeout as wallDelay } from 'node:timers/promises';
import { failure } from '../protocol/failures.js';
import type { Protocol } from '../protocol/failures.js';
import { AwsError } from '../protocol/service.js';
import type { Fault } from '../world/faults.js';

/**
 * Makes a request to an AWS API go wrong, as far as that needs to know nothing of the caller. True
 * if the connection is gone; false if the request goes on.
 *
 * @throws AwsError where the fault is a refusal.
 */
export async function applyFault(
  fault: Fault,
  protocol: Protocol,
  request: IncomingMessage,
): Promise<boolean> {
  switch (fault.kind) {
    case 'throttle':
    case 'expired-token':
      throw failure(protocol, fault.kind);
    case 'server-error':
      throw serverError(fault.service, protocol);
    case 'reset':
      request.socket.resetAndDestroy();
      return true;
    case 'delay':
      await wallDelay(fault.delayMs ?? 1000, undefined, { ref: false });
      return false;
    case 'access-denied':
    case 'stale-read':
      return false;
  }
}

function serverError(service: string, protocol: Protocol): AwsError {
  if (service !== 'logs') return failure(protocol, 'server-error');
  return new AwsError('ServiceUnavailableException', 'The service cannot complete the request.', {
    status: 503,
  });
}
