import { expect, test } from '@jest/globals';
import { validateServiceSettings, type ValidatedServiceSettings } from '../../src/task-definition/index.js';
import { validDocument } from './stage.js';

const taskDefinition = validDocument({}, { portMappings: [{ containerPort: 80 }] });
const network = (subnets: number, groups = 1): ValidatedServiceSettings => ({
  networkConfiguration: {
    awsvpcConfiguration: {
      subnets: Array.from({ length: subnets }, (_, index) => `subnet-${index}`),
      securityGroups: Array.from({ length: groups }, (_, index) => `sg-${index}`),
    },
  },
});
const service = (settings: ValidatedServiceSettings): ValidatedServiceSettings => ({
  ...network(1),
  ...settings,
});
const target = (containerName: string, containerPort: number) => ({
  targetGroupArn: 'arn:a',
  containerName,
  containerPort,
});
const targets = (count: number) =>
  service({ loadBalancers: Array.from({ length: count }, () => target('app', 80)) });
const configured = (
  deploymentConfiguration: ValidatedServiceSettings['deploymentConfiguration'],
  desiredCount = 2,
): ValidatedServiceSettings => service({ desiredCount, deploymentConfiguration });

test.each<[string, string, ValidatedServiceSettings, ValidatedServiceSettings]>([
  ['service-network-limits', 'subnets', network(17), network(16)],
  ['service-network-limits', 'security groups', network(1, 6), network(1, 5)],
  ['service-network-configuration', 'none', {}, network(1)],
  ['service-network-subnets', 'none', network(0, 1), network(1)],
  ['service-target-groups', 'six', targets(6), targets(5)],
  ['service-load-balancer', 'a name', service({ loadBalancers: [target('ap', 80)] }), targets(1)],
  ['service-load-balancer', 'a port', service({ loadBalancers: [target('app', 81)] }), targets(1)],
  [
    'service-daemon-count',
    'of a daemon',
    service({ schedulingStrategy: 'DAEMON', desiredCount: 1 }),
    service({ schedulingStrategy: 'DAEMON' }),
  ],
  [
    'service-deployment-room',
    'none',
    configured({ minimumHealthyPercent: 100, maximumPercent: 100 }),
    configured({ minimumHealthyPercent: 50, maximumPercent: 100 }),
  ],
  [
    'service-deployment-room',
    'too little',
    configured({ maximumPercent: 149 }),
    configured({ maximumPercent: 150 }),
  ],
  [
    'service-deployment-room',
    'for one task',
    configured({ minimumHealthyPercent: 1, maximumPercent: 100 }, 1),
    configured({ minimumHealthyPercent: 0, maximumPercent: 100 }, 1),
  ],
  [
    'service-strategy',
    'linear',
    configured({ linearConfiguration: {} }),
    configured({ strategy: 'LINEAR', linearConfiguration: {} }),
  ],
  [
    'service-strategy',
    'early success',
    configured({ strategy: 'CANARY', earlySuccessCriteria: { enable: true } }),
    configured({ earlySuccessCriteria: { enable: true } }),
  ],
  [
    'service-early-success',
    'too early',
    configured({ earlySuccessCriteria: { enable: true, healthyPercent: 99 } }),
    configured({ minimumHealthyPercent: 50, earlySuccessCriteria: { enable: true, healthyPercent: 50 } }),
  ],
  [
    'service-step-range',
    'a step',
    configured({ strategy: 'LINEAR', linearConfiguration: { stepPercent: 2.9 } }),
    configured({ strategy: 'LINEAR', linearConfiguration: { stepPercent: 3 } }),
  ],
  [
    'service-step-range',
    'a canary',
    configured({ strategy: 'CANARY', canaryConfiguration: { canaryBakeTimeInMinutes: 1441 } }),
    configured({
      strategy: 'CANARY',
      canaryConfiguration: { canaryPercent: 0.1, canaryBakeTimeInMinutes: 1440 },
    }),
  ],
  [
    'service-bake-time',
    'none',
    configured({ strategy: 'BLUE_GREEN' }),
    configured({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 }),
  ],
])('%s: %s', (rule, _, breaking, satisfying) => {
  expect(validateServiceSettings(breaking, taskDefinition)).toEqual([expect.objectContaining({ rule })]);
  expect(validateServiceSettings(satisfying, taskDefinition)).toEqual([]);
});

test('a service of a task in bridge mode has no subnets', () => {
  const bridge = validDocument({ networkMode: undefined });
  expect(validateServiceSettings(network(1), bridge)).toMatchObject([
    { rule: 'service-network-configuration' },
  ]);
  expect(validateServiceSettings({}, bridge)).toEqual([]);
});
