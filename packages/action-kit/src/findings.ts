import type { Finding } from '@ecs-actions/core';
import { annotate } from './results.js';

/**
 * GitHub keeps ten errors, ten warnings and ten notices a step. The tenth error is left to the one that names them all;
 * what is not annotated stands in the summary.
 */
const MAX_ANNOTATIONS = { error: 9, warning: 10, notice: 10 } as const;

/** Shows what validation found beside the code that it is about, errors first. */
export function annotateFindings(findings: readonly Finding[]): void {
  const kept = (['error', 'warning', 'notice'] as const).flatMap((level) =>
    findings.filter(({ severity }) => severity === level).slice(0, MAX_ANNOTATIONS[level]),
  );
  for (const { severity, path, reason, fix, rule, ...place } of kept)
    annotate({ level: severity, message: `${path}: ${reason} ${fix}`, title: rule, ...place });
}
