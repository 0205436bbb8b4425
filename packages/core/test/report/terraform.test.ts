import { describe, expect, test } from '@jest/globals';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import {
  readPlan,
  redactPlan,
  reportTerraformPlan,
  summarizePlan,
  type TerraformPlanResult,
} from '../../src/index.js';

const HOSTILE = [
  '@octocat',
  '#1',
  '<img src=x onerror=alert(1)>',
  '</details></summary></code>',
  '```',
  '~~~~',
  '# heading',
  '[link](https://evil.example)',
  'https://evil.example',
  'www.evil.example',
  'mailto:x@evil.example xmpp:x@evil.example',
  '_em_ __strong__ a_b_c $x$ :smile: &lt; \\',
  '| a | b |',
  '<!-- marker -->',
  '**bold** _em_ ~~no~~',
  '\u202egnirts\u202c',
  'zero\u200bwidth',
  '\u001b[31mred',
].join('\n');

function resultOf(
  document: Record<string, unknown>,
  rest: Partial<TerraformPlanResult> = {},
): TerraformPlanResult {
  return {
    tool: { name: 'terraform', file: 'terraform', version: '1.11.4' },
    workspace: undefined,
    outcome: 'changes',
    exitCode: 2,
    failureReason: undefined,
    diagnostics: [],
    plan: redactPlan(
      readPlan(JSON.stringify({ format_version: '1.2', terraform_version: '1.11.4', ...document })),
    ),
    planFile: undefined,
    fingerprint: undefined,
    ...rest,
  };
}

function resource(address: string, actions: string[], values: Record<string, unknown> = {}, rest = {}) {
  const gone = !actions.includes('create') && !actions.includes('update');
  return {
    address,
    mode: 'managed',
    type: 'x',
    ...rest,
    change: {
      actions,
      before: actions[0] === 'create' && actions.length === 1 ? null : { v: 'old' },
      after: gone ? null : values,
      after_unknown: {},
      before_sensitive: {},
      after_sensitive: {},
    },
  };
}

