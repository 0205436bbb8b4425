import { describe, expect, it } from '@jest/globals';
import { evaluatePolicies, policyFaults } from '../../src/identity/policy.js';
import type { PolicyDocument } from '../../src/identity/policy.js';
import { Roles } from '../../src/identity/roles.js';
import { matchesWildcard } from '../../src/identity/wildcard.js';

const document = (value: unknown) => value as PolicyDocument;

describe('policyFaults', () => {
  it.each<[string, unknown, string[]]>([
    ['a good one', { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }, []],
    ['no statement', {}, ['A policy is an object with a Statement.']],
    ['no object', 'allow', ['A policy is an object with a Statement.']],
    [
      'several faults',
      {
        Statement: [
          { Effect: 'allow', Action: 'a' },
          { Sid: 'Two', Effect: 'Deny', Condition: { NumericEquals: { a: '1' }, StringLikes: { a: '1' } } },
        ],
      },
      [
        'Statement 1: Effect is neither Allow nor Deny.',
        'Statement Two: Action is missing.',
        'Statement Two: the condition operator NumericEquals is not known here.',
        'Statement Two: the condition operator StringLikes is not known here.',
      ],
    ],
  ])('%s', (_what, policy, faults) => {
    expect(policyFaults(document(policy))).toEqual(faults);
  });
});

describe('evaluatePolicies', () => {
  const statement = (rest: object) => document({ Statement: [{ Effect: 'Allow', Resource: '*', ...rest }] });

  it.each<[string, PolicyDocument[], 'allow' | 'deny' | 'none']>([
    ['nothing', [], 'none'],
    ['the action', [statement({ Action: 'ecs:RunTask' })], 'allow'],
    ['the action in another letter case', [statement({ Action: 'ECS:runtask' })], 'allow'],
    ['a pattern', [statement({ Action: ['ecr:*', 'ecs:Run*'] })], 'allow'],
    ['another action', [statement({ Action: 'ecs:StopTask' })], 'none'],
    ['all but another action', [statement({ NotAction: 'ecs:StopTask' })], 'allow'],
    ['all but this action', [statement({ NotAction: ['ecs:Run*'] })], 'none'],
    ['the resource', [statement({ Action: '*', Resource: 'arn:a/*' })], 'allow'],
    ['the resource in another letter case', [statement({ Action: '*', Resource: 'ARN:a/*' })], 'none'],
    [
      'all but this resource',
      [document({ Statement: { Effect: 'Allow', Action: '*', NotResource: 'arn:a/*' } })],
      'none',
    ],
    [
      'a condition that holds',
      [statement({ Action: '*', Condition: { StringEquals: { K: 'v' } } })],
      'allow',
    ],
    [
      'a condition that does not',
      [statement({ Action: '*', Condition: { StringEquals: { k: 'w' } } })],
      'none',
    ],
    [
      'a Deny elsewhere',
      [statement({ Action: '*' }), statement({ Effect: 'Deny', Action: 'ecs:*' })],
      'deny',
    ],
  ])('%s', (_what, policies, effect) => {
    const request = { action: 'ecs:RunTask', resource: 'arn:a/b', context: { k: 'v' } };
    expect(evaluatePolicies(policies, request)).toBe(effect);
  });
});

describe('matchesWildcard', () => {
  it.each([
    ['*', '', true],
    ['a*c', 'abbc', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['repo:o/r:*', 'repo:o/r', false],
    ['a.c', 'abc', false],
    ['(a|b)', 'a', false],
    ['*', 'two\nlines', true],
    ['A*', 'abc', false],
  ])('%j against %j: %j', (pattern, value, matches) => {
    expect(matchesWildcard(pattern, value)).toBe(matches);
  });

  it('may ignore case', () => {
    expect(matchesWildcard('A*', 'abc', { ignoreCase: true })).toBe(true);
    expect(matchesWildcard('A*', 'abc')).toBe(false);
  });
});

describe('roles', () => {
  const trustPolicy: PolicyDocument = { Statement: [] };

  it('have an ARN, with a path and a partition if it says so', () => {
    const roles = new Roles('123456789012');
    expect(roles.put({ role: 'deploy', trustPolicy }).arn).toBe('arn:aws:iam::123456789012:role/deploy');
    expect(
      roles.put({ role: 'arn:aws-cn:iam::210987654321:role/ci/team/deploy', trustPolicy }),
    ).toMatchObject({
      name: 'deploy',
      accountId: '210987654321',
      partition: 'aws-cn',
      maxSessionDurationSeconds: 3600,
    });
    expect(roles.list()).toHaveLength(2);
    expect(roles.remove('arn:aws:iam::123456789012:role/deploy')).toBe(true);
    expect(roles.get('arn:aws:iam::123456789012:role/deploy')).toBeUndefined();
  });

  it.each<[string, Partial<Parameters<Roles['put']>[0]>, string]>([
    ['no name', { role: 'a/b c' }, `"a/b c" is neither a role's name nor its ARN.`],
    ['a user', { role: 'arn:aws:iam::123456789012:user/x' }, 'neither'],
    [
      'a short maximum',
      { maxSessionDurationSeconds: 900 },
      'maxSessionDurationSeconds is 900, not 3600 to 43200.',
    ],
    [
      'a bad policy',
      { policies: [document({})] },
      'arn:aws:iam::123456789012:role/x: A policy is an object with a Statement.',
    ],
  ])('are refused with %s', (_what, options, message) => {
    expect(() => new Roles('123456789012').put({ role: 'x', trustPolicy, ...options })).toThrow(message);
  });
});
