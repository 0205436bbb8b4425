import type { Deployment, Service, ServiceDeployment, Task, TaskSet } from '@aws-sdk/client-ecs';

/** The deployment that is waited for, and what is known of it from the moment it was started. */
export interface ExpectedRollout {
  /** Name or ARN of the cluster. */
  readonly cluster: string;
  /** Name or ARN of the service. */
  readonly service: string;
  /** `ecs-svc/…`: the id of our own deployment, as UpdateService or CreateService answered it. */
  readonly deploymentId: string;
  /** When ECS created the deployment, by ECS's clock (epoch ms): older and newer ones are told apart by it. */
  readonly createdAt: number;
  readonly taskDefinitionArn: string;
  /** ARN of the service deployment, once known. Otherwise found by the number that its target revision shares with the deployment. */
  readonly serviceDeploymentArn?: string | undefined;
  /** True if there is nothing ECS could go back to: no earlier deployment of the service completed. */
  readonly first?: boolean | undefined;
  /** True once we asked ECS to roll this deployment back. */
  readonly rollbackRequested?: boolean | undefined;
  /** Failures in a row that ECS had counted of what it goes back to before we asked: only further ones speak against that. */
  readonly failedBefore?: number | undefined;
  /**
   * True if the deployment had completed before, and what is waited for is that all its tasks run:
   * after a change of the desired count, or while tasks are being replaced.
   */
  readonly untilSteady?: boolean | undefined;
  /**
   * From when on events and stopped tasks say something about what is waited for, by ECS's clock
   * (epoch ms). Default: from when the deployment was created.
   */
  readonly since?: number | undefined;
  /** A PAUSE hook that has been answered: what still shows it waiting is out of date. */
  readonly answeredHookId?: string | undefined;
  /** Equal failures after which a deployment without a circuit breaker is given up; `undefined` never. */
  readonly failFastAfter?: number | undefined;
}

/** What was known of a rollout at one moment. Plain data. */
export interface ServiceSnapshot {
  /** When it was read: epoch ms of our clock. */
  readonly at: number;
  /** As DescribeServices last answered; `undefined` if it said MISSING. */
  readonly service: Service | undefined;
  /** Since when the service has been MISSING in every answer (epoch ms of our clock). */
  readonly missingSince?: number | undefined;
  /** Since when our deployment has said COMPLETED in every answer (epoch ms of our clock). */
  readonly completedSince?: number | undefined;
  /** Whether tasks of another deployment of the service were seen to run, now or before. */
  readonly othersRan?: boolean | undefined;
  /** Our service deployment as last read; `undefined` if not found yet or not readable. */
  readonly serviceDeployment: ServiceDeployment | undefined;
  /** Since when every try to read it once more has failed (epoch ms of our clock); absent where the last went through. */
  readonly unansweredSince?: number | undefined;
  /** Stopped tasks of our deployment, all that were seen since it started, in the order in which they stopped. */
  readonly stoppedTasks: readonly Task[];
  /** What the credentials in use may not read, once each. */
  readonly unreadable: readonly UnreadableSource[];
}

/** A source of details that a rollout was watched without. */
export interface UnreadableSource {
  /** The IAM action, e.g. `ecs:ListServiceDeployments`. */
  readonly action: string;
  readonly message: string;
  readonly hint: string | undefined;
}

/** The IAM action without which the service deployment says nothing. */
export const DESCRIBE_SERVICE_DEPLOYMENTS = 'ecs:DescribeServiceDeployments';

/** For this long a service deployment that does not answer is waited for, ms: DescribeServices knows less. */
const SILENCE_MS = 30_000;

const ENDED: ReadonlySet<string> = new Set([
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
]);

/** Whether a service deployment has come to an end, and so will not change any more. */
export function hasEnded(serviceDeployment: ServiceDeployment | undefined): boolean {
  return ENDED.has(serviceDeployment?.status ?? '');
}

/** Whether a service deployment is being rolled back. */
export function isGoingBack(
  serviceDeployment: ServiceDeployment | undefined,
): serviceDeployment is ServiceDeployment {
  const status = serviceDeployment?.status;
  return status === 'ROLLBACK_REQUESTED' || status === 'ROLLBACK_IN_PROGRESS';
}

