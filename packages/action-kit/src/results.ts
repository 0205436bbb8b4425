import { appendFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import * as core from '@actions/core';
import { readRunContext } from './run-context.js';

/** GitHub drops a summary of more than 1 MiB as a whole; a little room is left for the note that it was cut. */
const SUMMARY_LIMIT_BYTES = 1_048_000;

/** Sets outputs; `undefined` leaves one unset. `Name` is the action's generated union, so a typo does not compile. */
export function setOutputs<Name extends string>(
  outputs: Readonly<Partial<Record<Name, string | number | boolean | undefined>>>,
): void {
  for (const [name, value] of Object.entries<string | number | boolean | undefined>(outputs)) {
    if (value !== undefined) core.setOutput(name, String(value));
  }
}

/** Sets an environment variable for the later steps of the job. */
export function exportVariable(name: string, value: string): void {
  core.exportVariable(name, value);
}

/**
 * Appends Markdown to the job summary and leaves a copy of it in the runner's temporary folder.
 *
 * @returns the path of the copy, for a `summary-path` output.
 */
export async function writeSummary(action: string, markdown: string): Promise<string> {
  const summary = process.env['GITHUB_STEP_SUMMARY'];
  const before = summary ? await sizeOf(summary) : 0;
  const text = fitSummary(markdown, SUMMARY_LIMIT_BYTES - before);
  const folder = temporaryFolder();
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${action}-summary-${process.pid}.md`);
  await writeFile(path, text);
  if (summary) await appendFile(summary, text.endsWith('\n') ? text : `${text}\n`);
  return path;
}

/** Bytes of what the step wrote before; 0 where there is no file yet. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

/** Cuts a summary at a line end below GitHub's limit; reports degrade by themselves long before that. */
function fitSummary(markdown: string, limitBytes: number): string {
  if (Buffer.byteLength(markdown) <= limitBytes) return markdown;
  const cut = Buffer.from(markdown).subarray(0, Math.max(limitBytes, 0)).toString('utf8');
  return `${cut.slice(0, cut.lastIndexOf('\n') + 1)}\n_The rest did not fit into a job summary._\n`;
}

/** A finding on a line of a file, shown beside the code of a pull request. */
export interface FileAnnotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  /** Relative to the workspace, or absolute. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

/** Shows a finding. GitHub keeps ten of each level a step: say the most important first. */
export function annotate({ level, message, title, file, line, column }: FileAnnotation): void {
  const show = { error: core.error, warning: core.warning, notice: core.notice }[level];
  show(message, {
    ...(title === undefined ? {} : { title }),
    ...(file === undefined ? {} : { file: repositoryPath(file) }),
    ...(line === undefined ? {} : { startLine: line }),
    ...(column === undefined ? {} : { startColumn: column }),
  });
}

/** The one way to write a path under which GitHub finds the file of a commit: `./a.json` and absolute paths it does not. */
function repositoryPath(file: string): string {
  const { workspace } = readRunContext();
  return relative(workspace, resolve(workspace, file)).replaceAll(sep, '/');
}

/** Where files go that need not outlive the job. */
export function temporaryFolder(): string {
  const folder = process.env['RUNNER_TEMP'];
  return folder === undefined || folder === '' ? tmpdir() : folder;
}
