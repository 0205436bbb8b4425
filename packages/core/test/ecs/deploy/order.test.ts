import { DescribeTaskDefinitionCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import {
  compareReleases,
  type CommitRelation,
  type CompareCommits,
  type OrderGuard,
  type Release,
} from '../../../src/ecs/deploy/order.js';
import { performDeployment } from '../../../src/ecs/deploy/perform.js';
import { registerOnly } from '../../../src/ecs/deploy/register.js';
import { openStage, taskDefinition, type Stage } from './stage.js';

const release = (more: Partial<Release> = {}): Release => ({
  commit: 'b'.repeat(40),
  repository: 'octo-org/octo-app',
  workflow: 'deploy',
  runNumber: 7,
  runId: '4711',
  ...more,
});

describe('compareReleases', () => {
  const running = release({ commit: 'a'.repeat(40), runNumber: 5 });
  const table: readonly (readonly [
    string,
    Release,
    CommitRelation | undefined,
    CommitRelation | undefined,
  ])[] = [
    ['the same commit', release({ commit: running.commit, runNumber: 1 }), 'behind', 'identical'],
    ['a newer commit by a later run', release(), 'ahead', 'ahead'],
    ['an older commit by a later run (a re-run of an old job)', release(), 'behind', 'behind'],
    ['diverged', release(), 'diverged', 'diverged'],
    ['commits cannot be compared: a later run', release(), undefined, 'ahead'],
    ['commits cannot be compared: an earlier run', release({ runNumber: 4 }), undefined, 'behind'],
    ['commits cannot be compared: the same run again', release({ runNumber: 5 }), undefined, 'ahead'],
    [
      'run numbers of another workflow do not count',
      release({ runNumber: 1, workflow: 'hotfix' }),
      undefined,
      undefined,
    ],
    [
      'run numbers count where the tag could not take the name as it is',
      release({ runNumber: 4, workflow: 'Ship & tell' }),
      undefined,
      'behind',
    ],
    ['no run number', release({ runNumber: undefined }), undefined, undefined],
    ['another repository', release({ repository: 'octo-org/other', runNumber: 1 }), 'behind', undefined],
  ];
  test.each(table)('%s', async (_, ours, compared, expected) => {
    const guard: OrderGuard = { release: ours, compareCommits: async () => compared };
    const tagged = ours.workflow === 'Ship & tell' ? { ...running, workflow: 'Ship _ tell' } : running;
    expect(await compareReleases(tagged, guard)).toBe(expected);
  });

  test('without anything to compare commits with, run numbers decide', async () => {
    expect(await compareReleases(running, { release: release({ runNumber: 4 }) })).toBe('behind');
  });
});

describe('the order guard', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
    await stage.create('web');
  });
  afterEach(() => stage.stop());

  const newer: OrderGuard = { release: release({ commit: 'c'.repeat(40), runNumber: 9 }) };
  const deploy = (behaviour: string, order: OrderGuard | undefined, more = {}) =>
    stage.deploy({ service: 'web', taskDefinition: taskDefinition(behaviour) }, { order, ...more });
  const tagsOf = async (revision: string) => {
    const answer = await stage.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: revision, include: ['TAGS'] }),
    );
    return Object.fromEntries((answer.tags ?? []).map(({ key, value }) => [key, value]));
  };

  test('tags the revision with commit and run', async () => {
    expect((await deploy('v2', newer)).outcome).toBe('succeeded');
    expect(await tagsOf('web:2')).toEqual({
      'ecs-actions:commit': 'c'.repeat(40),
      'ecs-actions:repository': 'octo-org/octo-app',
      'ecs-actions:workflow': 'deploy',
      'ecs-actions:run-number': '9',
      'ecs-actions:run-id': '4711',
    });
  });

  test('tags it also for a workflow whose name a tag cannot have', async () => {
    const workflow = `Build & deploy (prod) 🚀 ${'x'.repeat(300)}`;
    expect((await deploy('v2', { release: release({ workflow }) })).outcome).toBe('succeeded');
    expect((await tagsOf('web:2'))['ecs-actions:workflow']).toMatch(/^Build _ deploy _prod_ _ x+$/);
    await expect(
      deploy('v3', { release: release({ workflow, runNumber: 6, commit: 'd'.repeat(40) }) }),
    ).rejects.toEqual(errorWithCode('DEPLOYMENT_OUT_OF_ORDER'));
  });

  test('tags a revision anew also where it is registered for no service', async () => {
    await deploy('v2', { release: release() });
    const { aws, ecs, cluster } = stage;
    const options = { clock: aws.clock, order: newer };
    await aws.clock.runUntil(registerOnly({ ecs, cluster, taskDefinition: taskDefinition('v2') }, options));
    expect(await tagsOf('web:2')).toMatchObject({ 'ecs-actions:run-number': '9' });
    const older = { clock: aws.clock, order: { release: release({ runNumber: 4, commit: 'd'.repeat(40) }) } };
    await aws.clock.runUntil(registerOnly({ ecs, cluster, taskDefinition: taskDefinition('v2') }, older));
    expect(await tagsOf('web:2')).toMatchObject({ 'ecs-actions:run-number': '9' });
  });

  test('refuses an older commit before anything is registered', async () => {
    await deploy('v2', newer);
    const compareCommits = jest.fn<CompareCommits>(async () => 'behind');
    await expect(deploy('v3', { release: release(), compareCommits })).rejects.toEqual(
      errorWithCode(
        'DEPLOYMENT_OUT_OF_ORDER',
        /web runs commit cccccccccccc \(run 9\).*newer than commit bbbbbbbbbbbb \(run 7\)/,
      ),
    );
    expect(compareCommits).toHaveBeenCalledWith('c'.repeat(40), 'b'.repeat(40));
    expect(await stage.revisions()).toEqual(['web:1', 'web:2']);
    expect((await stage.describe('web')).taskDefinition).toMatch(/web:2$/);
  });

  test('refuses it before a task of it has run', async () => {
    await deploy('v2', newer);
    const { aws, ecs, cluster } = stage;
    const settings = {
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0123456789abcdef0'] } },
    };
    const perform = (order: OrderGuard) =>
      aws.clock.runUntil(
        performDeployment(
          {
            ecs,
            cluster,
            services: ['web'],
            taskDefinitions: [taskDefinition('exit-0')],
            mode: { kind: 'deploy' },
            taskBefore: { settings, wait: true },
          },
          { clock: aws.clock, order, wait: false },
        ),
      );
    stage.calls();
    await expect(perform({ release: release(), compareCommits: async () => 'behind' })).rejects.toEqual(
      errorWithCode('DEPLOYMENT_OUT_OF_ORDER', /web runs commit/),
    );
    expect(stage.calls()).not.toContain('RunTask');
    expect(await stage.revisions()).toEqual(['web:1', 'web:2']);
    const performed = await perform({ release: release(), compareCommits: async () => 'ahead' });
    expect(performed).toMatchObject({ taskRun: { outcome: 'succeeded' }, results: [{ outcome: 'started' }] });
    expect(stage.calls()).toContain('RunTask');
    expect(await tagsOf('web:3')).toMatchObject({ 'ecs-actions:commit': 'b'.repeat(40) });
  });

  test('refuses it also while the newer one is still being rolled out', async () => {
    await deploy('v2', newer, { wait: false });
    await expect(deploy('v3', { release: release() })).rejects.toEqual(
      errorWithCode('DEPLOYMENT_OUT_OF_ORDER'),
    );
  });

  test('lets it through when it is turned off', async () => {
    await deploy('v2', newer);
    expect((await deploy('v3', undefined)).outcome).toBe('succeeded');
  });

  test('a diverged history is a warning', async () => {
    await deploy('v2', newer);
    const warnings: string[] = [];
    const logger = { ...quiet, warning: (message: string) => void warnings.push(message) };
    const result = await deploy(
      'v3',
      { release: release(), compareCommits: async () => 'diverged' },
      { logger },
    );
    expect(result.outcome).toBe('succeeded');
    expect(warnings).toEqual([expect.stringContaining('their histories have diverged')]);
  });

  test('a revision that is used again is tagged anew, and is equal whatever its tags say', async () => {
    await deploy('v2', { release: release() });
    expect((await deploy('v2', newer)).outcome).toBe('unchanged');
    expect(await stage.revisions()).toEqual(['web:1', 'web:2']);
    expect(await tagsOf('web:2')).toMatchObject({
      'ecs-actions:commit': 'c'.repeat(40),
      'ecs-actions:run-number': '9',
    });
    await expect(deploy('v3', { release: release() })).rejects.toEqual(
      errorWithCode('DEPLOYMENT_OUT_OF_ORDER'),
    );
  });

  test('where tagging is denied the deployment goes on and says so', async () => {
    await deploy('v2', { release: release() });
    stage.aws.faults.inject({ service: 'ecs', operation: 'TagResource', kind: 'access-denied', times: 9 });
    const warnings: string[] = [];
    const logger = { ...quiet, warning: (message: string) => void warnings.push(message) };
    expect((await deploy('v2', newer, { logger })).outcome).toBe('unchanged');
    expect(warnings).toEqual([expect.stringContaining('ecs:TagResource')]);
  });

  test('a revision without tags is not guarded', async () => {
    await stage.ecs.send(new RegisterTaskDefinitionCommand(taskDefinition('v1').document));
    expect((await deploy('v2', { release: release({ runNumber: 1 }) })).outcome).toBe('succeeded');
  });
});

const quiet = {
  debug: () => {},
  info: () => {},
  notice: () => {},
  warning: () => {},
  group: <T>(_: string, body: () => Promise<T>) => body(),
};
