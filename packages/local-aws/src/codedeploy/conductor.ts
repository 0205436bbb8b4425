import { AwsError } from '../protocol/service.js';
import type { HookRun } from '../ecs/stages.js';
import type { TaskSetPort } from '../ecs/task-sets.js';
import type { WorldClock } from '../world/clock.js';
import type { FindAlarming, FindTargetGroupArn } from '../world/ports.js';
import { advanceEvents, endEvents, lifecycleEventNames, pendingEvents, stageOf } from './lifecycle.js';
import type { LifecycleEventName } from './lifecycle.js';
import { isOver, randomDeploymentId } from './state.js';
import type { CodeDeployState, Deployment } from './state.js';
import { requestFor } from './task-set-request.js';
import { failed, judgeShift, stoppedOnRequest } from './verdict.js';
import type { RollbackEvent, Verdict } from './verdict.js';

/** How often CodeDeploy looks at the task sets of a deployment, in milliseconds. */
const LOOK_EVERY_MS = 5_000;

/** What of its world CodeDeploy works with. */
export interface CodeDeployPorts {
  readonly taskSets: TaskSetPort;
  readonly findAlarming: FindAlarming;
  readonly findTargetGroupArn: FindTargetGroupArn;
}

/** Moves deployments on. */
export interface Conductor {
  /** Plays a deployment that was created. */
  play(state: CodeDeployState, deployment: Deployment): void;
  /** Ends it on request; rolls back where asked, or where the deployment group says so. */
  stop(state: CodeDeployState, deployment: Deployment, rollback: boolean): void;
  /** Ends a wait. False if the deployment is in none of this kind. */
  endWait(deployment: Deployment, wait: 'READY_WAIT' | 'TERMINATION_WAIT'): boolean;
}

