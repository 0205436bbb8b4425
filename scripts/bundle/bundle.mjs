// Bundles the action in the current folder: lib/index.js (compiled) → dist/index.js, one file.
// With --lazy-aws the AWS SDK goes into a second file, dist/aws.js, which is read only when a client is made: an
// action that often does without starts twice as fast. Such an action must come to the SDK by import() alone.
//
// ncc reads its aliases from the tsconfig.json of the folder it runs in, hence the `cwd` below; and it
// never cleans its output, hence the removal. What it writes depends on the sources alone, so that CI can
// rebuild it and compare bytes.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hintAtModules } from './compile-hints.mjs';
import { writeLazyAws } from './lazy-aws.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const action = process.cwd();
// Beside dist until it is whole: one that is interrupted leaves the old bundle as it was.
const output = join(action, '.dist');
const compiler = createRequire(import.meta.url).resolve('@vercel/ncc/dist/ncc/cli.js');

rmSync(output, { recursive: true, force: true });
const lazy = process.argv.includes('--lazy-aws') ? writeLazyAws(action, here) : undefined;
bundle(join(action, 'lib', 'index.js'), output, lazy?.folder ?? here);
if (lazy !== undefined) addFile(lazy.entry, 'aws.js');

// A chunk beside the files we asked for means that somebody wrote import() without webpackMode "eager": licenses.txt
// would then miss most packages, and chunk numbers differ from folder to folder.
const expected = lazy === undefined ? ['index.js'] : ['aws.js', 'index.js'];
const chunks = readdirSync(output).filter((name) => name.endsWith('.js') && !expected.includes(name));
if (chunks.length > 0) {
  console.error(
    `${basename(action)}: the bundle has chunks (${chunks.join(', ')}); use import(/* webpackMode: "eager" */ …).`,
  );
  process.exit(1);
}
rmSync(join(action, 'dist'), { recursive: true, force: true });
renameSync(output, join(action, 'dist'));

function bundle(entry, folder, cwd) {
  const options = ['-o', folder, '-m', '--license', 'licenses.txt', '--no-cache', '--quiet'];
  const run = spawnSync(process.execPath, [compiler, 'build', entry, ...options], {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (run.status !== 0) process.exit(run.status ?? 1);
  const file = join(folder, 'index.js');
  writeFileSync(file, hintAtModules(readFileSync(file, 'utf8')));
}

/** A bundle of its own, beside index.js. */
function addFile(entry, name) {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  bundle(entry, folder, here);
  copyFileSync(join(folder, 'index.js'), join(output, name));
  appendFileSync(join(output, 'licenses.txt'), `\n\n${readFileSync(join(folder, 'licenses.txt'), 'utf8')}`);
  rmSync(folder, { recursive: true });
}
