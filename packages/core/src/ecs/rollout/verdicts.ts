import type { Deployment, Service, ServiceDeployment } from '@aws-sdk/client-ecs';
import { taskDefinitionName } from '../names.js';
import type { EndedBy, Verdict } from './outcome.js';
import type { ExpectedRollout } from './snapshot.js';

/** `'open'`: this source has nothing to say against the rollout going on, and the others need not be asked. */
export type Finding = Verdict | 'open' | undefined;

/** Why a service deployment goes back, in ECS's words. */
export function rollbackWords({ statusReason, rollback }: ServiceDeployment): string | undefined {
  return statusReason ?? rollback?.reason;
}

/** What ended a rollout, as far as its service deployment tells. */
export function endedBy(serviceDeployment: ServiceDeployment, rollout: ExpectedRollout): EndedBy {
  if (serviceDeployment.deploymentCircuitBreaker?.status === 'TRIGGERED') return 'circuit-breaker';
  if (serviceDeployment.alarms?.status === 'TRIGGERED') return 'alarm';
  return endedByWords(
    `${serviceDeployment.statusReason ?? ''} ${serviceDeployment.rollback?.reason ?? ''}`,
    rollout,
  );
}

/** The same by words alone. */
export function endedByWords(said: string, rollout: ExpectedRollout): EndedBy {
  if (rollout.rollbackRequested === true) return 'us';
  if (HOOK_FAILED.test(said)) return 'ecs';
  // How somebody has named a resource does not tell who ended the deployment.
  const words = said.replaceAll(/\barn:\S+/g, '');
  const named = ownEndedBy(words);
  if (named !== 'ecs') return named;
  return /\buser\b|manual|StopServiceDeployment|\brequest/i.test(words) ? 'somebody' : 'ecs';
}

/** A hook that somebody answered with a rollback has another ending in these words. */
export const HOOK_FAILED = /lifecycle hook .*(?:returned FAILED|timed out)/is;

/** What of ECS itself ended a rollout. */
export function ownEndedBy(words: string | undefined): EndedBy {
  if (/circuit breaker|tasks failed to start/i.test(words ?? '')) return 'circuit-breaker';
  return /\balarm/i.test(words ?? '') ? 'alarm' : 'ecs';
}

/** The deployment runs. */
export function succeeded(service: Service | undefined, { taskDefinitionArn }: ExpectedRollout): Verdict {
  const desired = service?.desiredCount;
  const at = desired === 0 ? ' at a desired count of 0: no task runs' : '';
  return {
    outcome: 'succeeded',
    reason: `The deployment of ${taskDefinitionName(taskDefinitionArn)} completed${at}.`,
  };
}

/** ECS went back to `back`, or was told to by somebody: then it was stopped. */
export function rolledBack(back: string, words: string | undefined, by: EndedBy): Verdict {
  if (by === 'somebody')
    return {
      outcome: 'stopped',
      reason: withReason(`Somebody rolled the deployment back to ${back}`, words),
      endedBy: by,
    };
  return {
    outcome: 'rolled-back',
    reason: withReason(`The deployment was rolled back to ${back}`, words),
    endedBy: by,
  };
}

/** Another deployment is the primary one. */
export function superseded({ id, taskDefinition }: Deployment): Verdict {
  return {
    outcome: 'superseded',
    reason: `A newer deployment took over: ${id ?? 'unknown'} with ${taskDefinitionName(taskDefinition)}.`,
    endedBy: 'somebody',
  };
}

/** Somebody ended it. */
export function stopped(reason: string): Verdict {
  return { outcome: 'stopped', reason, endedBy: 'somebody' };
}

/** A sentence, and what ECS says to it. */
export function withReason(sentence: string, words: string | undefined): string {
  return words === undefined || words === '' ? `${sentence}.` : `${sentence}: ${words}`;
}
