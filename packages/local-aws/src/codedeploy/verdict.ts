import type { TaskSetShift } from '../ecs/task-sets.js';
import type { LifecycleEventName } from './lifecycle.js';

/** What becomes of a deployment, judged by how its replacement task set stands. */
export type Verdict =
  | { readonly kind: 'goes-on'; readonly status: 'InProgress' | 'Ready'; readonly terminationWait: boolean }
  | { readonly kind: 'succeeded' }
  | {
      readonly kind: 'ended';
      readonly status: 'Failed' | 'Stopped';
      readonly code: string;
      readonly message: string;
      /** The event of `autoRollbackConfiguration` that this is. */
      readonly rollbackEvent: RollbackEvent;
    };

/** Events of an `autoRollbackConfiguration`. */
export type RollbackEvent = 'DEPLOYMENT_FAILURE' | 'DEPLOYMENT_STOP_ON_ALARM' | 'DEPLOYMENT_STOP_ON_REQUEST';

/** How long a replacement task set may take to become healthy, in milliseconds. */
const HEALTHY_WITHIN_MS = 60 * 60_000;

/** Judges one look at a deployment. */
export function judgeShift({
  shift,
  failedHook,
  activatedAlarms,
  installingForMs,
}: {
  readonly shift: TaskSetShift;
  /** The lifecycle event whose function failed. */
  readonly failedHook: LifecycleEventName | undefined;
  readonly activatedAlarms: readonly string[];
  /** Since when the replacement task set is being started, in milliseconds; 0 if it is not. */
  readonly installingForMs: number;
}): Verdict {
  if (shift.status === 'SUCCESSFUL') return { kind: 'succeeded' };
  if (failedHook !== undefined) {
    return failed(
      'HOOK_EXECUTION_FAILURE',
      `The deployment failed because the lifecycle event hook ${failedHook} failed.`,
    );
  }
  if (shift.hooks.some(({ targetType, status }) => targetType === 'PAUSE' && status === 'TIMED_OUT')) {
    return stopped(
      'MANUAL_STOP',
      'The deployment was stopped because traffic was not rerouted in time.',
      'DEPLOYMENT_STOP_ON_REQUEST',
    );
  }
  if (shift.status !== 'PENDING' && shift.status !== 'IN_PROGRESS') {
    return failed('ECS_UPDATE_ERROR', 'The replacement task set was ended by Amazon ECS.');
  }
  if (activatedAlarms.length > 0) {
    return stopped(
      'ALARM_ACTIVE',
      `One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <${activatedAlarms.join(', ')}>`,
      'DEPLOYMENT_STOP_ON_ALARM',
    );
  }
  if (installingForMs >= HEALTHY_WITHIN_MS) {
    return failed(
      'TIMEOUT',
      'The deployment timed out while waiting for the replacement task set to become healthy. This time out period is 60 minutes.',
    );
  }
  const ready = shift.hooks.some(
    ({ stage, status }) => stage === 'POST_TEST_TRAFFIC_SHIFT' && status === 'AWAITING_ACTION',
  );
  return {
    kind: 'goes-on',
    status: ready ? 'Ready' : 'InProgress',
    terminationWait: shift.stage === 'BAKE_TIME',
  };
}

/** What StopDeployment makes of a deployment. */
export const stoppedOnRequest: Extract<Verdict, { kind: 'ended' }> = stopped(
  'MANUAL_STOP',
  'The deployment was stopped on request.',
  'DEPLOYMENT_STOP_ON_REQUEST',
);

/** A deployment that fails, with the `errorInformation` to say so. */
export function failed(code: string, message: string): Extract<Verdict, { kind: 'ended' }> {
  return { kind: 'ended', status: 'Failed', code, message, rollbackEvent: 'DEPLOYMENT_FAILURE' };
}

function stopped(
  code: string,
  message: string,
  rollbackEvent: RollbackEvent,
): Extract<Verdict, { kind: 'ended' }> {
  return { kind: 'ended', status: 'Stopped', code, message, rollbackEvent };
}
