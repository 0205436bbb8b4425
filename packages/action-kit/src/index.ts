export { connectAws, type Aws, type ClientConfig } from './aws.js';
export { childCredentials, type ChildCredentials } from './child-credentials.js';
export { readAwsInputs, type AwsInputName, type AwsInputs } from './aws-inputs.js';
export { compareCommitsOnGitHub } from './compare-commits.js';
export { readContainerToolsFiles } from './container-tools.js';
export { annotateFindings } from './findings.js';
export { readInputs, type InputReader } from './inputs.js';
export {
  annotate,
  exportVariable,
  setOutputs,
  temporaryFolder,
  writeSummary,
  type FileAnnotation,
} from './results.js';
export { JobCancelled, runAction, type Action, type ActionContext } from './run-action.js';
export { runUrl, type RunContext } from './run-context.js';
export { readTerraformEnvironment, type TerraformEnvironment } from './terraform.js';
