import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The bundles to compare, and how to run them. */
export function readOptions() {
  const { values } = parseArgs({
    options: {
      theirs: { type: 'string' },
      runs: { type: 'string', default: '20' },
      node: { type: 'string', default: process.execPath },
    },
  });
  const ours = fileURLToPath(new URL('../../actions/render-taskdef/dist/index.js', import.meta.url));
  const theirs = values.theirs === undefined ? undefined : resolve(values.theirs, 'dist/index.js');
  return { ours, theirs, runs: Number(values.runs), node: values.node };
}

/**
 * Runs a bundle as a step on a file that holds the text of a task definition; gives its exit code, the document it rendered, what it
 * printed, and the wall time in milliseconds.
 */
export function runStep(bundle, node, text, inputs, file = 'task-definition.json') {
  const folder = mkdtempSync(join(tmpdir(), 'bench-render-'));
  const output = join(folder, 'output');
  writeFileSync(output, '');
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    GITHUB_OUTPUT: output,
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: folder,
    AWS_REGION: 'us-east-1',
    'INPUT_TASK-DEFINITION': file,
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
  };
  const start = performance.now();
  const { status, stdout } = spawnSync(node, [bundle], { env, cwd: folder, encoding: 'utf8' });
  const ms = performance.now() - start;
  const path = /^task-definition<<(.*)\n(.*)\n\1$/m.exec(readFileSync(output, 'utf8'))?.[2];
  const document = path === undefined ? undefined : JSON.parse(readFileSync(path, 'utf8'));
  rmSync(folder, { recursive: true });
  return { status, document, stdout, ms };
}
