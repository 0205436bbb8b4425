import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ClientException, ECSClient } from '@aws-sdk/client-ecs';
import { errorWithCode } from '@ecs-actions/testkit';
import { reportTaskDefinitionDiff } from '../../src/report/index.js';
import {
  diffTaskDefinitions,
  loadTaskDefinition,
  parseTaskDefinition,
  registerTaskDefinition,
  writeTaskDefinition,
  type RegisterTaskDefinitionOptions,
} from '../../src/task-definition/index.js';
import { writeJson } from '../../src/write-json.js';
import { openStage, validDocument, type Stage } from './stage.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.stop());

const register = (document = validDocument(), options: Partial<RegisterTaskDefinitionOptions> = {}) =>
  stage.aws.clock.runUntil(
    registerTaskDefinition(
      { ecs: stage.ecs, document },
      { clock: stage.aws.clock, logger: stage.logger, ...options },
    ),
  );

describe('a new revision', () => {
  test('is registered for a family that nobody knows', async () => {
    await expect(register()).resolves.toEqual({
      taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1',
      family: 'web',
      revision: 1,
      reused: false,
    });
  });

  test('is registered when anything has changed', async () => {
    await register();
    await expect(register(validDocument({ memory: '1024' }))).resolves.toMatchObject({
      revision: 2,
      reused: false,
    });
  });

  test('is registered, equal or not, if reuse is not wanted', async () => {
    await register();
    await expect(register(validDocument(), { reuse: false })).resolves.toMatchObject({ revision: 2 });
  });

  test('keeps members that are newer than the SDK, at every level', async () => {
    await register(validDocument({ futureMember: { a: [1] } }, { futureMember: 'kept' }));
    const [sent] = stage.requests('RegisterTaskDefinition');
    expect(sent).toMatchObject({
      futureMember: { a: [1] },
      containerDefinitions: [{ futureMember: 'kept' }],
    });
  });

  test('is sent without nulls and response-only members, with numbers as the strings that ECS takes', async () => {
    await register(validDocument({ cpu: 256, revision: 7, status: 'ACTIVE', taskRoleArn: null }));
    const [sent] = stage.requests('RegisterTaskDefinition');
    expect(sent).toEqual(validDocument());
  });
});

test('every digit goes to ECS and comes back', async () => {
  const { ecs, stop } = await openVerbatimEcs();
  try {
    const parse = async (count: string) =>
      (await parseTaskDefinition(`{ "family": "web", "futureMember": ${count}, "containerDefinitions": [] }`))
        .document;
    const registerCount = async (count: string) =>
      registerTaskDefinition({ ecs, document: await parse(count) }, { clock: stage.aws.clock });
    await expect(registerCount('12345678901234567890')).resolves.toMatchObject({
      revision: 1,
      reused: false,
    });
    const { document } = await loadTaskDefinition({ ecs, taskDefinition: 'web' });
    expect(writeTaskDefinition(document)).toContain('"futureMember": 12345678901234567890\n');
    await expect(registerCount('1234567890123456789.0e1')).resolves.toMatchObject({ reused: true });
    await expect(registerCount('12345678901234567891')).resolves.toMatchObject({
      revision: 2,
      reused: false,
    });
    const { changes } = diffTaskDefinitions(document, await parse('12345678901234567891'));
    expect(writeJson(changes)).toBe(
      '[{"kind":"changed","path":"futureMember","before":12345678901234567890,"after":12345678901234567891,"redacted":false}]',
    );
    expect(reportTaskDefinitionDiff({ changed: true, changes })).toMatch(
      /\| [^|]*12345678901234567890[^|]* \| [^|]*12345678901234567891[^|]* \|/,
    );
  } finally {
    await stop();
  }
});

