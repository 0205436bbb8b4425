import { describe, expect, test } from '@jest/globals';
import { errorWithCode } from '@ecs-actions/testkit';
import {
  parseServiceDefinition,
  parseStructure,
  requestShape,
  type ShapedRequest,
} from '../../src/ecs/index.js';
import { ExactNumber } from '../../src/exact-number.js';
import type { Shape } from '../../src/task-definition/shape/shape.js';
import { validateStructure } from '../../src/task-definition/validate/structure.js';

describe('the shape of a request is the SDK’s', () => {
  test.each<[ShapedRequest, string, string]>([
    ['CreateService', 'serviceName', 'string'],
    ['CreateService', 'deploymentController.type', 'string'],
    ['UpdateService', 'forceNewDeployment', 'boolean'],
    ['UpdateService', 'desiredCount', 'number'],
    ['UpdateService', 'networkConfiguration.awsvpcConfiguration.subnets', 'list'],
    ['UpdateService', 'deploymentConfiguration.lifecycleHooks.lifecycleStages', 'list'],
    ['UpdateService', 'deploymentConfiguration.lifecycleHooks.hookDetails', 'any'],
    ['UpdateService', 'deploymentConfiguration.canaryConfiguration.canaryPercent', 'number'],
    ['UpdateService', 'serviceConnectConfiguration.logConfiguration.options', 'map'],
    ['UpdateService', 'volumeConfigurations.managedEBSVolume.encrypted', 'boolean'],
    ['RunTask', 'overrides.containerOverrides.environment.value', 'string'],
    ['RunTask', 'overrides.containerOverrides.resourceRequirements.sharingStrategy', 'struct'],
  ])('%s %s: %s', (request, path, kind) => {
    expect(requestShape(request, ...path.split('.')).kind).toBe(kind);
  });

  test('of nothing but what hooks are told is everything allowed', () => {
    const free = (shape: Shape, path: string): string[] => {
      if (shape.kind === 'list') return free(shape.item, `${path}[]`);
      if (shape.kind === 'any') return [path];
      if (shape.kind !== 'struct') return [];
      return Object.entries(shape.members).flatMap(([name, member]) => free(member, `${path}.${name}`));
    };
    const requests: ShapedRequest[] = ['CreateService', 'UpdateService', 'RunTask'];
    expect(requests.flatMap((request) => free(requestShape(request), request))).toEqual([
      'CreateService.deploymentConfiguration.lifecycleHooks[].hookDetails',
      'UpdateService.deploymentConfiguration.lifecycleHooks[].hookDetails',
    ]);
  });
});

describe('a structure is read', () => {
  test.each<[what: string, text: string, path: string[], expected: unknown]>([
    [
      'from YAML, with strings as they are written',
      '- name: app\n  environment:\n    - {name: VERSION, value: 1.10}\n    - {name: DEBUG, value: true}',
      ['overrides', 'containerOverrides'],
      [
        {
          name: 'app',
          environment: [
            { name: 'VERSION', value: '1.10' },
            { name: 'DEBUG', value: 'true' },
          ],
        },
      ],
    ],
    ['out of the object around it', '{"tags": [{"key": "team"}]}', ['tags'], [{ key: 'team' }]],
    ['without nulls', '[{"key": "team", "value": null}]', ['tags'], [{ key: 'team' }]],
    [
      'with every digit, and with what is not known',
      '{"roleArn": "r", "brandNew": 12345678901234567890}',
      ['volumeConfigurations', 'managedEBSVolume'],
      { roleArn: 'r', brandNew: new ExactNumber('12345678901234567890') },
    ],
  ])('%s', (_what, text, path, expected) => {
    expect(parseStructure(text, requestShape('RunTask', ...path))).toEqual(expected);
  });

  test.each<[text: string, path: string[], message: RegExp]>([
    ['[{"key": "s3cret", ]', ['tags'], /^is neither JSON nor YAML \(line 1, column \d+\)\.$/],
    ['a: 1\n\ta: s3cret', ['tags'], /^is neither JSON nor YAML \(line 2, column \d+\)\.$/],
    ['{"a": 1, "b": 2}', ['tags'], /^is no list in the form of the API\.$/],
    ['[]', ['networkConfiguration'], /^is no object in the form of the API\.$/],
  ])('unless it is none: %j', (text, path, message) => {
    expect(() => parseStructure(text, requestShape('RunTask', ...path))).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringMatching(message) as unknown }),
    );
  });
});