/** Takes deployments through their lifecycle, on the world's clock. */
export function createConductor(
  clock: WorldClock,
  { taskSets, findAlarming, findTargetGroupArn }: CodeDeployPorts,
): Conductor {
  function play(state: CodeDeployState, deployment: Deployment): void {
    clock.schedule(LOOK_EVERY_MS, () => {
      if (isOver(deployment)) return;
      deployment.status = 'InProgress';
      deployment.startedAt = clock.now();
      try {
        const findArn = (name: string) => findTargetGroupArn(name, state);
        deployment.handle = taskSets.start(requestFor(deployment, findArn), state);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        end(state, deployment, failed('ECS_UPDATE_ERROR', ecsRefusal(error)));
        return;
      }
      look(state, deployment);
    });
  }

  function look(state: CodeDeployState, deployment: Deployment): void {
    const { handle } = deployment;
    if (handle === undefined || isOver(deployment)) return;
    const now = clock.now();
    const shift = handle.look();
    const install = deployment.events.find(({ name }) => name === 'Install');
    const verdict = judgeShift({
      shift,
      failedHook: failedHookOf(shift.hooks),
      activatedAlarms: findAlarming(deployment.alarmNames, state),
      installingForMs: install?.status === 'InProgress' ? now - (install.startedAt ?? now) : 0,
    });
    deployment.updatedAt = now;
    if (verdict.kind === 'ended') {
      end(state, deployment, verdict);
      return;
    }
    deployment.events = advanceEvents(
      deployment.events,
      verdict.kind === 'succeeded' ? undefined : (shift.stage ?? 'PRE_SCALE_UP'),
      now,
    );
    if (verdict.kind === 'succeeded') {
      deployment.status = 'Succeeded';
      deployment.completedAt = now;
      return;
    }
    deployment.status = verdict.status;
    deployment.terminationWaitStarted ||= verdict.terminationWait;
    clock.schedule(LOOK_EVERY_MS, () => look(state, deployment));
  }

  function end(
    state: CodeDeployState,
    deployment: Deployment,
    verdict: Extract<Verdict, { kind: 'ended' }>,
    rollback = rollsBackOn(deployment, verdict.rollbackEvent),
  ): void {
    const now = clock.now();
    const { status, code, message } = verdict;
    deployment.status = status;
    deployment.error = { code, message };
    deployment.completedAt = now;
    deployment.updatedAt = now;
    deployment.events = endEvents(
      deployment.events,
      { status: status === 'Failed' ? 'Failed' : 'Skipped', message },
      now,
    );
    deployment.handle?.stop();
    if (rollback) rollBack(state, deployment);
  }

  /** A rollback is a deployment of its own; it ends when the old task set has everything back. */
  function rollBack(state: CodeDeployState, failedOne: Deployment): void {
    const now = clock.now();
    const rollback: Deployment = {
      ...pick(failedOne),
      id: randomDeploymentId(),
      creator: 'codeDeployRollback',
      description: `Rollback of ${failedOne.id}`,
      createdAt: now,
      startedAt: now,
      updatedAt: now,
      status: 'InProgress',
      events: pendingEvents(),
      terminationWaitStarted: false,
      rollback: {
        rollbackTriggeringDeploymentId: failedOne.id,
        rollbackMessage: `Deployment ${failedOne.id} is being rolled back.`,
      },
    };
    state.deployments.set(rollback.id, rollback);
    failedOne.rollback = {
      rollbackDeploymentId: rollback.id,
      rollbackMessage: `Deployment ${failedOne.id} was rolled back by deployment ${rollback.id}.`,
    };
    followRollback(failedOne, rollback);
  }

  function followRollback(failedOne: Deployment, rollback: Deployment): void {
    clock.schedule(LOOK_EVERY_MS, () => {
      const shift = failedOne.handle?.look();
      if (isOver(rollback)) return;
      rollback.updatedAt = clock.now();
      if (shift?.status === 'ROLLBACK_IN_PROGRESS') {
        followRollback(failedOne, rollback);
        return;
      }
      rollback.status = shift?.status === 'ROLLBACK_FAILED' ? 'Failed' : 'Succeeded';
      rollback.completedAt = clock.now();
      rollback.events = advanceEvents(rollback.events, undefined, clock.now());
    });
  }

  return {
    play,
    stop(state, deployment, rollback) {
      const wanted = rollback || rollsBackOn(deployment, stoppedOnRequest.rollbackEvent);
      end(state, deployment, stoppedOnRequest, wanted);
    },
    endWait(deployment, wait) {
      const stage = wait === 'READY_WAIT' ? 'POST_TEST_TRAFFIC_SHIFT' : 'BAKE_TIME';
      const hook = deployment.handle
        ?.look()
        .hooks.find((candidate) => candidate.stage === stage && candidate.status === 'AWAITING_ACTION');
      if (hook === undefined) return false;
      deployment.handle?.resume(hook.id);
      return true;
    },
  };
}

/** Everything of a deployment that its rollback shares. */
function pick(
  deployment: Deployment,
): Pick<Deployment, 'group' | 'revision' | 'configurationName' | 'autoRollback' | 'alarmNames'> {
  const { group, revision, configurationName, autoRollback, alarmNames } = deployment;
  return { group, revision, configurationName, autoRollback, alarmNames };
}

function rollsBackOn({ autoRollback }: Deployment, event: RollbackEvent): boolean {
  return autoRollback.enabled === true && (autoRollback.events ?? []).includes(event);
}

function failedHookOf(hooks: readonly HookRun[]): LifecycleEventName | undefined {
  const hook = hooks.find(({ targetType, status }) => targetType === 'AWS_LAMBDA' && status === 'FAILED');
  return hook && lifecycleEventNames.find((name) => stageOf(name) === hook.stage);
}

function ecsRefusal(error: AwsError): string {
  return `The ECS service cannot be updated due to an unexpected error: ${error.message} (Service: AmazonECS; Status Code: ${error.status}; Error Code: ${error.code})`;
}
