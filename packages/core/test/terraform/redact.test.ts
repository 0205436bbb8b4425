import { describe, expect, test } from '@jest/globals';
import { fingerprintPlan, readPlan, redactPlan, reportTerraformPlan } from '../../src/index.js';
import { namesSecret } from '../../src/terraform/secret-names.js';

interface Change {
  actions?: string[];
  before?: unknown;
  after?: unknown;
  before_sensitive?: unknown;
  after_sensitive?: unknown;
  after_unknown?: unknown;
}

/** A plan document of one update, unless told otherwise. */
function planOf(change: Change, rest: Record<string, unknown> = {}) {
  return readPlan(
    JSON.stringify({
      format_version: '1.2',
      terraform_version: '1.11.4',
      resource_changes: [
        {
          address: 'aws_x.y',
          mode: 'managed',
          type: 'aws_x',
          change: {
            actions: ['update'],
            before: {},
            after: {},
            before_sensitive: {},
            after_sensitive: {},
            after_unknown: {},
            ...change,
          },
        },
      ],
      ...rest,
    }),
  );
}

const shown = (change: Change, rest?: Record<string, unknown>, secrets: string[] = []) =>
  JSON.stringify(redactPlan(planOf(change, rest), { secrets }));

describe('a sensitive value is taken out', () => {
  const secret = 'correct horse/battery+staple';
  test.each<[string, Change, Record<string, unknown>?, string[]?]>([
    [
      'that is marked on the side before only',
      { before: { a: secret }, before_sensitive: { a: true }, after: { a: `${secret}!` } },
    ],
    [
      'that is marked on the side after only',
      { before: { a: `${secret}!` }, after: { a: secret }, after_sensitive: { a: true } },
    ],
    [
      'that a provider copied into an attribute without a mark',
      {
        before: { input: secret, output: `id-${secret}` },
        before_sensitive: { input: true },
        after: { input: 'new one', output: 'id-new' },
      },
    ],
    [
      'that stands in base64, in JSON and in a URL',
      {
        before: {
          a: Buffer.from(secret).toString('base64'),
          b: JSON.stringify({ deep: [{ value: `x ${secret} y` }] }),
          c: `https://example.com/?q=${encodeURIComponent(secret)}`,
        },
        after: { a: 1, b: 2, c: 3 },
      },
      { output_changes: { o: { actions: ['create'], after: secret, after_sensitive: true, before: null } } },
    ],
    [
      'that stands somewhere in a Base64 text, as in basic authentication',
      {
        before: {
          a: secret,
          b: Buffer.from(`u:${secret}:v`).toString('base64'),
          c: Buffer.from(`us:${secret}`).toString('base64'),
        },
        before_sensitive: { a: true },
        after: {},
      },
    ],
    [
      'that stands in a form as Terraform encodes it',
      {
        before: { a: secret, b: 'q=correct+horse%2Fbattery%2Bstaple' },
        before_sensitive: { a: true },
        after: {},
      },
    ],
    [
      'that became sensitive only now, and was copied before',
      {
        before: { a: secret, b: `copy of ${secret}` },
        after: { a: 'x', b: 'y' },
        after_sensitive: { a: true },
      },
    ],
    [
      'that ceases to be sensitive, and is copied only now',
      {
        before: { a: secret, b: 'y' },
        before_sensitive: { a: true },
        after: { a: 'x', b: `copy of ${secret}` },
      },
    ],
    [
      'that is the default of a sensitive variable of a nested module',
      { before: { a: secret }, after: { a: 'x' } },
      {
        configuration: {
          root_module: {
            module_calls: { m: { module: { variables: { v: { sensitive: true, default: secret } } } } },
          },
        },
      },
    ],
    [
      'that is marked in the state alone',
      { before: { a: secret }, after: { a: 'x' } },
      {
        prior_state: {
          values: {
            root_module: {
              child_modules: [{ resources: [{ values: { p: secret }, sensitive_values: { p: true } }] }],
            },
          },
        },
      },
    ],
    ['that is known from elsewhere', { before: { a: `x${secret}x` }, after: { a: 'x' } }, {}, [secret]],
    [
      'that a whole object is marked for',
      { before: { a: { [secret]: secret } }, before_sensitive: { a: true }, after: { a: {} } },
    ],
    ['that is a key', { before: { a: {} }, after: { a: { [`k${secret}`]: 1 } } }, {}, [secret]],
    [
      'of a plan without any marks',
      { before: { a: secret }, after: { a: 'x' }, before_sensitive: undefined },
    ],
    [
      'that a password in a URL is',
      { before: { url: `postgres://app:${encodeURIComponent(secret)}@db/app` }, after: { url: 'x' } },
    ],
  ])('%s', (_name, change, rest = {}, secrets = []) => {
    const text = shown(change, rest, secrets);
    const base64 = [0, 1, 2, 3].map((offset) =>
      Buffer.from(`${'x'.repeat(offset)}${secret}`).toString('base64'),
    );
    const forms = [
      secret,
      encodeURIComponent(secret),
      'horse%2Fbattery',
      ...base64.map((form) => form.slice(8, 28)),
    ];
    for (const form of forms) expect(text).not.toContain(form);
    expect(text).toContain('sensitive');
  });

  test.each([
    [
      {
        container_definitions: JSON.stringify([
          { name: 'app', environment: [{ name: 'API_TOKEN', value: 'tok-1' }] },
        ]),
      },
    ],
    [{ environment: [{ variables: { DB_PASSWORD: 'tok-1' } }] }],
    [{ environment: { STRIPE_API_KEY: 'tok-1' } }],
    [{ env: ['DB_PASSWORD=tok-1'] }],
  ])('that an environment variable names: %j', (before) => {
    expect(shown({ before, after: {} })).not.toContain('tok-1');
  });

  test('but a short word that happens to be sensitive does not blot out the rest', () => {
    const text = shown({
      before: { a: 'no', b: 'not-so' },
      before_sensitive: { a: true },
      after: { a: 'on', b: 'so' },
    });
    expect(text).toContain('not-so');
    expect(text).not.toContain('"no"');
  });
});

