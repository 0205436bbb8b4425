import type { Application, CodeDeployState, Deployment, DeploymentGroup } from './state.js';
import type { LifecycleEvent } from './lifecycle.js';

/** State as the API answers it: a member without a value is left out. */

const seconds = (milliseconds: number): number => milliseconds / 1000;

const secondsOrNothing = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : seconds(milliseconds);

function present(members: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** An `ApplicationInfo` of the API. */
export function describeApplication({ id, name, computePlatform, createdAt }: Application): object {
  return {
    applicationId: id,
    applicationName: name,
    createTime: seconds(createdAt),
    linkedToGitHub: false,
    computePlatform,
  };
}

/** A `DeploymentGroupInfo` of the API. `deployments`: all there are, oldest first. */
export function describeGroup(group: DeploymentGroup, deployments: readonly Deployment[]): object {
  const own = deployments.filter((deployment) => deployment.group === group);
  const attempted = own.at(-1);
  const succeeded = own.findLast(({ status }) => status === 'Succeeded');
  const brief = (deployment: Deployment | undefined): object | undefined =>
    deployment &&
    present({
      deploymentId: deployment.id,
      status: deployment.status,
      createTime: seconds(deployment.createdAt),
      endTime: secondsOrNothing(deployment.completedAt),
    });
  return present({
    ...group.settings,
    applicationName: group.application.name,
    deploymentGroupId: group.id,
    deploymentGroupName: group.name,
    computePlatform: group.application.computePlatform,
    targetRevision: attempted?.revision,
    lastAttemptedDeployment: brief(attempted),
    lastSuccessfulDeployment: brief(succeeded),
  });
}

/** A `DeploymentInfo` of the API. */
export function describeDeployment(deployment: Deployment): object {
  const { group, status } = deployment;
  const { settings } = group;
  const inProgress = Number(status === 'InProgress' || status === 'Ready');
  return present({
    applicationName: group.application.name,
    deploymentGroupName: group.name,
    deploymentConfigName: deployment.configurationName,
    deploymentId: deployment.id,
    revision: deployment.revision,
    status,
    errorInformation: deployment.error,
    createTime: seconds(deployment.createdAt),
    startTime: secondsOrNothing(deployment.startedAt),
    completeTime: secondsOrNothing(deployment.completedAt),
    deploymentOverview: {
      Pending: Number(status === 'Created'),
      InProgress: inProgress,
      Succeeded: Number(status === 'Succeeded'),
      Failed: Number(status === 'Failed'),
      Skipped: Number(status === 'Stopped'),
      Ready: Number(status === 'Ready'),
    },
    description: deployment.description,
    creator: deployment.creator,
    ignoreApplicationStopFailures: false,
    autoRollbackConfiguration: deployment.autoRollback,
    updateOutdatedInstancesOnly: false,
    rollbackInfo: deployment.rollback,
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    instanceTerminationWaitTimeStarted: deployment.terminationWaitStarted,
    blueGreenDeploymentConfiguration: settings.blueGreenDeploymentConfiguration,
    loadBalancerInfo: settings.loadBalancerInfo,
    fileExistsBehavior: 'DISALLOW',
    deploymentStatusMessages: [],
    computePlatform: group.application.computePlatform,
  });
}

/** `CLUSTER:SERVICE`, the only target of a deployment to ECS. */
export function targetIdOf({ settings }: DeploymentGroup): string {
  const [service] = settings.ecsServices ?? [];
  return `${service?.clusterName ?? 'default'}:${service?.serviceName ?? ''}`;
}

/** The `DeploymentTarget` of a deployment to ECS. */
export function describeTarget({ accountId, region }: CodeDeployState, deployment: Deployment): object {
  const { group, id, events, status } = deployment;
  const targetId = targetIdOf(group);
  return {
    deploymentTargetType: 'ECSTarget',
    ecsTarget: {
      deploymentId: id,
      targetId,
      targetArn: `arn:aws:ecs:${region}:${accountId}:service/${targetId.replace(':', '/')}`,
      lastUpdatedAt: seconds(deployment.updatedAt),
      lifecycleEvents: events.map(describeEvent),
      status: TARGET_STATUS[status],
      taskSetsInfo: (deployment.handle?.taskSets() ?? []).map((taskSet) =>
        present({
          // AWS's spelling.
          identifer: taskSet.id,
          desiredCount: taskSet.desiredCount,
          pendingCount: taskSet.pendingCount,
          runningCount: taskSet.runningCount,
          status: taskSet.status,
          trafficWeight: taskSet.productionWeight,
          targetGroup:
            taskSet.targetGroupArn === undefined ? undefined : { name: nameOfGroup(taskSet.targetGroupArn) },
          taskSetLabel: taskSet.isReplacement ? 'Green' : 'Blue',
        }),
      ),
    },
  };
}

/** `…:targetgroup/NAME/0123456789abcdef` */
const nameOfGroup = (arn: string): string => arn.split('/').at(-2) ?? arn;

const TARGET_STATUS = {
  Created: 'Pending',
  InProgress: 'InProgress',
  Ready: 'Ready',
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  Stopped: 'Skipped',
} as const;

function describeEvent({ name, status, startedAt, endedAt, message }: LifecycleEvent): object {
  return present({
    lifecycleEventName: name,
    status,
    startTime: secondsOrNothing(startedAt),
    endTime: secondsOrNothing(endedAt),
    diagnostics:
      message === undefined
        ? undefined
        : {
            errorCode: status === 'Failed' ? 'UnknownError' : 'Success',
            scriptName: name,
            message,
            logTail: '',
          },
  });
}
