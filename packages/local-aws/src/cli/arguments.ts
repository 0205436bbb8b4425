import { parseArgs } from 'node:util';
import type { LocalAwsOptions } from '../local-aws.js';

/** What the command line asks for. */
export type Invocation =
  | { readonly command: 'up'; readonly options: LocalAwsOptions }
  | { readonly command: 'env'; readonly port: number | undefined }
  | {
      readonly command: 'exec';
      readonly options: LocalAwsOptions;
      readonly file: string;
      readonly args: readonly string[];
    }
  | { readonly command: 'help' };

/** A command line that makes no sense; the message is for whoever typed it. */
export class UsageError extends Error {}

export const usage = `Usage:
  local-aws up [options]                  start an embedded AWS and stay until Ctrl-C
  local-aws env [--port N]                print the export lines of a running one, for eval
  local-aws exec [options] -- COMMAND…    run COMMAND against one of its own, exit with its code

Options of up and exec:
  --port N                    listen on 127.0.0.1:N (default: a free port)
  --clock real|manual|SCALE   time of ECS, ECR and logs; 60 is an hour in a minute (default: real)
  --instances N               EC2 container instances in the cluster "default" (default: 0)
  --backend scripted|docker   play what containers do, or run them (default: scripted)
  --account ID                twelve digits (default: 123456789012)
  --region NAME               (default: us-east-1)
`;

const optionTypes = {
  port: { type: 'string' },
  clock: { type: 'string' },
  instances: { type: 'string' },
  backend: { type: 'string' },
  account: { type: 'string' },
  region: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = Partial<Record<Exclude<keyof typeof optionTypes, 'help'>, string>> & { help?: boolean };

/** @throws UsageError */
export function parseArguments(argv: readonly string[]): Invocation {
  const [command, ...rest] = argv;
  if (command === undefined || command === 'help' || command === '--help' || command === '-h') {
    return { command: 'help' };
  }
  const dashes = rest.indexOf('--');
  const own = dashes === -1 ? rest : rest.slice(0, dashes);
  const [file, ...args] = dashes === -1 ? [] : rest.slice(dashes + 1);
  const values = parseOptions(own);
  if (values.help === true) return { command: 'help' };
  switch (command) {
    case 'up':
      return { command, options: toOptions(values) };
    case 'env':
      return {
        command,
        port: values.port === undefined ? undefined : toCount('--port', values.port, 65_535),
      };
    case 'exec':
      if (file === undefined) throw new UsageError('exec needs a command: local-aws exec -- COMMAND…');
      return { command, options: toOptions(values), file, args };
    default:
      throw new UsageError(`There is no command "${command}".`);
  }
}

function parseOptions(args: readonly string[]): Values {
  try {
    return parseArgs({ args: [...args], options: optionTypes }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function toOptions(values: Values): LocalAwsOptions {
  const { port, clock, instances, backend, account, region } = values;
  if (backend !== undefined && backend !== 'scripted' && backend !== 'docker') {
    throw new UsageError(`--backend is scripted or docker, not "${backend}".`);
  }
  if (account !== undefined && !/^\d{12}$/.test(account)) {
    throw new UsageError(`--account is twelve digits, not "${account}".`);
  }
  return {
    ...(port !== undefined && { port: toCount('--port', port, 65_535) }),
    ...(clock !== undefined && { clock: toClock(clock) }),
    ...(instances !== undefined && { instances: toCount('--instances', instances, 1000) }),
    ...(backend !== undefined && { backend }),
    ...(account !== undefined && { accountId: account }),
    ...(region !== undefined && { region }),
  };
}

function toCount(name: string, text: string, most: number): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > most) {
    throw new UsageError(`${name} is a number from 0 to ${most}, not "${text}".`);
  }
  return count;
}

function toClock(text: string): NonNullable<LocalAwsOptions['clock']> {
  if (text === 'real' || text === 'manual') return text;
  const scale = Number(text);
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new UsageError(`--clock is real, manual or a number above 0, not "${text}".`);
  }
  return { scale };
}
