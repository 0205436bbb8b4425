import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  planTerraform,
  type Command,
  type CommandResult,
  type Exec,
  type Logger,
  type TerraformPlanOptions,
  type TerraformPlanRequest,
  type TerraformPlanResult,
} from '../../src/index.js';

const fixtures = new URL('./fixtures/', import.meta.url);

/** What a real run of Terraform said, and what a rendering of it has to do. */
export interface Expectation {
  readonly exit: { init: number; validate: number; plan: number; plan_file_written: boolean };
  readonly counts?: { add: number; change: number; destroy: number };
  readonly moved?: number;
  readonly imports?: number;
  readonly forget?: number;
  readonly failed?: boolean;
  readonly no_changes?: boolean;
  readonly must_not_apply?: boolean;
  readonly complete?: boolean;
  readonly replace_order?: string;
  readonly reasons?: string[];
  readonly gate_destroy?: boolean;
  readonly checks?: Record<string, string>;
  readonly show: string[];
  readonly never: string[];
  readonly heuristic_never?: string[];
}

export const caseNames = readdirSync(fixtures).sort();

export function readFixture(name: string, file: string): string | undefined {
  const url = new URL(`${name}/${file}`, fixtures);
  if (existsSync(url)) return readFileSync(url, 'utf8');
  const packed = new URL(`${name}/${file}.gz`, fixtures);
  return existsSync(packed) ? gunzipSync(readFileSync(packed)).toString('utf8') : undefined;
}

export function readExpectation(name: string): Expectation {
  return JSON.parse(readFixture(name, 'expect.json') ?? 'null') as Expectation;
}

export interface Replay {
  readonly result: TerraformPlanResult;
  readonly log: string[];
  readonly commands: Command[];
}

/** Runs the library against the recorded output of a case. */
export async function replay(
  name: string,
  request: Partial<TerraformPlanRequest> = {},
  options: Partial<TerraformPlanOptions> = {},
): Promise<Replay> {
  const folder = await mkdtemp(join(tmpdir(), 'ecs-actions-terraform-'));
  const log: string[] = [];
  const commands: Command[] = [];
  try {
    const exec = recordedExec(name);
    const result = await planTerraform(
      { directory: folder, planFile: join(folder, 'plan', 'tfplan'), ...request },
      {
        exec: (command, settings) => {
          commands.push(command);
          return exec(command, settings);
        },
        logger: recordingLogger(log),
        ...options,
      },
    );
    return { result, log, commands };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function recordingLogger(log: string[]): Logger {
  const write = (message: string) => void log.push(message);
  return { debug: write, info: write, notice: write, warning: write, group: (_title, body) => body() };
}

function recordedExec(name: string): Exec {
  const { exit } = readExpectation(name);
  return async ({ args, onStdoutLine }) => {
    const answer = (exitCode: number, stdout: string, stderr = ''): CommandResult => {
      for (const line of stdout.split('\n')) onStdoutLine?.(line);
      return { exitCode, stdout, stderr };
    };
    switch (args[0]) {
      case 'version':
        return answer(0, '{\n  "terraform_version": "1.11.4",\n  "platform": "linux_amd64"\n}\n');
      case 'init':
        return exit.init === 0
          ? answer(0, 'Terraform has been successfully initialized!\n')
          : answer(exit.init, '', readFixture(name, 'init.txt'));
      case 'validate':
        return answer(exit.validate, readFixture(name, 'validate.json') ?? '{"valid": true}');
      case 'workspace':
        return answer(0, '* default\n  staging\n\n');
      case 'plan': {
        const file = args.find((arg) => arg.startsWith('-out='))?.slice('-out='.length);
        if (exit.plan_file_written && file !== undefined) await writeFile(file, 'binary');
        return answer(exit.plan, readFixture(name, 'plan.ui.jsonl') ?? '');
      }
      case 'show':
        return answer(0, readFixture(name, 'plan.json') ?? '');
      default:
        return answer(1, '', `unexpected ${args.join(' ')}`);
    }
  };
}
