import { CreateServiceCommand, ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import {
  deployService,
  performDeployment,
  registerOnly,
  type DeploymentRequest,
  type DeployServiceOptions,
  type ServiceToDeploy,
} from '../../../src/ecs/index.js';
import { silentLogger } from '../../../src/ports.js';
import { reportPerformedDeployment } from '../../../src/report/index.js';
import type { Finding, TaskDefinitionDocument } from '../../../src/task-definition/index.js';
import { openStage, taskDefinition, type Stage } from './stage.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  await stage.create('web');
  stage.calls();
});
afterEach(() => stage.stop());

const CHANGES = /^(Register|Run|Update|Create|Tag)/;
const changes = () => stage.calls().filter((operation) => CHANGES.test(operation));

/** Storage out of bounds, and a container that waits for one that is not there. */
const broken: Partial<TaskDefinitionDocument> = {
  ephemeralStorage: { sizeInGiB: 500 },
  containerDefinitions: taskDefinition('v2').document.containerDefinitions!.map((container) => ({
    ...container,
    dependsOn: [{ containerName: 'sidecar', condition: 'START' }],
  })),
};

/** Collects what validation finds. */
function collect() {
  const findings: Finding[] = [];
  return { findings, onFindings: (found: readonly Finding[]) => void findings.push(...found) };
}

describe('what is wrong with a task definition or with settings', () => {
  const deployments: [
    string,
    (one: ServiceToDeploy, more?: Partial<DeployServiceOptions>) => Promise<unknown>,
  ][] = [
    ['a deployment', (one, more) => stage.deploy(one, more)],
    ['a dry run', (one, more) => stage.plan(one, more)],
    [
      'a mere registration',
      ({ taskDefinition: one }, more) =>
        stage.aws.clock.runUntil(
          registerOnly(
            { ecs: stage.ecs, cluster: 'prod', taskDefinition: one! },
            { clock: stage.aws.clock, ...more },
          ),
        ),
    ],
  ];

  test.each(deployments)('keeps %s from changing anything, all of it at once', async (_what, run) => {
    const { findings, onFindings } = collect();
    const error = await run(
      { service: 'web', taskDefinition: taskDefinition('v2', broken) },
      { onFindings },
    ).catch((thrown: unknown) => thrown);
    expect(error).toEqual(
      errorWithCode('TASK_DEFINITION_INVALID', /fargate-ephemeral-storage[^]*depends-on-container/),
    );
    expect(findings.filter(({ severity }) => severity === 'error')).toHaveLength(2);
    expect(changes()).toEqual([]);
  });

  test('leaves the verdict to ECS with warn, and is not looked for with off', async () => {
    const warned = collect();
    const document = taskDefinition('v2', { ephemeralStorage: { sizeInGiB: 500 } });
    await stage
      .deploy({ service: 'web', taskDefinition: document }, { validate: 'warn', ...warned })
      .catch(() => {});
    expect(warned.findings).toMatchObject([{ rule: 'fargate-ephemeral-storage', severity: 'error' }]);
    expect(changes()).toContain('RegisterTaskDefinition');
    const off = collect();
    await stage
      .deploy({ service: 'web', taskDefinition: document }, { validate: 'off', ...off })
      .catch(() => {});
    expect(off.findings).toEqual([]);
  });

  test('is a warning where ECS has accepted the same of what the service runs', async () => {
    const dubious = (behaviour: string, more: Partial<TaskDefinitionDocument> = {}) =>
      taskDefinition(behaviour, { taskRoleArn: 'web-task role', ...more });
    await stage.deploy({ service: 'web', taskDefinition: dubious('v2') }, { validate: 'off' });
    const { findings, onFindings } = collect();
    const result = await stage.deploy({ service: 'web', taskDefinition: dubious('v3') }, { onFindings });
    expect(result.outcome).toBe('succeeded');
    expect(findings).toMatchObject([{ rule: 'role', severity: 'warning' }]);
    await expect(stage.deploy({ service: 'web', taskDefinition: dubious('v4', broken) })).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_INVALID', /^(?![^]*taskRoleArn)[^]*sizeInGiB/),
    );
  });

  test('is a warning where ECS ignores it', async () => {
    const { findings, onFindings } = collect();
    const one = taskDefinition('v2', {
      ephemeralStorag: { sizeInGiB: 30 },
    });
    const result = await stage.deploy({ service: 'web', taskDefinition: one }, { onFindings });
    expect(result.outcome).toBe('succeeded');
    expect(findings).toMatchObject([{ rule: 'unknown-member', severity: 'warning' }]);
  });

  test('counts for the launch type of the service', async () => {
    const ec2 = taskDefinition('v2', { requiresCompatibilities: ['EC2'], networkMode: 'bridge' });
    await expect(stage.deploy({ service: 'web', taskDefinition: ec2 })).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_INVALID', 'fargate-network-mode'),
    );
    expect(changes()).toEqual([]);
  });

  test('of settings that do not fit the task definition, the service is named', async () => {
    const loadBalancers = [{ targetGroupArn: 'arn:tg', containerName: 'nginx', containerPort: 80 }];
    await expect(
      stage.deploy({ service: 'web', taskDefinition: taskDefinition('v2') }, { settings: { loadBalancers } }),
    ).rejects.toEqual(errorWithCode('SERVICE_DEFINITION_INVALID', /service web, \$\.loadBalancers\[0\]/));
    expect(changes()).toEqual([]);
  });

  test('of a network configuration without subnets', async () => {
    const networkConfiguration = { awsvpcConfiguration: { subnets: [], securityGroups: ['sg-1'] } };
    await expect(
      stage.deploy(
        { service: 'web', taskDefinition: taskDefinition('v2') },
        { settings: { networkConfiguration } },
      ),
    ).rejects.toEqual(errorWithCode('SERVICE_DEFINITION_INVALID', /networkConfiguration.*subnets/));
    expect(changes()).toEqual([]);
  });

  test('advice is for a dry run', async () => {
    const latest = taskDefinition('latest');
    const [deployed, planned] = [collect(), collect()];
    await stage.deploy({ service: 'web', taskDefinition: latest }, { wait: false, ...deployed });
    await stage.plan({ service: 'web', taskDefinition: latest }, planned);
    expect(deployed.findings).toEqual([]);
    expect(planned.findings).toMatchObject([{ rule: 'image-moving-tag', severity: 'warning' }]);
  });
});