test('a plan with thousands of sensitive values is redacted in less than two seconds', () => {
  const values = Object.fromEntries(
    Array.from({ length: 3_000 }, (_, index) => [`k${index}`, `sensitive-value-number-${index}`]),
  );
  const copies = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`copy_${key}`, `a copy of ${value} in a longer text`]),
  );
  const plan = planOf({
    before: { ...values, ...copies },
    before_sensitive: Object.fromEntries(Object.keys(values).map((key) => [key, true])),
    after: {},
  });
  const before = process.cpuUsage();
  const text = JSON.stringify(redactPlan(plan));
  // Processor time: the machine may have other work.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
  expect(text).not.toContain('sensitive-value-number');
});

test.each([
  ['DB_PASSWORD', true],
  ['dbpassword', true],
  ['STRIPE_API_KEY', true],
  ['stripeApiKey', true],
  ['GITHUB_TOKEN', true],
  ['PGPASSWORD', true],
  ['KEYCLOAK_REALM', false],
  ['MONKEY', false],
  ['DB_SECRET_ARN', false],
  ['S3_KEY_PREFIX', false],
  ['PORT', false],
])('%s names a secret: %j', (name, expected) => {
  expect(namesSecret(name)).toBe(expected);
});

describe('what differs', () => {
  const diff = (before: unknown, after: unknown, extra: Change = {}) =>
    redactPlan(planOf({ before, after, ...extra })).resources[0]?.attributes.map(
      ({ path, before: from, after: to }) =>
        `${path}: ${'text' in from ? from.text : from.kind} → ${'text' in to ? to.text : to.kind}`,
    );

  test.each<[string, unknown, unknown, string[], Change?]>([
    [
      'null, empty and absent',
      { a: null, b: '' },
      { a: '', c: null },
      ['a: null → ""', 'b: "" → absent', 'c: absent → null'],
    ],
    ['a number and its text', { a: 1, b: true }, { a: '1', b: 'true' }, ['a: 1 → "1"', 'b: true → "true"']],
    ['an item of a list', { a: ['x', 'y'] }, { a: ['x', 'z', 'y'] }, ['a[1]: absent → "z"']],
    [
      'containers by name, whatever their order',
      {
        d: JSON.stringify([
          { name: 'web', image: 'a:1' },
          { name: 'side', image: 's' },
        ]),
      },
      {
        d: JSON.stringify([
          { name: 'side', image: 's' },
          { name: 'web', image: 'a:2' },
        ]),
      },
      ['d.web.image: "a:1" → "a:2"'],
    ],
    ['JSON that is only written differently', { a: '{"x":1,"y":2}' }, { a: '{ "y": 2, "x": 1 }' }, []],
    ['what is known after apply', { a: 'x' }, {}, ['a: "x" → unknown'], { after_unknown: { a: true } }],
    ['odd keys', { a: { 'b c': 1 } }, { a: { 'b c': 2 } }, ['a["b c"]: 1 → 2']],
  ])('%s', (_name, before, after, expected, extra = {}) => {
    expect(diff(before, after, extra)).toEqual(expected);
  });

  test('two sensitive values that are equal do not differ', () => {
    const marks = { before_sensitive: { a: true }, after_sensitive: { a: true } };
    expect(diff({ a: 'hidden' }, { a: 'hidden' }, marks)).toEqual([]);
    expect(diff({ a: 'hidden' }, { a: 'hidden too' }, marks)).toEqual(['a: sensitive → sensitive']);
  });
});

