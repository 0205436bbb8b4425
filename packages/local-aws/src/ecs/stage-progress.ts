import { randomUUID } from 'node:crypto';
import type { ServiceDeployment } from './state.js';
import { hookFailure, hookStatus, isStepDone, startHooks, type Step } from './stages.js';
import { timings } from './timings.js';

/** How far a service deployment has got. */
export type Progress =
  /** In this step; if nothing happens before, it is worth a look again at `nextLook`. */
  | { readonly kind: 'at'; readonly step: Step; readonly nextLook: number | undefined }
  | { readonly kind: 'finished' }
  /** A hook failed: `reason` in ECS's words. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Moves a service deployment along its steps as far as it gets now. */
export function progress(
  deployment: ServiceDeployment,
  {
    now,
    ...reached
  }: {
    readonly reconciled: boolean;
    readonly scaledUp: boolean;
    readonly cleanedUp: boolean;
    readonly now: number;
  },
): Progress {
  for (;;) {
    const { position } = deployment;
    const step = deployment.steps[position.index];
    if (step === undefined) return { kind: 'finished' };
    if (!position.entered) enter(deployment, step, now);
    for (const hook of position.hooks) hook.status = hookStatus(hook, now);
    const reason = hookFailure(position.hooks);
    if (reason !== undefined) return { kind: 'failed', reason };
    const { hooks, enteredAt } = position;
    if (!isStepDone(step, { hooks, enteredAt, now, ...reached })) {
      return { kind: 'at', step, nextLook: nextLook(deployment, step, now) };
    }
    deployment.pastHooks.push(...hooks);
    deployment.position = { index: position.index + 1, entered: false, enteredAt: now, hooks: [] };
  }
}

function enter(deployment: ServiceDeployment, step: Step, now: number): void {
  const { position, configuration } = deployment;
  position.entered = true;
  position.enteredAt = now;
  position.hooks = startHooks(configuration.lifecycleHooks ?? [], step.stage, now, randomUUID);
  deployment.updatedAt = now;
}

function nextLook(deployment: ServiceDeployment, step: Step, now: number): number | undefined {
  const { hooks, enteredAt } = deployment.position;
  const moments = [
    enteredAt + step.durationMs,
    ...hooks.flatMap(({ startedAt, expiresAt }) => [startedAt + timings.lambdaHook, expiresAt]),
  ].filter((moment) => moment > now);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** The step a service deployment is in; `undefined` for a rolling one, or before it starts. */
export function currentStep(deployment: ServiceDeployment): Step | undefined {
  return deployment.position.entered ? deployment.steps[deployment.position.index] : undefined;
}
