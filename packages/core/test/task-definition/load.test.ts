import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeregisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { errorWithCode } from '@ecs-actions/testkit';
import { ExactNumber } from '../../src/exact-number.js';
import {
  chooseTaskDefinitionSource,
  loadTaskDefinition,
  parseTaskDefinition,
  registerTaskDefinition,
  renderTaskDefinition,
  validateTaskDefinition,
  writeTaskDefinition,
} from '../../src/task-definition/index.js';
import { openStage, validDocument, type Stage } from './stage.js';

describe('a file', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'load-test-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  async function load(file: string, text: string) {
    await writeFile(join(directory, file), text);
    return loadTaskDefinition({ file, directory });
  }

  test.each([
    ['td.json', '{ "family": "web", "containerDefinitions": [] }'],
    ['td.jsonc', '// ours\n{ "family": "web", /* none */ "containerDefinitions": [], }'],
    ['td.json', '\uFEFF{ "family": "web", "containerDefinitions": [] }'],
    ['td.yaml', 'family: web\ncontainerDefinitions: []\n'],
    ['td.yml', '{family: web, containerDefinitions: []}'],
    ['td', '# no ending\nfamily: web\ncontainerDefinitions: []\n'],
    ['td.json.tpl', '{ "family": "web", "containerDefinitions": [] }'],
  ])('%s is read: %j', async (file, text) => {
    await expect(load(file, text)).resolves.toMatchObject({
      document: { family: 'web', containerDefinitions: [] },
      origin: file,
    });
  });

  test.each<[string, Buffer, RegExp]>([
    ['Latin-1', Buffer.from('{ "family": "GRÜSSE" }', 'latin1'), /^td\.json cannot be read: it is not UTF-8/],
    ['UTF-16', Buffer.from('\uFEFF{ "family": "web" }', 'utf16le'), /^td\.json cannot be read: it is UTF-16/],
  ])('in %s is refused rather than changed', async (_, bytes, message) => {
    await writeFile(join(directory, 'td.json'), bytes);
    await expect(loadTaskDefinition({ file: 'td.json', directory })).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_UNREADABLE', message),
    );
  });

  test.each([
    '{"password":"hunter2"}',
    'family: web\npassword: hunter2\n',
    `{"a":"hunter2${'x'.repeat(70_000)}"}`,
  ])('that is no path but the document is not quoted', async (file) => {
    const error = await loadTaskDefinition({ file, directory }).catch((reason: unknown) => reason);
    expect(error).toEqual(errorWithCode('FILE_NOT_FOUND', /where the path/));
    expect(inspect(error)).not.toMatch(/hunter/);
  });

  test('keeps every character of UTF-8', async () => {
    const { document } = await load('td.json', '{ "family": "GRÜSSE é😀" }');
    expect(document.family).toBe('GRÜSSE é😀');
  });

  test('is never executed', async () => {
    const marker = join(directory, 'executed');
    const script = `require('node:fs').writeFileSync(${JSON.stringify(marker)}, ''); module.exports = { family: 'web' };`;
    await expect(load('td.js', script)).rejects.toEqual(errorWithCode('TASK_DEFINITION_UNREADABLE'));
    await expect(loadTaskDefinition({ file: 'executed', directory })).rejects.toEqual(
      errorWithCode('FILE_NOT_FOUND'),
    );
  });

  test('that is not there says so, and a directory too', async () => {
    await expect(loadTaskDefinition({ file: 'no.json', directory })).rejects.toEqual(
      errorWithCode('FILE_NOT_FOUND', 'no.json'),
    );
    await expect(loadTaskDefinition({ file: '.', directory })).rejects.toEqual(
      errorWithCode('FILE_UNREADABLE', 'EISDIR'),
    );
  });
});

