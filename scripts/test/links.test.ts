import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Markdown that people read here, and what it says outside of code. */
function pages(): [path: string, text: string][] {
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  });
  return stdout
    .split('\n')
    .filter((path) => path !== '' && !/\/(fixtures|test)\//.test(path) && existsSync(join(root, path)))
    .map((path) => [path, readFileSync(join(root, path), 'utf8').replace(/^```.*?^```/gms, '')]);
}

/** Anchors of a page's headings, as GitHub makes them. */
function anchors(path: string): string[] {
  const headings = readFileSync(join(root, path), 'utf8').match(/^#+ .*$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

function brokenLinks([page, text]: [path: string, text: string]): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? page : join(dirname(page), file);
      if (!existsSync(join(root, path))) return true;
      return anchor !== undefined && path.endsWith('.md') && !anchors(path).includes(anchor);
    })
    .map((target) => `${page}: ${target}`);
}

test('finds the pages at all', () => {
  expect(pages().map(([path]) => path)).toEqual(expect.arrayContaining(['README.md', 'docs/oidc.md']));
});

test('sees a link that leads nowhere', () => {
  expect(
    brokenLinks(['docs/x.md', '[a](oidc.md) [b](none.md) [c](oidc.md#the-job) [d](oidc.md#none)']),
  ).toEqual(['docs/x.md: none.md', 'docs/x.md: oidc.md#none']);
});

test('every link between pages leads somewhere', () => {
  expect(pages().flatMap(brokenLinks)).toEqual([]);
});
