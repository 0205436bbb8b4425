/**
 * The lifecycle stages of a deployment that shifts traffic (BLUE_GREEN, LINEAR, CANARY): a plan of
 * steps, and the rules for leaving one. Plain data; the scheduler moves along it.
 */
import { timings } from './timings.js';
import type { DeploymentConfiguration, LifecycleHook } from './wire.js';

/** The stages that DescribeServiceDeployments reports. */
export type LifecycleStage =
  | 'RECONCILE_SERVICE'
  | 'PRE_SCALE_UP'
  | 'SCALE_UP'
  | 'POST_SCALE_UP'
  | 'TEST_TRAFFIC_SHIFT'
  | 'POST_TEST_TRAFFIC_SHIFT'
  | 'PRE_PRODUCTION_TRAFFIC_SHIFT'
  | 'PRODUCTION_TRAFFIC_SHIFT'
  | 'POST_PRODUCTION_TRAFFIC_SHIFT'
  | 'BAKE_TIME'
  | 'CLEAN_UP';

/** One stay in a stage; LINEAR and CANARY come through the traffic shift several times. */
export interface Step {
  readonly stage: LifecycleStage;
  /** Least time in the stage, in milliseconds. */
  readonly durationMs: number;
  /** Percent of traffic that the new revision has from this step on. */
  readonly productionWeight: number;
  readonly testWeight: number;
}

/** Every step of a deployment in order; none for ROLLING. `revisions`: how many the service runs before it. */
export function planSteps(configuration: DeploymentConfiguration, revisions: number): readonly Step[] {
  if (!shiftsTraffic(configuration)) return [];
  const step = (
    stage: LifecycleStage,
    productionWeight: number,
    testWeight: number,
    durationMs: number = timings.stage,
  ): Step => ({ stage, durationMs, productionWeight, testWeight });
  return [
    ...(revisions > 1 ? [step('RECONCILE_SERVICE', 0, 0)] : []),
    step('PRE_SCALE_UP', 0, 0),
    step('SCALE_UP', 0, 0, 0),
    step('POST_SCALE_UP', 0, 0),
    step('TEST_TRAFFIC_SHIFT', 0, 100, timings.trafficShift),
    step('POST_TEST_TRAFFIC_SHIFT', 0, 100),
    ...shiftsOf(configuration).flatMap(({ before, weight, bakeMs }) => [
      step('PRE_PRODUCTION_TRAFFIC_SHIFT', before, 100),
      step('PRODUCTION_TRAFFIC_SHIFT', weight, 100, timings.trafficShift + bakeMs),
    ]),
    step('POST_PRODUCTION_TRAFFIC_SHIFT', 100, 100),
    step('BAKE_TIME', 100, 100, minutes(configuration.bakeTimeInMinutes ?? 0)),
    step('CLEAN_UP', 100, 0, 0),
  ];
}

function shiftsTraffic({ strategy = 'ROLLING' }: DeploymentConfiguration): boolean {
  return strategy !== 'ROLLING';
}

const minutes = (count: number): number => count * 60_000;

interface Shift {
  readonly before: number;
  readonly weight: number;
  /** No bake follows the shift to 100 %: that is BAKE_TIME's. */
  readonly bakeMs: number;
}

function shiftsOf({ strategy, linearConfiguration, canaryConfiguration }: DeploymentConfiguration): Shift[] {
  if (strategy === 'LINEAR') {
    const { stepPercent = 10, stepBakeTimeInMinutes = 6 } = linearConfiguration ?? {};
    const count = Math.ceil(100 / stepPercent);
    const weights = Array.from({ length: count }, (_, index) => Math.min(100, (index + 1) * stepPercent));
    return shiftsTo(weights, minutes(stepBakeTimeInMinutes));
  }
  if (strategy === 'CANARY') {
    const { canaryPercent = 5, canaryBakeTimeInMinutes = 10 } = canaryConfiguration ?? {};
    return shiftsTo([canaryPercent, 100], minutes(canaryBakeTimeInMinutes));
  }
  return shiftsTo([100], 0);
}

function shiftsTo(weights: readonly number[], bakeMs: number): Shift[] {
  return weights.map((weight, index) => ({
    before: weights[index - 1] ?? 0,
    weight,
    bakeMs: weight === 100 ? 0 : bakeMs,
  }));
}

