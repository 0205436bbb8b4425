// Every static check, in the order in which a failure is cheapest to find. All of them run; the exit code says
// whether one failed.
import { spawnSync } from 'node:child_process';
import { readdirSync, existsSync } from 'node:fs';

const projects = ['packages', 'actions']
  .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))
  .concat('scripts')
  .filter((folder) => existsSync(`${folder}/tsconfig.test.json`));

/** @type {[name: string, command: string[]][]} */
const checks = [
  ['format', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['actions', ['node', 'scripts/sync-actions.mjs', '--check']],
  ['build', ['node', 'scripts/turbo.mjs', 'run', 'build', '--output-logs=errors-only']],
  // After the build: the linter reads the types that packages have of each other.
  ['lint', ['oxlint', '--type-aware', '--deny-warnings']],
  ...projects.map(
    (folder) =>
      /** @type {[string, string[]]} */ ([`types ${folder}`, ['tsc', '-p', `${folder}/tsconfig.test.json`]]),
  ),
  ['unused', ['knip']],
];

let failed = 0;
for (const [name, command] of checks) {
  const started = Date.now();
  const [program, ...args] = command[0] === 'node' ? command : ['npx', '--no-install', ...command];
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) failed += 1;
  console.log(
    `${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
  );
}
console.log(failed === 0 ? `${checks.length} checks passed` : `${failed} of ${checks.length} checks failed`);
process.exit(failed === 0 ? 0 : 1);
