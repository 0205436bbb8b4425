import { describe, expect, test } from '@jest/globals';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { countChanges, judgeDestroys, readPlan, reportTerraformPlan } from '../../src/index.js';
import { caseNames, readExpectation, readFixture, replay } from './replay.js';

/** What a reader of the rendered report sees, tags gone and entities resolved. */
function render(markdown: string): { html: string; text: string } {
  const html = micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const text = html
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, number: string) => String.fromCodePoint(Number(number)))
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
  return { html, text };
}

/** The report's own elements: anything else came out of the plan. */
const OWN_TAGS = new Set(
  'h3 h4 p ul li code pre em strong b details summary table thead tbody tr th td br'.split(' '),
);

describe.each(caseNames)('case %s', (name) => {
  const expected = readExpectation(name);

  test('the result and the report say what the plan says, and nothing that is secret', async () => {
    const { result, log } = await replay(name);
    const destroys = result.plan && judgeDestroys(result.plan.resources, 'warn');
    const report = reportTerraformPlan(result, { directory: 'infra', ...(destroys && { destroys }) });
    const { html, text } = render(report);

    for (const shown of expected.show) expect(text.toLowerCase()).toContain(shown.toLowerCase());
    for (const secret of [...expected.never, ...(expected.heuristic_never ?? [])]) {
      for (const place of [text, html, report, log.join('\n'), JSON.stringify(result)])
        expect(place).not.toContain(secret);
    }
    const tags = new Set([...html.matchAll(/<\/?([a-z][a-z0-9]*)/g)].map(([, tag]) => tag));
    expect([...tags].filter((tag) => tag === undefined || !OWN_TAGS.has(tag))).toEqual([]);
    expect(Buffer.byteLength(report)).toBeLessThanOrEqual(1_000_000);

    if (expected.failed) {
      expect(result).toMatchObject({ outcome: 'failed', exitCode: 1, planFile: undefined });
    } else {
      expect(result).toMatchObject({
        outcome: expected.exit.plan === 2 ? 'changes' : 'no-changes',
        exitCode: expected.exit.plan,
        failureReason: undefined,
      });
      expect(result.planFile).toBeDefined();
      expect(result.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  const document = readFixture(name, 'plan.json');
  if (document === undefined || expected.failed) return;

  test("the counts are Terraform's", () => {
    const plan = readPlan(document);
    const counts = countChanges(plan.resources);
    if (expected.counts !== undefined) expect(counts).toMatchObject(expected.counts);
    if (expected.moved !== undefined) expect(counts.move).toBe(expected.moved);
    expect(counts.import).toBe(expected.imports ?? 0);
    expect(counts.forget).toBe(expected.forget ?? 0);
    expect(plan.complete).toBe(expected.complete ?? true);
    if (expected.replace_order !== undefined)
      expect(plan.resources.map(({ actions }) => actions.join(','))).toContain(expected.replace_order);
    if (expected.reasons !== undefined)
      expect(plan.resources.map(({ reason }) => reason)).toEqual(expect.arrayContaining(expected.reasons));
    if (expected.checks !== undefined)
      expect(Object.fromEntries(plan.checks.map(({ address, status }) => [address, status]))).toEqual(
        expected.checks,
      );
    expect(judgeDestroys(plan.resources, 'fail').passed).toBe(!(expected.gate_destroy ?? false));
  });
});
