export * from './image.js';
export { reportTerraformPlan, summarizePlan, type TerraformReportOptions } from './terraform.js';
export {
  reportFindings,
  reportTaskDefinitionDiff,
  type TaskDefinitionDiffReportOptions,
} from './task-definition.js';
export { reportTaskRun } from './task.js';
export { reportNotPerformed, reportPerformedDeployment } from './performed.js';
export { reportDeployments, reportDiagnosis } from './deployment.js';
export {
  describeDeploymentEvent,
  describeDiagnosis,
  formatElapsed,
  type LogLevel,
  type LogLine,
} from './deployment-log.js';
export { drawTimeline } from './gantt.js';
