import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeServicesCommand, ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { openStage, serviceDefinition, taskDefinition, withBreaker, type Stage } from './stage.js';

// The bundle polls on the wall's clock.
jest.setTimeout(120_000);

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.stop());

const revisions = async () => {
  const { taskDefinitionArns = [] } = await stage.ecs.send(new ListTaskDefinitionsCommand({}));
  return taskDefinitionArns.map((arn) => arn.slice(arn.lastIndexOf('/') + 1));
};

describe('a deployment', () => {
  test('first of a new service, then a healthy update with a live log', async () => {
    await stage.write('service.json', serviceDefinition);
    const created = await stage.deploy({
      'task-definition': await stage.writeTaskDefinition('v1'),
      'create-if-missing': 'true',
      'service-definition': 'service.json',
    });
    expect(created).toMatchObject({ exitCode: 0, annotations: [], outputs: { outcome: 'succeeded' } });
    expect(created.log).toMatch(/Created the service with web:1/);

    const updated = await stage.deploy({
      'task-definition': await stage.writeTaskDefinition('v2'),
      redact: 'TENANT',
    });
    expect(updated).toMatchObject({
      exitCode: 0,
      annotations: [],
      outputs: {
        outcome: 'succeeded',
        'task-definition-arn': expect.stringMatching(/task-definition\/web:2$/),
        'previous-task-definition-arn': expect.stringMatching(/task-definition\/web:1$/),
        'deployment-id': expect.stringMatching(/^ecs-svc\/\d+$/),
        'service-deployment-arn': expect.stringContaining(':service-deployment/prod/web/'),
        'summary-path': expect.stringMatching(/\.md$/),
        diagnosis: '[]',
      },
    });
    expect(updated.log).toMatch(/^\[0:0\d\] Registered web:2$/m);
    expect(updated.log).toMatch(
      /^\[0:\d\d\] Updated the service: web:1 → web:2 \(deployment ecs-svc\/\d+\)$/m,
    );
    expect(updated.log).toMatch(/1 of 1 task running/);
    expect(updated.summary).toContain('Deployment of <code>web</code>: succeeded');
    expect(updated.summary).toContain('containerDefinitions');
    expect(updated.summary).toContain('```mermaid');
    for (const text of [updated.summary, updated.stdout, updated.stderr]) {
      expect(text).not.toContain('secret-of-');
      expect(text).not.toContain('tenant-of-');
    }
  });

  test('that breaks is rolled back: reason, log tail, outputs, annotation and summary', async () => {
    await stage.createService('web', withBreaker);
    const run = await stage.deploy({ 'task-definition': await stage.writeTaskDefinition('exit-1') });
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rolled-back' } });
    expect(run.annotations).toMatchObject([
      {
        title: 'DEPLOYMENT_ROLLED_BACK',
        message: expect.stringContaining('Essential container in task exited'),
      },
    ]);
    const [diagnosis] = JSON.parse(run.outputs['diagnosis'] ?? '[]') as unknown[];
    expect(diagnosis).toMatchObject({ id: 'application-exited', containers: [{ name: 'app', exitCode: 1 }] });
    expect(run.summary).toContain('exiting with code 1');
    expect(run.log).toContain('exiting with code 1');
    expect(run.log).toMatch(
      /Task [0-9a-f]{8} stopped: Essential container in task exited \(app exit code 1\)/,
    );
  });

  test('whose container quotes its password: that is covered, and nothing else', async () => {
    await stage.createService('web', withBreaker);
    const { containerDefinitions, ...rest } = taskDefinition('exit-1');
    const [app] = containerDefinitions as object[];
    const dockerLabels = { 'local-aws.reason': 'cannot log in with secret-of-exit-1: refused' };
    const run = await stage.deploy({
      'task-definition': await stage.write('quoting.json', {
        ...rest,
        containerDefinitions: [{ ...app, dockerLabels }],
      }),
    });
    const [told = ''] = run.summary.split('### Task definition');
    for (const text of [told, run.log, run.outputs['diagnosis']])
      expect(text).toContain('cannot log in with (redacted): refused');
    for (const text of [told, run.stdout, run.stderr, run.outputs['diagnosis']])
      expect(text).not.toContain('secret-of-');
  });

  test.each([
    ['access-denied', 'ACCESS_DENIED', '"Action":"ecs:DescribeServices"'],
    ['expired-token', 'CREDENTIALS_EXPIRED', 'role-to-assume'],
  ] as const)('%s while it is waited for: fails, and says that it goes on', async (kind, title, hint) => {
    await stage.createService();
    const step = await stage.start({ 'task-definition': await stage.writeTaskDefinition('slow-10m') });
    await step.waitForLine(/Updated the service/);
    stage.aws.faults.inject({ service: 'ecs', operation: 'DescribeServices', kind, times: 99 });
    const run = await step.finished;
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: {
        outcome: 'failed',
        'task-definition-arn': expect.stringMatching(/web:2$/),
        'deployment-id': expect.stringMatching(/^ecs-svc/),
      },
      annotations: [{ title, message: expect.stringContaining(hint) }],
    });
    for (const text of [run.log, run.summary, run.annotations[0]?.message])
      expect(text).toContain('ECS goes on with the rollout of web:2, but how that ends is not known');
    expect(run.summary).toContain('Deployment of <code>web</code>: failed');
  });

  test('not waited for says started; the same again says unchanged; a revision is deployed as it is', async () => {
    await stage.createService();
    const file = await stage.writeTaskDefinition('v2');
    const started = await stage.deploy({ 'task-definition': file, 'wait-for-service-stability': 'false' });
    expect(started).toMatchObject({ exitCode: 0, outputs: { outcome: 'started' } });
    expect(started.log).toContain('was started and is not waited for');
    const adopted = await stage.deploy({ 'task-definition': file });
    expect(adopted).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'succeeded', 'deployment-id': started.outputs['deployment-id'] },
    });
    expect((await stage.deploy({ 'task-definition': file })).outputs).toMatchObject({ outcome: 'unchanged' });
    const older = await stage.deploy({ 'task-definition': 'web:1', 'wait-for-service-stability': 'false' });
    expect(older.outputs).toMatchObject({
      outcome: 'started',
      'task-definition-arn': expect.stringMatching(/web:1$/),
    });
    expect(await revisions()).toEqual(['web:1', 'web:2']);
  });

  test('without a service only registers', async () => {
    const run = await stage.deploy({ service: '', 'task-definition': await stage.writeTaskDefinition('v1') });
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'registered', 'task-definition-arn': expect.stringMatching(/web:1$/) },
    });
    expect(run.outputs).not.toHaveProperty('deployment-id');
  });

  test('of several services: the worst outcome, one row each, one registration', async () => {
    await stage.createService('web', withBreaker);
    await stage.createService('worker', withBreaker);
    const run = await stage.deploy({
      service: 'web, worker',
      'task-definition': `${await stage.writeTaskDefinition('v2')}\n${await stage.writeTaskDefinition('exit-1')}`,
    });
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rolled-back' } });
    const services = JSON.parse(run.outputs['services'] ?? '[]') as unknown[];
    expect(services).toMatchObject([
      { service: 'web', outcome: 'succeeded', taskDefinitionArn: expect.stringMatching(/web:3$/) },
      { service: 'worker', outcome: 'rolled-back', diagnosis: [{ id: 'application-exited' }] },
    ]);
    expect(run.log).toMatch(/^web \[0:\d\d\] Updated the service/m);
    expect(run.annotations[0]?.message).toMatch(
      /1 of 2 services failed:\n- Service worker in cluster prod: rolled-back/,
    );
  });

  test('runs a task before, and deploys only if that ends well', async () => {
    await stage.createService();
    const inputs = {
      'run-task': 'true',
      'wait-for-task-stopped': 'true',
      'run-task-subnets': 'subnet-0123456789abcdef0, subnet-0123456789abcdef1',
      'wait-for-service-stability': 'false',
    };
    const good = await stage.deploy({
      ...inputs,
      'task-definition': await stage.writeTaskDefinition('exit-0'),
    });
    expect(good).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'started', 'run-task-arn': expect.stringContaining(':task/prod/') },
    });
    const bad = await stage.deploy({
      ...inputs,
      'task-definition': await stage.writeTaskDefinition('exit-3'),
    });
    expect(bad).toMatchObject({
      exitCode: 1,
      annotations: [{ title: 'TASK_FAILED' }],
      outputs: { outcome: 'failed' },
    });
    const { services = [] } = await stage.ecs.send(
      new DescribeServicesCommand({ cluster: 'prod', services: ['web'] }),
    );
    expect(services[0]?.taskDefinition).toBe(good.outputs['task-definition-arn']);
  });
});

