import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { runAction, startAction } from '../src/run-action.js';

const greeter = fileURLToPath(new URL('fixtures/greeter', import.meta.url));

describe('runAction', () => {
  test('returns what a step left behind', async () => {
    const run = await runAction(greeter, { inputs: { who: 'Ada' } });
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { greeting: 'hello\nAda' },
      state: { opened: 'yes' },
      exported: { GREETED: '1' },
      summary: '# Greeted\n',
      masks: ['open-sesame'],
      annotations: [{ level: 'warning', title: 'Mind', message: 'the gap\nbetween' }],
    });
    expect(await readFile(join(run.workspace, 'greeting.txt'), 'utf8')).toBe('in the workspace');
  });

  test('shows both streams, masked', async () => {
    const { log, stdout } = await runAction(greeter);
    expect(log).toContain('the word is ***');
    expect(log).toContain('a word on the other stream: ***');
    expect(log).not.toContain('open-sesame');
    expect(stdout).toContain('the word is open-sesame');
  });

  test('fills in defaults, and nothing for what only a workflow could evaluate', async () => {
    expect((await runAction(greeter)).log).toContain('inputs: ["world","",""]');
  });

  test('lets nothing of this environment in but PATH and HOME', async () => {
    process.env['NOT_FOR_THE_STEP'] = 'x';
    const { log } = await runAction(greeter, { env: { FOR_THE_STEP: 'x', HOME: undefined } });
    delete process.env['NOT_FOR_THE_STEP'];
    const names = /environment: (.*)/.exec(log)?.[1]?.split(' ');
    expect(names).toEqual(expect.arrayContaining(['FOR_THE_STEP', 'GITHUB_OUTPUT', 'PATH', 'RUNNER_TEMP']));
    expect(names).not.toEqual(expect.arrayContaining(['NOT_FOR_THE_STEP']));
    expect(names).not.toEqual(expect.arrayContaining(['HOME']));
  });

  test('runs the post step with the state of the main step', async () => {
    const { state } = await runAction(greeter);
    expect((await runAction(greeter, { phase: 'post', state })).log).toBe('post saw yes');
  });

  test('returns an exit code as a result', async () => {
    expect((await runAction(greeter, { inputs: { who: 'nobody' } })).exitCode).toBe(3);
  });

  test('refuses an input that the action does not declare', async () => {
    await expect(runAction(greeter, { inputs: { whom: 'Ada' } })).rejects.toThrow('declares no input whom');
  });
});

describe('startAction', () => {
  test('waits for lines past and to come, and passes signals on', async () => {
    const step = await startAction(greeter, { inputs: { who: 'forever' } });
    await expect(step.waitForLine(/^the word is/)).resolves.toBe('the word is open-sesame');
    await expect(step.waitForLine(/^environment/)).resolves.toMatch(/^environment: /);
    const never = step.waitForLine(/never said/);
    step.kill('SIGTERM');
    await expect(never).rejects.toThrow('ended without a line /never said/');
    expect((await step.finished).exitCode).toBeNull();
    await expect(step.waitForLine(/said after the end/)).rejects.toThrow('ended without a line');
  });

  test('ends a step that takes too long, and every wait for it', async () => {
    const step = await startAction(greeter, { inputs: { who: 'forever' }, timeoutMs: 500 });
    const never = step.waitForLine(/never said/);
    await expect(never).rejects.toThrow('ended without a line');
    await expect(step.finished).rejects.toThrow('did not end within 500 ms');
  });
});
