import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import {
  diffTaskDefinitions,
  normaliseTaskDefinition,
  parseCommand,
  parseKeyValues,
  parseTaskDefinition,
  parseTaskDefinitionEdits,
  parseTaskDefinitionPatch,
  patchTaskDefinition,
  renderTaskDefinition,
  validateTaskDefinition,
  writeTaskDefinition,
  type TaskDefinitionDocument,
  type TaskDefinitionEdits,
} from '../../src/task-definition/index.js';
import { validContainer, validDocument } from './stage.js';

const two = validDocument({
  containerDefinitions: [validContainer(), validContainer({ name: 'sidecar' })],
});
const documentOf = (...containerDefinitions: object[]) =>
  ({ family: 'web', containerDefinitions }) as TaskDefinitionDocument;
const render = (
  container: object,
  edits: Omit<NonNullable<TaskDefinitionEdits['containers']>[number], 'names'>,
) =>
  renderTaskDefinition(documentOf({ name: 'app', ...container }), {
    containers: [{ names: ['app'], ...edits }],
  }).containerDefinitions?.[0];

test('what does not fit is told without the secrets that were given', () => {
  const edits = {
    containers: [{ names: ['DB_PASSWORD=hunter2', 'hunter3'], environment: { API_TOKEN: 'hunter3' } }],
  };
  const message = (() => {
    try {
      renderTaskDefinition(two, edits);
      return 'nothing was thrown';
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(message).toContain('There is no container "DB_PASSWORD=(redacted)"');
  expect(message).toContain('There is no container "(redacted)"');
});

describe('edits of containers', () => {
  test.each([
    ['an image', {}, { image: 'a:2' }, { image: 'a:2' }],
    ['another image', { image: 'a:1' }, { image: 'a:2' }, { image: 'a:2' }],
    [
      'variables, by name',
      {
        environment: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      },
      { environment: { B: 'x=y', C: '' } },
      {
        environment: [
          { name: 'A', value: '1' },
          { name: 'B', value: 'x=y' },
          { name: 'C', value: '' },
        ],
      },
    ],
    [
      'secrets, by name',
      { secrets: [{ name: 'A', valueFrom: 'a' }] },
      { secrets: { A: 'b', B: 'c' } },
      {
        secrets: [
          { name: 'A', valueFrom: 'b' },
          { name: 'B', valueFrom: 'c' },
        ],
      },
    ],
    [
      'environment files, all of them',
      { environmentFiles: [{ type: 's3', value: 'a' }] },
      { environmentFiles: ['b', 'c'] },
      {
        environmentFiles: [
          { value: 'b', type: 's3' },
          { value: 'c', type: 's3' },
        ],
      },
    ],
    [
      'labels, by name',
      { dockerLabels: { a: '1', b: '2' } },
      { dockerLabels: { b: 'Query(a=b)' } },
      { dockerLabels: { a: '1', b: 'Query(a=b)' } },
    ],
    [
      'a log driver',
      {},
      { logDriver: 'awslogs', logOptions: { a: '' } },
      { logConfiguration: { logDriver: 'awslogs', options: { a: '' } } },
    ],
    [
      'log options, by name',
      { logConfiguration: { logDriver: 'splunk', options: { a: '1' }, secretOptions: [] } },
      { logOptions: { b: '2' } },
      { logConfiguration: { logDriver: 'splunk', options: { a: '1', b: '2' }, secretOptions: [] } },
    ],
    ['a command, as a whole', { command: ['a', 'b'] }, { command: ['c'] }, { command: ['c'] }],
    ['an empty command', { command: ['a'] }, { command: [] }, { command: [] }],
  ])('set %s', (_, container, edits, expected) => {
    expect(render(container, edits)).toEqual({ name: 'app', ...expected });
  });

  test('are for the containers named, or for the only one', () => {
    const images = (document: TaskDefinitionDocument) =>
      document.containerDefinitions?.map(({ image }) => image);
    const one = 'registry.example.com/app:1.0';
    expect(images(renderTaskDefinition(two, { images: { sidecar: 'b:2' } }))).toEqual([one, 'b:2']);
    const both = { containers: [{ names: ['sidecar', 'app'], image: 'b:2' }] };
    expect(images(renderTaskDefinition(two, both))).toEqual(['b:2', 'b:2']);
    const only = { containers: [{ names: [], image: 'b:2' }] };
    expect(images(renderTaskDefinition(validDocument(), only))).toEqual(['b:2']);
    expect(() => renderTaskDefinition(two, only)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('2 containers (app, sidecar)') }),
    );
  });

  test('that do not fit are reported together', () => {
    const edits = {
      images: { apps: 'a:1', nothing: 'b:1' },
      containers: [{ names: ['app'], logOptions: { a: 'b' } }],
      patch: [],
    };
    const document = documentOf({ name: 'app' });
    expect(() => renderTaskDefinition(document, edits)).toThrow(
      expect.objectContaining({
        code: 'TASK_DEFINITION_EDIT_INVALID',
        message: expect.stringMatching(
          /^4 edits do not fit:\n- The patch.*\n- .*"apps".*Did you mean "app".*\n- .*"nothing".*\n- .*"app" has no log driver/s,
        ),
      }),
    );
  });

  test('also fit what DescribeTaskDefinition answers', () => {
    const described = {
      taskDefinition: { ...validDocument(), revision: 3 },
      tags: [{ key: 'a', value: 'b' }],
    };
    const rendered = renderTaskDefinition(described as unknown as TaskDefinitionDocument, {
      images: { app: 'b:2' },
    });
    expect(rendered).toEqual(validDocument({ tags: described.tags }, { image: 'b:2' }));
  });

  test('change neither the document nor themselves', () => {
    const edits: TaskDefinitionEdits = {
      images: { app: 'b:2' },
      patch: { containerDefinitions: { app: { environment: { A: '1' } } } },
    };
    const before = structuredClone([two, edits]);
    renderTaskDefinition(two, edits);
    expect([two, edits]).toEqual(before);
  });
});

test.each([
  [{ images: { app: 'a:1' } }, 'There is no container "app". The task definition has: (without a name).'],
  [{ containers: [{ names: [], logOptions: {} }] }, '1 containers ((without a name))'],
])('a container whose name is none is no container to edit: %j', (edits, message) => {
  const document = validDocument({}, { name: { toString: 2 }, logConfiguration: undefined });
  expect(() => renderTaskDefinition(document, edits)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(message) }),
  );
});

