import { parseArguments, usage, UsageError } from './cli/arguments.js';
import { runEnv } from './cli/env.js';
import { runExec } from './cli/exec.js';
import { runUp } from './cli/up.js';

/** The `local-aws` program. Returns its exit code; 2 is a command line that makes no sense. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const invocation = parseArguments(argv);
    switch (invocation.command) {
      case 'help':
        process.stdout.write(usage);
        return 0;
      case 'up':
        return await runUp(invocation.options);
      case 'env':
        return await runEnv(invocation.port);
      case 'exec':
        return await runExec(invocation.options, invocation.file, invocation.args);
    }
  } catch (error) {
    console.error(`local-aws: ${error instanceof Error ? error.message : String(error)}`);
    if (!(error instanceof UsageError)) return 1;
    process.stderr.write(usage);
    return 2;
  }
}
