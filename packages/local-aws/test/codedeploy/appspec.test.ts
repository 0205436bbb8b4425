import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { readAppSpec } from '../../src/codedeploy/appspec.js';

const yaml = `
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: web:2
        LoadBalancerInfo:
          ContainerName: app
          ContainerPort: 8080
        PlatformVersion: 1.4.0
        NetworkConfiguration:
          AwsvpcConfiguration:
            Subnets: [subnet-1]
            SecurityGroups: [sg-1]
            AssignPublicIp: ENABLED
Hooks:
  - BeforeInstall: check-before
  - AfterAllowTraffic: arn:aws:lambda:us-east-1:123456789012:function:check-after
`;

const revision = (content: string, sha256?: string) => ({
  revisionType: 'AppSpecContent',
  appSpecContent: { content, ...(sha256 !== undefined && { sha256 }) },
});

const json = (
  changes: { properties?: object; type?: string; resources?: object[]; hooks?: object[] } = {},
) => {
  const { type = 'AWS::ECS::Service', properties } = changes;
  return JSON.stringify({
    version: 0.0,
    Resources: changes.resources ?? [
      {
        TargetService: {
          Type: type,
          Properties: properties ?? {
            TaskDefinition: 'web:2',
            LoadBalancerInfo: { ContainerName: 'app', ContainerPort: 8080 },
          },
        },
      },
    ],
    ...(changes.hooks !== undefined && { Hooks: changes.hooks }),
  });
};

describe('an AppSpec', () => {
  test('is read from YAML', () => {
    expect(readAppSpec(revision(yaml, createHash('sha256').update(yaml).digest('hex')))).toEqual({
      taskDefinition: 'web:2',
      containerName: 'app',
      containerPort: 8080,
      platformVersion: '1.4.0',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ['subnet-1'],
          securityGroups: ['sg-1'],
          assignPublicIp: 'ENABLED',
        },
      },
      hooks: {
        BeforeInstall: 'check-before',
        AfterAllowTraffic: 'arn:aws:lambda:us-east-1:123456789012:function:check-after',
      },
    });
  });

  test('is read from JSON, and from a revision of type String', () => {
    const read = { taskDefinition: 'web:2', containerName: 'app', containerPort: 8080, hooks: {} };
    expect(readAppSpec(revision(json()))).toEqual(read);
    expect(readAppSpec({ revisionType: 'String', string: { content: json() } })).toEqual(read);
  });

  test('may be written in small letters', () => {
    const small = yaml.replace('Resources', 'resources').replace('TaskDefinition', 'taskDefinition');
    expect(readAppSpec(revision(small.replace('Subnets', 'subnets')))).toEqual(readAppSpec(revision(yaml)));
  });

  test.each<[what: string, content: string, message: string]>([
    ['nothing', ' ', 'cannot be located'],
    ['no YAML', 'a: [', 'neither valid YAML nor valid JSON'],
    ['no resource', json({ resources: [] }), 'exactly one resource'],
    ['two resources', json({ resources: [{ A: {} }, { B: {} }] }), 'exactly one resource'],
    ['another type', json({ type: 'AWS::Lambda::Function' }), 'of type AWS::ECS::Service'],
    ['no task definition', json({ properties: {} }), 'must name a TaskDefinition'],
    ['no container', json({ properties: { TaskDefinition: 'web:2' } }), 'LoadBalancerInfo'],
    ['a hook that is none', json({ hooks: [{ BeforeLunch: 'eat' }] }), 'BeforeLunch is not a valid'],
  ])('of %s is refused', (_what, content, message) => {
    expect(() => readAppSpec(revision(content))).toThrow(message);
  });

  test('whose hash is another one is refused', () => {
    expect(() => readAppSpec(revision(json(), 'abc'))).toThrow('hash');
  });
});
