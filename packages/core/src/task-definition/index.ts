export { containersOf, type TaskDefinitionDocument } from './document.js';
export {
  findTaskDefinition,
  loadTaskDefinition,
  parseTaskDefinition,
  type LoadedTaskDefinition,
  type TaskDefinitionSource,
} from './load.js';
export { normaliseTaskDefinition, type NormalisedTaskDefinition } from './normalise.js';
export { formatPath, type DocumentPath, type SourcePosition, type SourcePositions } from './path.js';
export {
  isSameTaskDefinition,
  registerTaskDefinition,
  type RegisteredTaskDefinition,
  type RegisterTaskDefinitionOptions,
  type TaskDefinitionRegistration,
} from './register.js';
export { type ContainerEdits, type TaskDefinitionEdits } from './edits.js';
export { renderTaskDefinition } from './render.js';
export { parseTaskDefinitionPatch, patchTaskDefinition } from './patch.js';
export { writeTaskDefinition } from './write.js';
export { isTaskDefinitionReference, parseCommand, parseKeyValues, type ParsedInput } from './input-syntax.js';
export {
  parseTaskDefinitionEdits,
  type EditInputFault,
  type EditInputName,
  type ParsedEdits,
} from './edit-inputs.js';
export { MAX_TASK_DEFINITION_BYTES } from './limits.js';
export {
  requireValidTaskDefinition,
  taskDefinitionRules,
  validateTaskDefinition,
  type RuleDescription,
  type ValidateTaskDefinitionOptions,
} from './validate/validate.js';
export { type Finding } from './validate/finding.js';
export { type LaunchType, type Severity } from './validate/rule.js';
export { secretsInEdits } from './secrets-in.js';
export { diffTaskDefinitions, type TaskDefinitionChange, type TaskDefinitionDiff } from './diff.js';
export {
  deregisterOlderTaskDefinitions,
  type DeregisteredTaskDefinitions,
  type DeregisterOlderOptions,
} from './deregister.js';
export { type Provenance } from './provenance.js';
export { chooseTaskDefinitionSource, type NamedTaskDefinition } from './choose-source.js';
export { validateServiceSettings, type ValidatedServiceSettings } from './validate/service.js';
