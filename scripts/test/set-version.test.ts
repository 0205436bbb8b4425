import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const script = fileURLToPath(new URL('../set-version.mjs', import.meta.url));
let repository: string;

beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), 'set-version-'));
  await write('package.json', { version: '1.9.0', workspaces: ['packages/*', 'scripts'] });
  await write('packages/core/package.json', { version: '1.9.0' });
  await write('packages/kit/package.json', {
    version: '1.9.0',
    dependencies: { '@ecs-actions/core': '1.9.0', yaml: '2.9.1' },
    devDependencies: { '@ecs-actions/testkit': '1.9.0' },
  });
  await write('scripts/package.json', { version: '1.9.0' });
  await write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n### Added\n\n- All of it.\n');
});
afterEach(() => rm(repository, { recursive: true }));

async function write(path: string, contents: object | string): Promise<void> {
  await mkdir(dirname(join(repository, path)), { recursive: true });
  await writeFile(join(repository, path), typeof contents === 'string' ? contents : JSON.stringify(contents));
}

const read = (path: string) => readFile(join(repository, path), 'utf8');
const setVersion = (...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], { cwd: repository, encoding: 'utf8' });

test('reaches every package, what they ask of each other, and the changelog', async () => {
  expect(setVersion('1.10.0', '2026-12-01').status).toBe(0);
  for (const path of ['package.json', 'packages/core/package.json', 'scripts/package.json'])
    expect(JSON.parse(await read(path))).toMatchObject({ version: '1.10.0' });
  expect(JSON.parse(await read('packages/kit/package.json'))).toEqual({
    version: '1.10.0',
    dependencies: { '@ecs-actions/core': '1.10.0', yaml: '2.9.1' },
    devDependencies: { '@ecs-actions/testkit': '1.10.0' },
  });
  expect(await read('CHANGELOG.md')).toBe(
    '# Changelog\n\n## Unreleased\n\n## 1.10.0 (2026-12-01)\n\n### Added\n\n- All of it.\n',
  );
});

test.each([
  ['no version', [], 'usage'],
  ['no full version', ['2.0'], 'usage'],
  ['the same version', ['1.9.0'], '1.9.0 is not newer than 1.9.0'],
  ['an older version', ['1.8.12'], 'is not newer'],
])('refuses %s and changes nothing', async (_what, args, message) => {
  const { status, stderr } = setVersion(...args);
  expect(status).toBe(1);
  expect(stderr).toContain(message);
  expect(await read('package.json')).toContain('"version":"1.9.0"');
});

test('refuses a release with nothing to say', async () => {
  await write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n## 1.9.0 (2026-11-01)\n\n- All of it.\n');
  expect(setVersion('1.10.0').stderr).toContain('nothing under "## Unreleased"');
});
