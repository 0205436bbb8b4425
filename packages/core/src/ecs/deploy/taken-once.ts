import type { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { classifyAwsError } from '../../aws-errors.js';

/**
 * Keeps the SDK's own quick retries from sending a request again that AWS may have taken: they get the
 * first failure once more. What AWS throttles it has not taken, so that is still sent again.
 */
export function neverTwice(command: UpdateServiceCommand): UpdateServiceCommand {
  let failed = false;
  let failure: unknown;
  command.middlewareStack.add(
    (next) => async (args) => {
      if (failed) throw failure;
      try {
        return await next(args);
      } catch (error) {
        // A refusal, throttling among them, says that nothing was done.
        failed = !isRefusal(error);
        failure = error;
        throw error;
      }
    },
    // Inside of the retries, which come earlier in this step.
    { step: 'finalizeRequest', priority: 'low', name: 'neverTwice' },
  );
  return command;
}

/** Whether AWS may have done what a request asked for although the request failed. */
export function isUnanswered(error: unknown): boolean {
  const kind = classifyAwsError(error);
  return kind === 'transient' || kind === 'cancelled';
}

function isRefusal(error: unknown): boolean {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}
