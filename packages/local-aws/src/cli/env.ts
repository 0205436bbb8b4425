import { environmentFor } from '../environment.js';
import { readStates } from './state-file.js';

/** Prints what a shell has to evaluate to use a running embedded AWS. Returns the exit code. */
export async function runEnv(port: number | undefined): Promise<number> {
  const states = await readStates();
  const state = port === undefined ? states[0] : states.find((candidate) => candidate.port === port);
  if (state === undefined) {
    const where = port === undefined ? '' : ` on port ${port}`;
    console.error(`local-aws: none is running${where}. Start one: npx local-aws up`);
    return 1;
  }
  process.stdout.write(shellLines(environmentFor(state, process.env)));
  return 0;
}

/** POSIX shell: one `export` or `unset` a line. */
export function shellLines(environment: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(environment)
    .map(([name, value]) => (value === undefined ? `unset ${name}` : `export ${name}=${quote(value)}`))
    .map((line) => `${line}\n`)
    .join('');
}

function quote(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
