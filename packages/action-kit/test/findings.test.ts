import { afterEach, expect, jest, test } from '@jest/globals';
import type { Finding } from '@ecs-actions/core';
import { annotateFindings } from '../src/findings.js';

afterEach(() => void jest.restoreAllMocks());

test('what GitHub would not keep as an annotation stands in the log', () => {
  const written: string[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const findings = Array.from({ length: 12 }, (_, index): Finding => ({
    rule: 'image-moving-tag',
    severity: 'warning',
    path: `containerDefinitions[${index}].image`,
    reason: 'It moves.',
    fix: 'Pin it.',
    file: 'web.json',
    line: index + 1,
    column: 1,
  }));
  annotateFindings(findings);
  const lines = written.join('').trimEnd().split('\n');
  expect(lines.filter((line) => line.startsWith('::warning'))).toHaveLength(10);
  expect(lines.slice(10)).toEqual([
    'warning web.json:11: containerDefinitions[10].image: It moves. Pin it. (image-moving-tag)',
    'warning web.json:12: containerDefinitions[11].image: It moves. Pin it. (image-moving-tag)',
  ]);
});
