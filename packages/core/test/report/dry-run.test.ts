import { expect, test } from '@jest/globals';
import { reportPermissions, reportPlannedTask } from '../../src/report/dry-run.js';

test('permissions: what was tried, what was refused, what cannot be tried', () => {
  const report = reportPermissions({
    checked: [{ action: 'ecs:ListTasks' }, { action: 'logs:GetLogEvents', refusal: 'Not | allowed.' }],
    unchecked: ['ecs:UpdateService', 'iam:PassRole'],
  });
  expect(report).toContain('Tried and allowed: <code>ecs:ListTasks</code>');
  expect(report).toMatch(
    /Tried and refused: <code>logs:GetLogEvents<\/code>: <code>Not .* allowed\.<\/code>/,
  );
  expect(report).toMatch(/no dry run.*<code>ecs:UpdateService<\/code>, <code>iam:PassRole<\/code>/);
});

test('permissions: nothing is said of what there is none of', () => {
  expect(reportPermissions({ checked: [], unchecked: [] })).toBe('#### Permissions');
});

test('the task before the deployment', () => {
  const report = reportPlannedTask({
    reason: 'Would run web once.',
    settings: {},
    unchecked: ['ecs:RunTask'],
  });
  expect(report).toMatch(/^### .*Task before the deployment\n\n<code>Would run web once\.<\/code>/);
  expect(report).toContain('<code>ecs:RunTask</code>');
});
