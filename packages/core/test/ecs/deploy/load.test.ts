import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import { leaveOutEmpties } from '../../../src/ecs/deploy/leave-out-empties.js';
import { checkRequest, loadDeployable, type RequestedDeployment } from '../../../src/ecs/index.js';
import type { TaskDefinitionDocument } from '../../../src/task-definition/index.js';

describe('what a task-definition means', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'load-test-'));
    await writeFile(join(directory, 'web'), '{"family": "web", "containerDefinitions": []}');
    await mkdir(join(directory, 'api'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test.each([
    ['web:3', true, { revision: 'web:3' }],
    ['arn:aws:ecs:us-east-1:1:task-definition/web:3', true, { revision: expect.stringContaining('web:3') }],
    ['web', false, { revision: 'web' }],
    ['web', true, { document: { family: 'web' } }],
    ['./web', false, { document: { family: 'web' } }],
    ['worker', false, { revision: 'worker' }],
  ])('%s, files only: %s', async (reference, onlyFile, expected) => {
    expect(await loadDeployable(reference, { directory, onlyFile })).toMatchObject(expected);
  });

  test.each([
    ['web.json', 'FILE_NOT_FOUND'],
    ['worker', 'FILE_NOT_FOUND'],
    ['api', 'FILE_UNREADABLE'],
  ])('a path that is not there is no revision: %s', async (reference, code) => {
    await expect(loadDeployable(reference, { directory, onlyFile: true })).rejects.toEqual(
      errorWithCode(code, reference),
    );
  });

  test('has its empty members only where nobody asks for less', async () => {
    const file = join(directory, 'empty.json');
    await writeFile(file, '{"family": "web", "taskRoleArn": "", "containerDefinitions": [{"command": []}]}');
    expect(await loadDeployable(file)).toMatchObject({ document: { taskRoleArn: '' } });
    expect(await loadDeployable(file, { keepEmpty: ['command'] })).toMatchObject({
      document: { family: 'web', containerDefinitions: [{ command: [] }] },
    });
  });
});

test('members that are empty are left out, but for those that may be', () => {
  const document = {
    family: 'web',
    taskRoleArn: '',
    volumes: [],
    proxyConfiguration: { containerName: 'envoy', properties: [{ name: 'IgnoredUID', value: '' }] },
    tags: [
      { key: 'team', value: '' },
      { key: '', value: '' },
    ],
    futureMember: '',
    containerDefinitions: [
      {
        name: 'app',
        image: 'web',
        command: ['', 'x'],
        user: '',
        environment: [{ name: 'EMPTY', value: '' }, { name: 'NONE' }, { name: '', value: '' }],
        environmentFiles: [{ value: '', type: '' }],
        dockerLabels: { label: '' },
        healthCheck: {},
        linuxParameters: { capabilities: { add: [], drop: [] } },
        logConfiguration: { logDriver: 'json-file', options: { tag: '' }, secretOptions: [] },
        secrets: [],
        volumesFrom: [{}],
      },
    ],
  };
  expect(leaveOutEmpties(document as unknown as TaskDefinitionDocument, ['secrets'])).toEqual({
    family: 'web',
    proxyConfiguration: document.proxyConfiguration,
    tags: [{ key: 'team', value: '' }],
    futureMember: '',
    containerDefinitions: [
      {
        name: 'app',
        image: 'web',
        command: ['', 'x'],
        environment: [
          { name: 'EMPTY', value: '' },
          { name: 'NONE', value: '' },
        ],
        dockerLabels: { label: '' },
        logConfiguration: { logDriver: 'json-file', options: { tag: '' } },
        secrets: [],
      },
    ],
  });
});

describe('what goes with what', () => {
  const request = (more: Partial<RequestedDeployment>): RequestedDeployment => ({
    mode: { kind: 'deploy' },
    services: ['web'],
    taskDefinitions: ['web:1'],
    force: false,
    ...more,
  });
  const rollback = { kind: 'rollback', to: undefined } as const;
  test.each<[string, Partial<RequestedDeployment>, string[]]>([
    ['one of each', {}, []],
    ['one for all', { services: ['web', 'api'] }, []],
    ['one each', { services: ['web', 'api'], taskDefinitions: ['a', 'b'] }, []],
    ['too few', { services: ['a', 'b', 'c'], taskDefinitions: ['a', 'b'] }, ['task-definition']],
    ['a service twice', { services: ['web', 'web'] }, ['service']],
    ['no service: only registered', { services: [] }, []],
    ['nothing to deploy', { taskDefinitions: [] }, ['task-definition']],
    ['what is there, by force', { taskDefinitions: [], force: true }, []],
    ['nothing, by force', { services: [], taskDefinitions: [], force: true }, ['task-definition']],
    ['a rollback', { mode: rollback, taskDefinitions: [] }, []],
    ['a rollback of nothing', { mode: rollback, services: [], taskDefinitions: [] }, ['service']],
    ['a rollback with a task definition', { mode: rollback }, ['task-definition']],
    ['a rollback and a task', { mode: rollback, taskDefinitions: [], runTask: true }, ['run-task']],
    ['a rollback to a revision', { mode: { ...rollback, to: 'web:12' }, taskDefinitions: [] }, []],
    ['a rollback to a family', { mode: { ...rollback, to: 'web' }, taskDefinitions: [] }, ['rollback']],
  ])('%s', (_what, more, faulty) => {
    expect(checkRequest(request(more)).map(({ name }) => name)).toEqual(faulty);
  });
});
