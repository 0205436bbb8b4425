import { describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  explainPlanFailure,
  findTerraform,
  judgeDestroys,
  planTerraform,
  type Exec,
} from '../../src/index.js';
import { replay } from './replay.js';

const notThere = () => Promise.reject(Object.assign(new Error('spawn ENOENT'), { code: 'ENOENT' }));

describe('finding the program', () => {
  const only =
    (file: string, stdout = '{"terraform_version": "1.11.4"}'): Exec =>
    (command) =>
      command.file === file ? Promise.resolve({ exitCode: 0, stdout, stderr: '' }) : notThere();

  test.each([
    ['terraform', {}, { name: 'terraform', file: 'terraform' }],
    ['tofu', {}, { name: 'tofu', file: 'tofu' }],
    [
      '/tools/terraform-bin',
      { terraform: '/tools/terraform-bin' },
      { name: 'terraform', file: '/tools/terraform-bin' },
    ],
    ['terraform', { terraform: '/tools/terraform-bin' }, { name: 'terraform', file: 'terraform' }],
  ])('with only %s there', async (file, preferred, found) => {
    expect(await findTerraform({ exec: only(file), preferred })).toEqual({ ...found, version: '1.11.4' });
  });

  test('what was asked for is not replaced by the other one', async () => {
    await expect(findTerraform({ exec: only('terraform'), name: 'tofu' })).rejects.toMatchObject({
      code: 'TERRAFORM_MISSING',
      message: 'There is no tofu on the PATH of this runner.',
    });
  });

  test('neither is there', async () => {
    const failure = expect(findTerraform({ exec: notThere })).rejects;
    await failure.toMatchObject({
      code: 'TERRAFORM_MISSING',
      message: expect.stringContaining('no terraform and no tofu') as unknown,
      hint: expect.stringContaining('hashicorp/setup-terraform') as unknown,
    });
  });
});

describe('what is run', () => {
  test('the options become arguments, and values never do', async () => {
    const { commands } = await replay('01-create', {
      workspace: 'staging',
      varFiles: ['prod.tfvars'],
      variables: 'password = "variable-value"',
      backendConfig: ['backend.hcl', 'bucket=state', 'secret_key=backend-value ${x}'],
      targets: ['module.a["b c"]'],
      replace: ['aws_x.y'],
      mode: 'destroy',
      refresh: false,
      lock: false,
      lockTimeout: '5m',
      parallelism: 3,
    });
    const [version, init, list, plan, show] = commands.map(({ args }) => args);
    expect(version).toEqual(['version', '-json']);
    expect(init?.slice(0, 4)).toEqual(['init', '-input=false', '-no-color', '-backend-config=backend.hcl']);
    expect(init).toHaveLength(5);
    expect(list).toEqual(['workspace', 'list', '-no-color']);
    expect(plan).toEqual(
      expect.arrayContaining([
        'plan',
        '-json',
        '-detailed-exitcode',
        '-destroy',
        '-refresh=false',
        '-lock=false',
        '-lock-timeout=5m',
        '-parallelism=3',
        '-var-file=prod.tfvars',
        '-target=module.a["b c"]',
        '-replace=aws_x.y',
      ]),
    );
    expect(show?.slice(0, 2)).toEqual(['show', '-json']);
    for (const command of commands) {
      expect(command.output).toBe('silent');
      expect(JSON.stringify(command)).not.toMatch(/variable-value|backend-value/);
    }
    // init would make a workspace that the environment selects.
    expect(commands.slice(1).map(({ env }) => env?.['TF_WORKSPACE'])).toEqual([
      undefined,
      'staging',
      'staging',
      'staging',
    ]);
    // The files with the values are gone when it is over.
    const file = plan?.find((arg) => arg.startsWith('-var-file=') && arg.endsWith('input.tfvars'));
    expect(() => readFileSync(file?.slice('-var-file='.length) ?? '')).toThrow('ENOENT');
  });

  test('init is left out on request', async () => {
    const { commands } = await replay('01-create', { init: false });
    expect(commands.map(({ args }) => args[0])).toEqual(['version', 'plan', 'show']);
  });

  test('progress is told by address, without ids', async () => {
    const { log } = await replay('26-replace-flag-and-taint');
    expect(log).toEqual(
      expect.arrayContaining([
        'Terraform 1.11.4',
        'terraform_data.asked: refreshing',
        'terraform_data.tainted: plan to replace',
        'Plan: 3 to add, 1 to change, 3 to destroy.',
      ]),
    );
    expect(log.join('\n')).not.toContain('id=');
  });
});

