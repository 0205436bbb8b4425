import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentGroupCommand,
  GetDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { openStage, type Stage } from './stage.js';

// The bundle polls on the wall's clock.
jest.setTimeout(120_000);

const APP_SPEC = `version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo: { ContainerName: app, ContainerPort: 8080 }
`;

let stage: Stage;
let codeDeploy: CodeDeployClient;
beforeEach(async () => {
  stage = await openStage();
  const { endpoint, region, credentials } = stage.aws;
  codeDeploy = new CodeDeployClient({ endpoint, region, credentials });
  await stage.createService('web', {
    deploymentController: { type: 'CODE_DEPLOY' },
    loadBalancers: [
      {
        targetGroupArn:
          'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef',
        containerName: 'app',
        containerPort: 8080,
      },
    ],
  });
  const applicationName = 'AppECS-prod-web';
  await codeDeploy.send(new CreateApplicationCommand({ applicationName, computePlatform: 'ECS' }));
  await codeDeploy.send(
    new CreateDeploymentGroupCommand({
      applicationName,
      deploymentGroupName: 'DgpECS-prod-web',
      serviceRoleArn: 'arn:aws:iam::123456789012:role/codedeploy',
      ecsServices: [{ clusterName: 'prod', serviceName: 'web' }],
    }),
  );
  await stage.write('appspec.yaml', APP_SPEC);
});
afterEach(async () => {
  codeDeploy.destroy();
  await stage.stop();
});

test('a service that CodeDeploy deploys: outputs, log and summary; the same again is unchanged', async () => {
  const inputs = {
    'task-definition': await stage.writeTaskDefinition('v2'),
    'codedeploy-appspec': 'appspec.yaml',
    'codedeploy-application': 'AppECS-prod-web',
    'codedeploy-deployment-group': 'DgpECS-prod-web',
    'codedeploy-deployment-description': 'why',
    'codedeploy-deployment-config': 'CodeDeployDefault.ECSAllAtOnce',
    redact: 'TENANT',
  };
  const run = await stage.deploy(inputs);
  expect(run).toMatchObject({
    exitCode: 0,
    annotations: [],
    outputs: {
      outcome: 'succeeded',
      'codedeploy-deployment-id': expect.stringMatching(/^d-/),
      'task-definition-arn': expect.stringMatching(/task-definition\/web:2$/),
      'previous-task-definition-arn': expect.stringMatching(/task-definition\/web:1$/),
      diagnosis: '[]',
    },
  });
  const created = stage.aws.requests.find(({ operation }) => operation === 'CreateDeployment');
  expect(created?.input).toMatchObject({
    description: 'why',
    deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce',
  });
  const id = run.outputs['codedeploy-deployment-id'];
  expect(run.log).toContain(`Created CodeDeploy deployment ${id} in group DgpECS-prod-web`);
  expect(run.log).toMatch(/^\[\d+:\d\d\] CodeDeploy: Succeeded$/m);
  expect(run.log).toContain(`CodeDeploy deployment ${id} succeeded.`);
  expect(run.summary).toContain('Deployment of <code>web</code>: succeeded');
  expect(run.summary).toContain('containerDefinitions');
  for (const text of [run.summary, run.stdout, run.stderr]) expect(text).not.toMatch(/secret-of-|tenant-of-/);

  const again = await stage.deploy(inputs);
  expect(again).toMatchObject({ exitCode: 0, outputs: { outcome: 'unchanged' } });
  expect(again.outputs).not.toHaveProperty('codedeploy-deployment-id');
  expect(again.log).toContain('The service runs web:2 already');

  const back = await stage.deploy({ rollback: 'true', 'codedeploy-appspec': 'appspec.yaml' });
  expect(back).toMatchObject({ exitCode: 1, annotations: [{ title: 'SERVICE_CONTROLLER_UNSUPPORTED' }] });
  expect(back.annotations[0]?.message).toContain('rollback: family:revision');
});

test('a cancelled job with on-cancel: rollback has CodeDeploy stop and go back', async () => {
  const step = await stage.start({
    'task-definition': await stage.writeTaskDefinition('slow-10m'),
    'codedeploy-appspec': 'appspec.yaml',
    'on-cancel': 'rollback',
  });
  await step.waitForLine(/Created CodeDeploy deployment/);
  step.kill('SIGINT');
  const run = await step.finished;
  expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'cancelled' } });
  expect(run.log).toMatch(/Asked CodeDeploy to roll back to web:1 \(StopDeployment\)/);
  expect(run.summary).toContain('CodeDeploy was asked to stop deployment');
  const deploymentId = run.outputs['codedeploy-deployment-id'];
  const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
  expect(deploymentInfo).toMatchObject({
    status: 'Stopped',
    rollbackInfo: { rollbackDeploymentId: expect.any(String) },
  });
});