/** As much of ECS as remembers a registration byte by byte. */
async function openVerbatimEcs(): Promise<{ ecs: ECSClient; stop: () => Promise<void> }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const operation = String(request.headers['x-amz-target']).replace(/.*\./, '');
      if (operation === 'RegisterTaskDefinition') bodies.push(body);
      const arn = `arn:aws:ecs:us-east-1:123456789012:task-definition/web:${bodies.length}`;
      const described = bodies.at(-1)?.replace('{', `{"taskDefinitionArn":"${arn}",`);
      response.setHeader('x-amzn-requestid', String(bodies.length));
      response.statusCode = described === undefined ? 400 : 200;
      response.end(
        described === undefined
          ? '{"__type":"ClientException","message":"Unable to describe task definition."}'
          : `{"taskDefinition":${described}}`,
      );
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const ecs = new ECSClient({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials });
  const stop = async () => {
    ecs.destroy();
    await once(server.close(), 'close');
  };
  return { ecs, stop };
}

describe('the latest revision', () => {
  test('is reused if it is equal up to what ECS fills in', async () => {
    const document = validDocument({}, { portMappings: [{ containerPort: 80 }] });
    await register(document);
    const same = validDocument(
      { cpu: '.25 vCPU', volumes: [] },
      {
        essential: true,
        cpu: 0,
        environment: [],
        portMappings: [{ hostPort: 80, protocol: 'tcp', containerPort: 80 }],
      },
    );
    await expect(register(same)).resolves.toMatchObject({ revision: 1, reused: true });
    expect(stage.requests('RegisterTaskDefinition')).toHaveLength(1);
  });

  test('is reused although it has members newer than the SDK', async () => {
    await register(validDocument({ futureMember: 1 }));
    await expect(register(validDocument({ futureMember: 1 }))).resolves.toMatchObject({ reused: true });
    await expect(register(validDocument({ futureMember: 2 }))).resolves.toMatchObject({ reused: false });
    await expect(register(validDocument())).resolves.toMatchObject({ reused: false });
  });

  test('is reused whatever commit and run it was registered by, but not with other tags', async () => {
    const tagged = (team: string) => validDocument({ tags: [{ key: 'team', value: team }] });
    await register(tagged('a'), { provenance: { commit: '1' } });
    await expect(register(tagged('a'), { provenance: { commit: '2' } })).resolves.toMatchObject({
      reused: true,
    });
    await expect(register(tagged('b'), { provenance: { commit: '2' } })).resolves.toMatchObject({
      reused: false,
    });
    expect(stage.requests('RegisterTaskDefinition').map(({ tags }) => tags)).toEqual([
      [
        { key: 'team', value: 'a' },
        { key: 'ecs-actions:commit', value: '1' },
      ],
      [
        { key: 'team', value: 'b' },
        { key: 'ecs-actions:commit', value: '2' },
      ],
    ]);
  });
});

describe('the tags that say where a revision comes from are left out', () => {
  const provenance = { commit: '1f2e', run: 'https://example.com/7' };
  const tags = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: '' }));
  const sentTags = () => stage.requests('RegisterTaskDefinition').map((sent) => sent.tags?.length ?? 0);

  test('if there would be more than 50', async () => {
    await register(validDocument({ tags: tags(48) }), { provenance });
    expect(stage.log).toEqual([]);
    await register(validDocument({ tags: tags(49) }), { provenance });
    await register(validDocument({ tags: tags(50) }), { provenance });
    expect(sentTags()).toEqual([50, 49, 50]);
    const said =
      'warning: The revision of web goes without the tags ecs-actions:commit, ecs-actions:run: ECS takes 50 tags.';
    expect(stage.log).toEqual([said, said]);
  });

  test('if the document is 64 KiB without them', async () => {
    const bytes = (document: object) => Buffer.byteLength(JSON.stringify(document));
    const filled = (length: number) => validDocument({}, { command: ['x'.repeat(length)] });
    const document = filled(65_536 - bytes(filled(0)));
    expect(bytes(document)).toBe(65_536);
    await expect(register(document, { provenance })).resolves.toMatchObject({ revision: 1 });
    expect(sentTags()).toEqual([0]);
    expect(stage.log).toEqual([expect.stringContaining('longer than 65536 bytes')]);
    await expect(register(filled(65_536), { provenance })).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_INVALID'),
    );
    expect(stage.log).toHaveLength(1);
  });
});

