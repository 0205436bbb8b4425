import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { startLocalAws } from '../local-aws.js';
import type { LocalAwsOptions } from '../local-aws.js';

/** Runs a command against an embedded AWS of its own. Returns the command's exit code. */
export async function runExec(
  options: LocalAwsOptions,
  file: string,
  args: readonly string[],
): Promise<number> {
  const aws = await startLocalAws(options);
  try {
    const child = spawn(file, args, {
      stdio: 'inherit',
      env: merge(process.env, aws.environment()),
    });
    forwardSignals(child);
    return await exitCodeOf(child, file);
  } finally {
    await aws.stop();
  }
}

function merge(
  inherited: NodeJS.ProcessEnv,
  changes: Readonly<Record<string, string | undefined>>,
): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries({ ...inherited, ...changes }).filter(([, value]) => value !== undefined),
  );
}

/**
 * The command gets the signals that this process gets. From a terminal it gets those of the
 * keyboard anyway, and a second Ctrl-C means something else to many programs. They stay taken after
 * its end, so that none of them keeps this process from removing what it started.
 */
function forwardSignals(child: ChildProcess): void {
  const fromKeyboard = ['SIGINT', 'SIGQUIT'];
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  for (const signal of signals) {
    process.on(signal, () => {
      if (process.stdin.isTTY && fromKeyboard.includes(signal)) return;
      child.kill(signal);
    });
  }
}

/** As a shell tells it: 128 and the signal's number for a signal, 127 for no such command. */
function exitCodeOf(child: ChildProcess, file: string): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      console.error(
        `local-aws: cannot run ${file}: ${error.code === 'ENOENT' ? 'not found' : error.message}`,
      );
      resolve(error.code === 'ENOENT' ? 127 : 126);
    });
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