describe('a text', () => {
  test('loses its wrapper and the nine response-only members, and keeps its tags', async () => {
    const described = {
      taskDefinition: {
        ...validDocument(),
        taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3',
        revision: 3,
        status: 'ACTIVE',
        requiresAttributes: [],
        compatibilities: ['EC2'],
        registeredAt: '2026-01-01T00:00:00Z',
        registeredBy: 'somebody',
        deregisteredAt: '2026-01-01T00:00:00Z',
        deleteRequestedAt: '2026-01-01T00:00:00Z',
      },
      tags: [{ key: 'team', value: 'a' }],
    };
    const { document, removed, positions } = await parseTaskDefinition(
      JSON.stringify(described, null, 1),
      'td.json',
    );
    expect(document).toEqual(validDocument({ tags: described.tags }));
    expect(removed).toHaveLength(9);
    expect(positions?.locate(['family'])).toEqual({ line: 3, column: 3 });
  });

  test('keeps what was written where ECS takes a string', async () => {
    const yaml = `
family: web
cpu: 256
containerDefinitions:
  - name: app
    image: app:1.10
    environment:
      - { name: VERSION, value: 1.10 }
      - { name: BIG, value: 12345678901234567890 }
      - { name: OCTAL, value: 0644 }
      - { name: ON, value: true }
      - { name: EMPTY, value: "" }
      - name: TEXT
        value: |
          two
          lines
    dockerLabels: { rule: Query(a=b), port: 80 }
`;
    const { document } = await parseTaskDefinition(yaml, 'td.yml');
    expect(document).toMatchObject({
      cpu: '256',
      containerDefinitions: [
        {
          environment: [
            { value: '1.10' },
            { value: '12345678901234567890' },
            { value: '0644' },
            { value: 'true' },
            { value: '' },
            { value: 'two\nlines\n' },
          ],
          dockerLabels: { rule: 'Query(a=b)', port: '80' },
        },
      ],
    });
  });

  test('can share parts with YAML anchors and merge keys', async () => {
    const yaml = `
x-log: &log { logDriver: json-file }
family: web
containerDefinitions:
  - &base { name: app, image: 'app:1', logConfiguration: *log }
  - { <<: *base, name: sidecar }
`;
    const { document } = await parseTaskDefinition(yaml);
    expect(document.containerDefinitions).toEqual([
      { name: 'app', image: 'app:1', logConfiguration: { logDriver: 'json-file' } },
      { name: 'sidecar', image: 'app:1', logConfiguration: { logDriver: 'json-file' } },
    ]);
  });

  test('tells where each value stands', async () => {
    const text =
      '{\n  "family": "web",\n  "containerDefinitions": [\n    null,\n    { "name": "app" }\n  ]\n}';
    const { positions } = await parseTaskDefinition(text, 'td.json');
    expect(positions?.file).toBe('td.json');
    expect(positions?.locate([])).toEqual({ line: 1, column: 1 });
    expect(positions?.locate(['family'])).toEqual({ line: 2, column: 3 });
    // Nulls do not count: the document has none.
    expect(positions?.locate(['containerDefinitions', 0, 'name'])).toEqual({ line: 5, column: 7 });
    expect(positions?.locate(['containerDefinitions', 0, 'image'])).toEqual({ line: 5, column: 5 });
    expect(positions?.locate(['containerDefinitions', 7, 'image'])).toEqual({ line: 3, column: 3 });
  });

  const bomb = ['a0: &a0 [1, 1]'];
  for (let depth = 1; depth < 25; depth += 1) {
    bomb.push(`a${depth}: &a${depth} [*a${depth - 1}, *a${depth - 1}]`);
  }

  test.each([
    ['nothing', '', /there is nothing in it/],
    ['comments only', '# family: web', /there is nothing in it/],
    ['an open brace', '{', /1:2: close brace expected/],
    ['a name given twice', '{ "a": 1, "a": 2 }', /1:11: "a" is given twice/],
    ['a password in one', '{ "PASSWORD=a": 1, "PASSWORD=a": 2 }', /: "PASSWORD=\(redacted\)" is given twice/],
    ['something after the end', '{ "family": "web" } x', /1:21/],
    ['a name given twice in YAML', 'a: 1\na: 2', /2:1: the same name stands twice in one mapping/],
    [
      'an alias without an anchor',
      'a: *b',
      /1:4: \* makes this an alias, and there is no anchor of that name/,
    ],
    ['a tag that nobody knows', 'a: !Sub x', /1:4: ! makes this a tag, and it is none that is known/],
    ['bytes', 'a: !!binary aGk=', /1:13: ! makes this a tag, and its values are none that JSON has/],
    ['a set', 'a: !!set { b }', /! makes this a tag/],
    ['pairs', 'a: !!omap [{ b: 1 }]', /! makes this a tag/],
    ['a time', 'a: !!timestamp 2020-01-01', /! makes this a tag/],
    [
      'a name given twice in YAML, once in quotes',
      '1: a\n"1": b',
      /2:1: the same name stands twice in one mapping/,
    ],
    ['two documents', 'a: 1\n---\nb: 2', /a second YAML document/],
    ['a value in itself', 'a: &a [*a]', /nested too deep/],
    ['a list', '[]', /not a list/],
    ['words', 'just words', /not a string/],
    ['deep lists', `[${'['.repeat(100)}${']'.repeat(100)}]`, /nested more than 64 deep/],
    ['abysmal lists', '['.repeat(100_000), /nested more than 64 deep/],
    ['abysmal YAML lists', '- '.repeat(30_000), /1:1\d\d: values are nested more than 64 deep/],
    ['abysmal YAML mappings', `x: ${'{a: '.repeat(15_000)}`, /nested more than 64 deep/],
    ['an explosion', bomb.join('\n'), /unfold to too many/],
  ])('with %s cannot be read, and the message says where', async (_, text, message) => {
    await expect(parseTaskDefinition(text)).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_UNREADABLE', message),
    );
  });

  test('may have YAML tags of what JSON has', async () => {
    const { document } = await parseTaskDefinition(
      'family: !!str 5\nnewer: !!map { a: !!seq [!!int 1, !!float 1.5, !!bool true, !<tag:yaml.org,2002:str> 2, ! 3] }\n',
    );
    expect(document).toEqual({ family: '5', newer: { a: [1, 1.5, true, '2', '3'] } });
  });

  test('may be YAML 1.1, whose dates are texts', async () => {
    const { document } = await parseTaskDefinition('%YAML 1.1\n---\nfamily: web\nnewer: 2001-12-14\n');
    expect(document).toEqual({ family: 'web', newer: '2001-12-14' });
  });

  test('may be YAML that is nested 64 deep', async () => {
    const lists = (depth: number) => `a: ${'['.repeat(depth)}${']'.repeat(depth)}`;
    await expect(parseTaskDefinition(lists(63), 'td.yaml')).resolves.toMatchObject({ origin: 'td.yaml' });
    await expect(parseTaskDefinition(lists(66), 'td.yaml')).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_UNREADABLE', /nested/),
    );
  });

  // An unquoted password that begins with an indicator of YAML is a fault, which must not quote it.
  test.each([
    '*',
    '&',
    '!',
    '!!',
    '!<',
    '|',
    '>',
    '%',
    '@',
    '`',
    '"',
    "'",
    '[',
    '{',
    '}',
    ']',
    ',',
    '? ',
    '- ',
    '# ',
  ])('with a password behind %s shows nothing of it', async (indicator) => {
    const text = `containerDefinitions:\n  - name: web\n    environment:\n      - name: DB_PASSWORD\n        value: ${indicator}hunter2secret\n`;
    const said = await parseTaskDefinition(text).then(
      () => '',
      (error: Error & { hint?: string }) => `${error.message} ${error.hint ?? ''}`,
    );
    expect(said).not.toContain('hunter2secret');
  });

  test.each(['', '// strict JSON no more\n', '---\n'])('%jkeeps every digit of a number', async (start) => {
    const numbers = [
      '12345678901234567890',
      '-9007199254740993',
      '0.10000000000000000055',
      '1e400',
      '-2.5E-400',
      '4e-324',
    ];
    const held = '9007199254740991, 1.50, 1e3, 5e-324, 100000000000000000000000';
    const text = `${start}{ "family": "web", "newer": { "a": [${numbers.join(', ')}], "b": [${held}] } }`;
    const { document } = await parseTaskDefinition(text);
    expect(document.newer).toEqual({
      a: numbers.map((digits) => new ExactNumber(digits)),
      b: [9007199254740991, 1.5, 1000, 5e-324, 1e23],
    });
    const written = writeTaskDefinition(renderTaskDefinition(document, { variables: {}, family: 'api' }));
    for (const digits of numbers) expect(written).toContain(`      ${digits}`);
    expect((await parseTaskDefinition(written, 'td.json')).document.newer).toEqual(document.newer);
  });

  test.each([
    ['+12345678901234567890', '12345678901234567890'],
    ['0012345678901234567890', '12345678901234567890'],
    ['-.12345678901234567890', '-0.12345678901234567890'],
    ['12345678901234567890.', '12345678901234567890'],
    ['0xFFFFFFFFFFFFFFFF', '18446744073709551615'],
    ['0xFF', '255'],
    ['.inf', '".inf"'],
    ['.nan', '".nan"'],
  ])('that is YAML has %s as JSON has %s', async (given, written) => {
    const { document } = await parseTaskDefinition(`family: web\nnewer: ${given}\n`);
    expect(writeTaskDefinition(document)).toContain(`"newer": ${written}\n`);
  });

  test('has as a string what is written where ECS takes one, however many digits', async () => {
    const { document } = await parseTaskDefinition('{ "family": 12345678901234567890, "cpu": 1.0 }');
    expect(document).toEqual({ family: '12345678901234567890', cpu: '1.0' });
  });

  test('that wraps a task definition has its tags where they stand', async () => {
    const text = '{\n "taskDefinition": {\n  "family": "web"\n },\n "tags": [\n  { "key": "aws:x" }\n ]\n}';
    const { document, positions } = await parseTaskDefinition(text);
    expect(document.tags).toEqual([{ key: 'aws:x' }]);
    expect(positions?.locate(['tags', 0, 'key'])).toEqual({ line: 6, column: 5 });
    expect(positions?.locate(['family'])).toEqual({ line: 3, column: 3 });
    const twice = await parseTaskDefinition(`{\n "taskDefinition":\n${text}\n}`);
    expect(twice.positions?.locate(['tags', 0, 'key'])).toEqual({ line: 8, column: 5 });
    expect(twice.positions?.locate(['family'])).toEqual({ line: 5, column: 3 });
    const beside = text.replace('"tags"', '"x-tags"').replace(/}$/, '');
    const outside = await parseTaskDefinition(
      `{\n "taskDefinition":\n${beside}},\n "tags": [{ "key": "a" }] }`,
    );
    expect(outside.document.tags).toEqual([{ key: 'a' }]);
    expect(outside.positions?.locate(['tags', 0, 'key'])).toEqual({ line: 11, column: 13 });
  });

  test('may have members for its readers, which go no further and are said', async () => {
    const text = `$schema: https://example.com/task-definition.json
family: web
x-container: &container
  memory: 128
containerDefinitions:
  - <<: *container
    name: app
`;
    const source = await parseTaskDefinition(text, 'td.yaml');
    expect(source.document).toEqual({ family: 'web', containerDefinitions: [{ name: 'app', memory: 128 }] });
    const rendered = renderTaskDefinition(source.document, { patch: { 'x-more': {} } });
    expect(rendered).toEqual(source.document);
    const found = validateTaskDefinition(rendered, { source }).filter(
      ({ severity }) => severity === 'notice',
    );
    expect(found).toMatchObject([
      { rule: 'extension-member', path: "$['$schema']", line: 1, column: 1 },
      { rule: 'extension-member', path: "$['x-container']", line: 3, column: 1 },
    ]);
  });

  test('can have members called like those of every object', async () => {
    const { document } = await parseTaskDefinition(
      '{ "family": "web", "__proto__": { "a": 1 }, "constructor": 2 }',
    );
    expect(Object.keys(document)).toEqual(['family', '__proto__', 'constructor']);
    expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
  });
});