describe('a family that somebody else registers at the same time', () => {
  /** ECS's own words; the SDK does not retry them. */
  const refusal = new ClientException({
    message: 'Too many concurrent attempts to create a new revision of the specified family.',
    $metadata: { httpStatusCode: 400 },
  });

  /** A client whose first registrations are refused, after `meanwhile` has happened. */
  function busyClient(times: number, meanwhile: () => Promise<unknown> = async () => {}): ECSClient {
    const { endpoint, region, credentials } = stage.aws;
    const ecs = new ECSClient({ endpoint, region, credentials });
    let left = times;
    ecs.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== 'RegisterTaskDefinitionCommand' || left === 0) return next(args);
        left -= 1;
        await meanwhile();
        throw refusal;
      },
      { step: 'finalizeRequest' },
    );
    return ecs;
  }
  const registerBusily = (ecs: ECSClient) => {
    const { clock } = stage.aws;
    const registration = { ecs, document: validDocument() };
    return clock.runUntil(
      registerTaskDefinition(registration, { clock, logger: stage.logger, random: () => 1 }),
    );
  };

  test('is tried again, with growing pauses', async () => {
    const start = stage.aws.clock.now();
    await expect(registerBusily(busyClient(3))).resolves.toMatchObject({ revision: 1, reused: false });
    expect(stage.aws.clock.now() - start).toBe(7000);
    expect(stage.log).toHaveLength(3);
  });

  test('gives the other’s revision, if that is equal', async () => {
    const ecs = busyClient(1, () =>
      registerTaskDefinition({ ecs: stage.ecs, document: validDocument() }, { clock: stage.aws.clock }),
    );
    await expect(registerBusily(ecs)).resolves.toMatchObject({ revision: 1, reused: true });
    expect(stage.requests('RegisterTaskDefinition')).toHaveLength(1);
  });

  test('is given up after two minutes', async () => {
    await expect(registerBusily(busyClient(Infinity))).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_REGISTRATION_FAILED', /Too many concurrent attempts/),
    );
    expect(stage.log).toHaveLength(7);
  });
});

