import type { ErrorCode } from '../../errors.js';

/** How a rollout that was waited for ended. */
export type RolloutOutcome =
  /** Our deployment is the service's primary one and ECS says it is complete. */
  | 'succeeded'
  /** There was nothing to do: the service already ran exactly this. */
  | 'unchanged'
  /** A PAUSE hook waits for somebody's decision. */
  | 'paused'
  /** The service is back on what it ran before: ECS's doing or ours. */
  | 'rolled-back'
  /** The deployment ended without success and without a rollback, or its rollback failed too. */
  | 'failed'
  /** A newer deployment of the same service took over. */
  | 'superseded'
  /** Somebody stopped the deployment or deleted the service. */
  | 'stopped'
  /** The time budget is used up; the rollout goes on in ECS. */
  | 'timed-out'
  /** This run was cancelled; see the reason for what goes on in ECS. */
  | 'cancelled';

/** Every way a run can end, those included that wait for nothing. */
export type Outcome =
  | RolloutOutcome
  /** The rollout was started and not waited for. */
  | 'started'
  /** A task definition was registered; no service was named. */
  | 'registered'
  /** Dry run: nothing was changed. */
  | 'planned';

/** The error code of an outcome that fails the run; absent for one that does not. */
export const OUTCOME_ERROR_CODES: Readonly<Partial<Record<Outcome, ErrorCode>>> = {
  'rolled-back': 'DEPLOYMENT_ROLLED_BACK',
  failed: 'DEPLOYMENT_FAILED',
  superseded: 'DEPLOYMENT_SUPERSEDED',
  stopped: 'DEPLOYMENT_STOPPED',
  'timed-out': 'DEPLOYMENT_TIMED_OUT',
  cancelled: 'DEPLOYMENT_CANCELLED',
};

/** Best first; of several services the last in this list that occurs is the outcome of all. */
const BEST_TO_WORST: readonly Outcome[] = [
  'unchanged',
  'succeeded',
  'planned',
  'registered',
  'started',
  'paused',
  'superseded',
  'rolled-back',
  'stopped',
  'cancelled',
  'timed-out',
  'failed',
];

/** The worst of several outcomes: any failure is worse than any success. `outcomes` must not be empty. */
export function worstOutcome(outcomes: readonly Outcome[]): Outcome {
  const worst = Math.max(...outcomes.map((outcome) => BEST_TO_WORST.indexOf(outcome)));
  return BEST_TO_WORST[worst]!;
}

/** True for the outcomes that should fail a job. */
export function isFailure(outcome: Outcome): boolean {
  return OUTCOME_ERROR_CODES[outcome] !== undefined;
}

/** What ended a rollout, as far as it can be told. */
export type EndedBy = 'circuit-breaker' | 'alarm' | 'fail-fast' | 'us' | 'somebody' | 'ecs';

/** What {@link judgeRollout} found. */
export interface Verdict {
  readonly outcome: RolloutOutcome;
  /** One sentence, with ECS's own words where it gave any. */
  readonly reason: string;
  /** The reason without what goes on, where something does: for whoever takes that back. */
  readonly happened?: string | undefined;
  readonly endedBy?: EndedBy | undefined;
}
