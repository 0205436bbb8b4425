import { describe, expect, test } from '@jest/globals';
import {
  diffTaskDefinitions,
  isSameTaskDefinition,
  validateTaskDefinition,
} from '../../src/task-definition/index.js';
import { isSecretName } from '../../src/task-definition/secret-names.js';
import { isPlaintextSecret, isSecretValue, redactText } from '../../src/task-definition/secrets.js';
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
    [
      'memory of 0, which is not given',
      { containerDefinitions: [validContainer({ memory: 0, memoryReservation: 0 })] },
      {},
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
    [
      'the version that tags are resolved to',
      { containerDefinitions: [validContainer({ versionConsistency: 'enabled' })] },
      {},
    ],
    ['what only ECS says', { revision: 7, status: 'ACTIVE', registeredAt: '2026-01-01' }, {}],
    [
      'an empty object that holds a default',
      { containerDefinitions: [validContainer({ linuxParameters: { initProcessEnabled: false } })] },
      {},
    ],
    [
      'a health check and its defaults',
      { containerDefinitions: [validContainer({ healthCheck: { command: ['CMD', 'a'] } })] },
      {
        containerDefinitions: [
          validContainer({
            healthCheck: { command: ['CMD', 'a'], interval: 30, timeout: 5, retries: 3, startPeriod: 0 },
          }),
        ],
      },
    ],
    [
      'a restart policy and its period',
      { containerDefinitions: [validContainer({ restartPolicy: { enabled: true } })] },
      {
        containerDefinitions: [
          validContainer({ restartPolicy: { enabled: true, restartAttemptPeriod: 300 } }),
        ],
      },
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

  test('not: another order of values of one variable, of which the last one counts', () => {
    const values = (...list: string[]) => ({ environment: list.map((value) => ({ name: 'A', value })) });
    expect(changesOf(values('1', '2'), values('2', '1'))).toMatchObject([
      { path: 'containerDefinitions[app].environment[A]', before: '1', after: '2' },
      { path: 'containerDefinitions[app].environment[A #2]', before: '2', after: '1' },
    ]);
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

  test('not: a volume of Docker and one of no kind', () => {
    const volume = (more: Members) => validDocument({ volumes: [{ name: 'a', ...more }] });
    const docker = volume({ dockerVolumeConfiguration: {} });
    expect(diffTaskDefinitions(volume({}), docker).changes).toMatchObject([
      { kind: 'added', path: 'volumes[a].dockerVolumeConfiguration', after: {} },
    ]);
    expect(isSameTaskDefinition(volume({ host: {} }), docker)).toBe(false);
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
    ...[
      'DB_PASS1',
      'PASS2',
      'ENCRYPTIONKEY',
      'SIGNINGKEY',
      'MASTERKEY',
      'LICENSEKEY',
      'AUTHKEY',
      'APPKEY',
    ].map((name): [string, string] => [name, 'a']),
    ...[
      'DBPW',
      'PASSCODE',
      'OAUTH',
      'BEARER',
      'OTP_SEED',
      'MNEMONIC',
      'HASHSALT',
      'SESSIONID',
      'DB_CONN_STR',
    ].map((name): [string, string] => [name, 'a']),
    ...[
      'GH_PAT',
      'STRIPE_SK',
      'PIN',
      'JAVA_KEYSTORE',
      'SERVICE_ACCOUNT_JSON',
      'OAUTH2',
      ...[
        'PRIVKEY',
        'ENC_KEY',
        'ENCKEY',
        'NETRC',
        'KUBECONFIG',
        'SEED_PHRASE',
        'PASSWORD_PEPPER',
        'WEBHOOK_HMAC',
      ],
      'traefik.basicauth.users',
    ].map((name): [string, string] => [name, 'a']),
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
    ['TURKEY', 'tr'],
    ['PATH', '/bin'],
    ['SPINNER', 'dots'],
    ['TASK', 'a'],
    ['SIGNAL', 'TERM'],
    ['RANDOM_SEED', '1'],
    ['LICENSE', 'MIT'],
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
    ['Authorization=Bearer hunter2', 'Authorization=(redacted)'],
    ['x-trace=1,Authorization=Basic hunter2', 'x-trace=1,Authorization=(redacted)'],
    ['curl -H "Authorization: Bearer hunter2" https://h', 'curl -H "Authorization: (redacted)'],
    ['curl -H "X-Any: Bearer hunter2" https://h', 'curl -H "X-Any: Bearer (redacted)" https://h'],
    ['{"password":"hunter2","port":80}', '{"password":(redacted),"port":80}'],
    ['{"password" : "hun\\"ter2"}', '{"password" : (redacted)}'],
    ["{'password': 'hunter2'}", "{'password': (redacted)}"],
    ['{\\"password\\":\\"hunter2\\",\\"a\\":1}', '{\\"password\\":(redacted),\\"a\\":1}'],
    ['{"password": {"old": "hunter1", "new": "hunter2"}}', '{"password": (redacted)'],
    ['password: |\n  hunter2\n', 'password: (redacted)'],
    ['password: correct horse\nport: 80', 'password: (redacted)\nport: 80'],
    ['https://h/x?a=1&token=hunter2', 'https://h/x?a=1&token=(redacted)'],
    ['https://u:hun/ter2@h/x', 'https://(redacted)@h/x'],
    ['user:hunter2@tcp(h)/db', 'user:(redacted)@tcp(h)/db'],
    ['curl -u me:hunter2 https://h', 'curl -u (redacted) https://h'],
    ["run --password='a'\\''hunter2' -v", 'run --password=(redacted)'],
    ['run --token="hunter2', 'run --token=(redacted)'],
    ['_token => hunter2', '_token => (redacted)'],
    ['mysql -u root -phunter2 app', 'mysql -u root -p(redacted) app'],
    [
      `exec /usr/bin/mysqldump -p'hunter2 x' "-phunter2"`,
      `exec /usr/bin/mysqldump -p(redacted) "-p(redacted)`,
    ],
    ['mariadb-dump -phunter2;ls', 'mariadb-dump -p(redacted)'],
    ['sshpass -p hunter2 ssh h', 'sshpass -p (redacted) ssh h'],
    ['redis-cli -h db -ahunter2 ping', 'redis-cli -h db -a(redacted) ping'],
    ['send bearer hunter2', 'send bearer (redacted)'],
    ["sqlcmd -U sa -P hunter2 -Q 'select 1'", "sqlcmd -U sa -P (redacted) -Q 'select 1'"],
    ['docker login -u x -p hunter2', 'docker login -u x -p (redacted)'],
    ['az login -p hunter2 -t a', 'az login -p (redacted) -t a'],
    ['ldapsearch -x -w hunter2', 'ldapsearch -x -w (redacted)'],
    ['unzip -P hunter2 a.zip', 'unzip -P (redacted) a.zip'],
    ['curl -ume:hunter2 https://h', 'curl -u(redacted) https://h'],
    ['curl -sSu me:hunter2 https://h', 'curl -sSu (redacted) https://h'],
    ['redis-server --port 1 requirepass hunter2', 'redis-server --port 1 requirepass (redacted)'],
    ['machine a login b password hunter2', 'machine a login b password (redacted)'],
    ['a=[{"name":"DB_PASSWORD","value":"hunter2"}]', 'a=[{"name":"DB_PASSWORD","value":(redacted)}]'],
    [
      String.raw`{\"name\": \"TOKEN\", \"value\": \"hunter2\"}`,
      String.raw`{\"name\": \"TOKEN\", \"value\": (redacted)}`,
    ],
    ['- name: DB_PASSWORD\n  value: hunter2\n- a', '- name: DB_PASSWORD\n  value: (redacted)\n- a'],
    ['<password>hunter2</password>', '<password>(redacted)</password>'],
    ['<add key="password" value="hunter2"/>', '<add key=(redacted) value=(redacted)/>'],
    ['password = a hunter2\nb', 'password = (redacted)\nb'],
    ['spring.datasource.password=a hunter2\nb', 'spring.datasource.password=(redacted)\nb'],
    ['passwords=["a", "hunter2"]', 'passwords=(redacted)'],
    ['https://h/?sv=1&sig=hunter2', 'https://h/?sv=1&sig=(redacted)'],
    ['send BASIC hunter2', 'send BASIC (redacted)'],
  ])('in %j is taken out', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  test.each([
    'echo hello',
    'arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-a1b2c3',
    'registry.example.com:5000/team/auth:1.0',
    `registry.example.com/token@sha256:${'0'.repeat(64)}`,
    'https://example.com:8080/login',
    'docker run --user 1000 app',
    'mysql -p --port 3306 -P3306 app',
    'docker run -p 80:80 -p8080:80 app',
    'mkdir -p /data/mysql',
    'curl -fsS -o users.txt http://localhost:80/login',
    'npm run login -- --port 80',
    '<a href="x">key</a>',
    '{"name": "LEVEL", "value": "info"}',
  ])('%j holds none', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test.each([
    ...['a', 'QUJD', 'a-', 'a.', 'a:', 'a@', '@', ' ', '-', '"', '\\', '\n', "'a", 'a = ', 'a://', 'a://b:'],
    ...[
      'name:"',
      'name="a" value=',
      '<a>',
      '<a ',
      'password ',
      'key = ',
      'a.key=',
      'curl -',
      'login -p',
      '[',
      '{"',
    ],
    ...['token=', '--token ', 'token: ', 'eyJ', 'eyJaaaaaaaa-', 'Bearer ', '-----BEGIN ', 'SG.a'],
  ])('is looked for in 512 KiB of %j', (part) => {
    const text = part.repeat(2 ** 19 / part.length);
    const environment = [{ name: 'A', value: text }];
    const look = () => {
      redactText(text);
      isSecretValue(text);
      isSecretName(text);
      isPlaintextSecret(text, text);
      validateTaskDefinition(validDocument({}, { environment, command: [text] }));
    };
    // It would not end if its time were not linear in the text.
    expect(look).not.toThrow();
  });

  const pair = { name: 'DB_PASSWORD', value: 'hunter2' };
  test.each<[string, Members]>([
    ['a variable', { environment: [pair] }],
    ['a variable with a newer member', { environment: [{ ...pair, future: 'hunter2' }] }],
    ['a variable whose value is misspelt', { environment: [{ name: 'DB_PASSWORD', valu: 'hunter2' }] }],
    ['a variable whose name is misspelt', { environment: [{ nmae: 'DB_PASSWORD', value: 'hunter2' }] }],
    ['a variable in capitals', { environment: [{ Name: 'DB_PASSWORD', Value: 'hunter2' }] }],
    ['a variable with too much in it', { environment: [{ name: 'A', value: { password: 'hunter2' } }] }],
    ['a misspelt list', { enviroment: [pair] }],
    ['a newer list', { future: { items: [pair] } }],
    ['a value where a reference is meant', { secrets: [pair] }],
    ['an object of variables', { environment: { DB_PASSWORD: 'hunter2' } }],
    ['a list of assignments', { environment: ['DB_PASSWORD=hunter2'] }],
    ['an assignment for a name', { environment: [{ name: 'DB_PASSWORD=hunter2' }] }],
    ['an assignment for a member', { environment: { 'DB_PASSWORD=hunter2': '' } }],
    ['a label', { dockerLabels: { 'db.password': 'hunter2' } }],
    ['an option', { logConfiguration: { logDriver: 'splunk', options: { 'splunk-token': 'hunter2' } } }],
    ['two words', { command: ['run', '--password', 'hunter2'] }],
    ['two words of a misspelt list', { commnad: ['run', '--password', 'hunter2'] }],
    ['words of curl', { command: ['curl', '-u', 'me:hunter2', '-H', 'Authorization: Bearer hunter2'] }],
    ['a glued flag', { command: ['mysql', '-u', 'root', '-phunter2', 'app'] }],
    ['a glued flag in a script', { command: ['sh', '-c', 'mysqladmin -phunter2 ping'] }],
    ['a flag of a program', { healthCheck: { command: ['CMD', 'redis-cli', '-a', 'hunter2', 'ping'] } }],
    ['a secret where a reference belongs', { secrets: [{ name: 'A', valueFrom: 'hunter2!' }] }],
    ['a secret in a newer list', { future: [{ name: 'A', valueFrom: 'hunter2!' }] }],
    ['a secret in a newer object', { future: { name: 'A', valueFrom: 'hunter2!' } }],
    ['JSON in a variable', environment({ CONFIG: '{"db": {"password": "hunter2"}}' })],
    [
      'a pair in JSON in a variable',
      environment({ CONFIG: '[{"name": "DB_PASSWORD", "value": "hunter2"}]' }),
    ],
    ['a variable and in a script', { environment: [pair], command: ['sh', '-c', 'sqlcmd -Q hunter2'] }],
    ['a variable and part of an image', { environment: [pair], image: 'a:hunter2' }],
    ['a variable and for a name', { environment: [pair, { name: 'hunter2', value: '' }] }],
    ['a variable and for a label', { environment: [pair], dockerLabels: { hunter2: 'a' } }],
    ['a value over two members', { entryPoint: ['run', '--password'], command: ['hunter2'] }],
    ['a value behind an =', { command: ['run', '--db-password', '=', 'hunter2'] }],
    ['words of sqlcmd', { healthCheck: { command: ['CMD', 'sqlcmd', '-U', 'sa', '-P', 'hunter2'] } }],
    ['a directive', { command: ['redis-server', 'requirepass', 'hunter2'] }],
    [
      'an assignment in a script and elsewhere',
      { command: ['sh', '-c', 'A_KEY="hunter2" run'], user: 'hunter2' },
    ],
    ['words of curl, glued', { command: ['curl', '-ume:hunter2', '-sSu', 'me:hunter2'] }],
  ])('does not show as %s', (_, container) => {
    const other = JSON.parse(JSON.stringify(container).replaceAll('hunter2', 'hunter3')) as Members;
    const [added, removed, changed] = [
      changesOf({}, container),
      changesOf(container, {}),
      changesOf(container, other),
    ];
    for (const changes of [added, removed, changed]) {
      expect(changes.length).toBeGreaterThan(0);
      expect(JSON.stringify(changes)).not.toMatch(/hunter/);
    }
    const sidecar = { ...container, name: 'sidecar', image: 'b:1' };
    const whole = diffTaskDefinitions(
      validDocument(),
      validDocument({ containerDefinitions: [validContainer(), sidecar] }),
    );
    expect(JSON.stringify(whole)).not.toMatch(/hunter/);
  });

  test('does not show as a value that is added to a variable without one, or the other way round', () => {
    const [without, withValue] = [{ environment: [{ name: 'DB_PASSWORD' }] }, { environment: [pair] }];
    const path = 'containerDefinitions[app].environment[DB_PASSWORD].value';
    expect(changesOf(without, withValue)).toEqual([
      { kind: 'added', path, after: '(redacted)', redacted: true },
    ]);
    expect(changesOf(withValue, without)).toEqual([
      { kind: 'removed', path, before: '(redacted)', redacted: true },
    ]);
  });

  test('of digits does not show as a number either', () => {
    const digits = { environment: [{ name: 'ACCESS_KEY', value: '123456' }], stopTimeout: 123_456 };
    expect(JSON.stringify(changesOf({}, digits))).not.toContain('123456');
  });

  test('does not tell two names apart by being in them, nor rename what the API knows', () => {
    const values = { TOKEN: 'environment', hunter2: '1', hunter3: '2' };
    const secrets = ['hunter2', 'hunter3'];
    const { changes } = diffTaskDefinitions(validDocument(), validDocument({}, environment(values)), {
      secrets,
    });
    expect(changes.map(({ path }) => path)).toEqual(
      ['TOKEN', '(redacted)', '(redacted) #2'].map(
        (name) => `containerDefinitions[app].environment[${name}]`,
      ),
    );
  });

  test('does not hide a container that is named after one', () => {
    const sidecar = { name: 'token-service', image: 'registry.example.com/token-service:1.0' };
    const after = validDocument({ containerDefinitions: [validContainer(), sidecar] });
    expect(diffTaskDefinitions(validDocument(), after).changes).toMatchObject([
      { path: 'containerDefinitions[token-service]', after: sidecar, redacted: false },
    ]);
  });

  test('that is referred to shows where it is', () => {
    const valueFrom = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-a1b2c3';
    for (const reference of [
      valueFrom,
      '/prod/db-password',
      'prod.${NAME}',
      'db-password-2',
      'StripeApiKeyV2',
    ]) {
      expect(changesOf({}, { secrets: [{ name: 'DB_PASSWORD', valueFrom: reference }] })).toMatchObject([
        { path: 'containerDefinitions[app].secrets[DB_PASSWORD]', after: reference, redacted: false },
      ]);
    }
  });

  test('that is a variable shows in no finding, however long it is', () => {
    const value = `hunter2${'-'.repeat(80)}`;
    const container = {
      environment: [{ name: 'DB_PASSWORD', value }],
      logConfiguration: { logDriver: value },
    };
    const findings = validateTaskDefinition(validDocument({}, container));
    expect(findings.map(({ rule }) => rule)).toContain('unknown-value');
    expect(JSON.stringify(findings)).not.toMatch(/hunter/);
  });

  test('in a name does not show in findings either', () => {
    const name = 'DB_PASSWORD=hunter2';
    const pairs = [
      { name, value: '' },
      { name, value: '' },
    ];
    const findings = validateTaskDefinition(
      validDocument(
        {},
        { environment: pairs, secrets: [{ name, valueFrom: 'hunter2!' }], dockerLabels: { [name]: {} } },
      ),
    );
    expect(findings.map(({ rule }) => rule).sort()).toEqual([
      'secret-source',
      'secret-unique',
      'variable-unique',
      'wrong-type',
    ]);
    expect(JSON.stringify(findings)).not.toMatch(/hunter/);
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
  ['taskRole', 'taskRoleArn'],
  ['task-role', 'taskRoleArn'],
  ['logConfig', 'logConfiguration'],
  ['log', undefined],
  ['logConf', undefined],
  ['mount', undefined],
  ['memo', 'memory'],
])('%s was meant to be %s', (name, expected) => {
  const known = [
    'environment',
    'portMappings',
    'mountPoints',
    'cpu',
    'web',
    'taskRoleArn',
    'logConfiguration',
  ];
  expect(nearestName(name, [...known, 'memory', 'memoryReservation'])).toBe(expected);
});
