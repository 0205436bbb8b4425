export * from './image.js';
export { reportTerraformPlan, summarizePlan, type TerraformReportOptions } from './terraform.js';
