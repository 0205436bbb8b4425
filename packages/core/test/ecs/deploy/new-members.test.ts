import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import { ExactNumber } from '../../../src/exact-number.js';
import {
  performDeployment,
  type DeploymentRequest,
  type DeployServiceOptions,
  type ServiceSettings,
} from '../../../src/ecs/index.js';
import { reportDeployments } from '../../../src/report/index.js';
import type { Finding } from '../../../src/task-definition/index.js';
import { openStage, serviceDefinition, taskDefinition, type Stage } from './stage.js';

let stage: Stage;
let findings: Finding[];
beforeEach(async () => {
  stage = await openStage();
  await stage.create('web');
  stage.calls();
  findings = [];
});
afterEach(() => stage.stop());

const onFindings = (found: readonly Finding[]) => void findings.push(...found);
const CHANGES = /^(Register|Run|Update|Create|Tag)/;
const changes = () => stage.calls().filter((operation) => CHANGES.test(operation));
/** What the last call of an operation was told. */
const told = (operation: string) =>
  stage.aws.requests.findLast((request) => request.operation === operation)?.input;

/** As a file or an input has it, whatever the SDK knows. */
const settings = (members: object) => members as ServiceSettings;
const definition = (members: object) => serviceDefinition(members);
const canary = settings({
  deploymentConfiguration: { strtegy: 'CANARY', minimumHealthyPercent: 50 },
});
const noBreaker = settings({
  deploymentConfiguration: { strtegy: 'CANARY', deploymentCircuitBreaker: { enabled: true, rollback: true } },
});
const newer = settings({
  deploymentConfiguration: { futureMember: { size: 2 }, maximumPercent: 150 },
});

const subject = (service = 'web') => ({ service, taskDefinition: taskDefinition('v2') });

describe('a member that is mistyped', () => {
  test.each<[string, string, Partial<DeployServiceOptions>, RegExp]>([
    [
      'in the settings',
      'web',
      { settings: noBreaker },
      /strtegy: .* "strategy"[^]*deploymentCircuitBreaker\.enabled: .* "enable"/,
    ],
    [
      'in a service definition',
      'api',
      {
        createIfMissing: definition({
          desiredcount: 2,
          networkConfiguration: { awsvpcConfiguration: { subnets: ['s'], asignPublicIp: 'ENABLED' } },
        }),
      },
      /asignPublicIp: .* "assignPublicIp"[^]*desiredcount: .* "desiredCount"/,
    ],
    [
      'in the definition of a service that is there already',
      'web',
      { createIfMissing: definition({ desiredcount: 2 }) },
      /desiredcount: .* "desiredCount"/,
    ],
  ])('%s is found before anything is changed', async (_where, service, options, message) => {
    const refused = errorWithCode('SERVICE_DEFINITION_INVALID', message);
    await expect(stage.deploy(subject(service), options)).rejects.toEqual(refused);
    await expect(stage.plan(subject(service), options)).rejects.toEqual(refused);
    expect(changes()).toEqual([]);
  });

  test.each(['warn', 'off'] as const)('is sent to ECS with validate: %s', async (validate) => {
    await stage.deploy(subject(), { settings: canary, validate, onFindings, wait: false });
    expect(told('UpdateService')).toMatchObject(canary);
    expect(findings.map(({ rule }) => rule)).toEqual(validate === 'off' ? [] : ['unknown-member']);
  });

  test('says nothing where CodeDeploy deploys, which is told no settings', async () => {
    await expect(
      performDeployment(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: [],
          taskDefinitions: [taskDefinition('v2')],
          mode: { kind: 'deploy' },
        },
        { clock: stage.aws.clock, settings: canary },
      ),
    ).resolves.toMatchObject({ failure: undefined });
  });
});

