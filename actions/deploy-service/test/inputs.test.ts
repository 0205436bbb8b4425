import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deployInputs } from '../src/inputs.js';

const before = process.env;
beforeEach(() => {
  process.env = { ...before };
  given({ 'task-definition': 'web:1', service: 'web', 'aws-region': 'us-east-1' });
});
afterEach(() => {
  process.env = before;
});

/** Inputs, as the runner hands them over. */
function given(inputs: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(inputs)) process.env[`INPUT_${name.toUpperCase()}`] = value;
}

test.each([
  ['', 30],
  ['0', 30],
  ['45', 45],
  ['360', 360],
  ['480', 360],
])('wait-for-minutes "%s" waits for %d minutes, as with the official action', (text, minutes) => {
  given({ 'wait-for-minutes': text });
  expect(deployInputs().timeoutMs).toBe(minutes * 60_000);
});

test.each([
  ['15', 15],
  ['0', 3],
  ['', 3],
])('max-retries "%s" makes %d attempts, as with the official action', (text, attempts) => {
  given({ 'max-retries': text });
  expect(deployInputs().maxAttempts).toBe(attempts);
});

describe('the task before the deployment', () => {
  const settings = (inputs: Readonly<Record<string, string>>) => {
    given({ 'run-task': 'true', ...inputs });
    return deployInputs().taskBefore?.settings;
  };

  test('has the defaults of the official action, also where a workflow passes empty inputs on', () => {
    const empty = {
      'run-task-launch-type': '',
      'run-task-started-by': '',
      'run-task-capacity-provider-strategy': '[]',
      'run-task-assign-public-IP': '',
      'run-task-subnets': 'subnet-1',
      'run-task-managed-ebs-volume': '{}',
    };
    expect(settings(empty)).toEqual({
      launchType: 'FARGATE',
      startedBy: 'GitHub-Actions',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ['subnet-1'], assignPublicIp: 'DISABLED' },
      },
    });
  });

  test('has no launch type where it has a capacity provider strategy', () => {
    const given = settings({
      'run-task-launch-type': 'EC2',
      'run-task-capacity-provider-strategy': '[{"capacityProvider": "FARGATE_SPOT", "weight": 1}]',
    });
    expect(given).toMatchObject({
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    });
    expect(given).not.toHaveProperty('launchType');
  });

  test('takes no security groups without subnets, which would go nowhere', () => {
    expect(() => settings({ 'run-task-security-groups': 'sg-1' })).toThrow(
      errorLike('INPUT_INVALID', 'Input run-task-security-groups needs run-task-subnets'),
    );
  });
});

const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] } };
const PROVIDERS = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];
const STRATEGY = { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 10 } };
const BALANCERS = [{ targetGroupArn: 'arn:tg', containerName: 'app', containerPort: 80 }];
const CONNECT = { enabled: true, namespace: 'internal' };

