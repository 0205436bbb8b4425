/**
 * How long things take in this ECS, in milliseconds of world time. Sampled from real services where
 * a sample was to be had (a Fargate task: 22 s provisioning, 5 s pending, 23 s and 33 s to stop; a
 * rollout behind a load balancer: 11 s from stop to draining, 51 s more to the end).
 */
export const timings = {
  /** From an API call on a service to the scheduler's first look at it. */
  serviceReaction: 4_000,
  /** From a change of a task to the scheduler's next look at its service. */
  taskReaction: 1_000,
  /** Attaching the network interface of an awsvpc task. */
  provisioningFargate: 22_000,
  provisioningAwsvpc: 9_000,
  /** Registering with target groups (ACTIVATING). */
  activating: 10_000,
  /** From registration to the first verdict of a target group's health checks. */
  targetHealthy: 15_000,
  /** From a target's first failed check to its removal: interval 30 s, unhealthy threshold 2. */
  targetUnhealthy: 60_000,
  /** Connection draining (DEACTIVATING). */
  deactivating: 50_000,
  /** From a decision to stop to the signal that reaches the containers. */
  stopSignal: 1_000,
  deprovisioningFargate: 23_000,
  deprovisioningAwsvpc: 4_000,
  /** A task without any health check counts as healthy this long after RUNNING. */
  healthyWithoutCheck: 40_000,
  /** A lifecycle stage in which nothing has to happen. */
  stage: 5_000,
  /** Moving listener weights. */
  trafficShift: 20_000,
  /** What a Lambda function of a lifecycle hook takes. */
  lambdaHook: 5_000,
  /** How long stopped tasks stay visible. */
  stoppedTaskRetention: 3_600_000,
  /** How long a deleted task definition stays in DELETE_IN_PROGRESS. */
  deletedTaskDefinition: 60_000,
  /** A service event that repeats its predecessor of the same kind is not written again within this. */
  eventSuppression: 6 * 3_600_000,
  /** How often a steady service says so again. */
  steadyStateRepeat: 6 * 3_600_000,
  /** Between two attempts to place a task that found no place. */
  placementRetry: 15_000,
  /** The first gap after repeated failures; it doubles up to the largest. */
  firstRestartGap: 10_000,
  largestRestartGap: 15 * 60_000,
} as const;
