import { describe, expect, test } from '@jest/globals';
import type { Service } from '@aws-sdk/client-ecs';
import type { ContainerChange, TaskSettings } from '../../../src/index.js';
import { completeSettings, type LaunchedTaskDefinition } from '../../../src/ecs/run-task/launch.js';
import { overrideContainers } from '../../../src/ecs/run-task/overrides.js';

const network = (subnet: string) => ({ awsvpcConfiguration: { subnets: [subnet] } });
const fargate: LaunchedTaskDefinition = { networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] };
const bridge: LaunchedTaskDefinition = { networkMode: 'bridge', requiresCompatibilities: ['EC2'] };

describe('what the settings do not say', () => {
  test.each<[string, TaskSettings, LaunchedTaskDefinition, Service | undefined, object]>([
    [
      'a task definition for Fargate runs on Fargate',
      { networkConfiguration: network('a') },
      fargate,
      undefined,
      { networkConfiguration: network('a'), launchType: 'FARGATE' },
    ],
    [
      'a given strategy is left alone',
      {
        networkConfiguration: network('a'),
        capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }],
      },
      fargate,
      { launchType: 'FARGATE', platformVersion: '1.3.0' },
      {
        networkConfiguration: network('a'),
        capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }],
      },
    ],
    [
      'the service lends its network, strategy and platform version',
      {},
      fargate,
      {
        networkConfiguration: network('of-service'),
        capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }],
        platformVersion: 'LATEST',
      },
      {
        networkConfiguration: network('of-service'),
        capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }],
        platformVersion: 'LATEST',
      },
    ],
    [
      'what is given wins over the service',
      { networkConfiguration: network('a'), platformVersion: '1.4.0' },
      fargate,
      { networkConfiguration: network('b'), launchType: 'FARGATE', platformVersion: 'LATEST' },
      { networkConfiguration: network('a'), launchType: 'FARGATE', platformVersion: '1.4.0' },
    ],
    [
      'a service that CodeDeploy deploys keeps them in its task set',
      {},
      fargate,
      { taskSets: [{ status: 'PRIMARY', networkConfiguration: network('set'), launchType: 'FARGATE' }] },
      { networkConfiguration: network('set'), launchType: 'FARGATE' },
    ],
    [
      'a network configuration is not sent for a network mode that takes none',
      {},
      bridge,
      { networkConfiguration: network('a'), launchType: 'EC2' },
      { launchType: 'EC2' },
    ],
    ['the cluster decides about the rest', {}, bridge, undefined, {}],
  ])('%s', (_name, settings, definition, service, expected) => {
    expect(completeSettings(settings, definition, service)).toEqual(expected);
  });

  test('awsvpc without subnets is an error', () => {
    expect(() => completeSettings({ launchType: 'FARGATE' }, fargate)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }),
    );
  });
});

describe('overrides', () => {
  const several = [{ name: 'app' }, { name: 'proxy', essential: true }, { name: 'init', essential: false }];

  test.each<[string, TaskSettings['overrides'], ContainerChange | undefined, { name: string }[], unknown]>([
    ['nothing to change', undefined, undefined, several, undefined],
    [
      'the only container is meant',
      undefined,
      { command: ['a', 'b'] },
      [{ name: 'app' }],
      { containerOverrides: [{ name: 'app', command: ['a', 'b'] }] },
    ],
    [
      'the only essential container is meant',
      undefined,
      { command: ['a'] },
      several.filter(({ name }) => name !== 'proxy'),
      { containerOverrides: [{ name: 'app', command: ['a'] }] },
    ],
    [
      'a change is added to the override of that container',
      {
        cpu: '512',
        containerOverrides: [
          {
            name: 'app',
            cpu: 128,
            environment: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
            ],
          },
          { name: 'proxy', command: ['x'] },
        ],
      },
      { name: 'app', environment: { B: '3', C: '' } },
      several,
      {
        cpu: '512',
        containerOverrides: [
          { name: 'proxy', command: ['x'] },
          {
            name: 'app',
            cpu: 128,
            environment: [
              { name: 'A', value: '1' },
              { name: 'B', value: '3' },
              { name: 'C', value: '' },
            ],
          },
        ],
      },
    ],
  ])('%s', (_name, given, change, definitions, expected) => {
    expect(overrideContainers(given, change, definitions)).toEqual(expected);
  });

  test.each<[string, TaskSettings['overrides'], ContainerChange, string]>([
    ['it is not clear which container is meant', undefined, { command: ['a'] }, 'app, proxy'],
    ['there is no such container', { containerOverrides: [{ name: 'ap' }] }, { name: 'prox' }, 'ap, prox'],
  ])('%s', (_name, given, change, named) => {
    expect(() => overrideContainers(given, change, several)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(named) as unknown }),
    );
  });
});
