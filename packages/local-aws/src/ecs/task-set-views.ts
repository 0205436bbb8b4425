import { isUnfinished } from './service-deployment-status.js';
import { currentStep } from './stage-progress.js';
import type { Deployment, Service, ServiceDeployment } from './state.js';
import { countTasks } from './task-counts.js';

/** A task set as CodeDeploy shows it. */
export interface TaskSetView {
  /** `ecs-svc/…` */
  readonly id: string;
  readonly status: 'PRIMARY' | 'ACTIVE';
  readonly desiredCount: number;
  readonly pendingCount: number;
  readonly runningCount: number;
  /** Percent of the production traffic. */
  readonly productionWeight: number;
  /** Of the target group that its tasks are registered with. */
  readonly targetGroupArn: string | undefined;
  /** It came with the deployment that is looked at. */
  readonly isReplacement: boolean;
}

/** Percent of the production traffic that the replacement of a shift has. */
export function replacementWeight(shift: ServiceDeployment): number {
  if (shift.status === 'SUCCESSFUL') return 100;
  if (!isUnfinished(shift) || shift.rollback !== undefined) return 0;
  return currentStep(shift)?.productionWeight ?? 0;
}

/** The task sets of a service, the replacement and the one that it replaces; whatever is older has no traffic. */
export function taskSetViews(
  service: Service,
  shift: ServiceDeployment,
  replacement: Deployment,
): TaskSetView[] {
  const weight = replacementWeight(shift);
  const [original] = service.deployments.filter((deployment) => deployment !== replacement);
  return service.deployments.map((deployment) => {
    const isReplacement = deployment === replacement;
    return {
      id: deployment.id,
      status: isReplacement === weight >= 100 ? 'PRIMARY' : 'ACTIVE',
      desiredCount: deployment.desiredCount,
      ...countTasks(service, deployment),
      productionWeight: isReplacement ? weight : deployment === original ? 100 - weight : 0,
      targetGroupArn: deployment.revision.loadBalancers[0]?.targetGroupArn,
      isReplacement,
    };
  });
}
