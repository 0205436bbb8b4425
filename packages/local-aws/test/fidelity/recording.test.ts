import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startLocalAws } from '../../src/index.js';

const run = promisify(execFile);
const path = (name: string) => fileURLToPath(new URL(`../../fidelity/${name}`, import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recording-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function recorded(file: string): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(join(folder, file), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Asks as a signed client does, in a process of its own. */
const client = `
  import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
  const { Account } = await new STSClient().send(new GetCallerIdentityCommand());
  console.log(Account);
`;

test('the recorder passes signed calls on unharmed, writes them down, and ends as its command does', async () => {
  const aws = await startLocalAws();
  try {
    const env = { ...process.env, ...aws.environment() } as Record<string, string>;
    const record = (...command: string[]) =>
      run(process.execPath, [path('record.mjs'), join(folder, 'calls.jsonl'), ...command], { env });
    const { stdout } = await record(process.execPath, '--input-type=module', '--eval', client);
    expect(stdout).toBe('123456789012\n');
    await expect(record(process.execPath, '--eval', 'process.exit(7)')).rejects.toMatchObject({ code: 7 });
  } finally {
    await aws.stop();
  }
  expect(await recorded('calls.jsonl')).toEqual([
    expect.objectContaining({
      request: expect.stringContaining('Action=GetCallerIdentity'),
      status: 200,
      headers: expect.objectContaining({ 'x-amzn-requestid': expect.any(String) }),
      response: expect.stringContaining('<Account>123456789012</Account>'),
    }),
  ]);
});

test('the tap writes down what a server of its process is asked and answers', async () => {
  const script = `
    import { createServer } from 'node:http';
    import { text } from 'node:stream/consumers';
    const server = createServer(async (request, response) => {
      const body = await text(request);
      response.setHeader('X-One', '1');
      response.writeHead(201, { 'X-Two': '2' });
      response.write('you said ');
      response.end(body);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = 'http://127.0.0.1:' + server.address().port;
    await (await fetch(url, { method: 'POST', body: 'hello', headers: { 'X-Amz-Target': 'T.Op' } })).text();
    await (await fetch(url + '/v2/', { method: 'POST', body: 'elsewhere' })).text();
    server.close();
    server.closeAllConnections();
  `;
  await run(
    process.execPath,
    [
      '--import',
      new URL('../../fidelity/tap.mjs', import.meta.url).href,
      '--input-type=module',
      '--eval',
      script,
    ],
    { env: { ...process.env, ECS_ACTIONS_RECORD: folder } },
  );
  const [file = ''] = await readdir(folder);
  expect(await recorded(file)).toEqual([
    expect.objectContaining({
      target: 'T.Op',
      request: 'hello',
      status: 201,
      headers: { 'x-one': '1', 'x-two': '2' },
      response: 'you said hello',
    }),
  ]);
});
