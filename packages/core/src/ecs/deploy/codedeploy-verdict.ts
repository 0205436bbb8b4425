import type { DeploymentInfo } from '@aws-sdk/client-codedeploy';
import type { Verdict } from '../rollout/outcome.js';

/** Decides how a CodeDeploy deployment ended; `rollback` is the deployment that rolls it back, if there is one. */
export function judgeCodeDeploy(
  info: DeploymentInfo,
  rollback: DeploymentInfo | undefined,
): Verdict | undefined {
  const { deploymentId, status, errorInformation, rollbackInfo, blueGreenDeploymentConfiguration } = info;
  const words = errorInformation?.message ?? rollbackInfo?.rollbackMessage ?? '';
  const why = words === '' ? '.' : `: ${words}`;
  const byAlarm = errorInformation?.code === 'ALARM_ACTIVE';
  switch (status) {
    case 'Succeeded':
      return { outcome: 'succeeded', reason: `CodeDeploy deployment ${deploymentId} succeeded.` };
    case 'Ready':
      return blueGreenDeploymentConfiguration?.deploymentReadyOption?.actionOnTimeout === 'STOP_DEPLOYMENT'
        ? {
            outcome: 'paused',
            reason: `CodeDeploy deployment ${deploymentId} waits for somebody to have traffic rerouted.`,
          }
        : undefined;
    case 'Failed':
    case 'Stopped':
      if (rollbackInfo?.rollbackDeploymentId !== undefined) {
        if (rollback?.status === 'Succeeded')
          return {
            outcome: 'rolled-back',
            reason: `CodeDeploy rolled deployment ${deploymentId} back${why}`,
            endedBy: byAlarm ? 'alarm' : 'ecs',
          };
        if (rollback?.status === 'Failed' || rollback?.status === 'Stopped')
          return {
            outcome: 'failed',
            reason: `CodeDeploy deployment ${deploymentId} failed, and so did its rollback${why}`,
            endedBy: 'ecs',
          };
        return undefined;
      }
      return status === 'Stopped' && !byAlarm
        ? {
            outcome: 'stopped',
            reason: `CodeDeploy deployment ${deploymentId} was stopped${why}`,
            endedBy: 'somebody',
          }
        : {
            outcome: 'failed',
            reason: `CodeDeploy deployment ${deploymentId} failed${why}`,
            endedBy: byAlarm ? 'alarm' : 'ecs',
          };
    default:
      return undefined;
  }
}
