import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planTerraform, reportTerraformPlan, type Exec } from '../../src/index.js';
import { recordingLogger } from './replay.js';

const program = ['terraform', 'tofu'].find((name) => spawnSync(name, ['version']).status === 0);
if (program === undefined && process.env['ECS_ACTIONS_REQUIRE_TERRAFORM'] === '1')
  throw new Error('ECS_ACTIONS_REQUIRE_TERRAFORM is 1, and there is no terraform and no tofu on the PATH');

/** Nothing of a developer's own configuration gets in. */
const ENV = { TF_CLI_CONFIG_FILE: '/dev/null', TF_DATA_DIR: undefined, CHECKPOINT_DISABLE: '1' };

const exec: Exec = (command) =>
  new Promise((resolve, reject) => {
    const child = spawn(command.file, [...command.args], {
      cwd: command.cwd,
      env: { ...process.env, ...command.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (exitCode) => {
      for (const line of stdout.split('\n')) command.onStdoutLine?.(line);
      resolve({ exitCode: exitCode ?? 1, stdout, stderr });
    });
  });

(program === undefined ? describe.skip : describe)(
  `the real program (${program ?? 'skipped: needs terraform or tofu'})`,
  () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ecs-actions-terraform-'));
      await cp(new URL('./real-module/', import.meta.url), folder, { recursive: true });
    });
    afterAll(async () => {
      await rm(folder, { recursive: true, force: true });
    });

    const log: string[] = [];
    const plan = (request: Partial<Parameters<typeof planTerraform>[0]> = {}) =>
      planTerraform(
        { directory: folder, planFile: join(folder, 'plan', 'tfplan'), ...request },
        { exec, logger: recordingLogger(log), env: ENV },
      );

    test('makes, applies and remakes a plan', async () => {
      const variables = 'password = "correct-horse"\nimage = "app:1"\n';
      const first = await plan({ variables });
      expect(first).toMatchObject({
        outcome: 'changes',
        exitCode: 2,
        tool: { name: program },
        plan: { counts: { add: 2, change: 0, destroy: 0 } },
      });
      const report = reportTerraformPlan(first);
      expect(report).toContain('app:1');
      expect(`${report}${JSON.stringify(first)}${log.join('\n')}`).not.toContain('correct-horse');
      expect(log).toContain('Plan: 2 to add, 0 to change, 0 to destroy.');
      expect(await readdir(join(folder, 'plan'))).toEqual(['tfplan']);

      const applied = await exec({
        file: program ?? '',
        args: ['apply', '-no-color', first.planFile ?? ''],
        cwd: folder,
        env: ENV,
      });
      expect(applied.exitCode).toBe(0);

      const same = await plan({ variables, init: false });
      expect(same).toMatchObject({ outcome: 'no-changes', exitCode: 0, plan: { unchanged: 2 } });

      // The provider's copy of the input lost its mark: Terraform itself would print the old password here.
      const other = await plan({ variables: 'password = "battery-staple"\nimage = "app:2"\n', init: false });
      expect(other.plan?.counts).toMatchObject({ change: 2, destroy: 0 });
      expect(`${reportTerraformPlan(other)}${JSON.stringify(other)}`).not.toMatch(
        /correct-horse|battery-staple/,
      );

      const again = await plan({ variables: 'password = "battery-staple"\nimage = "app:2"\n', init: false });
      expect(again.fingerprint).toBe(other.fingerprint);
      expect(again.fingerprint).not.toBe(first.fingerprint);
    });

    test('a workspace with a typing error does not plan against an empty state', async () => {
      expect(await plan({ workspace: 'prdo' })).toMatchObject({
        outcome: 'failed',
        failureReason: 'workspace',
      });
    });

    test('a fault in the variables is told without their values', async () => {
      const result = await plan({ variables: 'password = "never-shown\n', init: false });
      expect(result).toMatchObject({
        outcome: 'failed',
        exitCode: 1,
        failureReason: 'plan',
        planFile: undefined,
      });
      expect(result.diagnostics[0]?.range?.file).toBe('input variables');
      expect(JSON.stringify(result)).not.toContain('never-shown');
    });

    test('a fault in the configuration is told with its place', async () => {
      const broken = await mkdtemp(join(folder, 'broken-'));
      await writeFile(
        join(broken, 'main.tf'),
        'resource "terraform_data" "x" {\n  input = "unterminated\n}\n',
      );
      const result = await plan({ directory: broken });
      expect(result).toMatchObject({ outcome: 'failed', failureReason: 'init' });
      expect(result.diagnostics[0]?.range).toMatchObject({ file: 'main.tf', line: 2 });
    });
  },
);
