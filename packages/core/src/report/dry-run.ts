import type { PermissionCheck } from '../ecs/deploy/permissions.js';
import type { PlannedTaskRun } from '../ecs/run-task/plan.js';
import { code } from './markdown.js';

/** The task that a dry run would run first. */
export function reportPlannedTask({ reason, unchecked }: PlannedTaskRun): string {
  return ['### 📋 Task before the deployment', code(reason), ...notTried(unchecked), ''].join('\n\n');
}

/** What the credentials may do, as far as that can be tried, and what they would have to. */
export function reportPermissions({ checked, unchecked }: PermissionCheck): string {
  const allowed = checked.filter(({ refusal }) => refusal === undefined).map(({ action }) => action);
  const refused = checked.filter(({ refusal }) => refusal !== undefined);
  return [
    '#### Permissions',
    ...(allowed.length === 0 ? [] : [`✅ Tried and allowed: ${list(allowed)}`]),
    ...refused.map(({ action, refusal = '' }) => `❌ Tried and refused: ${code(action)}: ${code(refusal)}`),
    ...notTried(unchecked),
  ].join('\n\n');
}

function notTried(actions: readonly string[]): string[] {
  if (actions.length === 0) return [];
  return [
    `❔ Needed, and not to be tried without changing something (AWS has no dry run for it): ${list(actions)}`,
  ];
}

function list(actions: readonly string[]): string {
  return actions.map(code).join(', ');
}
