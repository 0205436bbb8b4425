import type { ECSClient } from '@aws-sdk/client-ecs';
import type { TaskDefinitionDocument } from '../../task-definition/document.js';
import type { Finding } from '../../task-definition/validate/finding.js';
import { findKnownRevision } from './known-revision.js';
import type { DeployServiceOptions } from './options.js';

/** Where ECS has shown what it accepts. */
export interface AcceptedRevision {
  /** A family (its latest revision) or an ARN; absent where there is none. */
  readonly inUse: string | undefined;
  /** Validates it as what is to be deployed was validated. */
  readonly validateAccepted: (document: TaskDefinitionDocument) => readonly Finding[];
}

/**
 * Errors that stand in what ECS has accepted already, too, become warnings: the proof that ECS takes it
 * outweighs a rule of ours. AWS is asked only where there is an error.
 */
export async function acceptedBefore(
  ecs: ECSClient,
  findings: readonly Finding[],
  { inUse, validateAccepted }: AcceptedRevision,
  options: Pick<DeployServiceOptions, 'clock' | 'signal'>,
): Promise<readonly Finding[]> {
  if (inUse === undefined || findings.every(({ severity }) => severity !== 'error')) return findings;
  const revision = await findKnownRevision(ecs, inUse, options);
  // Without a look at it, the rules decide.
  if (revision === undefined) return findings;
  const accepted = new Set(validateAccepted(revision.document).map(kindOf));
  return findings.map((finding) => (accepted.has(kindOf(finding)) ? asWarning(finding) : finding));
}

/** The rule and the member concerned, whatever its place in a list. */
function kindOf({ rule, path }: Finding): string {
  return `${rule} ${path.replaceAll(/\[\d+\]/g, '[]')}`;
}

export function asWarning(finding: Finding): Finding {
  return { ...finding, severity: 'warning' };
}
