export * from './image.js';
export { reportTerraformPlan, summarizePlan, type TerraformReportOptions } from './terraform.js';
export {
  reportFindings,
  reportTaskDefinitionDiff,
  type TaskDefinitionDiffReportOptions,
} from './task-definition.js';
