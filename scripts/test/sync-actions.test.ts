import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';

const script = fileURLToPath(new URL('../sync-actions.mjs', import.meta.url));
let repository: string;

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'sync-actions-'));
});
afterEach(() => rm(repository, { recursive: true }));

const COMMON = Object.fromEntries(
  ['aws-region', 'role-to-assume', 'role-session-name', 'role-duration-seconds'].map((name) => [
    name,
    { description: `What ${name} means.` },
  ]),
);

/** An action that breaks no rule. */
const sound = () => ({
  name: 'Ship',
  description: 'Ships.',
  inputs: {
    ...COMMON,
    cluster: { description: 'Name or ARN.\nOf a cluster | of ours.', required: true },
    wait: { description: 'Whether to wait.', default: 'true' },
  } as Record<string, unknown>,
  outputs: { 'task-arn': { description: 'ARN of the task.' } } as Record<string, unknown>,
  runs: { using: 'node24', main: 'dist/index.js' },
});
type ActionFile = ReturnType<typeof sound>;

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(repository, path)), { recursive: true });
  await writeFile(join(repository, path), text);
}

/** Writes an action, changed by `change`, and has its generated files written. */
async function add(name: string, change: (action: ActionFile) => void = () => {}): Promise<void> {
  const action = sound();
  change(action);
  await write(`actions/${name}/action.yml`, stringify(action));
  await write(
    `actions/${name}/README.md`,
    '# Ship\n\n<!-- action-docs:start -->\n<!-- action-docs:end -->\n\nMore.\n',
  );
  await mkdir(join(repository, `actions/${name}/src`), { recursive: true });
  sync();
}

function sync(...args: string[]): { status: number | null; problems: string[] } {
  const { status, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: repository,
    encoding: 'utf8',
  });
  return { status, problems: stderr.split('\n').filter((line) => line !== '') };
}

const read = (path: string) => readFile(join(repository, path), 'utf8');

test('writes names and tables, after which there is nothing left to say', async () => {
  await add('ship');
  expect(await read('actions/ship/src/action.ts')).toContain("  | 'cluster'\n  | 'wait';\n");
  expect(await read('actions/ship/src/action.ts')).toContain("export type OutputName =\n  | 'task-arn';\n");
  const readme = await read('actions/ship/README.md');
  expect(readme).toContain('| `cluster` **(required)** | Name or ARN. Of a cluster \\| of ours. |  |');
  expect(readme).toContain('| `wait` | Whether to wait. | `true` |');
  expect(readme).toContain('| `task-arn` | ARN of the task. |');
  expect(readme).toMatch(/^# Ship\n.*\nMore\.\n$/s);
  expect(sync('--check')).toEqual({ status: 0, problems: [] });
});

test('writes nothing when it checks', async () => {
  await add('ship');
  await write('actions/ship/src/action.ts', '// older\n');
  sync('--check');
  expect(await read('actions/ship/src/action.ts')).toBe('// older\n');
});

describe('--check fails on', () => {
  test.each<[what: string, change: (action: ActionFile) => void, problem: string]>([
    [
      'an input without a description',
      (action) => (action.inputs['cluster'] = { required: true }),
      'actions/ship: input cluster has no description',
    ],
    [
      'an input with a blank description',
      (action) => (action.inputs['cluster'] = { description: ' \n' }),
      'actions/ship: input cluster has no description',
    ],
    [
      'an input with nothing at all',
      (action) => (action.inputs['cluster'] = null),
      'actions/ship: input cluster has no description',
    ],
    [
      'an output without a description',
      (action) => (action.outputs['task-arn'] = {}),
      'actions/ship: output task-arn has no description',
    ],
    [
      'an action without a description',
      (action) => (action.description = ''),
      'actions/ship: the action has no description',
    ],
    [
      'a name in another style',
      (action) => (action.inputs['taskDefinition'] = { description: 'A file.' }),
      'actions/ship: input taskDefinition is not kebab-case',
    ],
    [
      'a missing common input',
      (action) => delete action.inputs['role-to-assume'],
      'actions/ship: lacks the common input role-to-assume',
    ],
    [
      'another runtime',
      (action) => (action.runs.using = 'node20'),
      'actions/ship: runs.using is node20, not node24',
    ],
  ])('%s', async (_what, change, problem) => {
    await add('ship', change);
    expect(sync('--check')).toEqual({ status: 1, problems: [problem] });
  });

  test('a common input that two actions describe differently', async () => {
    await add('plan');
    await add('ship', (action) => (action.inputs['aws-region'] = { description: 'Another meaning.' }));
    expect(sync('--check')).toEqual({
      status: 1,
      problems: ['actions/ship: input aws-region differs from the one in actions/plan'],
    });
  });

  test('names and tables that are older than action.yml', async () => {
    await add('ship');
    const action = sound();
    action.inputs['extra'] = { description: 'New.' };
    await write('actions/ship/action.yml', stringify(action));
    expect(sync('--check')).toEqual({
      status: 1,
      problems: [
        'actions/ship/src/action.ts is not what action.yml says: run npm run sync-actions',
        'actions/ship/README.md is not what action.yml says: run npm run sync-actions',
      ],
    });
  });

  test('a README without a place for the tables', async () => {
    await add('ship');
    await write('actions/ship/README.md', '# Ship\n');
    const { status, problems } = sync('--check');
    expect(status).toBe(1);
    expect(problems).toEqual([
      expect.stringContaining('actions/ship/README.md has no <!-- action-docs:start -->'),
    ]);
  });

  test('a folder without action.yml, and reports the others too', async () => {
    await mkdir(join(repository, 'actions/empty'), { recursive: true });
    await add('ship', (action) => (action.name = ''));
    expect(sync('--check').problems).toEqual([
      'actions/empty/action.yml is missing',
      'actions/ship: the action has no name',
    ]);
  });
});