test('edits of the task set its members', () => {
  const edits = { family: 'api', cpu: '1 vCPU', memory: '2 GB', taskRoleArn: 'a', executionRoleArn: 'b' };
  expect(renderTaskDefinition(two, edits)).toMatchObject(edits);
});

/** A variable that stands twice. */
const twice = (first: string, last: string) => [first, last].map((value) => ({ name: 'X', value }));

test('of several values of a variable, the one that counts is edited', () => {
  const edited = render({ environment: twice('1', '2') }, { environment: { X: '3' } });
  expect(edited?.environment).toEqual(twice('1', '3'));
});

describe('a patch', () => {
  const patched = async <T extends object>(base: T, patch: string) =>
    patchTaskDefinition(base, await parseTaskDefinitionPatch(patch));

  test.each([
    ['sets members', { cpu: '1', memory: '2' }, 'cpu: 3', { cpu: '3', memory: '2' }],
    ['removes with null', { cpu: '1', memory: '2' }, 'cpu: null', { memory: '2' }],
    [
      'removes nothing where there is nothing',
      { family: 'a', containerDefinitions: [{ name: 'a', environment: [] }] },
      'containerDefinitions: { a: { environment: { A: null }, secrets: { B: null }, dockerLabels: { c: null }, healthCheck: { timeout: null } }, b: null }',
      { family: 'a', containerDefinitions: [{ name: 'a', environment: [] }] },
    ],
    [
      'keeps deliberate empties',
      { family: 'a' },
      '{ cpu: "", volumes: [], runtimePlatform: {} }',
      { family: 'a', cpu: '', volumes: [], runtimePlatform: {} },
    ],
    [
      'empties a list with an empty one',
      { containerDefinitions: [{ name: 'a', environment: [{ name: 'X', value: '1' }], dependsOn: [{}] }] },
      'containerDefinitions: { a: { environment: [], dependsOn: [] } }',
      { containerDefinitions: [{ name: 'a', environment: [], dependsOn: [] }] },
    ],
    [
      'merges objects',
      { runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' } },
      'runtimePlatform: { cpuArchitecture: X86_64 }',
      { runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' } },
    ],
    [
      'merges containers by name, and adds new ones',
      {
        containerDefinitions: [
          { name: 'a', cpu: 1 },
          { name: 'b', cpu: 2 },
        ],
      },
      'containerDefinitions: [{ name: b, memory: 5 }, { name: c, image: c }]',
      {
        containerDefinitions: [
          { name: 'a', cpu: 1 },
          { name: 'b', cpu: 2, memory: 5 },
          { name: 'c', image: 'c' },
        ],
      },
    ],
    [
      'removes every value of a variable',
      { containerDefinitions: [{ name: 'a', environment: twice('1', '2') }] },
      'containerDefinitions: { a: { environment: { X: null } } }',
      { containerDefinitions: [{ name: 'a', environment: [] }] },
    ],
    [
      'takes containers by name, and removes with null',
      { containerDefinitions: [{ name: 'a' }, { name: 'b' }] },
      'containerDefinitions: { a: null, b: { essential: false } }',
      { containerDefinitions: [{ name: 'b', essential: false }] },
    ],
    [
      'merges variables by name',
      {
        containerDefinitions: [
          {
            name: 'a',
            environment: [
              { name: 'X', value: '1' },
              { name: 'Y', value: '2' },
            ],
          },
        ],
      },
      'containerDefinitions: { a: { environment: { Y: null, Z: 1.10 } } }',
      {
        containerDefinitions: [
          {
            name: 'a',
            environment: [
              { name: 'X', value: '1' },
              { name: 'Z', value: '1.10' },
            ],
          },
        ],
      },
    ],
    [
      'removes a variable from a list, too',
      { containerDefinitions: [{ name: 'a', environment: [{ name: 'X', value: '1' }] }] },
      'containerDefinitions: [{ name: a, environment: [{ name: X, value: null }, { name: Y, value: no }] }]',
      { containerDefinitions: [{ name: 'a', environment: [{ name: 'Y', value: 'no' }] }] },
    ],
    [
      'merges ports by port and protocol',
      {
        containerDefinitions: [
          { name: 'a', portMappings: [{ containerPort: 53 }, { containerPort: 80, protocol: 'tcp' }] },
        ],
      },
      'containerDefinitions: { a: { portMappings: [{ containerPort: 53, protocol: udp }, { containerPort: 80, name: web }] } }',
      {
        containerDefinitions: [
          {
            name: 'a',
            portMappings: [
              { containerPort: 53 },
              { containerPort: 80, protocol: 'tcp', name: 'web' },
              { containerPort: 53, protocol: 'udp' },
            ],
          },
        ],
      },
    ],
    [
      'takes ports by number',
      { containerDefinitions: [{ name: 'a', portMappings: [{ containerPort: 80 }, { containerPort: 81 }] }] },
      'containerDefinitions: { a: { portMappings: { 80: { name: web }, 81: null, 82: {} } } }',
      {
        containerDefinitions: [
          { name: 'a', portMappings: [{ containerPort: 80, name: 'web' }, { containerPort: 82 }] },
        ],
      },
    ],
    [
      'takes a number for the TCP port of two',
      {
        containerDefinitions: [
          { name: 'a', portMappings: [{ containerPort: 53, protocol: 'udp' }, { containerPort: 53 }] },
        ],
      },
      'containerDefinitions: { a: { portMappings: { 53: { name: dns } } } }',
      {
        containerDefinitions: [
          {
            name: 'a',
            portMappings: [
              { containerPort: 53, protocol: 'udp' },
              { containerPort: 53, name: 'dns' },
            ],
          },
        ],
      },
    ],
    [
      'takes a number for the port that there is',
      { containerDefinitions: [{ name: 'a', portMappings: [{ containerPort: 53, protocol: 'udp' }] }] },
      'containerDefinitions: { a: { portMappings: { 53: { name: dns } } } }',
      {
        containerDefinitions: [
          { name: 'a', portMappings: [{ containerPort: 53, protocol: 'udp', name: 'dns' }] },
        ],
      },
    ],
    [
      'adds a TCP port to the UDP port of the number, in a list',
      { containerDefinitions: [{ name: 'a', portMappings: [{ containerPort: 443, protocol: 'udp' }] }] },
      'containerDefinitions: { a: { portMappings: [{ containerPort: 443, name: https }] } }',
      {
        containerDefinitions: [
          {
            name: 'a',
            portMappings: [
              { containerPort: 443, protocol: 'udp' },
              { containerPort: 443, name: 'https' },
            ],
          },
        ],
      },
    ],
    [
      'finds devices with and without their place in the container',
      {
        containerDefinitions: [
          {
            name: 'a',
            linuxParameters: { devices: [{ hostPath: '/d' }, { hostPath: '/e', containerPath: '/f' }] },
          },
        ],
      },
      'containerDefinitions: { a: { linuxParameters: { devices: [{ hostPath: /d, containerPath: /d, permissions: [read] }] } } }',
      {
        containerDefinitions: [
          {
            name: 'a',
            linuxParameters: {
              devices: [
                { hostPath: '/d', containerPath: '/d', permissions: ['read'] },
                { hostPath: '/e', containerPath: '/f' },
              ],
            },
          },
        ],
      },
    ],
    [
      'takes ranges of ports by their text',
      {
        containerDefinitions: [
          { name: 'a', portMappings: [{ containerPortRange: '90-95' }, { containerPortRange: '100-110' }] },
        ],
      },
      'containerDefinitions: { a: { portMappings: { 90-95: null, 100-110: { name: high }, 120-130: {} } } }',
      {
        containerDefinitions: [
          {
            name: 'a',
            portMappings: [
              { containerPortRange: '100-110', name: 'high' },
              { containerPortRange: '120-130' },
            ],
          },
        ],
      },
    ],
    [
      'replaces a command',
      { containerDefinitions: [{ name: 'a', command: ['x', 'y'] }] },
      'containerDefinitions: { a: { command: [z] } }',
      { containerDefinitions: [{ name: 'a', command: ['z'] }] },
    ],
    [
      'merges mount points by path, volumes by name, tags by key',
      {
        volumes: [{ name: 'v', host: {} }],
        tags: [{ key: 'k', value: '1' }],
        containerDefinitions: [{ name: 'a', mountPoints: [{ containerPath: '/p', sourceVolume: 'v' }] }],
      },
      '{ volumes: { v: { host: { sourcePath: /h } } }, tags: { k: 2 }, containerDefinitions: { a: { mountPoints: { /p: { readOnly: true } } } } }',
      {
        volumes: [{ name: 'v', host: { sourcePath: '/h' } }],
        tags: [{ key: 'k', value: '2' }],
        containerDefinitions: [
          { name: 'a', mountPoints: [{ containerPath: '/p', sourceVolume: 'v', readOnly: true }] },
        ],
      },
    ],
    [
      'merges what the API does not know',
      { future: { a: 1, b: 2 } },
      'future: { b: null, c: [1] }',
      { future: { a: 1, c: [1] } },
    ],
    [
      'creates what is not there',
      {},
      'containerDefinitions: { a: { environment: { X: 1 } } }',
      { containerDefinitions: [{ name: 'a', environment: [{ name: 'X', value: '1' }] }] },
    ],
  ])('%s', async (_, base, patch, expected) => {
    expect(await patched(base, patch)).toEqual(expected);
  });

  test.each([
    '[{ containerPort: 53, protocol: udp }, { containerPort: 53 }]',
    '[{ containerPort: 53 }, { containerPort: 53, protocol: udp }]',
  ])('has both of %s, whichever is there', async (ports) => {
    for (const present of [[], [{ containerPort: 53, protocol: 'udp' }], [{ containerPort: 53 }]]) {
      const base = { containerDefinitions: [{ name: 'a', portMappings: present }] };
      const patch = `containerDefinitions: { a: { portMappings: ${ports} } }`;
      const { containerDefinitions } = await patched(base, patch);
      const protocols = containerDefinitions[0]?.portMappings.map((port) =>
        'protocol' in port ? port.protocol : 'tcp',
      );
      expect(protocols?.sort()).toEqual(['tcp', 'udp']);
    }
  });

  test('is read with its place in messages', async () => {
    await expect(parseTaskDefinitionPatch('a: [', 'patch.yml')).rejects.toThrow(/patch.yml:1:\d/);
  });
});

describe('placeholders', () => {
  const document = documentOf({
    name: 'app',
    image: '${REGISTRY}/app:${TAG}',
    cpu: '${CPU}',
    essential: '${ESSENTIAL}',
    command: ['sh', '-c', 'echo $${HOME} ${TAG:-1} $TAG'],
  });
  const variables = { REGISTRY: 'r', TAG: '$1', CPU: '256', ESSENTIAL: 'false' };

  test('are filled, also where ECS takes numbers and truth values', () => {
    expect(renderTaskDefinition(document, { variables })).toEqual(
      documentOf({
        name: 'app',
        image: 'r/app:$1',
        cpu: 256,
        essential: false,
        command: ['sh', '-c', 'echo ${HOME} ${TAG:-1} $TAG'],
      }),
    );
  });

  test('are filled in the patch', () => {
    const patch = { containerDefinitions: { app: { user: '${TAG}' } } };
    expect(renderTaskDefinition(document, { variables, patch }).containerDefinitions?.[0]?.user).toBe('$1');
  });

  test('in a patch by name are numbers and truth values where ECS takes them', () => {
    const patch = {
      containerDefinitions: {
        app: { privileged: '${ESSENTIAL}', portMappings: { 80: { hostPort: '${CPU}' } } },
      },
    };
    expect(renderTaskDefinition(document, { variables, patch }).containerDefinitions?.[0]).toMatchObject({
      privileged: false,
      portMappings: [{ containerPort: 80, hostPort: 256 }],
    });
  });

  test('are filled in names, too', () => {
    const labelled = documentOf({ name: 'app', dockerLabels: { '${TAG}': 'a', '$${TAG}': 'b' } });
    const patch = { containerDefinitions: { app: { environment: { '${REGISTRY}_A': '1' } } } };
    expect(renderTaskDefinition(labelled, { variables, patch })).toEqual(
      documentOf({
        name: 'app',
        environment: [{ name: 'r_A', value: '1' }],
        dockerLabels: { $1: 'a', '${TAG}': 'b' },
      }),
    );
    const named = documentOf({ name: 'app', dockerLabels: { '${TAG}': 'a' } });
    expect(() => renderTaskDefinition(named, { variables: { ENV: '' } })).toThrow(
      /^\$\{TAG\} at \$\.containerDefinitions\[0\]\.dockerLabels\['\$\{TAG\}'\] has no value\./,
    );
  });

  test('that make one name of two are an error', () => {
    const labelled = documentOf({ name: 'app', dockerLabels: { '${TAG}': 'a', $1: 'b' } });
    expect(() => renderTaskDefinition(labelled, { variables })).toThrow(
      'At $.containerDefinitions[0].dockerLabels the name "$1" stands twice once its placeholders are filled.',
    );
  });

  test('do not move findings away from their lines', async () => {
    const source = await parseTaskDefinition(
      `family: web
memory: 512
containerDefinitions:
  - name: one
    image: one:1
  - name: app-\${ENVIRONMENT}
    image: app:1
    portMappings:
      - containerPort: 81
      - containerPort: \${PORT}
        hostPort: 22
    dockerLabels:
      "": odd
      \${ENVIRONMENT}: [1]
  - name: \${OTHER}
    image: "a b"
`,
      'td.yml',
    );
    const given = { ENVIRONMENT: 'prod', PORT: '80', OTHER: 'two' };
    const patch = { containerDefinitions: { one: null, new: { image: 'c d' } } };
    const rendered = renderTaskDefinition(source.document, { variables: given, patch });
    const findings = validateTaskDefinition(rendered, { source, variables: given });
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ rule, line }) => [rule, line])).toEqual([
      ['image', 3],
      ['port-host-reserved', 11],
      ['wrong-type', 14],
      ['image', 16],
    ]);
    // Who does not say what the placeholders were finds them at their place.
    const inPlace = renderTaskDefinition(source.document, { variables: given });
    const guessed = validateTaskDefinition(inPlace, { source });
    expect(guessed.find(({ rule }) => rule === 'port-host-reserved')).toMatchObject({ line: 11 });
  });

  test('are left alone without a list of variables', () => {
    expect(renderTaskDefinition(document)).toEqual(document);
  });

  test('without a value are all reported, with their places', () => {
    expect(() => renderTaskDefinition(document, { variables: { TAGS: 'hunter2' } })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /^4 edits.*\$\{REGISTRY\} at \$\.containerDefinitions\[0\]\.image.*\$\{TAG\}.*Did you mean "TAGS"\?.*\$\{CPU\}.*\$\{ESSENTIAL\}/s,
        ),
      }),
    );
  });
});

