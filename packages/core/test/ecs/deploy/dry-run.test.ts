import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import {
  performDeployment,
  type DeployServiceOptions,
  type ServiceToDeploy,
} from '../../../src/ecs/index.js';
import { silentLogger } from '../../../src/ports.js';
import { reportDeployments } from '../../../src/report/index.js';
import { openStage, serviceDefinition, taskDefinition, type Stage } from './stage.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  await stage.create('web');
  stage.calls();
});
afterEach(() => stage.stop());

const READS = /^(Describe|List)/;

/** Plans, and makes sure that nothing but reads was asked of ECS. */
async function plan(one: ServiceToDeploy, options: Partial<DeployServiceOptions> = {}) {
  const result = await stage.plan(one, options);
  expect(stage.calls().filter((operation) => !READS.test(operation))).toEqual([]);
  return result;
}

describe('a dry run', () => {
  test('shows what the new task definition changes', async () => {
    const result = await plan({ service: 'web', taskDefinition: taskDefinition('v2') });
    expect(result).toMatchObject({
      outcome: 'planned',
      reason: 'Would update the service to a new revision of web.',
      taskDefinitionArn: undefined,
      previousTaskDefinitionArn: expect.stringMatching(/web:1$/),
    });
    expect(result.diff?.changes.map(({ path }) => path)).toEqual([
      'containerDefinitions[app].image',
      'containerDefinitions[app].environment[VERSION]',
    ]);
  });

  test('shows all of a service that is to be created', async () => {
    const result = await plan(
      { service: 'api', taskDefinition: taskDefinition('v2') },
      { createIfMissing: serviceDefinition(), settings: { enableExecuteCommand: true } },
    );
    expect(result.settingChanges).toEqual(
      expect.arrayContaining([
        { name: 'desiredCount', before: undefined, after: serviceDefinition().desiredCount },
        { name: 'enableExecuteCommand', before: undefined, after: true },
      ]),
    );
    expect(result.diff?.changes).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'added', path: 'family' })]),
    );
    expect(reportDeployments([result])).toMatch(/Task definition: \d+ changes\n/);
  });

  test('covers what is secret in the settings of the service', async () => {
    const serviceConnectConfiguration = {
      enabled: true,
      namespace: 'prod',
      logConfiguration: {
        logDriver: 'splunk' as const,
        options: { 'splunk-token': 'SEKRET', 'splunk-url': 'u' },
      },
    };
    const result = await plan(
      { service: 'web', taskDefinition: taskDefinition('v1') },
      { settings: { serviceConnectConfiguration } },
    );
    expect(JSON.stringify(result)).not.toContain('SEKRET');
    expect(result.settingChanges).toMatchObject([
      { after: { namespace: 'prod', logConfiguration: { options: { 'splunk-token': '(redacted)' } } } },
    ]);
  });

  test('shows what would change in the service', async () => {
    const result = await plan(
      { service: 'web', taskDefinition: taskDefinition('v1') },
      { settings: { desiredCount: 5, enableExecuteCommand: false } },
    );
    expect(result).toMatchObject({
      reason: 'Would update the service to web:1, without a new deployment.',
      settingChanges: [{ name: 'desiredCount', before: 2, after: 5 }],
    });
  });

  test.each([
    [
      'nothing',
      { service: 'web', taskDefinition: taskDefinition('v1') },
      {},
      'Would change nothing: the service runs exactly this.',
    ],
    [
      'a revision that exists',
      { service: 'web', taskDefinition: { revision: 'web:1' } },
      {},
      'Would change nothing: the service runs exactly this.',
    ],
    [
      'a forced deployment',
      { service: 'web' },
      { settings: { forceNewDeployment: true } },
      'Would update the service with the task definition it has.',
    ],
    [
      'a service that is missing',
      { service: 'api', taskDefinition: taskDefinition('v1') },
      { createIfMissing: serviceDefinition() },
      'Would create the service with web:1.',
    ],
  ])('%s', async (_, one, options, reason) => {
    expect(await plan(one, options)).toMatchObject({ outcome: 'planned', reason });
  });

  test('finds what a deployment would find before it registers', async () => {
    await expect(plan({ service: 'wbe', taskDefinition: taskDefinition('v2') })).rejects.toEqual(
      errorWithCode('SERVICE_NOT_FOUND'),
    );
    await expect(plan({ service: 'web', taskDefinition: { revision: 'web:9' } })).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_NOT_FOUND'),
    );
  });

  test('covers the values of secrets, and of variables on request', async () => {
    const withSecret = (behaviour: string) => {
      const { document } = taskDefinition(behaviour);
      const environment = [
        { name: 'API_TOKEN', value: `token-${behaviour}` },
        { name: 'TENANT', value: `tenant-${behaviour}` },
        { name: 'REGION_CODE', value: behaviour.slice(1) },
      ];
      const containers = document.containerDefinitions!.map((one) => ({
        ...one,
        environment,
        command: ['serve', `--for=tenant-${behaviour}`],
      }));
      const added = containers.map((one) => ({ ...one, name: `added-in-${behaviour}`, essential: false }));
      return { document: { ...document, containerDefinitions: [...containers, ...added] } };
    };
    await stage.deploy({ service: 'web', taskDefinition: withSecret('v2') });
    stage.calls();
    const result = await plan(
      { service: 'web', taskDefinition: withSecret('v3') },
      { redact: ['TENANT', 'REGION_CODE'] },
    );
    const shown = JSON.stringify(result.diff);
    expect(shown).toContain('--for=(redacted)');
    expect(shown).toContain('containerDefinitions[added-in-v3]');
    expect(result.diff?.changes).toContainEqual({
      kind: 'changed',
      path: 'containerDefinitions[app].environment[REGION_CODE]',
      before: '(redacted)',
      after: '(redacted)',
      redacted: true,
    });
    expect(shown).toContain('TENANT');
    expect(shown).toContain('API_TOKEN');
    expect(shown).not.toMatch(/token-|tenant-/);
  });

  const listen = () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warning: (text: string) => void warnings.push(text) };
    return { warnings, logger };
  };

  test('warns of reads that it would miss', async () => {
    const { warnings, logger } = listen();
    for (const operation of ['ListTasks', 'ListServiceDeployments'])
      stage.aws.faults.inject({ service: 'ecs', operation, kind: 'access-denied', times: 9 });
    await plan({ service: 'web', taskDefinition: taskDefinition('v1') }, { logger });
    expect(warnings).toEqual([
      expect.stringContaining('ecs:ListServiceDeployments'),
      expect.stringContaining('ecs:ListTasks'),
    ]);
  });

  test('tries every read of the wait, and names what cannot be tried', async () => {
    const result = await plan(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      { logs: () => stage.logs, order: { release: { commit: 'a'.repeat(40) } } },
    );
    expect(result.permissions).toEqual({
      checked: [
        { action: 'ecs:DescribeTaskDefinition' },
        { action: 'ecs:DescribeServices' },
        { action: 'ecs:ListServiceDeployments' },
        { action: 'ecs:DescribeServiceDeployments' },
        { action: 'ecs:DescribeServiceRevisions' },
        { action: 'ecs:ListTasks' },
        { action: 'ecs:DescribeTasks' },
        { action: 'logs:GetLogEvents' },
      ],
      unchecked: [
        'ecs:RegisterTaskDefinition',
        'ecs:TagResource',
        'iam:PassRole',
        'ecs:UpdateService',
        'ecs:StopServiceDeployment',
      ],
    });
  });

  test.each([
    ['ecs', 'DescribeTaskDefinition', 'ecs:DescribeTaskDefinition'],
    ['ecs', 'DescribeServiceDeployments', 'ecs:DescribeServiceDeployments'],
    ['ecs', 'DescribeServiceRevisions', 'ecs:DescribeServiceRevisions'],
    ['ecs', 'DescribeTasks', 'ecs:DescribeTasks'],
    ['logs', 'GetLogEvents', 'logs:GetLogEvents'],
  ])('says where %s refuses %s', async (service, operation, action) => {
    const { warnings, logger } = listen();
    stage.aws.faults.inject({ service, operation, kind: 'access-denied', times: 9 });
    const result = await plan(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      { logger, logs: () => stage.logs },
    );
    const [refused] = result.permissions?.checked.filter(({ refusal }) => refusal !== undefined) ?? [];
    expect(refused).toMatchObject({ action, refusal: expect.stringContaining('Allow') });
    expect(warnings).toEqual([refused?.refusal]);
  });

  test('says that a log group is not there, unless ECS creates it', async () => {
    const { warnings, logger } = listen();
    const logging = (options: Record<string, string>) => {
      const { document } = taskDefinition('v2');
      const [container] = document.containerDefinitions ?? [];
      const logConfiguration = {
        logDriver: 'awslogs' as const,
        options: { ...container?.logConfiguration?.options, 'awslogs-group': '/ecs/wbe', ...options },
      };
      return { document: { ...document, containerDefinitions: [{ ...container, logConfiguration }] } };
    };
    const options = { logger, logs: () => stage.logs };
    await plan({ service: 'web', taskDefinition: logging({ 'awslogs-create-group': 'true' }) }, options);
    expect(warnings).toEqual([]);
    await plan({ service: 'web', taskDefinition: logging({}) }, options);
    expect(warnings).toEqual([expect.stringContaining('no log group /ecs/wbe')]);
  });

  test('of a mere registration names what that needs', async () => {
    const { clock } = stage.aws;
    const { results } = await clock.runUntil(
      performDeployment(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: [],
          taskDefinitions: [taskDefinition('v2')],
          mode: { kind: 'plan' },
        },
        { clock },
      ),
    );
    expect(results).toMatchObject([
      {
        outcome: 'planned',
        reason: 'Would register a new revision of web.',
        permissions: {
          checked: [{ action: 'ecs:DescribeTaskDefinition' }],
          unchecked: ['ecs:RegisterTaskDefinition', 'iam:PassRole'],
        },
      },
    ]);
    expect(stage.calls().filter((operation) => !READS.test(operation))).toEqual([]);
  });

  test('needs nothing more where it would change nothing', async () => {
    const result = await plan({ service: 'web', taskDefinition: { revision: 'web:1' } });
    expect(result.permissions?.unchecked).toEqual([]);
  });
});
