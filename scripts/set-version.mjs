// Gives the whole repository a version: every package.json, what the workspaces ask of each other, and the changelog.
//
//   node scripts/set-version.mjs X.Y.Z
//
// The lock file follows with `npm install --package-lock-only`.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const [version, today = new Date().toISOString().slice(0, 10)] = process.argv.slice(2);
const root = readJson('package.json');

if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) stop('usage: set-version.mjs X.Y.Z');
if (compare(version, root.version) <= 0) stop(`${version} is not newer than ${root.version}`);
const changelog = readFileSync('CHANGELOG.md', 'utf8');
if (!/^## Unreleased\n+(### |- )/m.test(changelog)) stop('CHANGELOG.md has nothing under "## Unreleased"');

for (const path of packageFiles()) {
  const contents = readJson(path);
  contents.version = version;
  for (const kind of ['dependencies', 'devDependencies', 'peerDependencies'])
    for (const name of Object.keys(contents[kind] ?? {}))
      if (name.startsWith('@ecs-actions/')) contents[kind][name] = version;
  writeFileSync(path, `${JSON.stringify(contents, null, 2)}\n`);
}
writeFileSync(
  'CHANGELOG.md',
  changelog.replace('## Unreleased\n', `## Unreleased\n\n## ${version} (${today})\n`),
);

/** The root's and those of its workspaces: `folder` or `folder/*`. */
function packageFiles() {
  const folders = root.workspaces.flatMap((pattern) => {
    const parent = pattern.replace(/\/\*$/, '');
    return parent === pattern ? [pattern] : readdirSync(parent).map((name) => `${parent}/${name}`);
  });
  return [
    'package.json',
    ...folders.map((folder) => `${folder}/package.json`).filter((path) => existsSync(path)),
  ];
}

function compare(a, b) {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  const at = left.findIndex((part, index) => part !== right[index]);
  return at < 0 ? 0 : left[at] - right[at];
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
