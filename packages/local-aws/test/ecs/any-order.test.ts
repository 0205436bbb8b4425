import { expect, test } from '@jest/globals';
import {
  describeService,
  fargateDefinition,
  HEALTH_CHECK,
  startEcs,
  startService,
  type TestEcs,
} from './support.js';

function never(): never {
  throw new Error('There is nothing to choose from.');
}

/** A small generator of repeatable choices (mulberry32). */
function chooser(seed: number): <T>(options: readonly T[]) => T {
  let state = seed;
  return (options) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const fraction = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    return options.at(Math.floor(fraction * options.length)) ?? never();
  };
}

const BEHAVIOURS = [
  'healthy',
  'healthy',
  'exit:1',
  'crash',
  'never-healthy',
  'unhealthy@30s',
  'pull-error',
  'slow:60s',
  'oom',
];
const CONFIGURATIONS = [
  { minimumHealthyPercent: 100, maximumPercent: 200 },
  { minimumHealthyPercent: 50, maximumPercent: 150 },
  { minimumHealthyPercent: 0, maximumPercent: 100 },
  { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1 },
  { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 50, canaryBakeTimeInMinutes: 1 } },
  {
    strategy: 'LINEAR',
    linearConfiguration: { stepPercent: 50, stepBakeTimeInMinutes: 1 },
    lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['RECONCILE_SERVICE', 'POST_SCALE_UP'] }],
  },
  { strategy: 'ROLLING' },
];
/** What takes a service to rest in the end; container instances may have no room for a second full set of tasks. */
const ROLLING = { strategy: 'ROLLING' };
const SHIFTING = {
  strategy: 'CANARY',
  canaryConfiguration: { canaryPercent: 50, canaryBakeTimeInMinutes: 1 },
};
const BREAKERS = [
  { enable: true, rollback: true },
  { enable: true, rollback: false },
  { enable: false, rollback: false },
];

type Define = (behaviour: string, container: object) => object;

function act(ecs: TestEcs, choose: ReturnType<typeof chooser>, define: Define): void {
  const behaviour = choose(BEHAVIOURS);
  const container = choose([{}, { healthCheck: HEALTH_CHECK }]);
  switch (choose(['deploy', 'deploy', 'scale', 'force', 'stop-task', 'stop-deployment'])) {
    case 'deploy': {
      ecs.call('RegisterTaskDefinition', define(behaviour, container));
      ecs.call('UpdateService', {
        service: 'web',
        taskDefinition: 'web',
        deploymentConfiguration: {
          strategy: 'ROLLING',
          lifecycleHooks: [],
          ...choose(CONFIGURATIONS),
          deploymentCircuitBreaker: choose(BREAKERS),
        },
      });
      break;
    }
    case 'scale':
      ecs.call('UpdateService', { service: 'web', desiredCount: choose([0, 1, 2, 3, 5]) });
      break;
    case 'force':
      ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
      break;
    case 'stop-task': {
      const [task] = ecs.call('ListTasks', { serviceName: 'web' }).taskArns;
      if (task !== undefined) ecs.call('StopTask', { task });
      break;
    }
    default: {
      const [newest] = ecs.call('ListServiceDeployments', { service: 'web' }).serviceDeployments;
      if (newest.status !== 'IN_PROGRESS') break;
      ecs.call('StopServiceDeployment', {
        serviceDeploymentArn: newest.serviceDeploymentArn,
        stopType: choose(['ROLLBACK', 'ABORT']),
      });
    }
  }
}

/** What holds at every moment, whatever was done. */
function checkInvariants(ecs: TestEcs): void {
  const service = describeService(ecs);
  const { serviceDeployments } = ecs.call('ListServiceDeployments', { service: 'web' });
  ecs.call('DescribeServiceDeployments', {
    serviceDeploymentArns: serviceDeployments.map((each: any) => each.serviceDeploymentArn).slice(0, 20),
  });
  const { taskArns } = ecs.call('ListTasks', { serviceName: 'web', desiredStatus: 'STOPPED' });
  if (taskArns.length > 0) ecs.call('DescribeTasks', { tasks: taskArns.slice(0, 100) });
  expect(service.deployments.filter((each: any) => each.status === 'PRIMARY')).toHaveLength(1);
  expect(service.deployments[0].status).toBe('PRIMARY');
  expect(new Set(service.deployments.map((each: any) => each.id)).size).toBe(service.deployments.length);
  expect(service.taskDefinition).toBe(service.deployments[0].taskDefinition);
  const counted = service.deployments.reduce((total: number, each: any) => total + each.runningCount, 0);
  expect(counted).toBe(service.runningCount);
  expect(
    serviceDeployments.filter((each: any) =>
      ['PENDING', 'IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_REQUESTED', 'STOP_REQUESTED'].includes(
        each.status,
      ),
    ).length,
  ).toBeLessThanOrEqual(1);
  const { events } = service;
  for (let index = 1; index < events.length; index += 1)
    expect(events[index - 1].createdAt).toBeGreaterThanOrEqual(events[index].createdAt - 0.001);
}

const onFargate: Define = (behaviour, container) => fargateDefinition(behaviour, { container });

/** Two of them fit on an instance, one of them if the port is fixed. */
const onInstances: Define = (behaviour, container) => ({
  family: 'web',
  containerDefinitions: [
    {
      name: 'app',
      image: 'example.com/app:1',
      memory: 1500,
      portMappings: [{ containerPort: 80, hostPort: behaviour === 'healthy' ? 0 : 8080 }],
      dockerLabels: { 'local-aws.behaviour': behaviour },
      ...container,
    },
  ],
});

const seeds = Array.from({ length: 4 }, (_, index) => index + 1);

test.each([
  ...seeds.map((seed) => ['on Fargate', seed, onFargate, ROLLING] as const),
  ...seeds.map((seed) => ['on Fargate, shifting traffic', seed, onFargate, SHIFTING] as const),
  ...seeds.map((seed) => ['on container instances', seed, onInstances, ROLLING] as const),
])('whatever is done to a service %s (seed %d), it comes to rest', async (_where, seed, define, last) => {
  const choose = chooser(seed);
  const ecs = startEcs();
  ecs.ecs.addContainerInstances('default', 2);
  const fargate = define === onFargate;
  await startService(
    ecs,
    fargate ? {} : { launchType: 'EC2', networkConfiguration: undefined },
    define('healthy', {}),
  );
  for (let step = 0; step < 12; step += 1) {
    act(ecs, choose, define);
    for (let look = 0; look < 4; look += 1) {
      await ecs.advance(choose([1, 7, 20, 60, 200]));
      checkInvariants(ecs);
    }
  }
  ecs.call('RegisterTaskDefinition', define('healthy', {}));
  ecs.call('UpdateService', {
    service: 'web',
    taskDefinition: 'web',
    desiredCount: 2,
    deploymentConfiguration: {
      ...last,
      lifecycleHooks: [],
      bakeTimeInMinutes: 0,
      minimumHealthyPercent: 50,
      maximumPercent: 200,
    },
  });
  await ecs.advance(1800);
  expect(describeService(ecs)).toMatchObject({
    runningCount: 2,
    pendingCount: 0,
    deployments: [{ rolloutState: 'COMPLETED' }],
  });
});
