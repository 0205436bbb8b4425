import { GetDeploymentCommand, type DeploymentInfo } from '@aws-sdk/client-codedeploy';
import { classifyAwsError, fromAwsError } from '../../aws-errors.js';
import type { DeploymentFact } from '../rollout/events.js';
import type { Verdict } from '../rollout/outcome.js';
import { formatSpan } from '../rollout/watch.js';
import type { StartedDeployment } from './codedeploy-start.js';
import { judgeCodeDeploy } from './codedeploy-verdict.js';
import type { Run } from './options.js';

const MINUTE_MS = 60_000;
/** A wait is never longer than this, whatever a deployment group adds to it. */
const LONGEST_WAIT_MS = 360 * MINUTE_MS;
const DEFAULT_TIMEOUT_MS = 30 * MINUTE_MS;

/** How a deployment ended. */
export interface CodeDeployEnd extends Verdict {
  /** Whether CodeDeploy has rolled it back, or tried to. */
  readonly isRolledBack?: boolean | undefined;
  /** End of the time budget, epoch ms: a rollback of ours shares it. */
  readonly deadline: number;
}

/**
 * Follows a deployment to its end. The time to wait grows by what the group itself waits for traffic
 * to be rerouted and for the old tasks to be ended, up to six hours. Throws what keeps it from being
 * read, at once: `ACCESS_DENIED`, `CREDENTIALS_EXPIRED`, ….
 */
export async function followCodeDeploy(
  { options, pace }: Run,
  { client, deploymentId, groupWaitMs, answered }: StartedDeployment,
  tell: (fact: DeploymentFact) => void,
  until?: number,
): Promise<CodeDeployEnd> {
  const { clock, signal } = options;
  const most = Math.min(LONGEST_WAIT_MS, (options.timeoutMs ?? DEFAULT_TIMEOUT_MS) + groupWaitMs);
  const budget = until === undefined ? most : Math.max(0, until - clock.now());
  const deadline = clock.now() + budget;
  let status: string | undefined;
  const read = async (id: string): Promise<DeploymentInfo | undefined> => {
    try {
      const answer = await client.send(
        new GetDeploymentCommand({ deploymentId: id }),
        signal === undefined ? {} : { abortSignal: signal },
      );
      pace.recover();
      return answer.deploymentInfo;
    } catch (error) {
      if (signal?.aborted === true) return undefined;
      const kind = classifyAwsError(error);
      if (kind === 'throttled') pace.slowDown();
      if (kind === 'throttled' || kind === 'transient') return undefined;
      throw fromAwsError(error, `read CodeDeploy deployment ${id}`, 'codedeploy:GetDeployment');
    }
  };
  for (;;) {
    const info = await read(deploymentId);
    const rollbackId = info?.rollbackInfo?.rollbackDeploymentId;
    const rollback = rollbackId === undefined ? undefined : await read(rollbackId);
    const now = info?.status;
    if (now !== undefined && now !== status)
      tell({ type: 'codedeploy-status', status: now, message: info?.errorInformation?.message });
    status = now ?? status;
    const isOutOfDate = answered && now === 'Ready';
    const verdict = info === undefined || isOutOfDate ? undefined : judgeCodeDeploy(info, rollback);
    if (verdict !== undefined) return { ...verdict, isRolledBack: rollbackId !== undefined, deadline };
    if (signal?.aborted === true) {
      const happened = 'This run was cancelled.';
      const reason = `${happened} CodeDeploy deployment ${deploymentId} goes on.`;
      return { outcome: 'cancelled', reason, happened, endedBy: 'somebody', deadline };
    }
    if (clock.now() >= deadline) {
      const happened = `After ${formatSpan(budget)} CodeDeploy deployment ${deploymentId} had not ended (status ${status ?? 'unknown'}).`;
      return { outcome: 'timed-out', reason: `${happened} It goes on.`, happened, deadline };
    }
    await pace.next(deadline, signal).catch((error: unknown) => {
      if (signal?.aborted !== true) throw error;
    });
  }
}