describe('a written document', () => {
  test('has its members in the order of the API, whatever order they came in', () => {
    const text = writeTaskDefinition({
      zebra: { b: 1, a: 2 },
      containerDefinitions: [{ image: 'a:1', dockerLabels: { b: '1', a: '2' }, name: 'app' }],
      alpha: 1,
      family: 'web',
    });
    expect(text).toBe(`{
  "family": "web",
  "containerDefinitions": [
    {
      "name": "app",
      "image": "a:1",
      "dockerLabels": {
        "a": "2",
        "b": "1"
      }
    }
  ],
  "alpha": 1,
  "zebra": {
    "a": 2,
    "b": 1
  }
}
`);
  });

  test('has numbers and truth values as the strings that ECS takes, no nulls, and deliberate empties', () => {
    const document = {
      family: 'web',
      cpu: 256,
      memory: null,
      volumes: [],
      containerDefinitions: [
        null,
        { name: 'a', command: ['', null], dockerLabels: {}, environment: [{ name: 'A', value: true }] },
      ],
    };
    expect(normaliseTaskDefinition(document).document).toEqual({
      family: 'web',
      cpu: '256',
      volumes: [],
      containerDefinitions: [
        { name: 'a', command: [''], dockerLabels: {}, environment: [{ name: 'A', value: 'true' }] },
      ],
    });
  });

  test('has numbers of any size, also those that a program gives, and what looks like our mark for them', () => {
    const mark = '(exact number)';
    const document = {
      family: 'web',
      a: [12345678901234567890n, 7n, mark, `"${mark}"`],
      b: { [mark]: mark },
    };
    const text = writeTaskDefinition(document as never);
    expect(text.replaceAll(/\s+/g, ' ')).toBe(
      `{ "family": "web", "a": [ 12345678901234567890, 7, "${mark}", "\\"${mark}\\"" ], "b": { "${mark}": "${mark}" } } `,
    );
  });

  test.each([[null], [undefined], [[]], ['text'], [5]])('is not made of %j', (value) => {
    expect(() => normaliseTaskDefinition(value)).toThrow(
      expect.objectContaining({ code: 'TASK_DEFINITION_UNREADABLE' }),
    );
  });

  test.each([Number.NaN, Infinity, -Infinity, Symbol('a'), () => 1, new Date(Number.NaN)])(
    'does not hold %p, wherever it is put',
    (value) => {
      const unfit = expect.objectContaining({ code: 'TASK_DEFINITION_UNREADABLE' });
      for (const container of [
        { name: value },
        { memory: value },
        { newer: [value] },
        { portMappings: [{ containerPort: 80 }, { containerPort: value }] },
      ]) {
        const document = documentOf(container);
        expect(() => writeTaskDefinition(document)).toThrow(unfit);
        expect(() => validateTaskDefinition(document)).toThrow(unfit);
        expect(() => diffTaskDefinitions(document, document)).toThrow(unfit);
        const edits = { patch: { containerDefinitions: [container] } };
        expect(() => renderTaskDefinition(documentOf(validContainer()), edits)).toThrow(unfit);
      }
    },
  );

  test('may be patched with numbers that a program has in full', () => {
    const base = documentOf({ name: 'app', portMappings: [{ containerPort: 80 }] });
    const patch = {
      containerDefinitions: { app: { portMappings: [{ containerPort: 80n, hostPort: 81n }] } },
    };
    expect(renderTaskDefinition(base, { patch })).toEqual(
      documentOf({ name: 'app', portMappings: [{ containerPort: 80, hostPort: 81 }] }),
    );
  });

  test('may be patched with dates', () => {
    const rendered = renderTaskDefinition(documentOf(), { patch: { newer: new Date(0) }, variables: {} });
    expect(rendered).toEqual({ ...documentOf(), newer: '1970-01-01T00:00:00.000Z' });
  });

  test('is not made of what refers to itself', () => {
    const cyclic: Record<string, unknown> = { family: 'web' };
    cyclic['itself'] = cyclic;
    expect(() => normaliseTaskDefinition(cyclic)).toThrow(
      expect.objectContaining({ code: 'TASK_DEFINITION_UNREADABLE' }),
    );
  });
});

