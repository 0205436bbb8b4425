import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';
import { openStage, taskDefinition, type Stage } from './stage.js';

// The bundle polls on the wall's clock.
jest.setTimeout(60_000);

/** Inputs and outputs of aws-actions/amazon-ecs-deploy-task-definition 2.6.3, with their defaults. */
const INPUTS: Readonly<Record<string, string | undefined>> = {
  'task-definition': undefined,
  'desired-count': undefined,
  service: undefined,
  cluster: undefined,
  'wait-for-service-stability': undefined,
  'wait-for-minutes': undefined,
  'wait-max-delay-seconds': undefined,
  'codedeploy-appspec': undefined,
  'codedeploy-application': undefined,
  'codedeploy-deployment-group': undefined,
  'codedeploy-deployment-description': undefined,
  'codedeploy-deployment-config': undefined,
  'force-new-deployment': undefined,
  'service-managed-ebs-volume-name': undefined,
  'service-managed-ebs-volume': undefined,
  'run-task': undefined,
  'run-task-container-overrides': undefined,
  'run-task-security-groups': undefined,
  'run-task-subnets': undefined,
  'run-task-assign-public-IP': 'DISABLED',
  'run-task-capacity-provider-strategy': undefined,
  'run-task-launch-type': 'FARGATE',
  'run-task-started-by': 'GitHub-Actions',
  'run-task-tags': undefined,
  'run-task-managed-ebs-volume-name': undefined,
  'run-task-managed-ebs-volume': undefined,
  'wait-for-task-stopped': undefined,
  'enable-ecs-managed-tags': undefined,
  'propagate-tags': undefined,
  'keep-null-value-keys': undefined,
  'max-retries': '3',
};
const OUTPUTS = ['task-definition-arn', 'codedeploy-deployment-id', 'run-task-arn'];

test('every input and output of the official action is there, with its default where that says something', async () => {
  const action = parse(await readFile(new URL('../action.yml', import.meta.url), 'utf8')) as {
    inputs: Record<string, { default?: string }>;
    outputs: Record<string, unknown>;
  };
  expect(Object.keys(INPUTS)).toHaveLength(31);
  for (const [name, fallback] of Object.entries(INPUTS)) {
    expect(Object.keys(action.inputs)).toContain(name);
    if (fallback !== undefined) expect(action.inputs[name]?.default).toBe(fallback);
  }
  expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(OUTPUTS));
});

describe('what its users write', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
    await stage.createService();
  });
  afterEach(() => stage.stop());

  const sent = (operation: string) =>
    stage.aws.requests
      .filter((request) => request.operation === operation)
      .map(({ input }) => input)
      .at(-1);
  const ebs = {
    sizeInGiB: 30,
    volumeType: 'gp3',
    encrypted: true,
    roleArn: 'arn:aws:iam::123456789012:role/ebs',
  };
  const volume = { volumes: [{ name: 'ebs1', configuredAtLaunch: true }] };
  const subnets = { 'run-task': 'true', 'run-task-subnets': 'subnet-1,subnet-2' };

  test.each<
    [what: string, inputs: Record<string, string>, operation: string, expected: object, members?: object]
  >([
    ['tags of ECS', { 'enable-ecs-managed-tags': 'true' }, 'UpdateService', { enableECSManagedTags: true }],
    ['tags of the service', { 'propagate-tags': 'SERVICE' }, 'UpdateService', { propagateTags: 'SERVICE' }],
    [
      'a count, by force',
      { 'desired-count': '3', 'force-new-deployment': 'TRUE', 'max-retries': '0' },
      'UpdateService',
      { desiredCount: 3, forceNewDeployment: true },
    ],
    [
      'settings of the service',
      {
        'enable-execute-command': 'true',
        'network-configuration': 'awsvpcConfiguration: { subnets: [subnet-0a, subnet-0b] }',
        'deployment-configuration': 'minimumHealthyPercent: 50',
      },
      'UpdateService',
      {
        enableExecuteCommand: true,
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0a', 'subnet-0b'] } },
        deploymentConfiguration: { minimumHealthyPercent: 50 },
      },
    ],
    [
      'a volume of the service',
      { 'service-managed-ebs-volume-name': 'ebs1', 'service-managed-ebs-volume': JSON.stringify(ebs) },
      'UpdateService',
      { volumeConfigurations: [{ name: 'ebs1', managedEBSVolume: ebs }] },
      volume,
    ],
    [
      'a volume of the task',
      {
        ...subnets,
        'run-task-managed-ebs-volume-name': 'ebs1',
        'run-task-managed-ebs-volume': JSON.stringify(ebs),
      },
      'RunTask',
      { launchType: 'FARGATE', volumeConfigurations: [{ name: 'ebs1', managedEBSVolume: ebs }] },
      volume,
    ],
    [
      'a task with tags, network and overrides',
      {
        ...subnets,
        'run-task-security-groups': 'sg-1',
        'run-task-assign-public-IP': 'ENABLED',
        'run-task-tags': '[{"key": "project", "value": "ours"}]',
        'run-task-container-overrides': '[{"name": "app", "command": ["migrate"]}]',
        'run-task-started-by': 'release',
        'enable-ecs-managed-tags': 'true',
      },
      'RunTask',
      {
        launchType: 'FARGATE',
        startedBy: 'release',
        enableECSManagedTags: true,
        tags: [{ key: 'project', value: 'ours' }],
        overrides: { containerOverrides: [{ name: 'app', command: ['migrate'] }] },
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: ['subnet-1', 'subnet-2'],
            securityGroups: ['sg-1'],
            assignPublicIp: 'ENABLED',
          },
        },
      },
    ],
    [
      'a downloaded task definition, names of roles, empty members',
      { 'keep-null-value-keys': 'placementConstraints' },
      'RegisterTaskDefinition',
      { executionRoleArn: 'ecsTaskExecutionRole', placementConstraints: [] },
      {
        executionRoleArn: 'ecsTaskExecutionRole',
        taskRoleArn: '',
        pidMode: '',
        ephemeralStorage: {},
        volumes: [],
        placementConstraints: [],
        taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:9',
        revision: 9,
        status: 'ACTIVE',
        compatibilities: ['EC2', 'FARGATE'],
        requiresAttributes: [{ name: 'ecs.capability.task-eni' }],
        registeredAt: '2026-01-01T00:00:00Z',
        registeredBy: 'somebody',
      },
    ],
  ])('%s', async (_what, inputs, operation, expected, members = {}) => {
    await stage.write('definition', { ...taskDefinition('exit-0'), ...members });
    const run = await stage.deploy({
      'task-definition': 'definition',
      'wait-for-service-stability': '',
      ...inputs,
    });
    expect(run).toMatchObject({ exitCode: 0, annotations: [], outputs: { outcome: 'started' } });
    expect(sent(operation)).toMatchObject(expected);
    expect(run.outputs['task-definition-arn']).toMatch(/web:2$/);
  });

  test('a task that cannot be run leaves the revision as an output', async () => {
    const run = await stage.deploy({
      ...subnets,
      'task-definition': await stage.writeTaskDefinition('exit-0'),
      'run-task-capacity-provider-strategy': '[{"capacityProvider": "nobodys"}]',
    });
    expect(run.exitCode).toBe(1);
    expect(run.outputs['task-definition-arn']).toMatch(/web:2$/);
  });
});
