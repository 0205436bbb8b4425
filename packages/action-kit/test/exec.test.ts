import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import type { Command } from '@ecs-actions/core';
import { exec } from '../src/exec.js';

/** A program of one line of JavaScript; nothing of it reaches this test's own output. */
const node = (script: string, ...args: string[]): Command => ({
  file: process.execPath,
  args: ['-e', script, ...args],
  output: 'silent',
});

describe('returns', () => {
  test('what a program printed, and how it ended', async () => {
    await expect(
      exec(node('console.log("out"); console.error("err"); process.exitCode = 3')),
    ).resolves.toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('128 and the number of the signal that ended it', async () => {
    await expect(
      exec(node('process.kill(process.pid, "SIGABRT"); setInterval(() => {}, 1000)')),
    ).resolves.toMatchObject({
      exitCode: 134,
    });
  });

  test('characters that arrive in two halves', async () => {
    const script =
      'process.stdout.write(Buffer.from([0xc3])); setTimeout(() => process.stdout.write(Buffer.from([0xbc])), 50)';
    await expect(exec(node(script))).resolves.toMatchObject({ stdout: 'ü' });
  });
});

describe('hands over', () => {
  test('arguments as they are: no shell sees them', async () => {
    const args = ['$HOME', '`id`', '; echo no', 'a  b', '*', '"', ''];
    const { stdout } = await exec(node('console.log(JSON.stringify(process.argv.slice(1)))', ...args));
    expect(JSON.parse(stdout)).toEqual(args);
  });

  test('standard input, then its end', async () => {
    const echo = node('process.stdin.pipe(process.stdout)');
    await expect(exec({ ...echo, input: 'a secret\n' })).resolves.toMatchObject({ stdout: 'a secret\n' });
    await expect(exec(echo)).resolves.toMatchObject({ stdout: '' });
  });

  test('more input than a program cares to read', async () => {
    const command = { ...node('process.exit(0)'), input: 'x'.repeat(1 << 20) };
    await expect(exec(command)).resolves.toMatchObject({ exitCode: 0 });
  });

  test('a folder and an environment, less what is undefined', async () => {
    process.env['TAKEN_AWAY'] = 'x';
    const { stdout } = await exec({
      ...node(
        'console.log(JSON.stringify([process.cwd(), process.env.GIVEN, "TAKEN_AWAY" in process.env, "PATH" in process.env]))',
      ),
      cwd: '/',
      env: { GIVEN: 'y', TAKEN_AWAY: undefined },
    });
    delete process.env['TAKEN_AWAY'];
    expect(JSON.parse(stdout)).toEqual(['/', 'y', false, true]);
  });

  test('each line of standard output as soon as it is complete', async () => {
    const lines: string[] = [];
    const script =
      'process.stdout.write("one\\r\\ntw"); setTimeout(() => process.stdout.write("o\\nthree"), 50)';
    await exec({ ...node(script), onStdoutLine: (line) => lines.push(line) });
    expect(lines).toEqual(['one', 'two', 'three']);
  });
});

test('shows output in the log unless it is to be silent', async () => {
  const written = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await exec(node('console.log("kept quiet")'));
    expect(written).not.toHaveBeenCalled();
    await exec({ ...node('console.log("said"); console.error("and this")'), output: 'log' });
    const said = written.mock.calls.map(([text]) => String(text)).join('');
    expect(said).toContain('said\n');
    expect(said).toContain('and this\n');
  } finally {
    written.mockRestore();
  }
});

describe('rejects', () => {
  test('with ENOENT where there is no such program', async () => {
    await expect(exec({ file: 'no-such-program-anywhere', args: [] })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  test('with the folder that is missing, not with ENOENT', async () => {
    await expect(exec({ ...node(''), cwd: '/no/such/folder' })).rejects.toEqual(
      errorWithCode('FILE_NOT_FOUND', '/no/such/folder'),
    );
  });
});

describe('when the job is cancelled', () => {
  test('starts nothing', async () => {
    const reason = new Error('cancelled');
    await expect(exec(node(''), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('asks the program to end, and waits until it has', async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const lines: string[] = [];
    const script =
      'process.on("SIGTERM", () => { console.log("tidied"); process.exit(0) }); console.log("up"); setInterval(() => {}, 1000)';
    const running = exec(
      {
        ...node(script),
        onStdoutLine: (line) => {
          lines.push(line);
          if (line === 'up') cancel.abort(reason);
        },
      },
      { signal: cancel.signal },
    );
    await expect(running).rejects.toBe(reason);
    expect(lines).toEqual(['up', 'tidied']);
  });

  test('does not wait for what the program left running', async () => {
    const cancel = new AbortController();
    const orphan = 'setTimeout(() => {}, 20_000)';
    const script = `const { pid } = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(orphan)}], { stdio: "inherit" }); console.log(pid); setInterval(() => {}, 1000)`;
    let pid = 0;
    const onStdoutLine = (line: string) => {
      pid = Number(line);
      cancel.abort(new Error('cancelled'));
    };
    await expect(exec({ ...node(script), onStdoutLine }, { signal: cancel.signal })).rejects.toThrow(
      'cancelled',
    );
    process.kill(pid, 'SIGKILL');
  });

  test('ends a program that will not', async () => {
    const cancel = new AbortController();
    const script = 'process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1000)';
    let pid = 0;
    const onStdoutLine = (line: string) => {
      pid = Number(line);
      cancel.abort(new Error('cancelled'));
    };
    await expect(exec({ ...node(script), onStdoutLine }, { signal: cancel.signal })).rejects.toThrow(
      'cancelled',
    );
    await delay(0);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