describe('what is wrong is found before anything is registered', () => {
  test('a mistyped service and a mistyped cluster', async () => {
    const file = await stage.writeTaskDefinition('v1');
    const service = await stage.deploy({ service: 'wbe', 'task-definition': file });
    expect(service).toMatchObject({
      exitCode: 1,
      annotations: [{ title: 'SERVICE_NOT_FOUND' }],
      outputs: { outcome: 'failed' },
    });
    expect(service.summary).toMatch(
      /^## ❌ Deployment of <code>wbe<\/code>: failed[^]*There is no service wbe/,
    );
    const cluster = await stage.deploy({ cluster: 'prdo', 'task-definition': file });
    expect(cluster).toMatchObject({ exitCode: 1, annotations: [{ title: 'CLUSTER_NOT_FOUND' }] });
    expect(await revisions()).toEqual([]);
  });

  test('all faulty inputs at once', async () => {
    const run = await stage.deploy({
      'wait-for-minutes': 'soon',
      'create-if-missing': 'yes',
      'deployment-configuration': '{ "strategy": ',
      'service-managed-ebs-volume-name': 'data',
      rollback: 'true',
      continue: 'true',
      service: 'web, web',
    });
    expect(run.exitCode).toBe(1);
    const [{ message, title } = { message: '', title: '' }] = run.annotations;
    expect(title).toBe('INPUT_INVALID');
    for (const name of [
      'wait-for-minutes',
      'create-if-missing',
      'deployment-configuration',
      'service-managed-ebs-volume',
      'continue',
      'service',
    ])
      expect(message).toContain(`Input ${name} `);
    expect(stage.aws.requests).toHaveLength(2);
  });

  test.each<[string, Record<string, string>, string, string]>([
    [
      'a service definition',
      { 'create-if-missing': 'true', 'service-definition': 'service.json' },
      'SERVICE_DEFINITION_INVALID',
      'Did you mean "desiredCount"?',
    ],
    [
      'a deployment configuration',
      { 'deployment-configuration': '{"deploymentCircuitBreaker": {"enabled": true, "rollback": true}}' },
      'SERVICE_DEFINITION_INVALID',
      'Did you mean "enable"?',
    ],
    [
      'the overrides of the task before',
      {
        'run-task': 'true',
        'run-task-subnets': 'subnet-1',
        'run-task-container-overrides': '[{"name": "app", "comand": ["migrate"]}]',
      },
      'INPUT_INVALID',
      'Did you mean "command"?',
    ],
  ])('%s with a mistyped member', async (_what, inputs, code, suggestion) => {
    await stage.createService();
    await stage.write('service.json', { ...serviceDefinition, desiredcount: 2 });
    const before = stage.aws.requests.length;
    const run = await stage.deploy({ 'task-definition': await stage.writeTaskDefinition('v2'), ...inputs });
    expect(run.exitCode).toBe(1);
    expect(run.annotations.filter(({ level }) => level === 'error')).toMatchObject([
      { title: 'unknown-member', message: expect.stringContaining(suggestion) },
      { title: code, message: expect.stringContaining(suggestion) },
    ]);
    const operations = stage.aws.requests.slice(before).map(({ operation }) => operation);
    expect(operations.filter((operation) => /^(Register|Update|Create|Run)/.test(operation))).toEqual([]);
  });
});

