export { documentedPolicy, type PolicyWorld } from './documented-policy.js';
export { errorWithCode } from './error-with-code.js';
export { writeOciLayout, type LayoutImageOptions, type WrittenLayout } from './oci-layout.js';
export {
  runAction,
  startAction,
  type ActionOptions,
  type ActionRun,
  type StartedAction,
} from './run-action.js';
export { type Annotation } from './workflow-commands.js';
