import { describe, expect, test } from '@jest/globals';
import { diffTaskDefinitions, isSameTaskDefinition } from '../../src/task-definition/index.js';
import {
  isPlaintextSecret,
  isSecretName,
  isSecretValue,
  redactText,
} from '../../src/task-definition/secrets.js';
import { nearestName } from '../../src/task-definition/suggest.js';
import { validContainer, validDocument } from './stage.js';

type Members = Readonly<Record<string, unknown>>;

const changesOf = (before: Members, after: Members) =>
  diffTaskDefinitions(validDocument({}, before), validDocument({}, after)).changes;
const environment = (values: Readonly<Record<string, string>>) => ({
  environment: Object.entries(values).map(([name, value]) => ({ name, value })),
});

describe('a change', () => {
  test.each<[string, Members, Members, object[]]>([
    [
      'of an image',
      { image: 'a:1' },
      { image: 'a:2' },
      [{ kind: 'changed', path: 'image', before: 'a:1', after: 'a:2' }],
    ],
    [
      'of variables is told by name',
      environment({ A: '1', B: '2' }),
      environment({ B: '3', C: '4' }),
      [
        { kind: 'removed', path: 'environment[A]', before: '1' },
        { kind: 'changed', path: 'environment[B]', before: '2', after: '3' },
        { kind: 'added', path: 'environment[C]', after: '4' },
      ],
    ],
    [
      'of ports is told by port and protocol',
      { portMappings: [{ containerPort: 80 }] },
      { portMappings: [{ containerPort: 80, name: 'web' }] },
      [{ kind: 'added', path: 'portMappings[80/tcp].name', after: 'web' }],
    ],
    [
      'of mount points is told by path',
      { mountPoints: [{ sourceVolume: 'a', containerPath: '/a' }] },
      { mountPoints: [{ sourceVolume: 'a', containerPath: '/a', readOnly: true }] },
      [{ kind: 'changed', path: 'mountPoints[/a].readOnly', before: false, after: true }],
    ],
    [
      'of a label is told by name',
      { dockerLabels: { 'a.b': '1' } },
      { dockerLabels: { 'a.b': '2' } },
      [{ kind: 'changed', path: 'dockerLabels[a.b]', before: '1', after: '2' }],
    ],
    [
      'of a command is told as a whole',
      { command: ['a', 'b'] },
      { command: ['b', 'a'] },
      [{ kind: 'changed', path: 'command', before: ['a', 'b'], after: ['b', 'a'] }],
    ],
    [
      'of a capability is told by name',
      { linuxParameters: { capabilities: { drop: ['ALL'] } } },
      { linuxParameters: { capabilities: { drop: ['ALL', 'MKNOD'] } } },
      [{ kind: 'added', path: 'linuxParameters.capabilities.drop[MKNOD]', after: 'MKNOD' }],
    ],
    [
      'that repeats a name is not lost',
      environment({ A: '1' }),
      {
        environment: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
      [{ kind: 'added', path: 'environment[A #2]', after: '2' }],
    ],
    [
      'away from a default shows the default',
      {},
      { essential: false },
      [{ kind: 'changed', path: 'essential', before: true, after: false }],
    ],
    [
      'of what the API does not know is told, too',
      { future: { a: [1] } },
      { future: { a: [2] } },
      [{ kind: 'changed', path: 'future.a', before: [1], after: [2] }],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(changesOf(before, after)).toEqual(
      (expected as { path: string }[]).map((change) => ({
        ...change,
        path: `containerDefinitions[app].${change.path}`,
        redacted: false,
      })),
    );
  });

  test('by a whole container shows what somebody wrote', () => {
    const sidecar = { name: 'sidecar', image: 'b:1', ...environment({ TOKEN: 'hunter2' }) };
    const after = validDocument({ containerDefinitions: [sidecar, validContainer()] });
    expect(diffTaskDefinitions(validDocument(), after).changes).toEqual([
      {
        kind: 'added',
        path: 'containerDefinitions[sidecar]',
        after: {
          name: 'sidecar',
          image: 'b:1',
          stopTimeout: 30,
          environment: [{ name: 'TOKEN', value: '(redacted)' }],
        },
        redacted: true,
      },
    ]);
  });

  test('from nothing is everything', () => {
    const { changed, changes } = diffTaskDefinitions(undefined, validDocument());
    expect(changed).toBe(true);
    expect(changes.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['family', 'cpu', 'containerDefinitions[app]']),
    );
  });
});

describe('to ECS it is the same', () => {
  test.each<[string, Members, Members]>([
    ['sizes in other units', { cpu: '.25 vCPU', memory: '.5 GB' }, { cpu: '256', memory: '512' }],
    [
      'the platform of Fargate',
      {},
      { runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' } },
    ],
    ['empty lists and objects', { volumes: [], tags: [], placementConstraints: [] }, {}],
    ['a volume with an empty host', { volumes: [{ name: 'a', host: {} }] }, { volumes: [{ name: 'a' }] }],
    [
      'tags in another order',
      { tags: [{ key: 'a' }, { key: 'b' }] },
      { tags: [{ key: 'b', value: '' }, { key: 'a' }] },
    ],
    [
      'where a revision comes from',
      { tags: [{ key: 'ecs-actions:commit', value: '1' }] },
      { tags: [{ key: 'ecs-actions:commit', value: '2' }] },
    ],
    ['what only ECS says', { revision: 7, status: 'ACTIVE', registeredAt: '2026-01-01' }, {}],
    [
      'an empty object that holds a default',
      { containerDefinitions: [validContainer({ linuxParameters: { initProcessEnabled: false } })] },
      {},
    ],
    [
      'EFS defaults',
      { volumes: [{ name: 'a', efsVolumeConfiguration: { fileSystemId: 'fs-1' } }] },
      {
        volumes: [
          {
            name: 'a',
            efsVolumeConfiguration: {
              fileSystemId: 'fs-1',
              rootDirectory: '/',
              transitEncryption: 'DISABLED',
              authorizationConfig: { iam: 'DISABLED' },
            },
          },
        ],
      },
    ],
  ])('%s', (_, a, b) => {
    expect(isSameTaskDefinition(validDocument(a), validDocument(b))).toBe(true);
    expect(diffTaskDefinitions(validDocument(a), validDocument(b)).changes).toEqual([]);
  });

  test('a host port of 0 and none, in bridge mode; not in awsvpc mode', () => {
    const ports = (networkMode: string, hostPort?: number) =>
      validDocument(
        { networkMode },
        { portMappings: [{ containerPort: 80, ...(hostPort !== undefined && { hostPort }) }] },
      );
    expect(isSameTaskDefinition(ports('bridge', 0), ports('bridge'))).toBe(true);
    expect(isSameTaskDefinition(ports('bridge', 80), ports('bridge'))).toBe(false);
    expect(isSameTaskDefinition(ports('awsvpc', 80), ports('awsvpc'))).toBe(true);
  });

  test('not: another order of words, DNS servers or environment files', () => {
    for (const member of ['command', 'dnsServers']) {
      expect(changesOf({ [member]: ['a', 'b'] }, { [member]: ['b', 'a'] })).toHaveLength(1);
    }
    const files = (...names: string[]) => ({
      environmentFiles: names.map((value) => ({ value, type: 's3' })),
    });
    expect(changesOf(files('a', 'b'), files('b', 'a'))).toHaveLength(1);
  });

  test('not: a GPU that is shared and one that is not', () => {
    const gpu = (more: Members) => ({ resourceRequirements: [{ type: 'GPU', ...more }] });
    expect(changesOf(gpu({ sharingStrategy: { nvidiaMps: {} } }), gpu({}))).toHaveLength(1);
  });
});

describe('a secret', () => {
  test.each([
    ['DB_PASSWORD', 'a'],
    ['dbPassword', 'a'],
    ['PGPASSWORD', 'a'],
    ['API_KEY', 'a'],
    ['splunk-token', 'a'],
    ['AUTH', 'a'],
    ['DATABASE_URL', 'postgres://app:hunter2@db/app'],
    ['ANYTHING', 'AKIAIOSFODNN7EXAMPLE'],
    ['ANYTHING', '-----BEGIN RSA PRIVATE KEY-----'],
    ['ANYTHING', 'ghp_0123456789abcdefghij0123'],
    ['ANYTHING', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'],
  ])('%s=%s is not shown', (name, value) => {
    expect(isSecretName(name) || isSecretValue(value)).toBe(true);
  });

  test.each([
    ['LOG_LEVEL', 'info'],
    ['AUTHOR', 'somebody'],
    ['MONKEY', 'business'],
    ['DATABASE_URL', 'postgres://db/app'],
    ['KEYBOARD', 'us'],
  ])('%s=%s is', (name, value) => {
    expect(isSecretName(name) || isSecretValue(value)).toBe(false);
  });

  test.each([
    ['DB_PASSWORD', ''],
    ['TOKEN_URL', 'https://example.com/token'],
    ['SECRET_NAME', 'prod/app'],
    ['USE_TOKEN', 'true'],
    ['TOKEN_TTL', '3600'],
    ['PUBLIC_KEY', 'abcdef'],
    ['SECRET', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:a'],
  ])('%s=%s draws no advice', (name, value) => {
    expect(isPlaintextSecret(name, value)).toBe(false);
  });

  test.each([
    ['run --password=hunter2 --port=80', 'run --password=(redacted) --port=80'],
    ['run --token hunter2 -v', 'run --token (redacted) -v'],
    [`export API_KEY="hunter2 x" && run`, 'export API_KEY=(redacted) && run'],
    ['curl https://user:hunter2@example.com', '(redacted)'],
    ['echo hello', 'echo hello'],
  ])('in %j is taken out', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });
});

test.each([
  ['enviroment', 'environment'],
  ['Environment', 'environment'],
  ['port-mappings', 'portMappings'],
  ['mountPoint', 'mountPoints'],
  ['wbe', 'web'],
  ['gpu', undefined],
  ['zebra', undefined],
  ['envionmrent', 'environment'],
])('%s was meant to be %s', (name, expected) => {
  expect(nearestName(name, ['environment', 'portMappings', 'mountPoints', 'cpu', 'web'])).toBe(expected);
});