describe('a task before the deployment', () => {
  const settings = {
    launchType: 'FARGATE' as const,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  };
  const perform = (request: Partial<DeploymentRequest>, more: Partial<DeployServiceOptions> = {}) =>
    stage.aws.clock.runUntil(
      performDeployment(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: ['web'],
          taskDefinitions: [taskDefinition('exit-0')],
          mode: { kind: 'plan' },
          taskBefore: { settings, wait: true },
          ...request,
        },
        { clock: stage.aws.clock, random: () => 0.5, ...more },
      ),
    );

  test('is told by a dry run, and not run', async () => {
    const { plannedTask, results, taskRun } = await perform({});
    expect(plannedTask?.reason).toBe(
      'Would run task definition web once in cluster prod, on FARGATE, in subnet-1, and wait for its end.',
    );
    expect(results).toMatchObject([{ outcome: 'planned' }]);
    expect(taskRun).toBeUndefined();
    expect(changes()).toEqual([]);
  });

  test('that cannot be run is found by a dry run', async () => {
    const overrides = { containerOverrides: [{ name: 'migrate', command: ['true'] }] };
    await expect(
      perform({ taskBefore: { settings: { ...settings, overrides }, wait: true } }),
    ).rejects.toEqual(errorWithCode('INPUT_INVALID', 'migrate'));
  });

  test.each(['deploy', 'plan'] as const)(
    'is not run where the task definition is wrong (%s)',
    async (kind) => {
      await expect(
        perform({ mode: { kind }, taskDefinitions: [taskDefinition('exit-0', broken)] }),
      ).rejects.toEqual(errorWithCode('TASK_DEFINITION_INVALID'));
      expect(changes()).toEqual([]);
    },
  );

  test('runs the very revision that the services get, also where the latest one cannot be read', async () => {
    const { faults } = stage.aws;
    faults.inject({ service: 'ecs', operation: 'DescribeTaskDefinition', kind: 'access-denied', times: 99 });
    const { results, taskRun } = await perform({ mode: { kind: 'deploy' } }, { wait: false });
    expect(changes()).toEqual(['RegisterTaskDefinition', 'RunTask', 'UpdateService']);
    expect(results).toMatchObject([{ outcome: 'started', taskDefinitionArn: taskRun?.taskDefinitionArn }]);
  });

  test('that has run is told with what came in the way of the services only then', async () => {
    const clock = stage.aws.clock;
    const order = { release: { commit: 'a'.repeat(40) }, compareCommits: async () => 'behind' as const };
    const newer = { release: { commit: 'b'.repeat(40) } };
    clock.schedule(
      10_000,
      () =>
        void deployService(
          { ecs: stage.ecs, cluster: 'prod', service: 'web', taskDefinition: taskDefinition('v3') },
          { clock, order: newer, wait: false },
        ),
    );
    const performed = await perform({ mode: { kind: 'deploy' } }, { order });
    expect(performed).toMatchObject({
      taskRun: { outcome: 'succeeded' },
      results: [{ service: 'web', outcome: 'failed' }],
      failure: {
        code: 'DEPLOYMENT_OUT_OF_ORDER',
        hint: expect.stringContaining('The task before has run; no service was changed.'),
      },
    });
    const page = reportPerformedDeployment(performed, []);
    expect(page).toMatch(/^## ❌ Deployment of <code>web<\/code>: failed[^]*newer than[^]*succeeded/);
  });

  test('that may have been started is told when the run is cancelled', async () => {
    stage.aws.faults.inject({ service: 'ecs', operation: 'RunTask', kind: 'delay', delayMs: 60_000 });
    const cancel = new AbortController();
    const { middlewareStack } = stage.ecs;
    middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'RunTaskCommand')
          setTimeout(() => cancel.abort(new Error('cancelled')), 100);
        return next(args);
      },
      { step: 'build' },
    );
    await expect(perform({ mode: { kind: 'deploy' } }, { signal: cancel.signal })).rejects.toEqual(
      errorWithCode('TASK_CANCELLED', 'tasks may have been started, and then run on'),
    );
  });

  test.each(['RegisterTaskDefinition', 'RunTask'])(
    'is not started where the run is cancelled while %s is throttled',
    async (operation) => {
      stage.aws.faults.inject({ service: 'ecs', operation, kind: 'throttle', times: 99 });
      const { endpoint, region, credentials, clock } = stage.aws;
      // The SDK's own retries wait on the wall's clock.
      const ecs = new ECSClient({ endpoint, region, credentials, maxAttempts: 1 });
      const cancel = new AbortController();
      clock.schedule(5_000, () => cancel.abort(new Error('cancelled')));
      const performing = perform({ ecs, mode: { kind: 'deploy' } }, { signal: cancel.signal });
      await expect(performing).rejects.toEqual(
        errorWithCode('CANCELLED', /before (it could register task definition web|a task was started)/),
      );
      ecs.destroy();
    },
  );

  test('says which tags the one revision of both goes without', async () => {
    const { endpoint, region } = stage.aws;
    const changing = ['RegisterTaskDefinition', 'RunTask', 'UpdateService'].map((name) => `ecs:${name}`);
    const credentials = stage.aws.createUserKeys({
      name: 'deployer',
      allow: ['ecs:Describe*', 'ecs:List*', ...changing, 'iam:PassRole'],
    });
    const ecs = new ECSClient({ endpoint, region, credentials });
    const warnings: string[] = [];
    const logger = { ...silentLogger, warning: (text: string) => void warnings.push(text) };
    const order = { release: { commit: 'a'.repeat(40) } };
    await perform({ ecs, mode: { kind: 'deploy' } }, { wait: false, logger, order });
    ecs.destroy();
    expect(warnings).toEqual([expect.stringContaining('goes without the tags ecs-actions:commit')]);
  });

  test('has a launch type that says nothing about the other task definitions', async () => {
    const ec2 = taskDefinition('exit-0', {
      family: 'worker',
      requiresCompatibilities: ['EC2'],
      networkMode: 'bridge',
    });
    await stage.ecs.send(new RegisterTaskDefinitionCommand(ec2.document));
    await stage.ecs.send(
      new CreateServiceCommand({
        cluster: 'prod',
        serviceName: 'worker',
        taskDefinition: 'worker',
        launchType: 'EC2',
        desiredCount: 1,
      }),
    );
    const { findings, onFindings } = collect();
    const both = { services: ['web', 'worker'], taskDefinitions: [taskDefinition('exit-0'), ec2] };
    await perform(both, { onFindings });
    expect(findings).toEqual([]);
  });

  test('has its own launch type, which the task definition has to be fit for', async () => {
    const ec2 = taskDefinition('exit-0', { requiresCompatibilities: ['EC2'], networkMode: 'bridge' });
    await expect(perform({ mode: { kind: 'deploy' }, services: [], taskDefinitions: [ec2] })).rejects.toEqual(
      errorWithCode('TASK_DEFINITION_INVALID', 'fargate-network-mode'),
    );
    expect(changes()).toEqual([]);
  });
});

