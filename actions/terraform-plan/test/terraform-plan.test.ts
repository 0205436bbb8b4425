import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { runAction, type ActionOptions, type ActionRun } from '@ecs-actions/testkit';

const program = ['terraform', 'tofu'].find((name) => spawnSync(name, ['version']).status === 0) ?? '';
if (program === '' && process.env['ECS_ACTIONS_REQUIRE_TERRAFORM'] === '1')
  throw new Error('ECS_ACTIONS_REQUIRE_TERRAFORM is 1, and there is no terraform and no tofu on the PATH');

let folder: string;
let workspace: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terraform-plan-test-'));
  workspace = join(folder, 'workspace');
  await mkdir(join(workspace, 'infra'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const CONFIGURATION = `
variable "password" { sensitive = true }
variable "image" {}
resource "terraform_data" "database" { input = var.password }
resource "terraform_data" "service" {
  input            = { image = var.image }
  triggers_replace = [var.image]
}
output "image" { value = var.image }
`;
const PASSWORD = 'correct-horse-battery';
const variablesOf = (image: string) => `password = "${PASSWORD}"\nimage = "${image}"`;

const plan = (inputs: Record<string, string>, options: Partial<ActionOptions> = {}): Promise<ActionRun> =>
  runAction('terraform-plan', {
    inputs: { 'working-directory': 'infra', ...inputs },
    cwd: workspace,
    runnerTemp: join(folder, 'temp'),
    ...options,
    env: { TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1', ...options.env },
  });

const writeConfiguration = (text: string) => writeFile(join(workspace, 'infra', 'main.tf'), text);

/** Nothing that the step leaves behind, but for the plan file, holds the text. */
function expectNowhere(run: ActionRun, secret: string): void {
  for (const text of [run.stdout, run.stderr, run.summary, JSON.stringify(run.outputs)])
    expect(text).not.toContain(secret);
}

const describeReal = program === '' ? describe.skip : describe;

describeReal(`with the real program (${program || 'skipped: needs terraform or tofu'})`, () => {
  it('plans, shows the changes and hides the secret', async () => {
    await writeConfiguration(CONFIGURATION);
    const run = await plan({ variables: variablesOf('app:1') });
    expect(run).toMatchObject({ exitCode: 0, annotations: [] });
    expect(run.outputs).toMatchObject({
      changes: 'true',
      outcome: 'changes',
      'exit-code': '2',
      add: '2',
      change: '0',
      destroy: '0',
      replace: '0',
      import: '0',
      move: '0',
      forget: '0',
      'has-drift': 'false',
      'checks-failed': '0',
      // OpenTofu does not tell.
      ...(program === 'terraform' && { complete: 'true' }),
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
    expect(run.outputs['failure-reason']).toBeUndefined();
    expect(run.log).toContain('terraform_data.service: plan to create');
    expect(run.log).toContain('Plan: 2 to add, 0 to change, 0 to destroy.');
    expect(run.log).not.toContain('"@level"');
    expect(run.summary).toContain('2 to add, 0 to change, 0 to destroy');
    expect(run.summary).toContain('app:1');
    expect(await readFile(run.outputs['summary-path'] ?? '', 'utf8')).toBe(run.summary);
    expect(existsSync(run.outputs['plan-path'] ?? '')).toBe(true);
    expectNowhere(run, PASSWORD);
  });

  it('refuses to destroy if it is told to, and says what would go', async () => {
    await writeConfiguration(CONFIGURATION);
    const first = await plan({ variables: variablesOf('app:1') });
    const applied = spawnSync(program, ['apply', first.outputs['plan-path'] ?? ''], {
      cwd: join(workspace, 'infra'),
    });
    expect(applied.status).toBe(0);

    const variables = variablesOf('app:2');
    const warned = await plan({ variables, init: 'false' });
    expect(warned.exitCode).toBe(0);
    expect(warned.outputs).toMatchObject({ add: '1', destroy: '1', replace: '1' });
    expect(warned.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining('terraform_data.service') as unknown },
    ]);

    const refused = await plan({ variables, init: 'false', 'destroy-policy': 'fail' });
    expect(refused.exitCode).toBe(1);
    expect(refused.outputs).toMatchObject({ outcome: 'changes', 'failure-reason': 'gate', destroy: '1' });
    expect(refused.outputs['plan-path']).toBeUndefined();
    expect(refused.annotations).toMatchObject([{ level: 'error', title: 'TERRAFORM_DESTROY_REFUSED' }]);
    expect(refused.annotations[0]?.message).toContain('- terraform_data.service');
    expect(refused.summary).toContain('Refused by the destroy policy');
    expectNowhere(refused, PASSWORD);

    const same = await plan({ variables: variablesOf('app:1'), init: 'false' });
    expect(same.outputs).toMatchObject({ changes: 'false', outcome: 'no-changes', 'exit-code': '0' });
    expect(same.summary).toContain('No changes');
  });

  it('shows an error beside the line that it is about', async () => {
    await writeConfiguration('resource "terraform_data" "x" {\n  input = var.nope\n}\n');
    const run = await plan({});
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toMatchObject([
      { level: 'error', title: 'Reference to undeclared input variable', file: 'infra/main.tf', line: 2 },
      { level: 'error', title: 'TERRAFORM_FAILED' },
    ]);
    expect(run.outputs).toMatchObject({ outcome: 'failed', changes: 'false', 'exit-code': '1' });
    expect(run.outputs['plan-path']).toBeUndefined();
    expect(run.summary).toContain('Reference to undeclared input variable');
    expect(run.stderr).toBe('');
  });

  it('does not let what a configuration says into the log as a command', async () => {
    await writeConfiguration(`
      resource "terraform_data" "x" {
        lifecycle {
          precondition {
            condition     = 1 == 2
            error_message = "first\\n::add-mask::terraform\\n::error::pwned"
          }
        }
      }`);
    const run = await plan({});
    expect(run.exitCode).toBe(1);
    expect(run.masks).toEqual([]);
    expect(run.annotations.map(({ message }) => message)).not.toContain('pwned');
  });

  it('is not fooled by a wrapper', async () => {
    await writeConfiguration(CONFIGURATION);
    const real = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
    const tools = join(folder, 'tools');
    await mkdir(tools);
    await writeFile(join(tools, program), '#!/bin/sh\necho "a wrapper speaks"\nexit 0\n');
    await writeFile(join(tools, `${program}-bin`), `#!/bin/sh\nexec "${real}" "$@"\n`);
    await Promise.all([program, `${program}-bin`].map((name) => chmod(join(tools, name), 0o755)));
    const run = await plan(
      { variables: variablesOf('app:1') },
      { env: { PATH: `${tools}:${process.env['PATH']}`, [`${program.toUpperCase()}_CLI_PATH`]: tools } },
    );
    expect(run.outputs).toMatchObject({ 'exit-code': '2', add: '2' });
    expect(run.log).not.toContain('a wrapper speaks');
  });

  it('does not plan in a workspace that does not exist', async () => {
    await writeConfiguration(CONFIGURATION);
    const run = await plan({ variables: variablesOf('app:1') }, { env: { TF_WORKSPACE: 'prdo' } });
    expect(run.exitCode).toBe(1);
    expect(run.outputs['failure-reason']).toBe('workspace');
    expect(run.annotations[0]?.message).toContain('Workspace "prdo" does not exist');
  });
});

describe('what can be known without the program', () => {
  it('says what to install if neither is there', async () => {
    await writeConfiguration(CONFIGURATION);
    const run = await plan({}, { env: { PATH: join(folder, 'nothing') } });
    expect(run).toMatchObject({ exitCode: 1, outputs: {}, summary: '', stderr: '' });
    expect(run.annotations).toMatchObject([{ level: 'error', title: 'TERRAFORM_MISSING' }]);
    expect(run.annotations[0]?.message).toMatch(/no terraform and no tofu .*\n.*hashicorp\/setup-terraform/);
  });

  it('names every faulty input at once', async () => {
    const run = await plan({
      tool: 'pulumi',
      refresh: 'only',
      destroy: 'true',
      'lock-timeout': 'soon',
      parallelism: '0',
      'destroy-policy': 'never',
    });
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toHaveLength(1);
    for (const name of ['tool', 'refresh', 'lock-timeout', 'parallelism', 'destroy-policy'])
      expect(run.annotations[0]?.message).toContain(`Input ${name} is `);
  });

  it('says that a directory is not there', async () => {
    const run = await plan({ 'working-directory': 'nowhere' });
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toMatchObject([{ title: 'FILE_NOT_FOUND' }]);
    expect(run.annotations[0]?.message).toContain(join(workspace, 'nowhere'));
  });
});

describe('credentials', () => {
  let aws: LocalAws;
  beforeAll(async () => {
    aws = await startLocalAws();
  });
  afterAll(() => aws.stop());

  it('of the role go to the program, and to nothing else', async () => {
    const tools = join(folder, 'tools');
    const seen = join(folder, 'seen');
    await mkdir(tools);
    await writeFile(
      join(tools, 'tofu'),
      `#!/bin/sh
if [ "$1" = version ]; then echo '{"terraform_version": "1.10.0"}'; exit 0; fi
printf '%s\\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN" "$AWS_REGION" >"${seen}"
echo "Error: the secret is $AWS_SECRET_ACCESS_KEY" >&2
exit 1
`,
    );
    await chmod(join(tools, 'tofu'), 0o755);
    const ambient = aws.environment();
    const run = await plan(
      {
        tool: 'tofu',
        'aws-region': 'eu-central-1',
        'role-to-assume': `arn:aws:iam::${aws.accountId}:role/github-deploy`,
      },
      {
        env: {
          ...ambient,
          PATH: `${tools}:${process.env['PATH']}`,
          GITHUB_REPOSITORY: 'octo-org/octo-app',
          AWS_ACCESS_KEY_ID: 'AMBIENT',
          AWS_SECRET_ACCESS_KEY: 'ambient-secret',
        },
      },
    );
    const [accessKeyId, secret = '', token = '', region] = (await readFile(seen, 'utf8')).trim().split('\n');
    expect(accessKeyId).toMatch(/^ASIA/);
    expect(region).toBe('eu-central-1');
    expect(run.exitCode).toBe(1);
    expect(run.masks).toEqual(expect.arrayContaining([secret, token]));
    expect(run.exported).toEqual({});
    expect(run.annotations[0]?.message).toContain('the secret is (sensitive value)');
    const unmasked = run.stdout.replace(/^::add-mask::.*$/gm, '');
    for (const text of [unmasked, run.stderr, run.summary, JSON.stringify(run.outputs)]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(token);
    }
  });
});
