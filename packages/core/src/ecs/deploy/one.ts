import type { Service } from '@aws-sdk/client-ecs';
import { fromAwsError } from '../../aws-errors.js';
import type { EcsActionsError } from '../../errors.js';
import type { TaskDefinitionDiff } from '../../task-definition/diff.js';
import { coverNothing } from '../../task-definition/cover.js';
import { coverDiagnosis } from '../diagnose/cover.js';
import type { Diagnosis } from '../diagnose/diagnose.js';
import type { DeploymentEvent } from '../rollout/events.js';
import { isFailure } from '../rollout/outcome.js';
import type { ExpectedRollout } from '../rollout/snapshot.js';
import type { Started, Tell } from './begin.js';
import { compareTaskDefinitions } from './compare.js';
import { explainRollout, explainSnapshot } from './explain.js';
import { outcomeOfError } from './failure.js';
import { coverDeployment, coverEvent } from './cover-deployment.js';
import { follow, isFollowed } from './follow.js';
import type { DeploymentResult, Run } from './options.js';
import { completedTaskDefinition } from './plan.js';
import type { DeployableTaskDefinition } from './task-definition.js';
import { unknownEnd, type End } from './watch-once.js';

/** One service, from its start to its end. */
export interface OneDeployment {
  /** As it was named. */
  readonly name: string;
  /** As it was before; absent if it is to be created. */
  readonly found: Service | undefined;
  /** What is to be compared with what the service ran before. */
  readonly wanted?: DeployableTaskDefinition | undefined;
  /** Known already, for the case that it cannot be started. */
  readonly taskDefinitionArn?: string | undefined;
  /** Starts (or finds) the deployment that is then followed. */
  readonly begin: (tell: Tell) => Promise<Started>;
}

/** Starts a deployment, follows it, explains it. What goes wrong with AWS becomes the `error` of the result. */
export async function deployOne(
  run: Run,
  { name, found, wanted, taskDefinitionArn, begin }: OneDeployment,
): Promise<DeploymentResult> {
  const { ecs, cluster, options } = run;
  const { clock } = options;
  const startedAt = clock.now();
  const events: DeploymentEvent[] = [];
  let cover = coverNothing;
  const report = (told: DeploymentEvent) => {
    const event = coverEvent(told, cover);
    events.push(event);
    options.onEvent?.(event, name);
  };
  const tell: Tell = (fact) => report({ ...fact, at: clock.now() });
  const previousTaskDefinitionArn = found === undefined ? undefined : completedTaskDefinition(found);

  let started: Started | undefined;
  let end: End;
  let diff: TaskDefinitionDiff | undefined;
  try {
    started = await begin(tell);
    const { taskDefinitionArn: running } = started.rollout;
    if (isFollowed(started, options))
      cover = await coverDeployment(
        { ecs, wanted, taskDefinitionArn: running, previousTaskDefinitionArn },
        options,
      );
    const changed = running !== previousTaskDefinitionArn;
    [end, diff] = await Promise.all([
      follow(run, started, { previousTaskDefinitionArn, before: found, report }),
      changed && previousTaskDefinitionArn !== undefined && wanted !== undefined
        ? compareTaskDefinitions(ecs, previousTaskDefinitionArn, wanted, options.redact)
        : undefined,
    ]);
  } catch (thrown) {
    const broken = { error: thrown, snapshot: undefined };
    end =
      started === undefined
        ? notStarted(fromAwsError(thrown, `deploy service ${name} in cluster ${cluster}`))
        : unknownEnd('The rollout was started', started.rollout, broken);
  }
  const unexplained = isFailure(end.outcome) && end.outcome !== 'cancelled';
  const diagnoses =
    started !== undefined && unexplained ? await explainEnd(run, started.rollout, end, report) : [];
  return {
    service: name,
    cluster,
    serviceArn: (end.snapshot?.service ?? started?.service ?? found)?.serviceArn,
    outcome: end.outcome,
    reason: cover(end.reason),
    taskDefinitionArn: started?.rollout.taskDefinitionArn ?? taskDefinitionArn,
    previousTaskDefinitionArn,
    deploymentId: started?.rollout.deploymentId,
    serviceDeploymentArn: end.snapshot?.serviceDeployment?.serviceDeploymentArn,
    diff,
    diagnoses: diagnoses.map((diagnosis) => coverDiagnosis(diagnosis, cover)),
    events: events.sort((a, b) => a.at - b.at),
    startedAt,
    endedAt: clock.now(),
    error: end.error,
  };
}

function notStarted(error: EcsActionsError): End {
  return { outcome: outcomeOfError(error), reason: error.message, error };
}

/**
 * Why it ended badly. How it ended stands, also where that cannot be found out. Where nothing can be read
 * any more, what was collected tells.
 */
async function explainEnd(
  { ecs, options }: Run,
  rollout: ExpectedRollout,
  { snapshot, reason, error: unreadable }: End,
  report: (event: DeploymentEvent) => void,
): Promise<readonly Diagnosis[]> {
  if (unreadable !== undefined) return explainSnapshot({ rollout, snapshot });
  const at = options.clock.now();
  try {
    const { diagnoses, lateTasks } = await explainRollout(
      { ecs, logs: options.logs, rollout, snapshot, reason },
      options,
    );
    for (const task of lateTasks) report({ type: 'task-stopped', task, at: task.stoppedAt?.getTime() ?? at });
    return diagnoses;
  } catch (error) {
    const { message, hint } = fromAwsError(error, `explain how the rollout of ${rollout.service} ended`);
    report({ type: 'read-denied', message, hint, at });
    return explainSnapshot({ rollout, snapshot, reason });
  }
}