test('a value of a wrong type is an error, and none of the rules that it would break besides', async () => {
  const networkConfiguration = { awsvpcConfiguration: { subnets: 'subnet-0123456789abcdef0' } };
  const error = await stage
    .plan(subject(), { settings: settings({ networkConfiguration, desiredCount: '2' }), onFindings })
    .catch((thrown: unknown) => thrown);
  expect(error).toEqual(errorWithCode('SERVICE_DEFINITION_INVALID', /Write 2 without quotes/));
  expect(findings.map(({ rule }) => rule)).toEqual(['wrong-type', 'wrong-type']);
});

describe('a member that is newer than this release', () => {
  test('is sent all the same, with a warning, and once', async () => {
    await stage.deploy(subject(), { settings: newer, onFindings });
    expect(told('UpdateService')).toMatchObject(newer);
    expect(findings).toMatchObject([
      {
        rule: 'newer-member',
        severity: 'warning',
        path: 'settings, $.deploymentConfiguration.futureMember',
      },
    ]);
    const again = await stage.deploy(subject(), { settings: newer });
    expect(again.outcome).toBe('unchanged');
  });

  test('is sent for a service that is created', async () => {
    const futureMember = { size: 2 };
    await stage.deploy(subject('api'), {
      createIfMissing: definition({ futureMember }),
      settings: newer,
      wait: false,
    });
    expect(told('CreateService')).toMatchObject({
      ...newer,
      futureMember,
      serviceName: 'api',
      desiredCount: 2,
    });
  });

  test('is shown by a dry run as it would be sent', async () => {
    const futureMember = { size: new ExactNumber('12345678901234567890') };
    const asked = settings({ deploymentConfiguration: { futureMember } });
    const result = await stage.plan(subject(), { settings: asked, onFindings });
    expect(result.settingChanges).toMatchObject([
      { name: 'deploymentConfiguration', after: { futureMember } },
    ]);
    expect(reportDeployments([result])).toContain('"size":12345678901234567890');
    expect(findings.map(({ rule }) => rule)).toContain('newer-member');
  });
});

describe('the task that is run before', () => {
  const perform = (
    taskSettings: object,
    more: Partial<DeployServiceOptions> = {},
    kind: 'deploy' | 'plan' = 'deploy',
  ) => {
    const request: DeploymentRequest = {
      ecs: stage.ecs,
      cluster: 'prod',
      services: ['web'],
      taskDefinitions: [taskDefinition('v2')],
      mode: { kind },
      taskBefore: {
        wait: false,
        settings: {
          launchType: 'FARGATE',
          networkConfiguration: serviceDefinition().networkConfiguration,
          ...taskSettings,
        },
      },
    };
    return stage.aws.clock.runUntil(
      performDeployment(request, { clock: stage.aws.clock, wait: false, onFindings, ...more }),
    );
  };
  const mistyped = { overrides: { containerOverrides: [{ name: 'app', comand: ['migrate'] }] } };

  test.each(['deploy', 'plan'] as const)('a mistyped member keeps a %s from running it', async (kind) => {
    await expect(perform(mistyped, {}, kind)).rejects.toEqual(
      errorWithCode('INPUT_INVALID', /containerOverrides\[0\]\.comand: .* "command"/),
    );
    expect(changes()).toEqual([]);
  });

  test('validate: warn leaves the verdict to ECS', async () => {
    await perform(mistyped, { validate: 'warn' });
    expect(told('RunTask')).toMatchObject(mistyped);
    expect(findings).toMatchObject([
      { rule: 'unknown-member', path: 'task, $.overrides.containerOverrides[0].comand' },
    ]);
  });

  test('a newer member is sent, with a warning', async () => {
    const managedEBSVolume = {
      roleArn: 'arn:aws:iam::123456789012:role/ebs',
      sizeInGiB: 20,
      futureMember: 1,
    };
    const taskSettings = { volumeConfigurations: [{ name: 'data', managedEBSVolume }] };
    await perform(taskSettings);
    expect(told('RunTask')).toMatchObject(taskSettings);
    expect(findings).toMatchObject([{ rule: 'newer-member', severity: 'warning' }]);
  });
});