test('nothing from the plan becomes markup, and what is invisible is shown', () => {
  const report = reportTerraformPlan(
    resultOf(
      {
        resource_changes: [
          resource(`x.y[${JSON.stringify(HOSTILE)}]`, ['delete'], {}, { action_reason: HOSTILE }),
          resource(
            `x.z\n${HOSTILE}`,
            ['update'],
            { v: HOSTILE, [HOSTILE]: HOSTILE, w: `one line ${'`'.repeat(7)}` },
            { previous_address: HOSTILE },
          ),
          resource('x.q', ['create', HOSTILE], { v: HOSTILE }),
        ],
        output_changes: {
          o: {
            actions: ['create'],
            before: null,
            after: HOSTILE,
            after_sensitive: false,
            before_sensitive: false,
          },
        },
        checks: [
          {
            address: { to_display: HOSTILE },
            status: 'fail',
            instances: [{ problems: [{ message: HOSTILE }] }],
          },
        ],
        action_invocations: [{ address: HOSTILE }],
      },
      {
        workspace: HOSTILE,
        diagnostics: [
          {
            severity: 'error',
            summary: HOSTILE,
            detail: HOSTILE,
            address: undefined,
            range: { file: HOSTILE, line: 1, column: 1 },
            snippet: { code: HOSTILE, values: [HOSTILE] },
          },
        ],
      },
    ),
    { directory: HOSTILE },
  );
  const html = micromark(report, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const tags = new Set([...html.matchAll(/<([a-z!][^\s>]*)/g)].map(([, tag]) => tag));
  expect([...tags].sort()).toEqual(
    [
      'b',
      'code',
      'details',
      'h3',
      'h4',
      'li',
      'p',
      'pre',
      'strong',
      'summary',
      'table',
      'tbody',
      'td',
      'th',
      'thead',
      'tr',
      'ul',
    ].sort(),
  );
  expect(
    [...html.matchAll(/<h[34]>(.*?)<\/h[34]>/g)].filter(([, title]) => title?.includes('heading')),
  ).toEqual([]);
  // Outside of code there is no mention and no reference that GitHub could link.
  const prose = html.replace(/<code[^>]*>.*?<\/code>/gs, '');
  expect(prose).not.toMatch(/@octocat|(^|[^&])#1\b|evil\.example|onerror/);
  for (const invisible of ['\u202e', '\u200b', '\u001b']) expect(report).not.toContain(invisible);
  expect(report).toContain('\\u{202e}');
});

describe('a report always fits', () => {
  const gone = Array.from({ length: 300 }, (_, index) => resource(`x.gone[${index}]`, ['delete']));
  const made = Array.from({ length: 300 }, (_, index) =>
    resource(`x.made[${index}]`, ['create'], { text: 'v'.repeat(2_000) }),
  );
  const result = resultOf({ resource_changes: [...made, ...gone] });

  test.each([2_000_000, 300_000, 100_000, 60_000, 32_000])(
    'into %d bytes, every destroyed resource listed',
    (maxBytes) => {
      const report = reportTerraformPlan(result, { maxBytes });
      expect(Buffer.byteLength(report)).toBeLessThanOrEqual(maxBytes);
      for (let index = 0; index < 300; index += 1)
        expect(report).toMatch(new RegExp(`x.gone(\\[|&#91;)${index}(\\]|&#93;)`));
      expect(report).toContain('300 to add, 0 to change, 300 to destroy');
      expect(report.includes('would not fit') || report.includes('fit here')).toBe(maxBytes < 2_000_000);
    },
  );

  test('and says how many are missing when not even their addresses fit', () => {
    const report = reportTerraformPlan(result, { maxBytes: 2_000 });
    expect(Buffer.byteLength(report)).toBeLessThanOrEqual(2_000);
    const shown = report.match(/^x\.gone/gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(10);
    expect(report).toContain(`… and ${300 - shown} more are destroyed`);
  });

  test('1,500 resources are told in less than two seconds', () => {
    const many = Array.from({ length: 1_500 }, (_, index) => ({
      ...resource(`x.y[${index}]`, ['update'], { v: `new-${index}`, secret: `hidden-${index}` }),
    }));
    const before = process.cpuUsage();
    reportTerraformPlan(resultOf({ resource_changes: many }));
    // Processor time: the machine may have other work.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
  });
});

test('the summary says what Terraform leaves out', () => {
  const { plan } = resultOf({
    resource_changes: [
      resource('x.a', ['no-op'], {}, { previous_address: 'x.b' }),
      resource('x.c', ['forget']),
      resource('x.d', ['create', 'delete'], {}),
    ],
    output_changes: { o: { actions: ['create'], before: null, after: 1 } },
  });
  expect(summarizePlan(plan)).toBe(
    '1 to add, 0 to change, 1 to destroy, 1 to move, 1 to forget, 1 output to change',
  );
});

test('nothing that a plan says is left out', () => {
  const report = reportTerraformPlan(
    resultOf({
      complete: false,
      resource_changes: [
        resource(
          'x.leftover',
          ['delete'],
          {},
          { deposed: 'abc123', action_reason: 'delete_because_of_the_moon' },
        ),
        resource('x.replaced', ['create', 'forget'], { v: 'new' }),
        resource(
          'data.x.read',
          ['read'],
          { v: 'new' },
          { mode: 'data', action_reason: 'read_because_config_unknown' },
        ),
      ],
      resource_drift: [resource('x.drifted', ['update'], { v: 'by hand' })],
      deferred_changes: [
        { reason: 'resource_config_unknown', resource_change: resource('x.later', ['create'], {}) },
      ],
      action_invocations: [{ address: 'action.x.invalidate' }],
    }),
  );
  const told = report.replace(/&#(\d+);/g, (_, number: string) => String.fromCharCode(Number(number)));
  for (const part of [
    'not complete',
    'x.leftover</code> (deposed object <code>abc123</code>) is **destroyed**: <code>delete_because_of_the_moon</code>',
    'x.replaced</code> is **replaced** (created, then forgotten, not destroyed)',
    'data.x.read</code>: its configuration is known after apply',
    'Changed outside of Terraform (1)',
    '+ v = "by hand"',
    'x.later</code>: <code>resource_config_unknown</code>',
    'action.x.invalidate',
  ])
    expect(told).toContain(part);
});
