// Records what every HTTP server of a process is asked and answers, for validate.mjs:
//
//   ECS_ACTIONS_RECORD=FOLDER NODE_OPTIONS="--import $PWD/packages/local-aws/fidelity/tap.mjs" npm test
//
// Each process appends to FOLDER/<pid>.jsonl. The embedded AWS knows nothing of it. Calls whose answer never went out
// in full (a reset that a test injected) are not recorded.
import { appendFileSync, mkdirSync } from 'node:fs';
import { Server } from 'node:http';
import { join } from 'node:path';

const folder = process.env['ECS_ACTIONS_RECORD'];
if (folder !== undefined && folder !== '') {
  mkdirSync(folder, { recursive: true });
  tap(join(folder, `${process.pid}.jsonl`));
}

function tap(path) {
  const emit = Reflect.get(Server.prototype, 'emit');
  Server.prototype.emit = function (event, ...args) {
    if (event === 'request' && args[0].method === 'POST' && args[0].url === '/') listen(path, ...args);
    return Reflect.apply(emit, this, [event, ...args]);
  };
}

function listen(path, request, response) {
  const asked = [];
  const answered = [];
  // Whoever serves the request decides when it is read; this sees what has been read.
  const { push } = request;
  request.push = (chunk, encoding) => {
    if (chunk !== null) asked.push(Buffer.from(chunk, encoding));
    return Reflect.apply(push, request, [chunk, encoding]);
  };
  let sentHeaders = {};
  const { writeHead } = response;
  response.writeHead = (status, ...rest) => {
    // Headers that are given here alone are in no other place.
    sentHeaders = rest.find((part) => typeof part === 'object') ?? {};
    return Reflect.apply(writeHead, response, [status, ...rest]);
  };
  for (const method of ['write', 'end']) {
    const original = response[method];
    response[method] = (...args) => {
      if (typeof args[0] === 'string' || args[0] instanceof Uint8Array) answered.push(Buffer.from(args[0]));
      return Reflect.apply(original, response, args);
    };
  }
  response.on('finish', () =>
    appendFileSync(
      path,
      `${JSON.stringify({
        target: request.headers['x-amz-target'],
        agent: request.headers['user-agent'],
        request: Buffer.concat(asked).toString(),
        status: response.statusCode,
        headers: lowerCased({ ...response.getHeaders(), ...sentHeaders }),
        response: Buffer.concat(answered).toString(),
      })}\n`,
    ),
  );
}

function lowerCased(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