test('a fault while ECS is asked what it has accepted costs patience only', async () => {
  const impatient = await openStage({}, { maxAttempts: 1 });
  const operation = 'DescribeTaskDefinition';
  impatient.aws.faults.inject({ service: 'ecs', operation, kind: 'throttle', times: 2 });
  const registering = impatient.aws.clock.runUntil(
    registerOnly(
      { ecs: impatient.ecs, cluster: 'prod', taskDefinition: taskDefinition('v2', broken) },
      { clock: impatient.aws.clock },
    ),
  );
  await expect(registering).rejects.toEqual(errorWithCode('TASK_DEFINITION_INVALID'));
  await impatient.stop();
});

test('a run that is cancelled while it registers ends there', async () => {
  stage.aws.faults.inject({
    service: 'ecs',
    operation: 'RegisterTaskDefinition',
    kind: 'delay',
    delayMs: 3_000,
  });
  const cancel = new AbortController();
  const deploying = stage.deploy(
    { service: 'web', taskDefinition: taskDefinition('v2') },
    { signal: cancel.signal },
  );
  setTimeout(() => cancel.abort(new Error('cancelled')), 200);
  const startedAt = performance.now();
  await expect(deploying).rejects.toEqual(errorWithCode('CANCELLED', 'may have been registered'));
  expect(performance.now() - startedAt).toBeLessThan(1_200);
  expect(changes()).toEqual(['RegisterTaskDefinition']);
});
