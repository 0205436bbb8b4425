import { basename } from 'node:path';
import type { CommandResult } from '../ports.js';
import { isList, member, type Json } from './json.js';
import { readUiLine, textOf } from './ui-stream.js';
import type { Taint } from './taint.js';

/** The file that the input's variables are handed over in. */
export const VARIABLES_FILE = 'input.tfvars';

/** Something that Terraform reports: an error, or a warning. */
export interface TerraformDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  /** May be empty, and may span lines. */
  readonly detail: string;
  /** Address of the resource concerned. */
  readonly address: string | undefined;
  /** Where in the configuration, relative to its directory; lines and columns from 1. */
  readonly range: { readonly file: string; readonly line: number; readonly column: number } | undefined;
  /** The lines of the configuration concerned, and the values in them that Terraform is ready to show. */
  readonly snippet: { readonly code: string; readonly values: readonly string[] } | undefined;
}

/** All diagnostics of an output of `plan -json`, in its order. */
export function readDiagnostics(output: string): TerraformDiagnostic[] {
  return output.split('\n').flatMap((line) => {
    const diagnostic = member(readUiLine(line), 'diagnostic');
    return diagnostic === undefined ? [] : [readDiagnostic(diagnostic)];
  });
}

/** Reads a diagnostic as `plan -json` and `validate -json` write it. */
export function readDiagnostic(diagnostic: Json): TerraformDiagnostic {
  const range = member(diagnostic, 'range');
  const start = member(range, 'start');
  const snippet = member(diagnostic, 'snippet');
  const values = member(snippet, 'values');
  const file = textOf(range, 'filename');
  return {
    severity: textOf(diagnostic, 'severity') === 'warning' ? 'warning' : 'error',
    summary: textOf(diagnostic, 'summary') ?? 'Unnamed problem',
    detail: textOf(diagnostic, 'detail') ?? '',
    address: textOf(diagnostic, 'address'),
    range:
      file === undefined ? undefined : { file, line: number(start, 'line'), column: number(start, 'column') },
    snippet:
      snippet === undefined || snippet === null
        ? undefined
        : {
            code: textOf(snippet, 'code') ?? '',
            values: (isList(values) ? values : []).map(
              (value) => `${textOf(value, 'traversal') ?? ''} ${textOf(value, 'statement') ?? ''}`,
            ),
          },
  };
}

/**
 * The diagnostic without what may not be shown: sensitive values, and lines of files that hold the values of variables.
 * The file of the input's variables is called by that name.
 */
export function cleanDiagnostic(diagnostic: TerraformDiagnostic, taint: Taint): TerraformDiagnostic {
  const { summary, detail, range, snippet } = diagnostic;
  const showsValues = range !== undefined && /\.tfvars(\.json)?$/.test(range.file);
  const file = range && basename(range.file) === VARIABLES_FILE ? 'input variables' : range?.file;
  return {
    ...diagnostic,
    summary: taint.clean(summary),
    detail: taint.clean(detail),
    range: range && { ...range, file: file ?? range.file },
    snippet:
      snippet === undefined || showsValues
        ? undefined
        : { code: taint.clean(snippet.code), values: snippet.values.map(taint.clean) },
  };
}

/** Makes a diagnostic of what a command printed for people. Lines of a debug log are left out. */
export function diagnosticFromText({ stdout, stderr, exitCode }: CommandResult): TerraformDiagnostic {
  const lines = `${stdout.startsWith('{') ? '' : stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.replace(/^[│╷╵]\s?/, ''))
    .filter((line) => !/^\d{4}-\d\d-\d\dT\d\d:/.test(line));
  const start = lines.findIndex((line) => line.startsWith('Error: '));
  if (start < 0) {
    const said = lines.filter((line) => line.trim() !== '').slice(-10);
    return problem(`The command ended with exit code ${exitCode}`, said.join('\n'));
  }
  return problem(
    (lines[start] ?? '').slice('Error: '.length),
    lines
      .slice(start + 1, start + 40)
      .join('\n')
      .trim(),
  );
}

/** An error of our own finding. */
export function problem(summary: string, detail: string): TerraformDiagnostic {
  return { severity: 'error', summary, detail, address: undefined, range: undefined, snippet: undefined };
}

function number(value: Json | undefined, key: string): number {
  const found = member(value, key);
  return typeof found === 'number' ? found : 1;
}
