/** What the scheduler of a service would do next: decisions over plain data. */
import type { EarlySuccessCriteria } from './wire.js';

/** A task of a service that should be running. */
export interface TaskView {
  readonly id: string;
  /** RUNNING and past its checks. */
  readonly healthy: boolean;
  /** Scale-in protection: never stopped for scaling or a deployment. */
  readonly protected: boolean;
  readonly createdAt: number;
  /** A check failed it. */
  readonly failedCheck: boolean;
}

/** A service at one moment. */
export interface RolloutView {
  readonly desiredCount: number;
  readonly minimumHealthyPercent: number;
  /** `undefined` for a deployment that shifts traffic: its tasks have a full count of their own. */
  readonly maximumPercent: number | undefined;
  /** Tasks of the PRIMARY deployment that should run. */
  readonly primary: readonly TaskView[];
  /** Tasks of the PRIMARY deployment that failed by themselves and still hold their place. */
  readonly primaryEnding: number;
  /** Tasks of every other deployment that should run. */
  readonly others: readonly TaskView[];
  /** Those of them whose deployment a newer one has overtaken, while they are to go at once. */
  readonly overtaken: readonly TaskView[];
  /** Tasks being stopped that still count against the ceiling. */
  readonly stoppingAgainstCeiling: number;
  /** False while a gap after failures lasts, or once the deployment has failed. */
  readonly mayStart: boolean;
  /** False while a deployment that shifts traffic still needs the old tasks. */
  readonly mayStopOthers: boolean;
  /** The last attempt to start a task found no place: stopping old ones frees capacity. */
  readonly placementBlocked: boolean;
}

/** What to do about it: counts to start, ids to stop. */
export interface RolloutPlan {
  readonly start: number;
  readonly stopFailed: readonly string[];
  readonly stopOthers: readonly string[];
  readonly scaleIn: readonly string[];
  /** Neither starting nor stopping is possible under the percentages. */
  readonly deadlock: boolean;
  /** How many tasks protection keeps from being stopped. */
  readonly protectedTasks: number;
}

/** ⌈desired × minimumHealthyPercent⌉: as many tasks stay healthy. */
export function healthyFloor(desiredCount: number, minimumHealthyPercent: number): number {
  return Math.ceil((desiredCount * minimumHealthyPercent) / 100);
}

/** ⌊desired × maximumPercent⌋: no more tasks than this at a time. */
export function taskCeiling(desiredCount: number, maximumPercent: number): number {
  return Math.floor((desiredCount * maximumPercent) / 100);
}

/** Starts new tasks up to the ceiling, stops old ones down to the floor as new ones become healthy. */
export function planRollout(view: RolloutView): RolloutPlan {
  const { desiredCount, primary, others } = view;
  const floor = healthyFloor(desiredCount, view.minimumHealthyPercent);

  const failed = [...primary, ...others].filter((task) => task.failedCheck);
  const sound = primary.filter((task) => !task.failedCheck);
  const missing = Math.max(0, desiredCount - sound.length - view.primaryEnding);
  const room = Math.max(0, roomBelowCeiling(view) ?? missing);
  const start = view.mayStart ? Math.min(missing, room) : 0;

  const { stop: stopOthers, protectedTasks: protectedOthers } = view.mayStopOthers
    ? stopOldTasks(view, floor, view.mayStart && (missing > room || view.placementBlocked))
    : scaleInAll(view.overtaken);
  const { chosen: scaleIn, protectedTasks: protectedPrimary } = chooseSurplus(
    sound,
    sound.length - desiredCount,
  );

  const waiting = sound.some((task) => !task.healthy) || view.primaryEnding + view.stoppingAgainstCeiling > 0;
  const deadlock =
    missing > 0 &&
    view.mayStart &&
    view.mayStopOthers &&
    start === 0 &&
    stopOthers.length === 0 &&
    failed.length === 0 &&
    others.length > 0 &&
    protectedOthers === 0 &&
    !waiting;

  return {
    start,
    stopFailed: failed.map((task) => task.id),
    stopOthers,
    scaleIn,
    deadlock,
    protectedTasks: protectedOthers + protectedPrimary,
  };
}

/** How many more tasks the percentages allow; `undefined` where they do not count. */
function roomBelowCeiling(view: RolloutView): number | undefined {
  const { desiredCount, maximumPercent, primary, primaryEnding, others, stoppingAgainstCeiling } = view;
  if (maximumPercent === undefined) return undefined;
  const taken = primary.length + primaryEnding + others.length + stoppingAgainstCeiling;
  return taskCeiling(desiredCount, maximumPercent) - taken;
}

function scaleInAll(tasks: readonly TaskView[]): { stop: string[]; protectedTasks: number } {
  const candidates = tasks.filter((task) => !task.failedCheck);
  const { chosen, protectedTasks } = chooseSurplus(candidates, candidates.length);
  return { stop: chosen, protectedTasks };
}

function stopOldTasks(
  view: RolloutView,
  floor: number,
  makeRoom: boolean,
): { stop: string[]; protectedTasks: number } {
  const candidates = view.others.filter((task) => !task.failedCheck);
  const idle = candidates.filter((task) => !task.healthy);
  const healthy = candidates.filter((task) => task.healthy);
  const healthyNew = view.primary.filter((task) => task.healthy && !task.failedCheck).length;
  // Going below the desired count is for making room; otherwise an old task goes when a new one is healthy.
  const keep = makeRoom ? floor : view.desiredCount;
  const surplus = Math.max(0, healthy.length + healthyNew - keep);
  const { chosen, protectedTasks } = chooseSurplus(healthy, surplus);
  const stopIdle = idle.filter((task) => !task.protected);
  return {
    stop: [...stopIdle.map((task) => task.id), ...chosen],
    protectedTasks: protectedTasks + idle.length - stopIdle.length,
  };
}

/** `count` tasks to stop: those that are not healthy first, then the oldest. */
function chooseSurplus(
  tasks: readonly TaskView[],
  count: number,
): { chosen: string[]; protectedTasks: number } {
  if (count <= 0) return { chosen: [], protectedTasks: 0 };
  const order = tasks
    .filter((task) => !task.protected)
    .toSorted((a, b) => Number(a.healthy) - Number(b.healthy) || a.createdAt - b.createdAt);
  const chosen = order.slice(0, count).map((task) => task.id);
  return { chosen, protectedTasks: Math.min(count, tasks.length) - chosen.length };
}

/** How far the PRIMARY deployment is. */
export interface CompletionView {
  readonly desiredCount: number;
  readonly primary: readonly TaskView[];
  /** Tasks of other deployments that have not stopped yet. */
  readonly othersLeft: number;
}

const countHealthy = ({ primary }: CompletionView): number =>
  primary.filter((task) => task.healthy && !task.failedCheck).length;

/** A rollout is over when its own tasks are healthy at the desired count and no other task is left. */
export function isRolloutComplete(view: CompletionView): boolean {
  const { desiredCount, primary, othersLeft } = view;
  return countHealthy(view) === desiredCount && primary.length === desiredCount && othersLeft === 0;
}

/** A share of healthy tasks is enough; the old ones are gone before (BLOCKING) or go afterwards (DEFERRED). */
export function meetsEarlySuccess(
  view: CompletionView,
  { healthyPercent = 100, sourceServiceRevisionCleanup = 'BLOCKING' }: EarlySuccessCriteria,
): boolean {
  if (countHealthy(view) < healthyFloor(view.desiredCount, healthyPercent)) return false;
  return sourceServiceRevisionCleanup === 'DEFERRED' || view.othersLeft === 0;
}
