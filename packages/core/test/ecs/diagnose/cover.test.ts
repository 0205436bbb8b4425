import { describe, expect, test } from '@jest/globals';
import { coverLines } from '../../../src/ecs/diagnose/cover-lines.js';
import { coverDiagnosis, coverSecrets, coverTask } from '../../../src/ecs/diagnose/cover.js';
import { diagnose } from '../../../src/ecs/diagnose/diagnose.js';

const containers = [
  {
    name: 'app',
    environment: [
      { name: 'DATABASE_PASSWORD', value: 'hunter2!' },
      { name: 'API_TOKEN', value: 'hunter2!-longer' },
      { name: 'PIN_SECRET', value: '1' },
      { name: 'SIGNING_KEY', value: 'task' },
      { name: 'QUOTED_SECRET', value: 'a"b\nc&d' },
      { name: 'TENANT', value: 'acme-corp' },
      { name: 'LOG_LEVEL', value: 'debug' },
      { name: 'DATABASE_URL', value: 'postgres://app:s3cr%40t@db:5432/app' },
      { name: 'MAX_TOKENS', value: '4096' },
      { name: 'AUTH_ENABLED', value: 'true' },
      { name: 'API_SECRET_ARN', value: 'arn:aws:secretsmanager:eu-west-1:1:secret:api' },
    ],
  },
  {
    name: 'sidecar',
    environment: [{ name: 'SIDECAR_TOKEN', value: 'of-the-sidecar' }],
    logConfiguration: { logDriver: 'splunk' as const, options: { 'splunk-token': 'splunk-value' } },
  },
];
const cover = coverSecrets(containers, ['TENANT']);

describe('coverSecrets', () => {
  test.each([
    ['a secret', 'cannot log in with hunter2! at debug', 'cannot log in with (redacted) at debug'],
    ['one that holds another', 'token hunter2!-longer', 'token (redacted)'],
    [
      'in the middle: the end stays',
      `x hunter2! ${'y'.repeat(30_000)} not found`,
      `x (redacted) ${'y'.repeat(30_000)} not found`,
    ],
    ['too short to hide', 'exit code 1', 'exit code 1'],
    ['a short word, where it stands alone', 'with task, not tasks', 'with (redacted), not tasks'],
    ['as JSON and addresses have it', String.raw`a\"b\nc&d, a%22b%0Ac%26d`, '(redacted), (redacted)'],
    ['what only sounds secret', 'missing key: DATABASE_URL', 'missing key: DATABASE_URL'],
    ['on request', 'tenant acme-corp', 'tenant (redacted)'],
    [
      'the password of an address',
      'login app with s3cr@t, s3cr%40t',
      'login app with (redacted), (redacted)',
    ],
    ['the address itself', 'dial postgres://app:s3cr%40t@db:5432/app: no', 'dial (redacted): no'],
    ['settings whose names sound secret', 'memory 4096 is true', 'memory 4096 is true'],
    [
      'where a secret is',
      'unable to retrieve arn:aws:secretsmanager:eu-west-1:1:secret:api',
      'unable to retrieve arn:aws:secretsmanager:eu-west-1:1:secret:api',
    ],
    ["another container's", 'of-the-sidecar', '(redacted)'],
    [
      'of a log driver',
      'failed to validate logger args: splunk-value',
      'failed to validate logger args: (redacted)',
    ],
    [
      'a token by its looks is left to whoever knows it',
      'got AKIAIOSFODNN7EXAMPLE',
      'got AKIAIOSFODNN7EXAMPLE',
    ],
  ])('%s', (_, text, covered) => {
    expect(cover(text)).toBe(covered);
  });

  test('a line of a log is covered as a whole where it gives one away', () => {
    expect(coverLines(cover)('got AKIAIOSFODNN7EXAMPLE')).toBe('(redacted)');
    expect(coverLines(cover)('cannot log in with hunter2!')).toBe('cannot log in with (redacted)');
  });

  test.each([
    [
      'java -jar app.jar --db-password=s3cr3t!x --port=80',
      'java -jar app.jar --db-password=(redacted) --port=80',
    ],
    ['args=--db-password=s3cr3t!x up', 'args=--db-password=(redacted) up'],
    ['DB_PASSWORD=s3cr3t!x PGHOST=db', 'DB_PASSWORD=(redacted) PGHOST=db'],
    [`login.secret='a b c' of x`, `login.secret='(redacted)' of x`],
    ['auth=Bearer abcdefgh to x', 'auth=(redacted) to x'],
    [String.raw`{"apiToken": "a\"b cd", "at": "x"}`, '{"apiToken": "(redacted)", "at": "x"}'],
    [
      String.raw`{"message":"{\"password\":\"s3cr3t\",\"user\":\"me\"}"}`,
      String.raw`{"message":"{\"password\":\"(redacted)\",\"user\":\"me\"}"}`,
    ],
    [
      String.raw`{"cmd":"run --db-password=s3cr3t","level":"error"}`,
      '{"cmd":"run --db-password=(redacted)","level":"error"}',
    ],
  ])('what a container assigns to a secret is covered: %s', (line, covered) => {
    expect(coverLines(cover)(line)).toBe(covered);
  });

  test.each([
    'FATAL: password authentication failed for user "app"',
    'password: must not be empty',
    'SyntaxError: Unexpected token = in JSON at position 3',
    'SyntaxError: Unexpected token: punc (})',
    'unknown flag --password given, see --help',
    'secret "prod/db" not found in namespace=default',
    'max_tokens=4096 session_timeout=30s auth.enabled=true',
    'cache miss key=users:12 {"Key":"reports/2026.csv"}',
    'token_url=https://login.example.com/oauth2 jwt.issuer=example.com',
    'secret_arn=arn:aws:secretsmanager:eu-west-1:1:secret:api',
    'TLS private key=/etc/tls/key.pem: permission denied',
    'level=error msg="connection refused" host=db:5432 sha256:abcdef',
  ])('what a container says otherwise is not: %s', (line) => {
    expect(coverLines(cover)(line)).toBe(line);
  });

  // It would not end if its time were not linear in the line.
  test('a line of any length is looked through', () => {
    const cases = ['a=', 'token_url=', 'token=/', `a="b='`, '\\', '"', 'token=', '\\"', 'a.', 'secret="'].map(
      (part) => part.repeat(400_000),
    );
    for (const line of cases) expect(coverLines(cover)(line)).not.toBe('');
  });

  test('a task and its diagnosis, in all that ECS says of them, and nothing else', () => {
    const task = {
      taskArn: 'arn:aws:ecs:eu-west-1:1:task/prod/0123',
      stoppedReason: 'CannotStartContainerError: hunter2!: not found',
      containers: [{ name: 'app', exitCode: 127, reason: 'exec hunter2!' }, { name: 'sidecar' }],
    };
    const covered = coverTask(task, cover);
    expect(covered).toEqual({
      taskArn: task.taskArn,
      stoppedReason: 'CannotStartContainerError: (redacted): not found',
      containers: [{ name: 'app', exitCode: 127, reason: 'exec (redacted)' }, { name: 'sidecar' }],
    });
    const diagnoses = diagnose({ tasks: [task] });
    expect(diagnoses.map((diagnosis) => coverDiagnosis(diagnosis, cover))).toMatchObject([
      {
        id: diagnoses[0]?.id,
        reason: 'CannotStartContainerError: (redacted): not found\napp: exec (redacted)',
        containers: [{ reason: 'exec (redacted)' }],
        taskArns: [task.taskArn],
      },
    ]);
  });
});
