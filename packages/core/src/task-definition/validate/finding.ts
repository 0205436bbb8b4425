import type { Severity } from './rule.js';

/** What is wrong at one place of a task definition, or could be better. */
export interface Finding {
  /** Id of the rule, e.g. `fargate-size`; see {@link taskDefinitionRules}. */
  readonly rule: string;
  readonly severity: Severity;
  /** JSON path in the document, e.g. `$.containerDefinitions[0].image`. */
  readonly path: string;
  readonly reason: string;
  readonly fix: string;
  /** The file that the document was read from. */
  readonly file?: string;
  /** From 1: where the value stands in the file, or else what it belongs to. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

/** Findings as a list, one a line. */
export function listFindings(findings: readonly Finding[]): string {
  return findings.map(({ path, reason, fix, rule }) => `- ${path}: ${reason} ${fix} (${rule})`).join('\n');
}
