import {
  DescribeServiceDeploymentsCommand,
  StopServiceDeploymentCommand,
  type ECSClient,
} from '@aws-sdk/client-ecs';
import { abortedAfter, abortedIn } from '../../abort.js';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { inFull } from '../../errors.js';
import { patiently } from '../patience.js';
import { findServiceDeployment } from '../rollout/read.js';
import type { ExpectedRollout } from '../rollout/snapshot.js';
import { LAST_ANSWER_MS, LOOK_MS } from './grace.js';
import type { RollbackOptions } from './rollback.js';
import { isUnanswered } from './taken-once.js';

/** What came of asking ECS for a rollback. */
export type RollbackRequest =
  | { readonly requested: true }
  | {
      readonly requested: false;
      /** Whether ECS was asked and has not answered: it may be rolling back all the same. */
      readonly isOpen: boolean;
      /** A sentence. */
      readonly reason: string;
    };

/** States of a service deployment that goes back, or has. */
const GOES_BACK: ReadonlySet<string> = new Set([
  'STOP_REQUESTED',
  'ROLLBACK_REQUESTED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
]);

/**
 * Asks ECS to roll a deployment back (StopServiceDeployment), which it does also for services
 * without a circuit breaker. Where ECS does not answer, or refuses a second time what it may have
 * taken the first, a look at the service deployment tells whether it goes back.
 *
 * Answers why it could not be asked, if it could not, or not `until` then; throws only what ends
 * everything: expired credentials, the caller's signal before ECS was asked.
 */
export async function requestRollback(
  ecs: ECSClient,
  rollout: ExpectedRollout,
  { clock, signal, until = Number.POSITIVE_INFINITY }: RollbackOptions,
): Promise<RollbackRequest> {
  // By the wall's clock: an answer that does not come does so by that one.
  const late = abortedIn(until - clock.now());
  const limit = signal === undefined ? late : AbortSignal.any([signal, late]);
  let doing = `find the service deployment of ${rollout.deploymentId}`;
  let action = 'ecs:ListServiceDeployments';
  let arn = rollout.serviceDeploymentArn;
  let isOpen = false;
  try {
    arn ??= (await patiently(clock, () => findServiceDeployment(ecs, rollout, limit), limit, until))
      ?.serviceDeploymentArn;
    if (arn === undefined) return notRequested(`ECS knows no service deployment of ${rollout.deploymentId}.`);
    doing = `stop ${arn}`;
    action = 'ecs:StopServiceDeployment';
    const command = new StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: 'ROLLBACK' });
    // ECS may have taken what it has not answered yet.
    const abortSignal = AbortSignal.any([abortedAfter(signal, LAST_ANSWER_MS), late]);
    await patiently(
      clock,
      async () => {
        limit.throwIfAborted();
        try {
          await ecs.send(command, { abortSignal });
        } catch (error) {
          isOpen ||= isUnanswered(error);
          throw error;
        }
      },
      limit,
      until,
    );
    return { requested: true };
  } catch (error) {
    const kind = classifyAwsError(error);
    const isAsked = isOpen || (kind === 'refused' && !limit.aborted);
    if (arn !== undefined && isAsked && (await goesBack(ecs, arn))) return { requested: true };
    if (isOpen) return { requested: false, isOpen, reason: UNANSWERED };
    if (signal?.aborted === true) throw error;
    if (late.aborted) return notRequested('ECS did not answer in time.');
    const typed = fromAwsError(error, doing, action);
    if (kind === 'expired' || kind === 'no-credentials') throw typed;
    return notRequested(inFull(typed));
  }
}

/** What is to be said of a request that is open. */
const UNANSWERED =
  'ECS was asked to roll it back and did not answer in time: it may be doing so, or go on with the rollout.';

function notRequested(reason: string): RollbackRequest {
  return { requested: false, isOpen: false, reason };
}

/** False also where that cannot be found out. */
async function goesBack(ecs: ECSClient, serviceDeploymentArn: string): Promise<boolean> {
  const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn] });
  const abortSignal = AbortSignal.timeout(LOOK_MS);
  try {
    const { serviceDeployments } = await ecs.send(command, { abortSignal });
    return GOES_BACK.has(serviceDeployments?.[0]?.status ?? '');
  } catch {
    return false;
  }
}