describe('a service definition is read', () => {
  test.each([
    ['JSON', 'service.json', '{"serviceName": "web", "desiredCount": 2, "role": null}'],
    ['JSON with comments', 'service.json', '// ours\n{"cluster": "prod", "desiredCount": 2,}'],
    ['YAML', 'service.yaml', '$schema: s\nx-common: {a: 1}\ndesiredCount: 2'],
    ['below a member service', undefined, 'service:\n  taskDefinition: web\n  desiredCount: 2'],
    [
      'as DescribeServices answers',
      'service.json',
      '{"services": [{"desiredCount": 2, "status": "ACTIVE", "events": [], "roleArn": "x"}], "failures": []}',
    ],
  ])('%s', async (_what, file, text) => {
    expect(await parseServiceDefinition(text, file)).toEqual({ desiredCount: 2 });
  });

  test.each([
    ['{"desiredCount": s3cret}', /service\.json cannot be read: service\.json:1:18: /],
    ['[]', /service\.json is no service definition/],
    ['{"Type": "AWS::ECS::Service", "Properties": {}}', /none of its members \(Type, Properties\)/],
    ['{"family": "web", "containerDefinitions": [], "tags": []}', /none of its members/],
    ['{"services": [{}, {}], "failures": []}', /none of its members/],
  ])('unless it is none: %s', async (text, message) => {
    await expect(parseServiceDefinition(text, 'service.json')).rejects.toEqual(
      errorWithCode('SERVICE_DEFINITION_INVALID', message),
    );
  });
});

describe('what is said of a structure', () => {
  test.each<[ShapedRequest, object, string[]]>([
    ['UpdateService', { desiredCount: 2, propagateTags: undefined }, []],
    ['UpdateService', { desiredcount: 2 }, ['error $.desiredcount desiredCount']],
    [
      'UpdateService',
      { networkConfiguration: { awsvpcConfiguration: { subnet: ['s'], asignPublicIp: 'ENABLED' } } },
      [
        'error $.networkConfiguration.awsvpcConfiguration.subnet subnets',
        'error $.networkConfiguration.awsvpcConfiguration.asignPublicIp assignPublicIp',
      ],
    ],
    [
      'UpdateService',
      {
        deploymentConfiguration: { minimumHealthyPercent: '50', canaryConfiguration: { canaryPercent: 0.5 } },
      },
      ['error $.deploymentConfiguration.minimumHealthyPercent 50 without quotes'],
    ],
    [
      'UpdateService',
      { deploymentConfiguration: { lifecycleHooks: [{ hookDetails: { anything: [1] }, roleArm: 'r' }] } },
      ['error $.deploymentConfiguration.lifecycleHooks[0].roleArm roleArn'],
    ],
    ['CreateService', { fleet: { size: 2 } }, ['warning $.fleet sent to ECS']],
    [
      'RunTask',
      { overrides: { containerOverrides: [{ name: 'app', comand: ['x'], gpuShare: 1 }] } },
      [
        'error $.overrides.containerOverrides[0].comand command',
        'warning $.overrides.containerOverrides[0].gpuShare sent to ECS',
      ],
    ],
    [
      'RunTask',
      { overrides: { containerOverrides: [{ environment: ['DB_PASSWORD=hunter2hunter2'] }] } },
      ['error $.overrides.containerOverrides[0].environment[0] an object'],
    ],
  ])('%s %j', (request, structure, expected) => {
    const { findings } = validateStructure(structure, requestShape(request));
    const said = findings.map(({ severity, path, fix }) => `${severity} ${path} ${fix}`);
    expect(said).toHaveLength(expected.length);
    for (const [index, one] of expected.entries()) {
      const [severity = '', path = '', ...fix] = one.split(' ');
      expect(said[index]).toContain(`${severity} ${path} `);
      expect(said[index]).toContain(fix.join(' '));
    }
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });
});
