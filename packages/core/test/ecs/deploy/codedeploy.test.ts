import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentGroupCommand,
  GetDeploymentCommand,
  StopDeploymentCommand,
  type CreateDeploymentGroupCommandInput,
  type DeploymentInfo,
} from '@aws-sdk/client-codedeploy';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import { fillAppSpec } from '../../../src/ecs/deploy/appspec.js';
import { judgeCodeDeploy } from '../../../src/ecs/deploy/codedeploy-verdict.js';
import {
  continueDeployments,
  deployService,
  deployServices,
  rollBackServices,
  type CodeDeployOptions,
  type DeployServiceOptions,
} from '../../../src/ecs/index.js';
import { silentLogger } from '../../../src/ports.js';
import { openLossyEndpoint, whileTimePasses } from './lossy-endpoint.js';
import { kinds, openStage, taskDefinition, type Stage } from './stage.js';

const MINUTE = 60_000;
const appSpec = `version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo:
          ContainerName: app
          ContainerPort: 8080
`;

describe('an AppSpec', () => {
  test.each([
    ['YAML', appSpec],
    [
      'JSON',
      JSON.stringify({ version: 0, Resources: [{ TargetService: { Properties: { TaskDefinition: 'x' } } }] }),
    ],
    ['other cases', appSpec.replace('Resources', 'resources').replace('Properties', 'properties')],
    ['without a task definition', appSpec.replace('        TaskDefinition: <TASK_DEFINITION>\n', '')],
  ])('in %s gets the task definition that is deployed', (_, text) => {
    const { content, sha256 } = fillAppSpec(text, 'arn:web:2');
    expect(content).toContain('"TaskDefinition":"arn:web:2"');
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([['nonsense: ['], ['version: 0.0'], ['Resources: []'], ['just text']])('%j is none', (text) => {
    expect(() => fillAppSpec(text, 'arn:web:2')).toThrow(errorLike('APPSPEC_INVALID'));
  });
});

function errorLike(code: string) {
  return expect.objectContaining({ code }) as unknown as Error;
}

describe('judgeCodeDeploy', () => {
  const info = (more: Partial<DeploymentInfo>): DeploymentInfo => ({ deploymentId: 'd-1', ...more });
  const rolledBack = { rollbackInfo: { rollbackDeploymentId: 'd-2' } };
  test.each<[string, DeploymentInfo, DeploymentInfo | undefined, string | undefined]>([
    ['created', info({ status: 'Created' }), undefined, undefined],
    ['in progress', info({ status: 'InProgress' }), undefined, undefined],
    ['succeeded', info({ status: 'Succeeded' }), undefined, 'succeeded'],
    ['ready, goes on by itself', info({ status: 'Ready' }), undefined, undefined],
    [
      'ready, waits for somebody',
      info({
        status: 'Ready',
        blueGreenDeploymentConfiguration: { deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT' } },
      }),
      undefined,
      'paused',
    ],
    ['failed', info({ status: 'Failed' }), undefined, 'failed'],
    ['failed, rollback not read yet', info({ status: 'Failed', ...rolledBack }), undefined, undefined],
    [
      'failed, rolling back',
      info({ status: 'Failed', ...rolledBack }),
      info({ status: 'InProgress' }),
      undefined,
    ],
    [
      'failed, rolled back',
      info({ status: 'Failed', ...rolledBack }),
      info({ status: 'Succeeded' }),
      'rolled-back',
    ],
    [
      'failed, and so did the rollback',
      info({ status: 'Failed', ...rolledBack }),
      info({ status: 'Failed' }),
      'failed',
    ],
    ['stopped by somebody', info({ status: 'Stopped' }), undefined, 'stopped'],
    [
      'stopped by an alarm',
      info({ status: 'Stopped', errorInformation: { code: 'ALARM_ACTIVE' } }),
      undefined,
      'failed',
    ],
    [
      'stopped, rolled back',
      info({ status: 'Stopped', ...rolledBack }),
      info({ status: 'Succeeded' }),
      'rolled-back',
    ],
  ])('%s', (_, deployment, rollback, outcome) => {
    expect(judgeCodeDeploy(deployment, rollback)?.outcome).toBe(outcome);
  });
});

describe('a service that CodeDeploy deploys', () => {
  let stage: Stage;
  let codeDeploy: CodeDeployClient;
  let directory: string;
  beforeEach(async () => {
    stage = await openStage();
    const { endpoint, region, credentials } = stage.aws;
    codeDeploy = new CodeDeployClient({ endpoint, region, credentials });
    directory = await mkdtemp(join(tmpdir(), 'codedeploy-test-'));
    await writeFile(join(directory, 'appspec.yaml'), appSpec);
  });
  afterEach(async () => {
    codeDeploy.destroy();
    await rm(directory, { recursive: true });
    await stage.stop();
  });

  const createService = (serviceName: string, cluster = 'prod') =>
    stage.ecs.send(
      new CreateServiceCommand({
        cluster,
        serviceName,
        taskDefinition: 'web',
        desiredCount: 2,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0123456789abcdef0'] } },
        deploymentController: { type: 'CODE_DEPLOY' },
        loadBalancers: [
          {
            targetGroupArn:
              'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef',
            containerName: 'app',
            containerPort: 8080,
          },
        ],
      }),
    );

  async function prepare(group: Partial<CreateDeploymentGroupCommandInput> = {}) {
    await stage.ecs.send(new RegisterTaskDefinitionCommand(taskDefinition('v1').document));
    await createService('web');
    await stage.aws.clock.advance(5 * MINUTE);
    const applicationName = 'AppECS-prod-web';
    await codeDeploy.send(new CreateApplicationCommand({ applicationName, computePlatform: 'ECS' }));
    await codeDeploy.send(
      new CreateDeploymentGroupCommand({
        applicationName,
        deploymentGroupName: 'DgpECS-prod-web',
        serviceRoleArn: 'arn:aws:iam::123456789012:role/codedeploy',
        ecsServices: [{ clusterName: 'prod', serviceName: 'web' }],
        ...group,
      }),
    );
  }
  const codeDeployOptions = () => ({ connect: () => codeDeploy, appSpecFile: 'appspec.yaml', directory });
  const deploy = (behaviour: string, more: Partial<DeployServiceOptions> = {}) =>
    stage.deploy(
      { service: 'web', taskDefinition: taskDefinition(behaviour) },
      { codeDeploy: codeDeployOptions(), ...more },
    );

  test('succeeds', async () => {
    await prepare();
    const result = await deploy('v2');
    expect(result).toMatchObject({
      outcome: 'succeeded',
      codeDeployDeploymentId: expect.stringMatching(/^d-/),
      taskDefinitionArn: expect.stringMatching(/web:2$/),
      previousTaskDefinitionArn: expect.stringMatching(/web:1$/),
    });
    // Of how it was followed nothing is told.
    for (const own of ['deadline', 'isRolledBack', 'endedBy']) expect(result).not.toHaveProperty(own);
    expect(kinds(result.events)).toEqual(['codedeploy-started', 'codedeploy-status']);
    const { taskSets } = await stage.describe('web');
    expect(taskSets).toMatchObject([{ status: 'PRIMARY', taskDefinition: result.taskDefinitionArn }]);
  });

  test('tells CodeDeploy its configuration, and as much of the description as it takes', async () => {
    await prepare();
    const description = `${'w'.repeat(510)}🚀 and more`;
    const deploymentConfig = 'CodeDeployDefault.ECSAllAtOnce';
    const more = { codeDeploy: { ...codeDeployOptions(), description, deploymentConfig } };
    expect((await deploy('v2', more)).outcome).toBe('succeeded');
    const created = stage.aws.requests.find(({ operation }) => operation === 'CreateDeployment');
    expect(created?.input).toMatchObject({
      description: `${'w'.repeat(510)}…`,
      deploymentConfigName: deploymentConfig,
    });
  });

  test('is not deployed yet where another deployment of its group is about to change it', async () => {
    await prepare();
    await deploy('v2', { wait: false });
    const planned = await stage.plan(
      { service: 'web', taskDefinition: { revision: 'web:1' } },
      { codeDeploy: codeDeployOptions() },
    );
    expect(planned.reason).toMatch(/^Would create a CodeDeploy deployment of web:1/);
  });

  test('is not deployed through the group of another service', async () => {
    await prepare();
    await createService('api');
    await stage.ecs.send(new CreateClusterCommand({ clusterName: 'test' }));
    await createService('web', 'test');
    const given = { application: 'AppECS-prod-web', deploymentGroup: 'DgpECS-prod-web' };
    const codeDeployOfWeb = { ...codeDeployOptions(), ...given };
    for (const [cluster, service] of [
      ['prod', 'api'],
      ['test', 'web'],
    ] as const) {
      const deploying = deployService(
        { ecs: stage.ecs, cluster, service, taskDefinition: taskDefinition('v2') },
        { clock: stage.aws.clock, codeDeploy: codeDeployOfWeb },
      );
      await expect(deploying).rejects.toEqual(
        errorWithCode('DEPLOYMENT_GROUP_MISMATCH', `does not deploy service ${service}, but prod/web`),
      );
    }
    expect(await stage.revisions()).toEqual(['web:1']);
  });

  test('adds what the group waits for to the time it takes itself', async () => {
    await prepare({
      blueGreenDeploymentConfiguration: {
        terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 40 },
      },
    });
    const result = await deploy('v2', { timeoutMs: 20 * MINUTE });
    expect(result.outcome).toBe('succeeded');
    expect(result.endedAt - result.startedAt).toBeGreaterThan(40 * MINUTE);
  });

  test('is not waited for if that is not wanted', async () => {
    await prepare();
    const result = await deploy('v2', { wait: false });
    expect(result).toMatchObject({
      outcome: 'started',
      codeDeployDeploymentId: expect.stringMatching(/^d-/),
    });
  });

  test('times out, explains what the tasks say, and goes on', async () => {
    await prepare();
    const result = await deploy('exit-1', { timeoutMs: 20 * MINUTE });
    expect(result).toMatchObject({ outcome: 'timed-out', diagnoses: [{ id: 'application-exited' }] });
    expect(result.diagnoses[0]?.logTail).toMatchObject({ kind: 'lines' });
  });

  test('rolled back by CodeDeploy', async () => {
    await prepare({ autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE'] } });
    const result = await deploy('exit-1', { timeoutMs: 120 * MINUTE });
    expect(result).toMatchObject({ outcome: 'rolled-back' });
    expect((await stage.describe('web')).taskSets?.[0]?.taskDefinition).toMatch(/web:1$/);
  });

  describe('that waits for somebody to have traffic rerouted', () => {
    const waits = {
      blueGreenDeploymentConfiguration: {
        deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT' as const, waitTimeInMinutes: 60 },
      },
      autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_STOP_ON_REQUEST' as const] },
    };
    const answer = (action: 'CONTINUE' | 'ROLLBACK') =>
      stage.aws.clock.runUntil(
        continueDeployments(
          { ecs: stage.ecs, cluster: 'prod', services: ['web'], action },
          {
            clock: stage.aws.clock,
            codeDeploy: { connect: () => codeDeploy, appSpecFile: 'appspec.yaml', directory },
          },
        ),
      );

    test('is paused; continue lets it go on to its end', async () => {
      await prepare(waits);
      const paused = await deploy('v2');
      expect(paused.outcome).toBe('paused');
      const [result] = await answer('CONTINUE');
      expect(result).toMatchObject({
        outcome: 'succeeded',
        codeDeployDeploymentId: paused.codeDeployDeploymentId,
        taskDefinitionArn: paused.taskDefinitionArn,
      });
    });

    test('continue: rollback stops it and goes back', async () => {
      await prepare(waits);
      await deploy('v2');
      const [result] = await answer('ROLLBACK');
      expect(result?.outcome).toBe('rolled-back');
      expect(
        (await stage.describe('web')).taskSets?.find(({ status }) => status === 'PRIMARY')?.taskDefinition,
      ).toMatch(/web:1$/);
    });

    test('nothing waits: says so', async () => {
      await prepare(waits);
      const [result] = await answer('CONTINUE');
      expect(result?.error).toEqual(errorWithCode('DEPLOYMENT_NOT_PAUSED', 'web'));
    });
  });

  test('says which settings CodeDeploy leaves as they are', async () => {
    await prepare();
    const warnings: string[] = [];
    await deploy('v2', {
      settings: { desiredCount: 3, enableExecuteCommand: true, forceNewDeployment: true },
      logger: { ...silentLogger, warning: (text) => warnings.push(text) },
    });
    expect(warnings).toEqual([
      'Service web is deployed by CodeDeploy, which changes no settings of a service: desiredCount, enableExecuteCommand have no effect.',
    ]);
  });

  test('stopped by somebody', async () => {
    await prepare();
    const started = await deploy('v2', { wait: false });
    const deploymentId = started.codeDeployDeploymentId;
    await codeDeploy.send(new StopDeploymentCommand({ deploymentId }));
    const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
    expect(judgeCodeDeploy(deploymentInfo ?? {}, undefined)?.outcome).toBe('stopped');
  });

  test('cancelled', async () => {
    await prepare();
    const cancel = new AbortController();
    stage.aws.clock.schedule(10_000, () => cancel.abort(new Error('cancelled')));
    const result = await deploy('v2', { signal: cancel.signal });
    expect(result).toMatchObject({ outcome: 'cancelled', reason: expect.stringContaining('goes on') });
  });

  test('cancelled with on-cancel: rollback stops it and goes back', async () => {
    await prepare();
    const cancel = new AbortController();
    stage.aws.clock.schedule(10_000, () => cancel.abort(new Error('cancelled')));
    const result = await deploy('v2', { signal: cancel.signal, onCancel: 'rollback' });
    expect(result).toMatchObject({
      outcome: 'cancelled',
      reason: expect.stringMatching(
        /^This run was cancelled\. CodeDeploy was asked to stop deployment d-\w+ and to/,
      ),
    });
    expect(kinds(result.events)).toContain('rollback-requested');
    const deploymentId = result.codeDeployDeploymentId;
    const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
    expect(deploymentInfo).toMatchObject({
      status: 'Stopped',
      rollbackInfo: { rollbackDeploymentId: expect.stringMatching(/^d-/) },
    });
  });

  test.each([
    ['reset', [], /CodeDeploy was asked to stop .* and is doing so\.$/],
    ['silence', [], /CodeDeploy was asked to stop .* and is doing so\.$/],
    ['server-error', [], /CodeDeploy was asked to stop .* and is doing so\.$/],
    ['reset', ['GetDeployment'], /did not answer in time: it may be doing so, or go on with it\.$/],
  ] as const)(
    'cancelled with on-cancel: rollback, the answer to it lost (%s), as that to %j',
    async (loss, others, reason) => {
      await prepare();
      const lossy = await openLossyEndpoint(stage.aws.endpoint);
      const { region, credentials, clock } = stage.aws;
      const client = new CodeDeployClient({ endpoint: lossy.url, region, credentials });
      const cancel = new AbortController();
      clock.schedule(60_000, () => {
        for (const operation of ['StopDeployment', ...others]) lossy.lose(operation, loss, { times: 9 });
        cancel.abort(new Error('cancelled'));
      });
      const subject = {
        ecs: stage.ecs,
        cluster: 'prod',
        services: [{ service: 'web', taskDefinition: taskDefinition('v2') }],
      };
      const codeDeploy = { ...codeDeployOptions(), connect: () => client };
      const deploying = deployServices(subject, {
        clock,
        codeDeploy,
        signal: cancel.signal,
        onCancel: 'rollback',
      });
      const ended = await whileTimePasses(clock, deploying);
      client.destroy();
      await lossy.close();
      expect(ended).toMatchObject([{ outcome: 'cancelled', reason: expect.stringMatching(reason) }]);
    },
  );

  test.each(['reset', 'server-error'] as const)(
    'created, continued or stopped, and the answer to that lost (%s): it is followed to its end',
    async (loss) => {
      await prepare({
        blueGreenDeploymentConfiguration: {
          deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 60 },
        },
      });
      const lossy = await openLossyEndpoint(stage.aws.endpoint);
      const { region, credentials, clock } = stage.aws;
      const client = new CodeDeployClient({ endpoint: lossy.url, region, credentials });
      const options = { clock, codeDeploy: { ...codeDeployOptions(), connect: () => client } };
      const subject = { ecs: stage.ecs, cluster: 'prod' };
      const run = (behaviour: string) =>
        deployServices(
          { ...subject, services: [{ service: 'web', taskDefinition: taskDefinition(behaviour) }] },
          options,
        );
      const answerTo = (action: 'CONTINUE' | 'ROLLBACK') =>
        continueDeployments({ ...subject, services: ['web'], action }, options);
      lossy.lose('CreateDeployment', loss);
      expect(await whileTimePasses(clock, run('v2'))).toMatchObject([{ outcome: 'paused' }]);
      lossy.lose('ContinueDeployment', loss);
      expect(await whileTimePasses(clock, answerTo('CONTINUE'))).toMatchObject([{ outcome: 'succeeded' }]);
      expect(await whileTimePasses(clock, run('v3'))).toMatchObject([{ outcome: 'paused' }]);
      lossy.lose('StopDeployment', loss);
      expect(await whileTimePasses(clock, answerTo('ROLLBACK'))).toMatchObject([{ outcome: 'rolled-back' }]);
      client.destroy();
      await lossy.close();
      const created = stage.aws.requests.filter(
        ({ operation, error }) => operation === 'CreateDeployment' && error === undefined,
      );
      expect(created).toHaveLength(2);
    },
  );

  const deployAll = (more: Partial<DeployServiceOptions> = {}) =>
    stage.aws.clock.runUntil(
      deployServices(
        {
          ecs: stage.ecs,
          cluster: 'prod',
          services: [{ service: 'web', taskDefinition: taskDefinition('v2') }],
        },
        { clock: stage.aws.clock, codeDeploy: codeDeployOptions(), ...more },
      ),
    );

  test('cancelled before it was created: it has a result, and nothing is deployed', async () => {
    await prepare();
    const cancel = new AbortController();
    let connections = 0;
    const connect = () => {
      connections += 1;
      // The first is for the look before anything is registered.
      if (connections === 2) cancel.abort(new Error('cancelled'));
      return codeDeploy;
    };
    const options = { ...codeDeployOptions(), connect };
    const [result] = await deployAll({ signal: cancel.signal, codeDeploy: options });
    expect(result).toMatchObject({ outcome: 'cancelled', error: { code: 'CANCELLED' } });
    expect(result?.codeDeployDeploymentId).toBeUndefined();
  });

  test('timed out with on-failure: rollback stops it and goes back', async () => {
    await prepare();
    const result = await deploy('exit-1', { timeoutMs: 10 * MINUTE, onFailure: 'rollback' });
    expect(result).toMatchObject({
      outcome: 'timed-out',
      reason: expect.stringMatching(
        /^After 10 minutes .*\(status InProgress\)\. CodeDeploy was asked to stop deployment/,
      ),
      diagnoses: [{ id: 'application-exited' }],
    });
  });

  test('a stop that is refused is told with the missing statement', async () => {
    await prepare();
    stage.aws.faults.inject({
      service: 'codedeploy',
      operation: 'StopDeployment',
      kind: 'access-denied',
      times: 9,
    });
    const result = await deploy('exit-1', { timeoutMs: 10 * MINUTE, onFailure: 'rollback' });
    expect(result).toMatchObject({
      outcome: 'timed-out',
      reason: expect.stringMatching(
        /could not be stopped and goes on: .*"Action":"codedeploy:StopDeployment"/,
      ),
    });
  });

  describe('that failed, and whose group does not roll back', () => {
    interface Shown {
      readonly services?: { readonly taskSets?: { status?: string; taskDefinition?: string }[] }[];
    }
    /** What DescribeServices shows as the task set with the traffic. */
    const showPrimary = (taskDefinitionArn: () => string | undefined) =>
      stage.ecs.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            const answer = await next(args);
            const shown = taskDefinitionArn();
            if (commandName !== 'DescribeServicesCommand' || shown === undefined) return answer;
            for (const { taskSets = [] } of (answer.output as Shown).services ?? [])
              for (const one of taskSets) if (one.status === 'PRIMARY') one.taskDefinition = shown;
            return answer;
          },
        { step: 'initialize', name: 'primary' },
      );

    test('before its tasks had the traffic: the service runs what it ran', async () => {
      await prepare();
      const result = await deploy('exit-1', { timeoutMs: 120 * MINUTE, onFailure: 'rollback' });
      expect(result).toMatchObject({
        outcome: 'failed',
        reason: expect.stringMatching(/The service runs web:1, as before\.$/),
      });
    });

    test.each([
      ['rollback', 'rolled-back', /The service was brought back to web:1\.$/],
      [undefined, 'failed', /timed out while waiting/],
    ] as const)(
      'after its tasks had the traffic, with on-failure: %s',
      async (onFailure, outcome, reason) => {
        await prepare();
        let failed = false;
        showPrimary(() => (failed ? 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:2' : undefined));
        const result = await deploy('exit-1', {
          timeoutMs: 120 * MINUTE,
          onFailure,
          onEvent: (event) => {
            if (event.type === 'codedeploy-status') failed = event.status === 'Failed';
          },
        });
        expect(result).toMatchObject({ outcome, reason: expect.stringMatching(reason) });
        const asked = result.events.filter(({ type }) => type === 'rollback-requested');
        expect(asked).toMatchObject(onFailure === 'rollback' ? [{ how: 'CreateDeployment' }] : []);
      },
    );
  });

  test('a rollback that may not be watched is said to go on', async () => {
    await prepare();
    let failed = false;
    stage.ecs.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          const { services = [] } = answer.output as {
            services?: { taskSets?: { taskDefinition?: string | undefined }[] }[];
          };
          if (commandName === 'DescribeServicesCommand' && failed)
            for (const one of services[0]?.taskSets ?? [])
              one.taskDefinition = one.taskDefinition?.replace(/1$/, '2');
          return answer;
        },
      { step: 'initialize', name: 'primary' },
    );
    const result = await deploy('exit-1', {
      timeoutMs: 120 * MINUTE,
      onFailure: 'rollback',
      onEvent: (event) => {
        if (event.type === 'codedeploy-status') failed = event.status === 'Failed';
        if (event.type === 'rollback-requested')
          stage.aws.faults.inject({
            service: 'codedeploy',
            operation: 'GetDeployment',
            kind: 'access-denied',
            times: 9,
          });
      },
    });
    expect(result).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(
        /Its rollback: CodeDeploy goes on with deployment d-\w+, but how that ends/,
      ),
    });
  });

  test('that runs the task definition already is unchanged, unless something is under way or it is forced', async () => {
    await prepare();
    const same = await deploy('v1');
    expect(same).toMatchObject({
      outcome: 'unchanged',
      reason: 'The service runs web:1 already: nothing to do.',
    });
    expect(same.codeDeployDeploymentId).toBeUndefined();
    expect(kinds(same.events)).toEqual(['nothing-to-do']);
    const forced = await deploy('v1', { settings: { forceNewDeployment: true } });
    expect(forced).toMatchObject({
      outcome: 'succeeded',
      codeDeployDeploymentId: expect.stringMatching(/^d-/),
    });
    await deploy('v2', { wait: false });
    await expect(deploy('v1', { wait: false })).rejects.toThrow('already has an active Deployment');
  });

  test('may not list deployments: one is created all the same', async () => {
    await prepare();
    stage.aws.faults.inject({
      service: 'codedeploy',
      operation: 'ListDeployments',
      kind: 'access-denied',
      times: 9,
    });
    expect(await deploy('v1')).toMatchObject({ outcome: 'succeeded' });
  });

  test('access denied while it waits: failed, and it is said to go on', async () => {
    await prepare();
    stage.aws.faults.inject({
      service: 'codedeploy',
      operation: 'GetDeployment',
      kind: 'access-denied',
      times: 99,
      after: 2,
    });
    const [result] = await deployAll();
    expect(result).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(
        /^CodeDeploy goes on with deployment d-\w+, but how that ends is not known/,
      ),
      error: { code: 'ACCESS_DENIED', hint: expect.stringContaining('"Action":"codedeploy:GetDeployment"') },
    });
  });

  test('rollback: true says what there is instead; a named revision is deployed', async () => {
    await prepare();
    await deploy('v2');
    const goBack = (to: string | undefined) =>
      stage.aws.clock.runUntil(
        rollBackServices(
          { ecs: stage.ecs, cluster: 'prod', services: ['web'], to },
          { clock: stage.aws.clock, codeDeploy: codeDeployOptions() },
        ),
      );
    await expect(goBack(undefined)).rejects.toMatchObject({
      code: 'SERVICE_CONTROLLER_UNSUPPORTED',
      message: expect.stringContaining('Service web in cluster prod is deployed by CodeDeploy'),
      hint: expect.stringContaining('rollback: family:revision'),
    });
    const [result] = await goBack('web:1');
    expect(result).toMatchObject({
      outcome: 'succeeded',
      taskDefinitionArn: expect.stringMatching(/web:1$/),
    });
  });

  test('without its options nothing is deployed', async () => {
    await prepare();
    await expect(deploy('v2', { codeDeploy: undefined })).rejects.toEqual(
      errorWithCode('SERVICE_CONTROLLER_UNSUPPORTED', 'CODE_DEPLOY'),
    );
    expect(await stage.revisions()).toEqual(['web:1']);
  });

  const plan = (more: Partial<CodeDeployOptions> = {}) =>
    stage.plan(
      { service: 'web', taskDefinition: taskDefinition('v2') },
      { codeDeploy: { ...codeDeployOptions(), ...more } },
    );

  test.each<[string, Partial<CodeDeployOptions>, string, RegExp]>([
    ['an AppSpec that is missing', { appSpecFile: 'spec.yaml' }, 'FILE_NOT_FOUND', /spec\.yaml/],
    ['an AppSpec that is none', { appSpecFile: 'other.yaml' }, 'APPSPEC_INVALID', /other\.yaml/],
    [
      'an application that is missing',
      { application: 'Web' },
      'DEPLOYMENT_GROUP_NOT_FOUND',
      /application Web\./,
    ],
    ['a group that is missing', { deploymentGroup: 'Blue' }, 'DEPLOYMENT_GROUP_NOT_FOUND', /group Blue of/],
  ])('with %s nothing is registered, and a dry run says so, too', async (_what, more, code, text) => {
    await prepare();
    await writeFile(join(directory, 'other.yaml'), 'version: 0.0');
    const options = { connect: () => codeDeploy, appSpecFile: 'appspec.yaml', directory, ...more };
    const error = errorWithCode(code, text);
    await expect(deploy('v2', { codeDeploy: options })).rejects.toEqual(error);
    await expect(plan(more)).rejects.toEqual(error);
    expect(await stage.revisions()).toEqual(['web:1']);
  });

  test('a dry run says what would be deployed, how, and against what', async () => {
    await prepare();
    const result = await plan();
    expect(result).toMatchObject({
      outcome: 'planned',
      reason: 'Would create a CodeDeploy deployment of a new revision of web with the AppSpec appspec.yaml.',
      previousTaskDefinitionArn: expect.stringMatching(/web:1$/),
      settingChanges: [],
      permissions: {
        checked: expect.arrayContaining([{ action: 'codedeploy:GetDeployment' }]),
        unchecked: expect.arrayContaining(['codedeploy:CreateDeployment']),
      },
    });
    expect(result?.diff?.changes).not.toEqual([]);
    expect(await stage.revisions()).toEqual(['web:1']);
    await deploy('v2');
    expect(await plan()).toMatchObject({ reason: expect.stringMatching(/^Would change nothing/) });
  });
});
