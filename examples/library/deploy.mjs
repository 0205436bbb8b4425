// Deploys a good version and then a broken one, and prints what happens. Without an AWS account: the embedded AWS
// stands in, and its time runs forty times as fast. For the real one, leave `aws` out and make clients as you always do.
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateClusterCommand, ECSClient } from '@aws-sdk/client-ecs';
import { deployService, describeDeploymentEvent, describeDiagnosis } from '@ecs-actions/core';
import { startLocalAws } from '@ecs-actions/local-aws';

const aws = await startLocalAws({ clock: { scale: 40 } });
const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
const ecs = new ECSClient(config);
const logs = new CloudWatchLogsClient(config);
await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
await logs.send(new CreateLogGroupCommand({ logGroupName: '/ecs/web' }));

/** The embedded AWS plays a container by the tag of its image; `exit-1` ends with code 1. */
const taskDefinition = (tag) => ({
  family: 'web',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
  executionRoleArn: 'arn:aws:iam::123456789012:role/web-execution',
  containerDefinitions: [
    {
      name: 'app',
      image: `public.ecr.aws/acme/web:${tag}`,
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': '/ecs/web',
          'awslogs-region': aws.region,
          'awslogs-stream-prefix': 'web',
        },
      },
    },
  ],
});

for (const tag of ['v1', 'exit-1']) {
  const startedAt = aws.clock.now();
  const result = await deployService(
    { ecs, cluster: 'prod', service: 'web', taskDefinition: { document: taskDefinition(tag) } },
    {
      // With the real AWS: import { systemClock } from '@ecs-actions/core/system'.
      clock: aws.clock,
      logs: () => logs,
      onEvent: (event) => console.log(describeDeploymentEvent(event, aws.clock.now() - startedAt).text),
      createIfMissing: {
        desiredCount: 2,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0123456789abcdef0'] } },
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
      },
    },
  );
  console.log(`${result.outcome}: ${result.reason}`);
  for (const line of result.diagnoses.flatMap(describeDiagnosis)) console.log(line);
  console.log();
}

ecs.destroy();
logs.destroy();
await aws.stop();
