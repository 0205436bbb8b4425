import type { TaskDefinitionChange, TaskDefinitionDiff } from '../task-definition/diff.js';
import { SEVERITIES } from '../task-definition/validate/rule.js';
import type { Finding } from '../task-definition/validate/validate.js';
import { asText, writeJson } from '../write-json.js';
import { clip, code, details, fence, plural } from './markdown.js';

/** A value longer than this is folded away, or cut. */
const MAX_CELL = 200;
const MAX_BLOCK = 4000;
/** GitHub takes comments of 65,536 characters. */
const MAX_ROWS = 100;

export interface TaskDefinitionDiffReportOptions {
  /** What the document was compared with, e.g. `web:7`. */
  readonly against?: string | undefined;
}

/** The changes of a task definition, for a job summary or a pull request. Secrets are redacted already. */
export function reportTaskDefinitionDiff(
  { changes }: TaskDefinitionDiff,
  { against }: TaskDefinitionDiffReportOptions = {},
): string {
  const base = against === undefined ? '' : ` against ${code(against)}`;
  if (changes.length === 0) return `### Task definition unchanged${base}\n`;
  const wide = changes.filter(isWide);
  return [
    `### Task definition: ${plural(changes.length, 'change')}${base}`,
    table(
      ['', 'Where', 'Before', 'After'],
      changes.map((change) => [
        SIGNS[change.kind],
        code(change.path),
        cell(change, 'before'),
        cell(change, 'after'),
      ]),
      'would make this page too long: compare the two task definitions',
    ),
    ...wide.slice(0, MAX_ROWS).map(wholeChange),
    '',
  ].join('\n\n');
}

const SIGNS: Readonly<Record<TaskDefinitionChange['kind'], string>> = {
  added: '➕',
  removed: '➖',
  changed: '✏️',
};

function isWide({ before, after }: TaskDefinitionChange): boolean {
  return [before, after].some((value) => value !== undefined && asText(value).length > MAX_CELL);
}

function cell(change: TaskDefinitionChange, side: 'before' | 'after'): string {
  const value = change[side];
  return value === undefined ? '' : code(clip(asText(value), MAX_CELL));
}

function wholeChange(change: TaskDefinitionChange): string {
  const sides = [change.before, change.after].filter((value) => value !== undefined);
  const blocks = sides.map((value) =>
    typeof value === 'string'
      ? fence(clip(value, MAX_BLOCK))
      : fence(clip(writeJson(value, 2), MAX_BLOCK), 'json'),
  );
  return details(`${SIGNS[change.kind]} ${code(change.path)}`, blocks.join('\n\n'));
}

const SEVERITY_SIGNS: Readonly<Record<Finding['severity'], string>> = {
  error: '❌',
  warning: '⚠️',
  notice: 'ℹ️',
};

/** What validation found, for a job summary. */
export function reportFindings(findings: readonly Finding[]): string {
  if (findings.length === 0) return '### Task definition: nothing to complain about\n';
  const count = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).length;
  const counts = SEVERITIES.filter((severity) => count(severity) > 0).map((severity) =>
    plural(count(severity), severity),
  );
  return [
    `### Task definition: ${counts.join(' and ')}`,
    table(
      ['', 'Where', 'What', 'Fix', 'Rule'],
      findings.map((finding) => [
        SEVERITY_SIGNS[finding.severity],
        `${code(finding.path)}${finding.line === undefined ? '' : `<br>line ${finding.line}`}`,
        code(clip(finding.reason, MAX_BLOCK)),
        code(clip(finding.fix, MAX_BLOCK)),
        code(finding.rule),
      ]),
      'are in the log of the step',
    ),
    '',
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[], elsewhere: string): string {
  const shown = rows.slice(0, MAX_ROWS).map((cells) => `| ${cells.join(' | ')} |`);
  const more = rows.length - shown.length;
  return [
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...shown,
    ...(more > 0 ? ['', `_${more} more ${elsewhere}._`] : []),
  ].join('\n');
}