describe('refusals', () => {
  test('show no value of what is called like a secret', async () => {
    const { endpoint, region, credentials } = stage.aws;
    const ecs = new ECSClient({ endpoint, region, credentials });
    const message = 'hunter2! is no image';
    ecs.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== 'RegisterTaskDefinitionCommand') return next(args);
          throw new ClientException({ message, $metadata: { httpStatusCode: 400 } });
        },
      { step: 'finalizeRequest' },
    );
    const document = validDocument({}, { environment: [{ name: 'DB_PASSWORD', value: 'hunter2!' }] });
    const registration = registerTaskDefinition({ ecs, document }, { clock: stage.aws.clock });
    const error: Error = await registration.then(
      () => new Error('It was registered.'),
      (reason: Error) => reason,
    );
    expect(error.message).toContain('(redacted) is no image');
    expect(`${error.message}${String(error.cause)}`).not.toContain('hunter2');
  });

  test('name what ECS says of the document', async () => {
    const document = validDocument({ memory: '513' });
    await expect(register(document)).rejects.toEqual(
      errorWithCode(
        'TASK_DEFINITION_REGISTRATION_FAILED',
        /register task definition web: ClientException: No Fargate configuration exists/,
      ),
    );
  });

  test('of a document above 64 KiB come before the call', async () => {
    const document = validDocument({}, { command: ['x'.repeat(65_536)] });
    await expect(register(document)).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_INVALID', /\d+ bytes of JSON; ECS takes 65536/),
    );
    expect(stage.requests('RegisterTaskDefinition')).toEqual([]);
  });

  test('of a document without a family come before the call', async () => {
    await expect(register(validDocument({ family: undefined }))).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_INVALID', /names no family/),
    );
  });

  test('by IAM name the action', async () => {
    stage.aws.faults.inject({ service: 'ecs', operation: 'RegisterTaskDefinition', kind: 'access-denied' });
    await expect(register()).rejects.toEqual(errorWithCode('ACCESS_DENIED', /register task definition web/));
  });

  test('by IAM of reading leave the comparison out', async () => {
    await register();
    stage.aws.faults.inject({ service: 'ecs', operation: 'DescribeTaskDefinition', kind: 'access-denied' });
    await expect(register()).resolves.toMatchObject({ revision: 2, reused: false });
    expect(stage.log).toEqual([expect.stringContaining('cannot be compared')]);
  });

  test('by IAM of the tags that nobody asked for leave these out', async () => {
    const { endpoint, region } = stage.aws;
    const credentials = stage.aws.createUserKeys({
      name: 'deployer',
      allow: ['ecs:DescribeTaskDefinition', 'ecs:RegisterTaskDefinition', 'iam:PassRole'],
    });
    const ecs = new ECSClient({ endpoint, region, credentials });
    const result = await registerTaskDefinition(
      { ecs, document: validDocument() },
      { clock: stage.aws.clock, logger: stage.logger, provenance: { run: '1' } },
    );
    expect(result).toMatchObject({ revision: 1 });
    expect(stage.log).toEqual([expect.stringContaining('may not call ecs:TagResource')]);
    await expect(
      registerTaskDefinition(
        { ecs, document: validDocument({ tags: [{ key: 'team', value: 'a' }] }) },
        { clock: stage.aws.clock },
      ),
    ).rejects.toEqual(errorWithCode('ACCESS_DENIED', /ecs:TagResource/));
  });
});

describe('a run that is cancelled', () => {
  test('while ECS does not answer: it ends within a second and says that there may be a revision', async () => {
    stage.aws.faults.inject({
      service: 'ecs',
      operation: 'RegisterTaskDefinition',
      kind: 'delay',
      delayMs: 4_000,
    });
    const cancel = new AbortController();
    const registering = register(validDocument(), { signal: cancel.signal });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const cancelledAt = performance.now();
    cancel.abort(new Error('cancelled'));
    await expect(registering).rejects.toEqual(errorWithCode('CANCELLED', 'may have been registered'));
    expect(performance.now() - cancelledAt).toBeLessThan(1_000);
  });

  test('while the latest revision is compared: it ends at once', async () => {
    stage.aws.faults.inject({
      service: 'ecs',
      operation: 'DescribeTaskDefinition',
      kind: 'delay',
      delayMs: 60_000,
    });
    const cancel = new AbortController();
    const registering = register(validDocument(), { signal: cancel.signal });
    setTimeout(() => cancel.abort(new Error('cancelled')), 300);
    await expect(registering).rejects.toEqual(errorWithCode('CANCELLED', 'before it could register'));
    expect(stage.aws.requests.map(({ operation }) => operation)).not.toContain('RegisterTaskDefinition');
  });

  test('while ECS is about to answer: the revision is known', async () => {
    stage.aws.faults.inject({
      service: 'ecs',
      operation: 'RegisterTaskDefinition',
      kind: 'delay',
      delayMs: 400,
    });
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error('cancelled')), 300);
    await expect(register(validDocument(), { signal: cancel.signal })).resolves.toMatchObject({
      revision: 1,
    });
  });

  test('before: nothing is registered', async () => {
    const signal = AbortSignal.abort(new Error('cancelled'));
    await expect(register(validDocument(), { signal })).rejects.toEqual(errorWithCode('CANCELLED', 'before'));
    expect(stage.requests('RegisterTaskDefinition')).toEqual([]);
  });
});