describe('what fails', () => {
  test('a workspace that does not exist', async () => {
    const { result, commands } = await replay('01-create', { workspace: 'stagign' });
    expect(result).toMatchObject({ outcome: 'failed', failureReason: 'workspace', planFile: undefined });
    expect(result.diagnostics[0]?.detail).toBe('There are: default, staging.');
    expect(commands.map(({ args }) => args[0])).not.toContain('plan');
  });

  test('a configuration that init refuses is explained with its place', async () => {
    const { result } = await replay('18-syntax-error');
    expect(result.failureReason).toBe('init');
    expect(result.diagnostics[0]).toMatchObject({ range: { file: 'main.tf', line: 2 } });
    expect(explainPlanFailure(result)).toMatchObject({
      code: 'TERRAFORM_FAILED',
      message: expect.stringContaining('main.tf:2: Invalid multi-line string') as unknown,
    });
  });

  test.each([
    ['Error acquiring the state lock', 'locked'],
    ['Backend initialization required, please run "terraform init"', 'init'],
    ['Inconsistent dependency lock file', 'init'],
    ['Invalid value for variable', 'plan'],
  ])('"%s" is told as %s', async (summary, failureReason) => {
    const line = JSON.stringify({
      type: 'diagnostic',
      diagnostic: { severity: 'error', summary, detail: 'd' },
    });
    const result = await planWith({ exitCode: 1, stdout: `${line}\n`, stderr: '' });
    expect(result).toMatchObject({ outcome: 'failed', failureReason, diagnostics: [{ summary }] });
  });

  test('a crash without a diagnostic shows the end of what was said, without debug output', async () => {
    const result = await planWith({
      exitCode: 11,
      stdout: '',
      stderr: '2026-01-01T00:00:00.000Z [DEBUG] secret stuff\npanic: oh no\n',
    });
    expect(result).toMatchObject({ exitCode: 11, diagnostics: [{ detail: 'panic: oh no' }] });
  });

  test('a value that is known to be secret is taken out of diagnostics, a line of a variables file is left out', async () => {
    const diagnostic = (file: string) => ({
      type: 'diagnostic',
      diagnostic: {
        severity: 'error',
        summary: 'Bad value s3cr3t',
        detail: 'It is s3cr3t.',
        range: { filename: file, start: { line: 1, column: 1 } },
        snippet: { code: 'x = "s3cr3t-2"', values: [] },
      },
    });
    const stdout = [diagnostic('main.tf'), diagnostic('../tmp/x/input.tfvars')]
      .map((d) => JSON.stringify(d))
      .join('\n');
    const result = await planWith({ exitCode: 1, stdout, stderr: '' }, ['s3cr3t']);
    expect(result.diagnostics.map(({ range }) => range?.file)).toEqual(['main.tf', 'input variables']);
    expect(JSON.stringify(result)).not.toContain('s3cr3t');
    expect(result.diagnostics[1]?.snippet).toBeUndefined();
  });

  test('a directory that is not there', async () => {
    await expect(
      planTerraform({ directory: '/nowhere/at/all', planFile: join(tmpdir(), 'x', 'p') }, { exec: notThere }),
    ).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', message: 'There is no directory /nowhere/at/all.' });
  });
});

/** A run whose `plan` ends like this. */
async function planWith(
  planned: { exitCode: number; stdout: string; stderr: string },
  secrets: string[] = [],
) {
  const folder = await mkdtemp(join(tmpdir(), 'ecs-actions-terraform-'));
  try {
    return await planTerraform(
      { directory: folder, planFile: join(folder, 'plan', 'tfplan') },
      {
        secrets,
        exec: ({ args }) =>
          Promise.resolve(
            args[0] === 'plan'
              ? planned
              : { exitCode: 0, stdout: '{"terraform_version":"1.0.0"}', stderr: '' },
          ),
      },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the destroy policy', () => {
  const resources = [
    { address: 'a', actions: ['create'], deposed: undefined },
    { address: 'b', actions: ['create', 'delete'], deposed: undefined },
    { address: 'c', actions: ['forget'], deposed: undefined },
    { address: 'd', actions: ['delete'], deposed: 'abc123' },
    { address: 'e', actions: ['update'], deposed: undefined },
  ];
  const gone = ['b', 'c', 'd (deposed abc123)'];
  test.each([
    ['allow', true],
    ['warn', true],
    ['fail', false],
  ] as const)('%s', (policy, passed) => {
    expect(judgeDestroys(resources, policy)).toEqual({ policy, passed, gone });
  });

  test('passes a plan that destroys nothing', () => {
    expect(judgeDestroys(resources.slice(0, 1), 'fail')).toEqual({ policy: 'fail', passed: true, gone: [] });
  });
});