test.each<[Record<string, unknown>, object]>([
  [{ 'desired-count': 3 }, { settings: { desiredCount: 3 } }],
  [{ 'force-new-deployment': true }, { settings: { forceNewDeployment: true } }],
  [{ 'enable-ecs-managed-tags': true }, { settings: { enableECSManagedTags: true } }],
  [{ 'propagate-tags': 'NONE' }, { settings: { propagateTags: 'NONE' } }],
  [{ 'enable-execute-command': false }, { settings: { enableExecuteCommand: false } }],
  [{ 'health-check-grace-period-seconds': 90 }, { settings: { healthCheckGracePeriodSeconds: 90 } }],
  [{ 'network-configuration': NETWORK }, { settings: { networkConfiguration: NETWORK } }],
  [{ 'capacity-provider-strategy': PROVIDERS }, { settings: { capacityProviderStrategy: PROVIDERS } }],
  [{ 'deployment-configuration': STRATEGY }, { settings: { deploymentConfiguration: STRATEGY } }],
  [{ 'load-balancers': BALANCERS }, { settings: { loadBalancers: BALANCERS } }],
  [{ 'service-connect-configuration': CONNECT }, { settings: { serviceConnectConfiguration: CONNECT } }],
  [{ 'codedeploy-appspec': 'spec.json' }, { codeDeploy: { appSpecFile: 'spec.json' } }],
  [{ 'codedeploy-application': 'Web' }, { codeDeploy: { application: 'Web' } }],
  [{ 'codedeploy-deployment-group': 'Blue' }, { codeDeploy: { deploymentGroup: 'Blue' } }],
  [{ 'codedeploy-deployment-description': 'why' }, { codeDeploy: { description: 'why' } }],
  [{ 'codedeploy-deployment-config': 'Fast' }, { codeDeploy: { deploymentConfig: 'Fast' } }],
  [{ 'on-failure': 'leave' }, { onFailure: 'leave' }],
  [{ 'on-cancel': 'rollback' }, { onCancel: 'rollback' }],
  [{ 'fail-fast-after': 0 }, { failFastAfter: 0 }],
  [{ 'log-lines': 5 }, { logLines: 5 }],
  [{ redact: 'TENANT,REGION' }, { redact: ['TENANT', 'REGION'] }],
  [{ validate: 'off' }, { validate: 'off' }],
  [{ 'order-guard': false }, { guardOrder: false }],
  [{ 'github-token': 'token' }, { githubToken: 'token' }],
  [{ 'keep-null-value-keys': 'command' }, { keepEmpty: ['command'] }],
  [{ 'wait-for-service-stability': true }, { wait: true }],
  [{ cluster: 'prod' }, { cluster: 'prod' }],
  [{ 'dry-run': true }, { mode: { kind: 'plan' } }],
  [{ 'dry-run': true, rollback: true, 'task-definition': '' }, { mode: { kind: 'plan-rollback' } }],
  [{ continue: 'rollback', 'task-definition': '' }, { mode: { kind: 'continue', action: 'ROLLBACK' } }],
  [{ 'run-task': true, 'wait-for-task-stopped': true }, { taskBefore: { wait: true } }],
  [
    { 'create-if-missing': true, 'service-definition': 'service.yaml' },
    { serviceDefinition: 'service.yaml' },
  ],
])('%j', (inputs, expected) => {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  given(Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, text(value)])));
  expect(deployInputs()).toMatchObject(expected);
});

test.each([
  ['True', { kind: 'rollback', to: undefined }],
  ['FALSE', { kind: 'deploy' }],
  ['web:12', { kind: 'rollback', to: 'web:12' }],
])('rollback "%s"', (rollback, mode) => {
  given({ rollback, 'task-definition': mode.kind === 'deploy' ? 'web:1' : '' });
  expect(deployInputs().mode).toEqual(mode);
});

test.each(['service', 'run-task'])('a volume of %s needs a role', (prefix) => {
  given({ 'run-task': 'true', [`${prefix}-managed-ebs-volume-name`]: 'data' });
  given({ [`${prefix}-managed-ebs-volume`]: '{"sizeInGiB": 10}' });
  expect(() => deployInputs()).toThrow(errorLike('INPUT_INVALID', 'has no roleArn'));
  given({
    [`${prefix}-managed-ebs-volume`]: '{"sizeInGiB": 10, "roleArn": "arn:aws:iam::123456789012:role/ebs"}',
  });
  expect(() => deployInputs()).not.toThrow();
});

function errorLike(code: string, text: string) {
  return expect.objectContaining({ code, message: expect.stringContaining(text) }) as unknown as Error;
}

test('enable-ecs-managed-tags counts for the task before the deployment, too', () => {
  given({ 'run-task': 'true', 'enable-ecs-managed-tags': 'true' });
  expect(deployInputs().taskBefore?.settings.enableECSManagedTags).toBe(true);
  expect(deployInputs().settings.enableECSManagedTags).toBe(true);
});
