import type { LifecycleStage } from '../ecs/stages.js';

/** The lifecycle events of a deployment to ECS in order, and the stage of ECS's own deployments that each is. */
const STAGE_OF = {
  BeforeInstall: 'PRE_SCALE_UP',
  Install: 'SCALE_UP',
  AfterInstall: 'POST_SCALE_UP',
  AllowTestTraffic: 'TEST_TRAFFIC_SHIFT',
  AfterAllowTestTraffic: 'POST_TEST_TRAFFIC_SHIFT',
  BeforeAllowTraffic: 'PRE_PRODUCTION_TRAFFIC_SHIFT',
  AllowTraffic: 'PRODUCTION_TRAFFIC_SHIFT',
  AfterAllowTraffic: 'POST_PRODUCTION_TRAFFIC_SHIFT',
} as const satisfies Record<string, LifecycleStage>;

/** As the API and an AppSpec spell them. */
export type LifecycleEventName = keyof typeof STAGE_OF;

/** In the order in which they come. */
export const lifecycleEventNames = Object.keys(STAGE_OF) as LifecycleEventName[];

/** The stage of a deployment of ECS in which the event happens. */
export const stageOf = (name: LifecycleEventName): LifecycleStage => STAGE_OF[name];

/** An event of one deployment. */
export interface LifecycleEvent {
  readonly name: LifecycleEventName;
  readonly status: 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped';
  /** Epoch milliseconds. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Why it failed. */
  readonly message?: string;
}

/** The events of a deployment that has not begun. */
export function pendingEvents(): LifecycleEvent[] {
  return lifecycleEventNames.map((name) => ({ name, status: 'Pending' }));
}

/** The events once `stage` is reached (`undefined`: all are past). What has been reached is never taken back. */
export function advanceEvents(
  events: readonly LifecycleEvent[],
  stage: LifecycleStage | undefined,
  now: number,
): LifecycleEvent[] {
  const reached = Math.max(indexOfStage(stage), indexInProgress(events));
  return events.map((event, index) => {
    if (index < reached) return succeed(event, now);
    return index === reached && event.status === 'Pending'
      ? { ...event, status: 'InProgress', startedAt: now }
      : event;
  });
}

/** The events of a deployment that ends in the one under way, or before the first. */
export function endEvents(
  events: readonly LifecycleEvent[],
  ended: { readonly status: 'Failed' | 'Skipped'; readonly message: string },
  now: number,
): LifecycleEvent[] {
  const at = Math.max(0, indexInProgress(events));
  return events.map((event, index) => {
    if (index < at) return event;
    if (index > at) return { ...event, status: 'Skipped' };
    const { startedAt = now } = event;
    return { ...event, status: ended.status, startedAt, endedAt: now, message: ended.message };
  });
}

function succeed(event: LifecycleEvent, now: number): LifecycleEvent {
  if (event.status === 'Succeeded') return event;
  return { ...event, status: 'Succeeded', startedAt: event.startedAt ?? now, endedAt: now };
}

function indexOfStage(stage: LifecycleStage | undefined): number {
  if (stage === undefined || stage === 'BAKE_TIME' || stage === 'CLEAN_UP') return lifecycleEventNames.length;
  return lifecycleEventNames.findIndex((name) => STAGE_OF[name] === stage);
}

function indexInProgress(events: readonly LifecycleEvent[]): number {
  return events.findLastIndex(({ status }) => status !== 'Pending');
}
