import type { Service } from '@aws-sdk/client-ecs';
import { fromAwsError } from '../../aws-errors.js';
import type { EcsActionsError } from '../../errors.js';
import type { DeploymentEvent } from '../rollout/events.js';
import type { Outcome } from '../rollout/outcome.js';
import { createRolloutReader } from '../rollout/read.js';
import type { ExpectedRollout, ServiceSnapshot } from '../rollout/snapshot.js';
import { watchRollout, type WatchedRollout } from '../rollout/watch.js';
import type { Run } from './options.js';

/** What following a deployment needs besides the deployment. */
export interface FollowContext {
  readonly previousTaskDefinitionArn: string | undefined;
  /** The service before it was deployed; absent where it was created. */
  readonly before: Service | undefined;
  readonly report: (event: DeploymentEvent) => void;
}

/** How a deployment ended, and what was seen last. */
export interface End {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly snapshot?: ServiceSnapshot | undefined;
  /** What kept it from being followed to its end: then the outcome is `failed`, and ECS goes on. */
  readonly error?: EcsActionsError | undefined;
}

/** A watch that was refused, or whose credentials ran out. */
export interface BrokenWatch {
  readonly error: unknown;
  readonly snapshot: ServiceSnapshot | undefined;
}

/** Follows one rollout, reporting every event. Never throws. */
export async function watchOnce(
  { ecs, options, describeService, describeServiceDeployment, pace, budgetOf }: Run,
  rollout: ExpectedRollout,
  more: {
    /** End of the time budget, epoch ms. */
    readonly deadline: number;
    readonly report: (event: DeploymentEvent) => void;
    readonly from?: ServiceSnapshot | undefined;
  },
): Promise<WatchedRollout | BrokenWatch> {
  const { clock, signal } = options;
  const read = createRolloutReader(
    { ecs, clock, describeService, describeServiceDeployment, budget: budgetOf(rollout.service) },
    rollout,
  );
  let snapshot = more.from;
  const readAndKeep: typeof read = async (...given) => (snapshot = await read(...given));
  const timeoutMs = Math.max(0, more.deadline - clock.now());
  const steps = watchRollout(rollout, readAndKeep, { clock, pace, timeoutMs, signal, from: more.from });
  try {
    for (;;) {
      const step = await steps.next();
      if (step.done === true) return step.value;
      more.report(step.value);
    }
  } catch (error) {
    return { error, snapshot };
  }
}

/** A run that waits has to end, and must not guess: the step fails, and ECS does what it does. */
export function unknownEnd(
  goesOn: string,
  { service, cluster }: Pick<ExpectedRollout, 'service' | 'cluster'>,
  { error, snapshot }: BrokenWatch,
): End {
  const typed = fromAwsError(error, `follow service ${service} in cluster ${cluster}`);
  const reason = `${goesOn}, but how that ends is not known: this run could not watch it any further. ${typed.message}`;
  return { outcome: 'failed', reason, snapshot, error: typed };
}