/**
 * The service deployment if what was read of it last still holds; `undefined` if it may have gone on
 * since, and cannot be read any more. What has ended stays so.
 */
export function currentServiceDeployment({
  at,
  serviceDeployment,
  unansweredSince = at,
  unreadable,
}: ServiceSnapshot): ServiceDeployment | undefined {
  if (hasEnded(serviceDeployment)) return serviceDeployment;
  const isDenied = unreadable.some(({ action }) => action === DESCRIBE_SERVICE_DEPLOYMENTS);
  return isDenied || at - unansweredSince >= SILENCE_MS ? undefined : serviceDeployment;
}

/** The deployment that ECS works towards. */
export function primaryDeployment(service: Pick<Service, 'deployments'> | undefined): Deployment | undefined {
  return service?.deployments?.find(({ status }) => status === 'PRIMARY');
}

/** The task set that takes the traffic of a service which CodeDeploy deploys. */
export function primaryTaskSet(service: Pick<Service, 'taskSets'> | undefined): TaskSet | undefined {
  return service?.taskSets?.find(({ status }) => status === 'PRIMARY');
}

/** Whether CodeDeploy deploys a service: ECS itself makes no deployments of it. */
export function isByCodeDeploy(service: Pick<Service, 'deploymentController'> | undefined): boolean {
  return service?.deploymentController?.type === 'CODE_DEPLOY';
}

/** Whether a deployment was created after ours. */
export function isNewer({ createdAt }: Deployment, rollout: Pick<ExpectedRollout, 'createdAt'>): boolean {
  return (createdAt?.getTime() ?? 0) > rollout.createdAt;
}

/** Our own deployment, in whatever state. */
export function ownDeployment(
  service: Pick<Service, 'deployments'> | undefined,
  rollout: Pick<ExpectedRollout, 'deploymentId'>,
): Deployment | undefined {
  return service?.deployments?.find(({ id }) => id === rollout.deploymentId);
}

/** Why ECS goes back to a deployment, by that one's own words: once it is back they only say that it completed. */
export function rollbackReason({ rolloutStateReason }: Deployment): string | undefined {
  return /roll(?:ing|ed)?[ -]?back/i.test(rolloutStateReason ?? '') ? rolloutStateReason : undefined;
}

/** Whether something that ECS dates belongs to what is waited for. */
export function isSince(at: Date | undefined, { since, createdAt }: ExpectedRollout): boolean {
  return (at?.getTime() ?? 0) >= (since ?? createdAt);
}

/** The newest moment that an answer tells of, by ECS's clock (epoch ms). */
export function newestMoment({ events = [], deployments = [] }: Service): number {
  const dates = [
    ...events.map(({ createdAt }) => createdAt),
    ...deployments.map(({ updatedAt }) => updatedAt),
  ];
  return Math.max(0, ...dates.map((date) => date?.getTime() ?? 0));
}

/**
 * Whether a service revision belongs to a deployment: the ARN of the revision ends in the number
 * that the deployment's id ends in (`service-revision/C/S/123` and `ecs-svc/123`), which ties the
 * two APIs together without a clock.
 */
export function isRevisionOf(serviceRevisionArn: string | undefined, deploymentId: string): boolean {
  const number = deploymentId.slice(deploymentId.lastIndexOf('/') + 1);
  return serviceRevisionArn?.endsWith(`/${number}`) ?? false;
}

/**
 * Whether an answer is older than one that was seen before: DescribeServices is eventually
 * consistent, and its newest event never becomes an older one.
 */
export function isOlderAnswer(next: Service | undefined, previous: Service | undefined): boolean {
  const newest = (service: Service | undefined) => service?.events?.[0]?.createdAt?.getTime() ?? 0;
  return next !== undefined && newest(next) < newest(previous);
}

/** True for everything but a plain rolling update: traffic is shifted in stages that only the service deployment knows. */
export function shiftsTraffic(service: Pick<Service, 'deploymentConfiguration'> | undefined): boolean {
  const strategy = service?.deploymentConfiguration?.strategy;
  return strategy !== undefined && strategy !== 'ROLLING';
}
