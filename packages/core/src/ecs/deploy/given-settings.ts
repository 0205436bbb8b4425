import type { ErrorCode } from '../../errors.js';
import { validateStructure } from '../../task-definition/validate/structure.js';
import type { Finding } from '../../task-definition/validate/finding.js';
import { requestShape } from '../request-shape.js';
import type { DeployServiceOptions } from './options.js';
import type { ServiceDefinition, ServiceSettings } from './plan.js';

/** Something that was validated. */
export interface ValidatedPart {
  readonly code: ErrorCode;
  /** What its errors amount to. */
  readonly what: string;
  readonly findings: readonly Finding[];
}

/** The settings that were asked for, held to the API's model. */
export interface GivenSettings {
  /** What of them has the types of the API. */
  readonly settings: ServiceSettings;
  readonly createIfMissing: ServiceDefinition;
  /** What is to be said of the rest. */
  readonly parts: readonly ValidatedPart[];
  /** Whether a finding is an echo of that. */
  readonly isExplained: (finding: Finding) => boolean;
}

/** ECS says nothing of a member that it does not know: a mistyped one would be without effect, and nobody told. */
export function givenSettings({ settings = {}, createIfMissing = {} }: DeployServiceOptions): GivenSettings {
  const update = validateStructure(settings, requestShape('UpdateService'));
  const create = validateStructure(createIfMissing, requestShape('CreateService'));
  const part = (what: string, findings: readonly Finding[]): ValidatedPart => ({
    code: 'SERVICE_DEFINITION_INVALID',
    what: `ECS would not understand the ${what}`,
    findings: findings.map((finding) => ({ ...finding, path: `${what}, ${finding.path}` })),
  });
  return {
    settings: update.wellTyped,
    createIfMissing: create.wellTyped,
    parts: [part('settings', update.findings), part('service definition', create.findings)],
    isExplained: (finding) => update.isExplained(finding) || create.isExplained(finding),
  };
}
