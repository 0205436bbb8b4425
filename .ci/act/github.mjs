import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs git in a folder, as nobody in particular. Returns what it printed. */
export async function git(folder, ...args) {
  const identity = [
    '-c',
    'user.name=Octo',
    '-c',
    'user.email=octo@example.test',
    '-c',
    'commit.gpgsign=false',
  ];
  const { stdout } = await run('git', ['-C', folder, ...identity, ...args]);
  return stdout.trim();
}

/**
 * The one endpoint of GitHub's API that deployments ask, "Compare two commits", answered from a repository's history
 * for who brings `token`. Returns its address, what was asked, and how to stop it.
 */
export async function serveCompare(folder, token) {
  const asked = [];
  const answer = async (request, response) => {
    const [, base, head] = /^\/repos\/octo-org\/octo-app\/compare\/(\w+)\.\.\.(\w+)/.exec(request.url) ?? [];
    const allowed = request.headers.authorization === `Bearer ${token}`;
    const status = base !== undefined && allowed ? await compare(folder, base, head) : undefined;
    asked.push({ url: request.url, status });
    response.writeHead(status === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status }));
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, asked, stop: () => server.close() };
}

async function compare(folder, base, head) {
  const counted = await git(folder, 'rev-list', '--left-right', '--count', `${base}...${head}`).catch(
    () => undefined,
  );
  if (counted === undefined) return undefined;
  const [behind, ahead] = counted.split(/\s+/).map(Number);
  if (behind === 0) return ahead === 0 ? 'identical' : 'ahead';
  return ahead === 0 ? 'behind' : 'diverged';
}
