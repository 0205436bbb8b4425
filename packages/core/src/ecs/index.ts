export { deployService, deployServices } from './deploy/deploy.js';
export {
  performDeployment,
  type DeploymentMode,
  type DeploymentRequest,
  type PerformedDeployment,
  type TaskBefore,
} from './deploy/perform.js';
export { summarizeDeployments, type DeploymentSummary, type ServiceSummary } from './deploy/outputs.js';
export { planDeployments } from './deploy/dry-run.js';
export { continueDeployments } from './deploy/continue.js';
export { planRollback, rollBackServices, type ServicesToRollBack } from './deploy/go-back.js';
export { type CommitRelation, type CompareCommits, type OrderGuard, type Release } from './deploy/order.js';
export {
  type CodeDeployOptions,
  type DeploymentResult,
  type DeployServiceOptions,
  type ServiceToDeploy,
} from './deploy/options.js';
export { deploymentFailure, outcomeOfError } from './deploy/failure.js';
export { loadDeployable, type LoadDeployableOptions } from './deploy/load.js';
export { checkRequest, type RequestedDeployment, type RequestFault } from './deploy/request.js';
export { parseStructure } from './deploy/settings.js';
export { requestShape, type ShapedRequest } from './request-shape.js';
export { registerOnly } from './deploy/register.js';
export { loadServiceDefinition, parseServiceDefinition } from './deploy/service-definition.js';
export { type ServiceDefinition, type ServiceSettings, type SettingChange } from './deploy/plan.js';
export { findRollbackTarget } from './deploy/rollback.js';
export { type DeployableTaskDefinition } from './deploy/task-definition.js';
export {
  isFailure,
  OUTCOME_ERROR_CODES,
  worstOutcome,
  type EndedBy,
  type Outcome,
  type RolloutOutcome,
  type Verdict,
} from './rollout/outcome.js';
export { type ExpectedRollout, type ServiceSnapshot, type UnreadableSource } from './rollout/snapshot.js';
export {
  type DeploymentEvent,
  type DeploymentFact,
  type RolloutEvent,
  type RolloutFact,
  type TaskCounts,
} from './rollout/events.js';
export { observeRollout } from './rollout/observe.js';
export { judgeRollout } from './rollout/judge.js';
export { createCallBudget, type CallBudget } from './rollout/budget.js';
export { createPace, type Pace } from './rollout/pace.js';
export {
  batchDescribeServiceDeployments,
  batchDescribeServices,
  type DescribeService,
  type DescribeServiceDeployment,
} from './rollout/batched-reads.js';
export { createRolloutReader, type ReadSnapshot, type RolloutSource } from './rollout/read.js';
export { watchRollout, type WatchedRollout, type WatchOptions } from './rollout/watch.js';
export { type Evidence, type FailedContainer, type LogTail } from './diagnose/evidence.js';
export { CATALOGUE, type CatalogueEntry } from './diagnose/catalogue.js';
export { diagnose, type Diagnosis } from './diagnose/diagnose.js';
export { collectTaskEvidence } from './diagnose/collect.js';
export {
  locateContainerLog,
  tailContainerLog,
  type LogDestination,
  type LogsForRegion,
} from './diagnose/log-tail.js';
export { mostTellingContainer } from './diagnose/evidence.js';
export { patiently } from './patience.js';
export {
  logStreamConsoleUrl,
  serviceConsoleUrl,
  taskConsoleUrl,
  taskDefinitionConsoleUrl,
} from './diagnose/console-links.js';
export { formatTaskRunEvent, type TaskRunEvent } from './run-task/events.js';
export { explainTaskRun } from './run-task/explain.js';
export { judgeTask, type JudgedTask } from './run-task/judge.js';
export { type TaskSettings } from './run-task/launch.js';
export {
  TASK_RUN_ERROR_CODES,
  type RanContainer,
  type RanTask,
  type TaskRunOutcome,
  type TaskRunResult,
} from './run-task/result.js';
export { type ContainerChange, type RunTaskOptions, type TaskToRun } from './run-task/options.js';
export { runTask } from './run-task/run-task.js';
export { planTaskRun, type PlannedTaskRun } from './run-task/plan.js';
export { type CheckedPermission, type PermissionCheck } from './deploy/permissions.js';