describe('inputs', () => {
  test.each([
    ['A=1\n\n  B = x=y \r\nC=', { A: '1', B: ' x=y', C: '' }],
    ['A=1\nA=2', { A: '2' }],
    ['A<<END\n one\n\nB=2\nEND\nC=3', { A: ' one\n\nB=2', C: '3' }],
    ['A=<<END', { A: '<<END' }],
    ['A=b<<c', { A: 'b<<c' }],
    ['A<<B=c', { 'A<<B': 'c' }],
    ['__proto__=1', { ['__proto__']: '1' }],
  ])('%j is read as pairs', (text, value) => {
    expect(parseKeyValues(text)).toEqual({ value: Object.fromEntries(Object.entries(value)), faults: [] });
  });

  test('that are no pairs are told by line', () => {
    expect(parseKeyValues('A=1\nhunter2\n=x\nB<<END\nhunter2').faults).toEqual([
      'has a line 2 that is not NAME=value',
      'has a line 3 that is not NAME=value',
      'opens a value in line 4 that it never closes',
    ]);
  });

  test.each([
    ['npm start', ['npm', 'start']],
    ['  a   b  ', ['a', 'b']],
    [`sh -c "echo 'x y' \\"z\\"" '' a\\ b`, ['sh', '-c', `echo 'x y' "z"`, '', 'a b']],
    ['["sh", "-c", "a  b"]', ['sh', '-c', 'a  b']],
    ['[ -f a ]', ['[', '-f', 'a', ']']],
  ])('%j is read as a command', (text, value) => {
    expect(parseCommand(text)).toEqual({ value, faults: [] });
  });

  test.each([
    'sh -c "echo \\$HOME \\`id\\` \\"x\\" \\\\ \\n"',
    `sh -c 'echo "$HOME" \\n'`,
    `a'b'"c"\\ d`,
    `'a\\\\b'"c\\\\d"e\\\\f`,
    `'' "" $'' x`,
    `$'a\\tb\\'c\\x41\\101\\u00e9\\e\\E' $"plain"`,
    'a \\\n  b\\\nc "d\\\ne" \\\n',
    '"a\nb" \'c\nd\'',
    '--flag=\'{"a": "b c"}\' x=y',
    'a\\"b \\\'c',
    "it''s 5\\$ $",
    'a\tb c\u00a0d\u2003e\vf\fg',
  ])('%j is split as bash splits it', (text) => {
    const { status, stdout } = spawnSync('bash', ['-c', `printf '%s\\0' ${text}`], {
      env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH },
    });
    expect(status).toBe(0);
    expect(parseCommand(text)).toEqual({ value: stdout.toString().split('\0').slice(0, -1), faults: [] });
  });

  test.each(['["node", "server.js",]', '["a", 1]', '["a"', '[ "a" b ]', '[] x'])(
    '%j is no list of words and becomes none',
    (text) => {
      expect(parseCommand(text).faults).toEqual(['begins like a JSON list of words, but is none']);
    },
  );

  test.each(['sh -c "a', "sh -c 'a", "$'a\\'", 'a \\'])('%j is no command: something stays open', (text) => {
    expect(parseCommand(text).faults).toEqual(['has a quote or backslash that nothing closes']);
  });

  test('become edits, under the names that actions use', async () => {
    const texts: Record<string, string> = {
      'container-name': 'app, sidecar\nlog',
      image: 'a:1',
      images: 'app=b:1',
      'env-files': 'arn:a,1\narn:b',
      'docker-labels': 'a=b=c',
      command: 'a b',
      cpu: '256',
      patch: '{ memory: 512 }',
    };
    expect(await parseTaskDefinitionEdits((name) => texts[name])).toMatchObject({
      faults: [],
      edits: {
        images: { app: 'b:1' },
        containers: [
          {
            names: ['app', 'sidecar', 'log'],
            image: 'a:1',
            environmentFiles: ['arn:a,1', 'arn:b'],
            dockerLabels: { a: 'b=c' },
            command: ['a', 'b'],
          },
        ],
        cpu: '256',
        patch: { memory: '512' },
      },
    });
    expect((await parseTaskDefinitionEdits(() => undefined)).edits.containers).toEqual([]);
  });

  test('that are wrong are reported together', async () => {
    const texts: Record<string, string> = { images: 'app', command: '"', patch: '{' };
    const { faults } = await parseTaskDefinitionEdits((name) => texts[name]);
    expect(faults.map(({ name }) => name)).toEqual(['command', 'patch', 'images']);
  });
});
