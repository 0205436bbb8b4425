// Runs a command with a recorder between it and the AWS that AWS_ENDPOINT_URL names:
//
//   npx local-aws exec -- node record.mjs RECORDING COMMAND…
//
// Every request goes on as it came, so that its signature stays valid, and is appended to RECORDING with its answer,
// one JSON object a line. Ends with the command's exit code.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';

const [recording, file, ...args] = process.argv.slice(2);
const upstream = process.env['AWS_ENDPOINT_URL'];
if (file === undefined || upstream === undefined) {
  console.error('usage, with AWS_ENDPOINT_URL set: record.mjs RECORDING COMMAND…');
  process.exit(2);
}

const server = createServer((incoming, outgoing) => {
  const seen = new PassThrough();
  const request = text(seen);
  const onward = send(
    new URL(incoming.url ?? '/', upstream),
    { method: incoming.method, headers: incoming.headers, setHost: false },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      if (incoming.method === 'POST' && incoming.url === '/') void record(incoming, request, answer);
    },
  );
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
  incoming.pipe(seen);
});

/** Appends a request and its answer, once both are there in full. What goes wrong here ends the process. */
async function record(incoming, request, answer) {
  const echo = new PassThrough();
  answer.pipe(echo);
  const [asked, response] = await Promise.all([request, text(echo)]);
  const entry = {
    target: incoming.headers['x-amz-target'],
    agent: incoming.headers['user-agent'],
    request: asked,
    status: answer.statusCode,
    headers: answer.headers,
    response,
  };
  appendFileSync(recording, `${JSON.stringify(entry)}\n`);
}

server.listen(0, '127.0.0.1', () => {
  const env = { ...process.env, AWS_ENDPOINT_URL: `http://127.0.0.1:${server.address().port}` };
  const child = spawn(file, args, { env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${file}: ${error.message}`);
    process.exit(127);
  });
  child.on('close', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
});