/** A lifecycle hook that a stage has set off. */
export interface HookRun {
  readonly id: string;
  readonly stage: LifecycleStage;
  readonly targetType: 'AWS_LAMBDA' | 'PAUSE';
  readonly targetArn?: string;
  readonly startedAt: number;
  readonly expiresAt: number;
  readonly timeoutAction: 'CONTINUE' | 'ROLLBACK';
  status: 'AWAITING_ACTION' | 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
}

/** The hooks that start when a stage is entered. */
export function startHooks(
  hooks: readonly LifecycleHook[],
  stage: LifecycleStage,
  now: number,
  newId: () => string,
): HookRun[] {
  return hooks
    .filter(({ lifecycleStages = [] }) => lifecycleStages.includes(stage))
    .map(({ targetType = 'AWS_LAMBDA', hookTargetArn, timeoutConfiguration }) => ({
      id: newId(),
      stage,
      targetType,
      ...(hookTargetArn !== undefined && { targetArn: hookTargetArn }),
      startedAt: now,
      expiresAt: now + minutes(timeoutConfiguration?.timeoutInMinutes ?? 1440),
      timeoutAction: timeoutConfiguration?.action ?? 'ROLLBACK',
      status: targetType === 'PAUSE' ? 'AWAITING_ACTION' : 'IN_PROGRESS',
    }));
}

/**
 * What has become of a hook by now. No Lambda function is invoked: one whose name ends in `-fails`
 * fails, one in `-hangs` never comes to an end, any other succeeds.
 */
export function hookStatus(hook: HookRun, now: number): HookRun['status'] {
  const { status, targetArn = '' } = hook;
  if (status !== 'IN_PROGRESS' && status !== 'AWAITING_ACTION') return status;
  const ends = status === 'IN_PROGRESS' && !targetArn.endsWith('-hangs');
  if (ends && now >= hook.startedAt + timings.lambdaHook) {
    return targetArn.endsWith('-fails') ? 'FAILED' : 'SUCCEEDED';
  }
  if (now < hook.expiresAt) return status;
  return hook.timeoutAction === 'CONTINUE' ? 'SUCCEEDED' : 'TIMED_OUT';
}

/** Why a stage's hooks end the deployment, in ECS's words; `undefined` while they do not. */
export function hookFailure(hooks: readonly HookRun[]): string | undefined {
  const failed = hooks.find(({ status }) => status === 'FAILED' || status === 'TIMED_OUT');
  if (failed === undefined) return undefined;
  const prefix = `Service deployment rolled back because ${failed.stage} lifecycle hook(s) failed.`;
  if (failed.status === 'TIMED_OUT') return `${prefix} Lifecycle hook ${failed.id} timed out.`;
  return failed.targetType === 'AWS_LAMBDA'
    ? `${prefix} Lifecycle hook target ${failed.targetArn ?? ''} returned FAILED status.`
    : `${prefix} A rollback was requested for lifecycle hook ${failed.id}.`;
}

/** Whether a step is done: its hooks, its time, and what the stage is for. */
export function isStepDone(
  step: Step,
  {
    hooks,
    enteredAt,
    now,
    reconciled,
    scaledUp,
    cleanedUp,
  }: {
    readonly hooks: readonly HookRun[];
    readonly enteredAt: number;
    readonly now: number;
    /** No task of an overtaken revision is left. */
    readonly reconciled: boolean;
    /** The new revision's tasks are healthy at the desired count. */
    readonly scaledUp: boolean;
    /** No task of another revision is left. */
    readonly cleanedUp: boolean;
  },
): boolean {
  if (hooks.some(({ status }) => status !== 'SUCCEEDED')) return false;
  if (now < enteredAt + step.durationMs) return false;
  if (step.stage === 'RECONCILE_SERVICE') return reconciled;
  if (step.stage === 'SCALE_UP') return scaledUp;
  return step.stage === 'CLEAN_UP' ? cleanedUp : true;
}

/**
 * What the scheduler may do in a stage: tasks of overtaken revisions stop in RECONCILE_SERVICE, new ones
 * start from SCALE_UP on, those of the revision before stop in CLEAN_UP.
 */
export function allowancesOf(stage: LifecycleStage): {
  readonly scaleInOvertaken: boolean;
  readonly mayStart: boolean;
  readonly mayStopOthers: boolean;
} {
  return {
    scaleInOvertaken: stage === 'RECONCILE_SERVICE',
    mayStart: stage !== 'RECONCILE_SERVICE' && stage !== 'PRE_SCALE_UP',
    mayStopOthers: stage === 'CLEAN_UP',
  };
}
