import { expect, test } from '@jest/globals';
import { coverValues } from '../../src/task-definition/cover.js';
import { secretsIn, secretsInEdits } from '../../src/task-definition/secrets-in.js';
import { taskDefinitionShape } from '../../src/task-definition/shape/members.js';

test.each([
  [['hunter2!'], 'a hunter2! b hunter2!', 'a (redacted) b (redacted)'],
  [['hunter2!', 'hunter2!-longer'], 'hunter2!-longer', '(redacted)'],
  [['abc', ''], 'abc', 'abc'],
  [['task'], 'a task, tasks, multitask, task', 'a (redacted), tasks, multitask, (redacted)'],
  [['first line!\n second line!\nx'], 'second line!', '(redacted)'],
  [['a"b\\c'], String.raw`"a\"b\\c"`, '"(redacted)"'],
  [['postgres://app:s3cr%40t@db/app'], 'as s3cr@t', 'as (redacted)'],
])('%j is covered in %j', (values, text, covered) => {
  expect(coverValues(values)(text)).toBe(covered);
});

// It would not end if its time were not linear in the text.
test('many values, and one that nearly repeats, are covered in long texts', () => {
  const values = Array.from({ length: 5000 }, (_, index) => `secret of ${index}`);
  const covered = coverValues(values)(values.join(', '));
  expect(covered).not.toContain('of');
  const nearly = 'a'.repeat(64_000).repeat(20);
  expect(coverValues([`${'a'.repeat(65_000)}b`])(nearly)).toBe(nearly);
});

test('the secrets of a document are what has a name of one, in any place', () => {
  const container = {
    environment: [
      { name: 'API_TOKEN', value: 'of a variable' },
      { name: 'USE_TOKEN', value: 'true' },
      { name: 'CONFIG', value: '{"items": [{"name": "DB_PASSWORD", "value": "in JSON"}], "a": "b"}' },
      { name: 'MODE', value: 'token' },
    ],
    secrets: [{ name: 'DB_PASSWORD', valueFrom: '/prod/db' }],
    dockerLabels: { 'api.key': 'of a label' },
    command: ['run', '--password', 'of a flag'],
    logConfiguration: { options: { 'splunk-token': 'of an option' } },
    future: { region: 'us-east-1', provider: 'auth', password: 'of a member' },
  };
  const document = { tags: [{ key: 'secret', value: 'of a tag' }], containerDefinitions: [container] };
  expect([...secretsIn(document, taskDefinitionShape)].sort()).toEqual([
    'in JSON',
    'of a flag',
    'of a label',
    'of a member',
    'of a tag',
    'of a variable',
    'of an option',
  ]);
});

test('the secrets of edits are those of their variables and values', () => {
  const edits = {
    variables: { DB_PASSWORD: 'of a variable', TAG: 'latest' },
    containers: [
      {
        names: [],
        environment: { API_TOKEN: 'of the environment' },
        dockerLabels: { token: 'of a label' },
        logOptions: { 'splunk-token': 'of an option' },
        command: ['run', '--token', 'of a command'],
      },
    ],
    patch: { containerDefinitions: { app: { environment: { API_TOKEN: 'of the patch' } } } },
  };
  expect(secretsInEdits(edits)).toEqual([
    'of a variable',
    'of the environment',
    'of a label',
    'of an option',
    'of a command',
    'of the patch',
  ]);
});
