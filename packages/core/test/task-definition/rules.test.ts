import { describe, expect, test } from '@jest/globals';
import { taskDefinitionRules, validateTaskDefinition } from '../../src/task-definition/index.js';
import { breaking, satisfying } from './rule-examples.js';
import { validDocument } from './stage.js';

const rulesBroken = (document: Parameters<typeof validateTaskDefinition>[0]) => [
  ...new Set(validateTaskDefinition(document).map(({ rule }) => rule)),
];

describe('every rule', () => {
  test.each(breaking)('$rule: $what', ({ rule, document, at }) => {
    const findings = validateTaskDefinition(document);
    expect(findings).toEqual([expect.objectContaining({ rule })]);
    if (at !== undefined) expect(findings[0]?.path).toBe(at);
    expect(findings[0]?.severity).toBe(taskDefinitionRules.find(({ id }) => id === rule)?.severity);
    for (const text of [findings[0]?.reason, findings[0]?.fix]) expect(text).toMatch(/^[A-Z"$].*[.?]$/s);
  });

  test.each(satisfying)('$rule is satisfied: $what', ({ document }) => {
    expect(rulesBroken(document)).toEqual([]);
  });

  test('is broken by one of these documents, and just satisfied by another', () => {
    const all = taskDefinitionRules.map(({ id }) => id).sort();
    expect([...new Set(breaking.map(({ rule }) => rule))].sort()).toEqual(all);
    expect([...new Set(satisfying.map(({ rule }) => rule))].sort()).toEqual(all);
  });
});

test.each(['__proto__', 'constructor', 'toString'])('%j is a launch type like any unknown one', (name) => {
  const document = validDocument({ requiresCompatibilities: ['FARGATE', name] });
  expect(rulesBroken(document)).toEqual(['newer-value']);
});

test('a port of a wrong type is one mistake, not two', () => {
  const document = validDocument({}, { portMappings: [{ containerPort: '80' }] });
  expect(rulesBroken(document)).toEqual(['wrong-type']);
});

test('thousands of mistakes are found in no time', () => {
  const containers = Array.from({ length: 3000 }, () => ({ enviroment: [], imag: 'a:1' }));
  const start = performance.now();
  const findings = validateTaskDefinition(validDocument({ containerDefinitions: containers }));
  expect(findings.filter(({ rule }) => rule === 'unknown-member')).toHaveLength(6000);
  expect(findings.filter(({ rule }) => rule === 'missing-member')).toHaveLength(3000);
  expect(performance.now() - start).toBeLessThan(5000);
});

test.each([22, 2375, 2376, 51_678, 51_679, 51_680])('host port %i is reserved', (hostPort) => {
  const bridge = { networkMode: 'bridge', requiresCompatibilities: ['EC2'] };
  const document = validDocument(bridge, { portMappings: [{ containerPort: 80, hostPort }] });
  expect(rulesBroken(document)).toEqual(['port-host-reserved']);
});
