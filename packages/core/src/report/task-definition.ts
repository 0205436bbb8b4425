import type { TaskDefinitionChange, TaskDefinitionDiff } from '../task-definition/diff.js';
import { SEVERITIES } from '../task-definition/validate/rule.js';
import type { Finding } from '../task-definition/validate/finding.js';
import { asText, writeJson } from '../write-json.js';
import { fitParts } from './fit.js';
import { clip, code, details, fence, plural } from './markdown.js';

/** A value longer than this is folded away, or cut. */
const MAX_CELL = 200;
const MAX_BLOCK = 4000;
/** GitHub takes comments of 65,536 characters; some are left for whatever else somebody puts there. */
const COMMENT_BYTES = 60_000;
/** What findings take of a summary unless told otherwise: GitHub drops one above 1 MiB. */
const FINDINGS_BYTES = 300_000;

export interface TaskDefinitionDiffReportOptions {
  /** What the document was compared with, e.g. `web:7`. */
  readonly against?: string | undefined;
  /** How long the page may be; by default it fits into a comment on a pull request. */
  readonly bytes?: number | undefined;
}

export interface FindingsReportOptions {
  /** How long the page may be. */
  readonly bytes?: number | undefined;
}

/** The changes of a task definition, for a job summary or a pull request. Secrets are redacted already. */
export function reportTaskDefinitionDiff(
  { changes }: TaskDefinitionDiff,
  { against, bytes = COMMENT_BYTES }: TaskDefinitionDiffReportOptions = {},
): string {
  const base = against === undefined ? '' : ` against ${code(against)}`;
  if (changes.length === 0) return `### Task definition unchanged${base}\n`;
  const { rows, left, room } = fitRows(changes.map(changeRow), bytes);
  const wide = changes.filter(isWide).map((change) => ({ text: wholeChange(change), rank: 0 }));
  return [
    `### Task definition: ${plural(changes.length, 'change')}${base}`,
    table(['', 'Where', 'Before', 'After'], rows),
    ...(left === 0
      ? []
      : [`_${left} more would make this page too long: compare the two task definitions._`]),
    ...fitParts(wide, room).shown,
    '',
  ].join('\n\n');
}

function changeRow(change: TaskDefinitionChange): string[] {
  return [SIGNS[change.kind], code(change.path), cell(change, 'before'), cell(change, 'after')];
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
export function reportFindings(
  findings: readonly Finding[],
  { bytes = FINDINGS_BYTES }: FindingsReportOptions = {},
): string {
  if (findings.length === 0) return '### Task definition: nothing to complain about\n';
  const count = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).length;
  const counts = SEVERITIES.filter((severity) => count(severity) > 0).map((severity) =>
    plural(count(severity), severity),
  );
  const { rows, left } = fitRows(findings.map(findingRow), bytes);
  return [
    `### Task definition: ${counts.join(' and ')}`,
    table(['', 'Where', 'What', 'Fix', 'Rule'], rows),
    ...(left === 0 ? [] : [`_${left} more are in the log of the step._`]),
    '',
  ].join('\n\n');
}

function findingRow(finding: Finding): string[] {
  return [
    SEVERITY_SIGNS[finding.severity],
    `${code(finding.path)}${finding.line === undefined ? '' : `<br>line ${finding.line}`}`,
    code(clip(finding.reason, MAX_BLOCK)),
    code(clip(finding.fix, MAX_BLOCK)),
    code(finding.rule),
  ];
}

/** The rows that fit, how many do not, and what room they leave. */
function fitRows(
  rows: readonly (readonly string[])[],
  bytes: number,
): { readonly rows: readonly string[]; readonly left: number; readonly room: number } {
  const parts = rows.map((cells) => ({ text: `| ${cells.join(' | ')} |\n`, rank: 0 }));
  const { shown, left } = fitParts(parts, bytes);
  const taken = shown.reduce((total, row) => total + Buffer.byteLength(row), 0);
  return { rows: shown, left, room: bytes - taken };
}

function table(head: readonly string[], rows: readonly string[]): string {
  return `| ${head.join(' | ')} |\n| ${head.map(() => '---').join(' | ')} |\n${rows.join('')}`.trimEnd();
}
