import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { runAction, startAction } from '@ecs-actions/testkit';
import { scenarios } from './scenarios.js';

const play = (scenario: string) => runAction(scenarios, { inputs: { scenario } });

/** A line of a stack trace. */
const STACK = /^\s+at .+:\d+/m;

describe('a step that fails', () => {
  test('for a known reason says what and what to do in one annotation, and the causes in the log', async () => {
    const run = await play('typed-error');
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toEqual([
      {
        level: 'error',
        title: 'CLUSTER_NOT_FOUND',
        message: 'There is no cluster prod.\nCreate it, or correct the input cluster.',
      },
    ]);
    expect(run.log).toContain('Caused by Error: ClusterNotFoundException\nCaused by TypeError: underneath');
    expect(run.log).not.toMatch(STACK);
    expect(run.stdout).toMatch(/::debug::EcsActionsError: There is no cluster prod\.%0A\s+at /);
  });

  test('for an unknown reason calls it our defect, without a stack', async () => {
    const run = await play('unknown-error');
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toHaveLength(1);
    expect(run.annotations[0]).toMatchObject({ level: 'error', title: 'INTERNAL_ERROR' });
    expect(run.annotations[0]?.message).toMatch(/^TypeError: .*\nThis is a defect of ecs-actions\./);
    expect(run.log).not.toMatch(STACK);
  });

  test('outside of its main function ends all the same, without a stack', async () => {
    const run = await play('crash-outside-of-main');
    expect(run.exitCode).toBe(1);
    expect(run.annotations[0]?.message).toMatch(/^RangeError: thrown where nobody listens\n/);
    expect(run.log).not.toMatch(STACK);
  });

  test('by waiting for nothing is no success', async () => {
    const run = await play('never-settles');
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toMatchObject([{ level: 'error', title: 'INTERNAL_ERROR' }]);
  });
});

test('a step that succeeds leaves outputs, a summary and a quiet log', async () => {
  const run = await play('success');
  expect(run.exitCode).toBe(0);
  expect(run.outputs).toEqual({
    text: 'two\nlines',
    count: '3',
    flag: 'false',
    summary: expect.stringContaining(run.runnerTemp),
  });
  expect(run.summary).toBe('# Done\n');
  expect(await readFile(run.outputs['summary'] ?? '', 'utf8')).toBe('# Done');
  expect(run.annotations).toEqual([]);
  expect(run.log).toBe('▸ Folded\ninside');
});

test('text from elsewhere is never obeyed', async () => {
  const run = await play('foreign-text');
  expect(run.annotations).toEqual([]);
  expect(run.masks).toEqual([]);
  expect(run.log.replaceAll('\u200b', '')).toBe(
    '::error::not ours\n  ::add-mask::e\n::warning::not ours\ntext ##[error]not ours',
  );
});

test('secrets are masked before anything else is printed, each line of them', async () => {
  const run = await play('secrets');
  expect(run.stdout.split('\n').slice(0, 2)).toEqual([
    '::add-mask::correct horse',
    '::add-mask::battery staple',
  ]);
  expect(run.log).not.toMatch(/correct horse|battery staple/);
  expect(run.log).toContain('the passphrase: *** ***, ab');
});

describe('a cancelled job', () => {
  test('aborts the signal and ends the step', async () => {
    const step = await startAction(scenarios, { inputs: { scenario: 'waits-for-the-end' } });
    await step.waitForLine(/^waiting$/);
    const asked = Date.now();
    step.kill('SIGINT');
    const run = await step.finished;
    expect(Date.now() - asked).toBeLessThan(5_000);
    expect(run.exitCode).toBe(1);
    expect(run.annotations).toEqual([
      { level: 'error', title: 'CANCELLED', message: 'The job was cancelled.' },
    ]);
  });

  test('ends the program that the step was running', async () => {
    const step = await startAction(scenarios, { inputs: { scenario: 'runs-a-program' } });
    const pid = Number((await step.waitForLine(/^child \d+$/)).split(' ')[1]);
    step.kill('SIGINT');
    expect((await step.finished).annotations).toMatchObject([{ title: 'CANCELLED' }]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('ends a step that does not listen before the runner would kill it', async () => {
    const step = await startAction(scenarios, { inputs: { scenario: 'deaf-to-cancel' } });
    await step.waitForLine(/^waiting$/);
    const asked = Date.now();
    step.kill('SIGINT');
    step.kill('SIGTERM');
    await step.waitForLine(/^The job was cancelled\. This step finishes/);
    expect(Date.now() - asked).toBeLessThan(5_000);
    expect((await step.finished).exitCode).toBe(1);
    expect(Date.now() - asked).toBeLessThan(12_000);
  });
});

describe('the post step', () => {
  test('gets the state of the main step', async () => {
    const { state } = await play('keeps-state');
    const run = await runAction(scenarios, { inputs: { scenario: 'keeps-state' }, phase: 'post', state });
    expect(run.log).toBe('closing this');
    expect(run.exitCode).toBe(0);
  });

  test('warns where it fails, and never fails the job', async () => {
    const { state } = await play('typed-error');
    const run = await runAction(scenarios, { inputs: { scenario: 'typed-error' }, phase: 'post', state });
    expect(run.exitCode).toBe(0);
    expect(run.annotations).toEqual([{ level: 'warning', message: 'Nothing was opened.' }]);
    expect(run.log).not.toMatch(STACK);
  });
});
