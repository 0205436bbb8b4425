import { describe, expect, test } from '@jest/globals';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { micromark } from 'micromark';
import { reportFindings, reportTaskDefinitionDiff } from '../../src/report/index.js';
import type { Finding, TaskDefinitionChange } from '../../src/task-definition/index.js';

const html = (markdown: string) =>
  micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
const diffOf = (...changes: Partial<TaskDefinitionChange>[]) => ({
  changed: changes.length > 0,
  changes: changes.map((change) => ({ kind: 'changed' as const, path: 'cpu', redacted: false, ...change })),
});

describe('a diff as Markdown', () => {
  test('says that there is none, and against what', () => {
    expect(reportTaskDefinitionDiff(diffOf(), { against: 'web:7' })).toBe(
      '### Task definition unchanged against <code>web:7</code>\n',
    );
  });

  test('is a table of changes', () => {
    const rows = html(
      reportTaskDefinitionDiff(
        diffOf(
          { before: '256', after: '512' },
          { kind: 'added', path: 'containerDefinitions[app].environment[A]', after: '1' },
          { kind: 'removed', path: 'memory', before: '512' },
        ),
      ),
    );
    expect(rows).toContain('<h3>Task definition: 3 changes</h3>');
    expect(rows.match(/<tr>/g)).toHaveLength(4);
    expect(rows).toMatch(
      /<td>➕<\/td>\s*<td><code>containerDefinitions\[app\]\.environment\[A\]<\/code><\/td>\s*<td><\/td>\s*<td><code>1<\/code>/,
    );
  });

  test('stays a table whatever the values are', () => {
    const hostile = '| a\n\n# b `c` <script>alert(1)</script> @octo #1 **d**';
    const rows = html(reportTaskDefinitionDiff(diffOf({ before: hostile, after: [hostile] })));
    expect(rows.match(/<tr>/g)).toHaveLength(2);
    expect(rows).not.toMatch(/<script|<h1|<strong/);
  });

  test('folds long values away, and stays within a comment', () => {
    const text = reportTaskDefinitionDiff(
      diffOf({ before: 'x'.repeat(100_000), after: { a: 'y'.repeat(300) } }),
    );
    expect(text).toContain('more characters');
    expect(text).toContain('<details>');
    expect(text.length).toBeLessThan(65_536);
  });

  test('fits into a comment, and says how many changes it leaves out', () => {
    const markup = '<&|'.repeat(100);
    const many = Array.from({ length: 200 }, (_, index) => ({
      path: `a${index}`,
      before: markup,
      after: [markup, 'x'.repeat(5000)],
    }));
    const text = reportTaskDefinitionDiff(diffOf(...many));
    expect(Buffer.byteLength(text)).toBeLessThan(65_536);
    const left = Number(/_(\d+) more would make this page too long/.exec(text)?.[1]);
    expect(text.match(/<code>a\d+<\/code> \|/g)).toHaveLength(200 - left);
    expect(left).toBeGreaterThan(100);
  });

  test('has all changes where there is room for them', () => {
    const many = Array.from({ length: 400 }, (_, index) => ({ path: `a${index}`, after: 'x' }));
    const rows = html(reportTaskDefinitionDiff(diffOf(...many)));
    expect(rows.match(/<tr>/g)).toHaveLength(401);
    expect(rows).not.toContain('more');
  });
});

describe('findings as Markdown', () => {
  const finding: Finding = {
    rule: 'fargate-size',
    severity: 'error',
    path: '$.memory',
    reason: 'Fargate offers no task with 256 CPU units and 4096 MiB.',
    fix: 'Write 512.',
  };

  test('are counted and listed, with their lines', () => {
    const rows = html(
      reportFindings([
        { ...finding, file: 'td.json', line: 7, column: 3 },
        { ...finding, severity: 'warning' },
        { ...finding, severity: 'notice' },
      ]),
    );
    expect(rows).toContain('1 error and 1 warning and 1 notice');
    expect(rows).toContain('line 7');
    expect(rows.match(/<tr>/g)).toHaveLength(4);
  });

  test('are all there, unless they are too many', () => {
    const many = Array.from({ length: 1000 }, (_, index) => ({ ...finding, path: `$.a${index}` }));
    expect(html(reportFindings(many)).match(/<tr>/g)).toHaveLength(1001);
    const text = reportFindings(many, { bytes: 10_000 });
    expect(Buffer.byteLength(text)).toBeLessThan(11_000);
    expect(text).toMatch(/_9\d\d more are in the log of the step\._/);
    expect(text).toContain('.a0</code>');
  });

  test('may be none', () => {
    expect(reportFindings([])).toMatch(/^### Task definition: nothing/);
  });
});
