import type { Service } from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import { settingsToGoBack } from '../../../src/ecs/deploy/plan.js';

describe('settings that go back with the task definition', () => {
  const subnets = (...names: string[]) => ({ awsvpcConfiguration: { subnets: names } });
  const bad = { networkConfiguration: subnets('bad') };
  const service: Service = {
    networkConfiguration: subnets('a', 'b'),
    loadBalancers: [],
    deployments: [{ status: 'PRIMARY', taskDefinition: 'web:1', networkConfiguration: subnets('a', 'b') }],
  };
  const failedBefore: Service = {
    networkConfiguration: subnets('bad'),
    deployments: [
      { status: 'PRIMARY', taskDefinition: 'web:2', networkConfiguration: subnets('bad') },
      { status: 'ACTIVE', taskDefinition: 'web:1', networkConfiguration: subnets('a') },
    ],
  };
  const loadBalancers = [{ targetGroupArn: 'arn', containerName: 'app', containerPort: 80 }];
  test.each([
    ['none', service, {}, {}],
    ['none that was as it is', service, { networkConfiguration: subnets('a', 'b') }, {}],
    ['what it had', service, bad, { networkConfiguration: subnets('a', 'b') }],
    ['what the revision had', failedBefore, bad, { networkConfiguration: subnets('a') }],
    ['none of what it had not', service, { loadBalancers }, { loadBalancers: [] }],
    [
      'none of what it had not, where that has to be said',
      service,
      { serviceConnectConfiguration: { enabled: true } },
      { serviceConnectConfiguration: { enabled: false } },
    ],
    [
      'no version that LATEST came to',
      {
        platformVersion: 'LATEST',
        deployments: [{ status: 'PRIMARY', taskDefinition: 'web:1', platformVersion: '1.4.0' }],
      },
      { platformVersion: 'LATEST' },
      {},
    ],
    ['none that ECS keeps with the service', service, { desiredCount: 5, forceNewDeployment: true }, {}],
  ])('%s', (_, before, settings, expected) => {
    expect(settingsToGoBack(before, 'web:1', settings)).toEqual(expected);
  });
});
