import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { compareCommitsOnGitHub } from '../src/compare-commits.js';

const servers: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(answer: RequestListener): Promise<{ apiUrl: string; repository: string }> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`,
    repository: 'octo-org/octo-app',
  };
}

test('asks for the two commits, with the token', async () => {
  const seen: unknown[] = [];
  const run = await serve(({ url, headers }, response) => {
    seen.push(url, headers.authorization);
    response.end('{"status":"behind","commits":[]}');
  });
  await expect(compareCommitsOnGitHub(run, 'ghs_x')?.('aaa', 'bbb')).resolves.toBe('behind');
  expect(seen).toEqual(['/api/v3/repos/octo-org/octo-app/compare/aaa...bbb?per_page=1', 'Bearer ghs_x']);
});

describe('cannot tell', () => {
  test.each<[what: string, answer: RequestListener]>([
    [
      'where GitHub does not know a commit',
      (_request, response) => response.writeHead(404).end('{"status":"404"}'),
    ],
    ['where the answer is not JSON', (_request, response) => response.end('<html>')],
    [
      'where the answer has no relation that we know',
      (_request, response) => response.end('{"status":"sideways"}'),
    ],
    ['where no answer comes', (request) => request.socket.destroy()],
  ])('%s', async (_what, answer) => {
    await expect(
      compareCommitsOnGitHub(await serve(answer), 'ghs_x')?.('aaa', 'bbb'),
    ).resolves.toBeUndefined();
  });

  test('without a token, or outside a run', () => {
    const apiUrl = 'https://api.github.com';
    expect(compareCommitsOnGitHub({ apiUrl, repository: 'a/b' }, undefined)).toBeUndefined();
    expect(compareCommitsOnGitHub({ apiUrl, repository: undefined }, 'ghs_x')).toBeUndefined();
  });
});