test('what is newer than the SDK goes to ECS all the same, with a warning', async () => {
  await stage.createService();
  const run = await stage.deploy({
    'task-definition': await stage.writeTaskDefinition('v2'),
    'deployment-configuration': 'maximumPercent: 300\nfutureMember: {size: 12345678901234567890}',
  });
  expect(run).toMatchObject({
    exitCode: 0,
    annotations: [
      {
        level: 'warning',
        title: 'newer-member',
        message: expect.stringContaining('deploymentConfiguration.futureMember'),
      },
    ],
  });
  expect(stage.aws.requests.findLast(({ operation }) => operation === 'UpdateService')?.input).toMatchObject({
    deploymentConfiguration: { maximumPercent: 300, futureMember: { size: Number('12345678901234567890') } },
  });
});

describe('other ways', () => {
  test('a dry run shows everything and changes nothing', async () => {
    await stage.createService();
    const run = await stage.deploy({
      'dry-run': 'true',
      'task-definition': await stage.writeTaskDefinition('v2'),
      'deployment-configuration': 'maximumPercent: 300',
      'run-task': 'true',
      'run-task-subnets': 'subnet-0123456789abcdef0',
    });
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'planned' } });
    expect(run.annotations).toMatchObject([
      {
        level: 'warning',
        title: 'plaintext-secret',
        file: 'task-definition-v2.json',
        line: expect.any(Number),
      },
    ]);
    expect(run.summary).toContain('maximumPercent');
    expect(run.summary).toContain('containerDefinitions');
    expect(run.summary).toMatch(/Task before the deployment[^]*Would run task definition web once/);
    expect(run.summary).toMatch(/Tried and allowed: .*ecs:DescribeTasks/);
    expect(run.summary).toMatch(/not to be tried .*ecs:UpdateService/);
    expect(run.log).toContain('Would run task definition web once');
    expect(await revisions()).toEqual(['web:1']);
  });

  test('a task definition that ECS would refuse is named with its lines, and nothing is registered', async () => {
    await stage.createService();
    const broken = { ...taskDefinition('v2'), cpu: '300', ephemeralStorage: { sizeInGiB: 500 } };
    await stage.write('broken.json', broken);
    for (const mode of [{}, { 'dry-run': 'true' }]) {
      const run = await stage.deploy({ 'task-definition': 'broken.json', ...mode });
      expect(run.exitCode).toBe(1);
      expect(run.annotations.filter(({ level }) => level === 'error')).toMatchObject([
        { title: 'fargate-size', file: 'broken.json', line: expect.any(Number) },
        { title: 'fargate-ephemeral-storage', file: 'broken.json', line: expect.any(Number) },
        { title: 'TASK_DEFINITION_INVALID', message: expect.stringContaining('broken.json') },
      ]);
      expect(run.summary).toMatch(/Task definition: 2 errors[^]*fargate-size/);
    }
    expect(await revisions()).toEqual(['web:1']);
  });

  test('a job that is cancelled while it registers', async () => {
    await stage.createService();
    stage.aws.faults.inject({
      service: 'ecs',
      operation: 'RegisterTaskDefinition',
      kind: 'delay',
      delayMs: 5_000,
    });
    const step = await stage.start({ 'task-definition': await stage.writeTaskDefinition('v2') });
    while (!stage.aws.requests.some(({ operation }) => operation === 'DescribeTaskDefinition'))
      await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const cancelledAt = performance.now();
    step.kill('SIGINT');
    const run = await step.finished;
    expect(performance.now() - cancelledAt).toBeLessThan(1_500);
    expect(run).toMatchObject({ exitCode: 1, annotations: [{ title: 'CANCELLED' }] });
    expect(run.log).toContain('may have been registered');
    expect(stage.aws.requests.map(({ operation }) => operation)).not.toContain('UpdateService');
  });

  test('goes back to what completed before', async () => {
    await stage.createService();
    await stage.deploy({ 'task-definition': await stage.writeTaskDefinition('v2') });
    const planned = await stage.deploy({ rollback: 'true', 'dry-run': 'true' });
    expect(planned).toMatchObject({ exitCode: 0, outputs: { outcome: 'planned' } });
    expect(planned.log).toContain('Would update the service to web:1.');
    const run = await stage.deploy({ rollback: 'true' });
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'succeeded', 'task-definition-arn': expect.stringMatching(/web:1$/) },
    });
  });

  test('a pause: a notice says how to go on, and continue does', async () => {
    await stage.createService();
    const paused = await stage.deploy({
      'task-definition': await stage.writeTaskDefinition('v2'),
      'deployment-configuration':
        'strategy: BLUE_GREEN\nbakeTimeInMinutes: 0\nlifecycleHooks: [{ targetType: PAUSE, lifecycleStages: [POST_SCALE_UP] }]',
    });
    expect(paused).toMatchObject({ exitCode: 0, outputs: { outcome: 'paused' } });
    expect(paused.annotations).toMatchObject([
      { level: 'notice', message: expect.stringContaining('continue: true') },
    ]);
    const continued = await stage.deploy({ continue: 'true' });
    expect(continued).toMatchObject({
      exitCode: 0,
      outputs: { outcome: 'succeeded', 'deployment-id': paused.outputs['deployment-id'] },
    });
    const again = await stage.deploy({ continue: 'true' });
    expect(again).toMatchObject({ exitCode: 1, annotations: [{ title: 'DEPLOYMENT_NOT_PAUSED' }] });
  });

  test('a cancelled job: says at once what goes on', async () => {
    await stage.createService();
    const step = await stage.start({ 'task-definition': await stage.writeTaskDefinition('slow-10m') });
    await step.waitForLine(/Updated the service/);
    const cancelledAt = performance.now();
    step.kill('SIGINT');
    const run = await step.finished;
    expect(performance.now() - cancelledAt).toBeLessThan(1_500);
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'cancelled' } });
    expect(run.log).toContain('goes on in ECS');
  });

  test('a job that is cancelled before the service is updated: nothing was changed', async () => {
    await stage.createService();
    const file = await stage.writeTaskDefinition('v2');
    stage.aws.faults.inject({ service: 'ecs', operation: 'DescribeServices', kind: 'delay', delayMs: 5_000 });
    const step = await stage.start({ 'task-definition': file });
    await step.waitForLine(/in cluster prod/);
    step.kill('SIGINT');
    const run = await step.finished;
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'cancelled' } });
    expect(run.summary).toMatch(
      /^## 🚫 Deployment of <code>web<\/code>: cancelled[^]*before it changed a service[^]*Nothing was registered/,
    );
    expect(await revisions()).toEqual(['web:1']);
  });

  test('a cancelled job with on-cancel: rollback asks ECS to go back', async () => {
    await stage.createService();
    const step = await stage.start({
      'task-definition': await stage.writeTaskDefinition('slow-10m'),
      'on-cancel': 'rollback',
    });
    await step.waitForLine(/Updated the service/);
    step.kill('SIGINT');
    const run = await step.finished;
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'cancelled' } });
    expect(run.log).toContain('ECS was asked to roll it back');
    expect(stage.aws.requests.map(({ operation }) => operation)).toContain('StopServiceDeployment');
  });
});

