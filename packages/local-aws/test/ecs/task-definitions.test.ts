import { describe, expect, test } from '@jest/globals';
import { toUnits } from '../../src/ecs/task-definition-defaults.js';
import { fargateDefinition, startEcs } from './support.js';

const bridge = (container: object = {}, more: object = {}): object => ({
  family: 'web',
  containerDefinitions: [{ name: 'app', image: 'example.com/app:1', memory: 128, ...container }],
  ...more,
});
const fargate = (more: object = {}, container: object = {}): object => ({
  ...fargateDefinition('healthy', { container }),
  ...more,
});

describe('registering', () => {
  test('answers with the defaults of the server', () => {
    const { taskDefinition } = startEcs().call(
      'RegisterTaskDefinition',
      bridge({ portMappings: [{ containerPort: 80 }], healthCheck: { command: ['CMD', 'true'] } }),
    );
    expect(taskDefinition).toMatchObject({
      taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1',
      family: 'web',
      revision: 1,
      status: 'ACTIVE',
      networkMode: 'bridge',
      volumes: [],
      placementConstraints: [],
      compatibilities: ['EXTERNAL', 'EC2'],
      registeredBy: 'arn:aws:sts::123456789012:assumed-role/deployer/test',
    });
    expect(taskDefinition.containerDefinitions).toEqual([
      {
        name: 'app',
        image: 'example.com/app:1',
        cpu: 0,
        memory: 128,
        essential: true,
        portMappings: [{ containerPort: 80, hostPort: 0, protocol: 'tcp' }],
        environment: [],
        mountPoints: [],
        volumesFrom: [],
        systemControls: [],
        healthCheck: { command: ['CMD', 'true'], interval: 30, timeout: 5, retries: 3 },
      },
    ]);
    expect(taskDefinition).not.toHaveProperty('cpu');
  });

  test('on Fargate converts sizes, maps ports to themselves and says what is required', () => {
    const { taskDefinition } = startEcs().call(
      'RegisterTaskDefinition',
      fargate(
        { cpu: '1 vCPU', memory: '2 GB', executionRoleArn: 'arn:aws:iam::123456789012:role/exec' },
        {
          image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1',
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': 'g', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'p' },
          },
        },
      ),
    );
    expect(taskDefinition).toMatchObject({
      cpu: '1024',
      memory: '2048',
      compatibilities: ['EC2', 'FARGATE'],
    });
    expect(taskDefinition.containerDefinitions[0].portMappings).toEqual([
      { containerPort: 8080, hostPort: 8080, protocol: 'tcp' },
    ]);
    expect(taskDefinition.requiresAttributes.map(({ name }: { name: string }) => name)).toEqual([
      'com.amazonaws.ecs.capability.logging-driver.awslogs',
      'ecs.capability.execution-role-awslogs',
      'com.amazonaws.ecs.capability.ecr-auth',
      'ecs.capability.execution-role-ecr-pull',
      'ecs.capability.task-eni',
      'com.amazonaws.ecs.capability.docker-remote-api.1.18',
    ]);
  });

  test('keeps members that are newer than this ECS', () => {
    const ecs = startEcs();
    const answer: any = ecs.ecs.service.operations['RegisterTaskDefinition']?.(
      { ...bridge({ futureMember: { a: [1] } }), anotherMember: 'kept' },
      { accountId: '123456789012', region: 'us-east-1', principalArn: 'arn', requestId: 'id' },
    );
    expect(answer.taskDefinition.anotherMember).toBe('kept');
    expect(answer.taskDefinition.containerDefinitions[0].futureMember).toEqual({ a: [1] });
  });

  const refusals: [object, string][] = [
    [bridge({}, { family: 'a b' }), 'Family contains invalid characters.'],
    [{ family: 'web', containerDefinitions: [] }, 'Container list cannot be empty.'],
    [bridge({ name: 'a b' }), 'Container.name contains invalid characters.'],
    [bridge({ image: '' }), 'Container.image should not be null or empty.'],
    [
      bridge({ memory: undefined }),
      `Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    ],
    [
      bridge({ essential: false }),
      'At least one container in the task definition must be marked as essential.',
    ],
    [bridge({ mountPoints: [{ sourceVolume: 'data' }] }), `Unknown volume 'data'.`],
    [
      bridge({ portMappings: [{ containerPort: 80, hostPort: 81 }] }, { networkMode: 'host' }),
      'When networkMode=host, the host ports and container ports in port mappings must match.',
    ],
    [
      bridge({ dependsOn: [{ containerName: 'db', condition: 'START' }] }),
      `Container 'app' depends on container 'db', which is not defined in the task definition.`,
    ],
    [
      bridge({ dependsOn: [{ containerName: 'app', condition: 'START' }] }),
      'The container dependencies contain a cycle.',
    ],
    [
      bridge({ memory: 600 }, { memory: '512' }),
      `The 'memory' setting for container 'app' is greater than for the task.`,
    ],
    [
      bridge({ environment: [{ name: 'A', value: 'x'.repeat(65_536) }] }),
      `Actual length: '65673'. Max allowed length is '65536' bytes.`,
    ],
    [fargate({ networkMode: 'bridge' }), 'Fargate only supports network mode ‘awsvpc’.'],
    [fargate({ cpu: undefined }), `Fargate requires that 'cpu' be defined at the task level.`],
    [
      fargate({ memory: undefined }, { memory: 512 }),
      `Fargate requires that 'memory' be defined at the task level.`,
    ],
    [fargate({ memory: '513' }), 'No Fargate configuration exists for given values.'],
    [
      fargate({}, { image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1' }),
      'Fargate requires task definition to have execution role ARN to support ECR images.',
    ],
    [
      fargate(
        {},
        {
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': 'g', 'awslogs-region': 'r', 'awslogs-stream-prefix': 'p' },
          },
        },
      ),
      'Fargate requires task definition to have execution role ARN to support log driver awslogs.',
    ],
  ];
  test.each(refusals)('%# is refused in the words of the server', (input, message) => {
    expect(startEcs().refusal('RegisterTaskDefinition', input)).toBe(`ClientException: ${message}`);
  });
});

test('revisions, families, deregistration and deletion', async () => {
  const ecs = startEcs();
  for (let revision = 1; revision <= 3; revision += 1) ecs.call('RegisterTaskDefinition', bridge());
  ecs.call('RegisterTaskDefinition', bridge({}, { family: 'api', tags: [{ key: 'a', value: 'b' }] }));
  const arn = (name: string): string => `arn:aws:ecs:us-east-1:123456789012:task-definition/${name}`;

  expect(ecs.call('DescribeTaskDefinition', { taskDefinition: 'web' }).taskDefinition.revision).toBe(3);
  expect(ecs.call('DescribeTaskDefinition', { taskDefinition: arn('web:2') }).taskDefinition.revision).toBe(
    2,
  );
  expect(ecs.call('DescribeTaskDefinition', { taskDefinition: 'api' })).not.toHaveProperty('tags');
  expect(ecs.call('DescribeTaskDefinition', { taskDefinition: 'api', include: ['TAGS'] }).tags).toEqual([
    { key: 'a', value: 'b' },
  ]);
  expect(ecs.refusal('DescribeTaskDefinition', { taskDefinition: 'web:9' })).toBe(
    'ClientException: Unable to describe task definition.',
  );

  ecs.call('DeregisterTaskDefinition', { taskDefinition: 'web:3' });
  expect(ecs.call('DescribeTaskDefinition', { taskDefinition: 'web' }).taskDefinition.revision).toBe(2);
  expect(ecs.call('DescribeTaskDefinition', { taskDefinition: 'web:3' }).taskDefinition).toMatchObject({
    status: 'INACTIVE',
    deregisteredAt: expect.any(Number),
  });
  expect(ecs.call('ListTaskDefinitions', { familyPrefix: 'web', sort: 'DESC' }).taskDefinitionArns).toEqual([
    arn('web:2'),
    arn('web:1'),
  ]);
  expect(ecs.call('ListTaskDefinitions', { status: 'INACTIVE' }).taskDefinitionArns).toEqual([arn('web:3')]);
  expect(ecs.call('ListTaskDefinitionFamilies', { status: 'ACTIVE' }).families).toEqual(['api', 'web']);
  const { page1, nextToken } = (({ taskDefinitionArns, nextToken: token }) => ({
    page1: taskDefinitionArns,
    nextToken: token,
  }))(ecs.call('ListTaskDefinitions', { maxResults: 2 }));
  expect([
    ...page1,
    ...ecs.call('ListTaskDefinitions', { maxResults: 2, nextToken }).taskDefinitionArns,
  ]).toEqual([arn('api:1'), arn('web:1'), arn('web:2')]);

  const { taskDefinitions, failures } = ecs.call('DeleteTaskDefinitions', {
    taskDefinitions: ['web:3', 'web:1'],
  });
  expect(taskDefinitions).toMatchObject([
    { revision: 3, status: 'DELETE_IN_PROGRESS', deleteRequestedAt: expect.any(Number) },
  ]);
  expect(failures).toMatchObject([{ arn: arn('web:1') }]);
  await ecs.advance(120);
  expect(ecs.refusal('DescribeTaskDefinition', { taskDefinition: 'web:3' })).toMatch(/Unable to describe/);
  expect(ecs.call('RegisterTaskDefinition', bridge()).taskDefinition.revision).toBe(4);
});

test.each([
  ['1 vCPU', 'cpu', '1024'],
  ['.5 vcpu', 'cpu', '512'],
  ['256', 'cpu', '256'],
  ['2 GB', 'memory', '2048'],
  ['0.5GB', 'memory', '512'],
  ['512', 'memory', '512'],
] as const)('%s of %s is %s', (text, unit, expected) => {
  expect(toUnits(text, unit)).toBe(expected);
});
