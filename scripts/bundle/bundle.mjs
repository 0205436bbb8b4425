// Bundles the action in the current folder: lib/index.js (compiled) → dist/index.js, one file.
// ncc reads its aliases from the tsconfig.json of the folder it runs in, hence the `cwd` below; and it
// never cleans its output, hence the removal. What it writes depends on the sources alone, so that CI can
// rebuild it and compare bytes.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const action = process.cwd();
const output = join(action, 'dist');
const ncc = createRequire(import.meta.url).resolve('@vercel/ncc/dist/ncc/cli.js');

rmSync(output, { recursive: true, force: true });
const run = spawnSync(
  process.execPath,
  [
    ncc,
    'build',
    join(action, 'lib', 'index.js'),
    '-o',
    output,
    '-m',
    '--license',
    'licenses.txt',
    '--no-cache',
    '--quiet',
  ],
  { cwd: here, stdio: ['ignore', 'inherit', 'inherit'] },
);
if (run.status !== 0) process.exit(run.status ?? 1);

// A chunk beside index.js means that somebody wrote import() without webpackMode "eager": licenses.txt
// would then miss most packages, and chunk numbers differ from folder to folder.
const chunks = readdirSync(output).filter((name) => name.endsWith('.js') && name !== 'index.js');
if (chunks.length > 0) {
  console.error(
    `${basename(action)}: the bundle has chunks (${chunks.join(', ')}); use import(/* webpackMode: "eager" */ …).`,
  );
  process.exit(1);
}