describe('the order guard', () => {
  let github: Server;
  let asked: { url: string | undefined; authorization: string | undefined }[];
  let status: string;
  beforeEach(async () => {
    asked = [];
    status = 'behind';
    github = createServer((request, response) => {
      asked.push({ url: request.url, authorization: request.headers.authorization });
      response.end(JSON.stringify({ status }));
    });
    await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => github.close(resolve)));

  const job = (commit: string, runNumber: number) => ({
    GITHUB_REPOSITORY: 'octo-org/octo-app',
    GITHUB_SHA: commit,
    GITHUB_WORKFLOW: 'deploy',
    GITHUB_RUN_NUMBER: String(runNumber),
    GITHUB_RUN_ID: '4711',
    GITHUB_API_URL: `http://127.0.0.1:${(github.address() as AddressInfo).port}`,
  });

  test('asks GitHub, refuses what is older, and can be turned off', async () => {
    await stage.createService();
    const inputs = { 'wait-for-service-stability': 'false', 'github-token': 'gh-token' };
    const newer = await stage.deploy(
      { ...inputs, 'task-definition': await stage.writeTaskDefinition('v2') },
      { env: job('b'.repeat(40), 9) },
    );
    expect(newer.outputs).toMatchObject({ outcome: 'started' });
    const file = await stage.writeTaskDefinition('v3');
    const older = await stage.deploy(
      { ...inputs, 'task-definition': file },
      { env: job('a'.repeat(40), 10) },
    );
    expect(older).toMatchObject({ exitCode: 1, annotations: [{ title: 'DEPLOYMENT_OUT_OF_ORDER' }] });
    expect(asked).toEqual([
      {
        url: `/repos/octo-org/octo-app/compare/${'b'.repeat(40)}...${'a'.repeat(40)}?per_page=1`,
        authorization: 'Bearer gh-token',
      },
    ]);
    expect(await revisions()).toEqual(['web:1', 'web:2']);
    const forced = await stage.deploy(
      { ...inputs, 'task-definition': file, 'order-guard': 'false' },
      { env: job('a'.repeat(40), 10) },
    );
    expect(forced.outputs).toMatchObject({ outcome: 'started' });
  });
});

test('a task definition in YAML does as well', async () => {
  const [container] = taskDefinition('v1')['containerDefinitions'] as { image: string }[];
  await stage.write(
    'task-definition.yaml',
    `family: web\nnetworkMode: awsvpc\nrequiresCompatibilities: [FARGATE]\ncpu: '256'\nmemory: '512'\ncontainerDefinitions:\n  - name: app\n    image: ${container?.image}\n`,
  );
  const run = await stage.deploy({ service: '', 'task-definition': 'task-definition.yaml' });
  expect(run.outputs).toMatchObject({ outcome: 'registered' });
});
