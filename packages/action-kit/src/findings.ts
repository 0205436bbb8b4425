import type { Finding } from '@ecs-actions/core';
import { runnerLogger } from './logger.js';
import { annotate } from './results.js';

/**
 * GitHub keeps ten errors, ten warnings and ten notices a step. The tenth error is left to the one that names them all;
 * what is not annotated stands in the log, and in the summary.
 */
const MAX_ANNOTATIONS = { error: 9, warning: 10, notice: 10 } as const;

/** Shows what validation found beside the code that it is about, errors first, and what GitHub would not keep in the log. */
export function annotateFindings(findings: readonly Finding[]): void {
  for (const level of ['error', 'warning', 'notice'] as const) {
    const found = findings.filter(({ severity }) => severity === level);
    const kept = found.slice(0, MAX_ANNOTATIONS[level]);
    for (const { severity: _, path, reason, fix, rule, ...place } of kept)
      annotate({ level, message: `${path}: ${reason} ${fix}`, title: rule, ...place });
    for (const finding of found.slice(kept.length)) runnerLogger.info(asLine(finding));
  }
}

function asLine({ severity, file, line, path, reason, fix, rule }: Finding): string {
  const place = line === undefined ? '' : ` ${file ?? 'line'}:${line}`;
  return `${severity}${place}: ${path}: ${reason} ${fix} (${rule})`;
}