describe('ECS', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.stop());

  const register = (memory: string, more: Record<string, unknown> = {}) =>
    registerTaskDefinition(
      { ecs: stage.ecs, document: validDocument({ memory, ...more }, { logConfiguration: undefined }) },
      { clock: stage.aws.clock },
    );

  test('gives the latest revision of a family, one revision, or an ARN, with tags and new members', async () => {
    const tags = [{ key: 'team', value: 'a' }];
    const { taskDefinitionArn } = await register('512', { tags, futureMember: { kept: true } });
    await register('1024');
    const { ecs } = stage;
    const load = (taskDefinition: string) => loadTaskDefinition({ ecs, taskDefinition });
    expect((await load('web')).document.memory).toBe('1024');
    const first = await load('web:1');
    expect(first).toMatchObject({ origin: taskDefinitionArn, taskDefinitionArn });
    expect(first.document).toMatchObject({ memory: '512', tags, futureMember: { kept: true } });
    expect(first.document).not.toHaveProperty('revision');
    expect(await load(taskDefinitionArn)).toEqual(first);
  });

  test('gives what a service runs, or the latest revision of its family', async () => {
    const { aws, ecs } = stage;
    const { taskDefinitionArn: running } = await register('512');
    await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
    await ecs.send(
      new CreateServiceCommand({
        cluster: 'prod',
        serviceName: 'web',
        taskDefinition: running,
        desiredCount: 1,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      }),
    );
    await aws.clock.advance(10 * 60_000);
    const service = { ecs, cluster: 'prod', service: 'web' };
    expect((await loadTaskDefinition(service)).taskDefinitionArn).toBe(running);

    // A rollout has begun: what runs is still the completed deployment.
    const { taskDefinitionArn: wanted } = await register('1024');
    await ecs.send(new UpdateServiceCommand({ cluster: 'prod', service: 'web', taskDefinition: wanted }));
    expect((await loadTaskDefinition(service)).taskDefinitionArn).toBe(running);
    await aws.clock.advance(10 * 60_000);
    expect((await loadTaskDefinition(service)).taskDefinitionArn).toBe(wanted);

    const { taskDefinitionArn: latest } = await register('2048');
    expect((await loadTaskDefinition({ ...service, base: 'latest' })).taskDefinitionArn).toBe(latest);

    expect((await loadTaskDefinition({ ...service, family: 'web' })).taskDefinitionArn).toBe(wanted);
    await expect(loadTaskDefinition({ ...service, family: 'other' })).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_NOT_FOUND', /runs .*web:2, which is no revision of other/),
    );
  });

  test.each([
    ['arn:aws:ecs:us-east-1:123456789012:service/prod/web', undefined, 'prod'],
    ['arn:aws:ecs:us-east-1:123456789012:service/prod/web', 'other', 'other'],
    ['arn:aws:ecs:us-east-1:123456789012:service/web', undefined, 'default'],
    ['web', undefined, 'default'],
    ['web', 'prod', 'prod'],
  ])('is asked for service %s of cluster %s in cluster %s', async (service, cluster, asked) => {
    const { ecs } = stage;
    const source = await chooseTaskDefinitionSource({ service, cluster }, { ecs: async () => ecs });
    expect(source).toMatchObject({ service, cluster: asked });
  });

  test('says what it does not have', async () => {
    const { ecs } = stage;
    await expect(loadTaskDefinition({ ecs, taskDefinition: 'web' })).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_NOT_FOUND', 'web'),
    );
    await register('512');
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:1' }));
    await expect(loadTaskDefinition({ ecs, taskDefinition: 'web' })).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_NOT_FOUND', 'deregistered'),
    );
    await expect(loadTaskDefinition({ ecs, cluster: 'prod', service: 'web' })).rejects.toEqual(
      errorWithCode('CLUSTER_NOT_FOUND', 'prod'),
    );
    await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
    await expect(loadTaskDefinition({ ecs, cluster: 'prod', service: 'web' })).rejects.toEqual(
      errorWithCode('SERVICE_NOT_FOUND', 'service web in cluster prod'),
    );
  });
});