test('an action list that this version does not know is shown as a change', () => {
  const plan = redactPlan(planOf({ actions: ['open'], before: { a: 1 }, after: { a: 2 } }));
  expect(plan.resources).toMatchObject([{ action: 'other', actions: ['open'] }]);
  const report = reportTerraformPlan({
    tool: { name: 'tofu', file: 'tofu', version: '1.10.0' },
    workspace: undefined,
    outcome: 'changes',
    exitCode: 2,
    failureReason: undefined,
    diagnostics: [],
    plan,
    planFile: undefined,
    fingerprint: undefined,
  });
  expect(report).toContain('does not know');
  expect(report).toContain('open');
});

describe('the fingerprint', () => {
  const change = { before: { a: 1, pw: 'secret-one' }, after: { a: 2, pw: 'secret-two' } };
  const marks = { before_sensitive: { pw: true }, after_sensitive: { pw: true } };
  const print = (extra: Change, rest?: Record<string, unknown>) =>
    fingerprintPlan(redactPlan(planOf({ ...change, ...marks, ...extra }, rest)));

  test('does not depend on when the plan was made, nor on its drift', () => {
    expect(print({}, { timestamp: '2026-01-01T00:00:00Z' })).toBe(
      print(
        {},
        {
          timestamp: '2026-02-02T00:00:00Z',
          resource_drift: [{ address: 'x', change: { actions: ['update'] } }],
        },
      ),
    );
  });

  test.each<[string, Change]>([
    ['a value', { after: { a: 3, pw: 'secret-two' } }],
    ['an action', { actions: ['delete', 'create'] }],
    ['the order of a replacement', { actions: ['create', 'delete'] }],
  ])('depends on %s', (_what, extra) => {
    expect(print(extra)).not.toBe(print({}));
  });

  test('cannot be used to guess a secret', () => {
    expect(print({ after: { a: 2, pw: 'secret-three' } })).toBe(print({}));
  });
});

test.each(['not json', '{}', '{"format_version": "2.0"}', '[1]'])('%s is no plan', (text) => {
  expect(() => readPlan(text)).toThrow(expect.objectContaining({ code: 'TERRAFORM_PLAN_UNREADABLE' }));
});
