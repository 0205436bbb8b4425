import type { PermissionCheck } from '../ecs/deploy/permissions.js';
import type { PlannedTaskRun } from '../ecs/run-task/plan.js';
import { code } from './markdown.js';

/** The task that a dry run would run first. */
export function reportPlannedTask({ reason }: PlannedTaskRun): string {
  return [`### 📋 Task before the deployment`, code(reason), ''].join('\n\n');
}

/** What the credentials may do, as far as that can be tried, and what they would have to. */
export function reportPermissions({ checked, unchecked }: PermissionCheck): string {
  const list = (actions: readonly string[]) => actions.map(code).join(', ');
  const allowed = checked.filter(({ refusal }) => refusal === undefined).map(({ action }) => action);
  const refused = checked.filter(({ refusal }) => refusal !== undefined);
  return [
    '#### Permissions',
    ...(allowed.length === 0 ? [] : [`✅ Tried and allowed: ${list(allowed)}`]),
    ...refused.map(({ action, refusal = '' }) => `❌ Tried and refused: ${code(action)} – ${code(refusal)}`),
    ...(unchecked.length === 0
      ? []
      : [
          `❔ Needed, and not to be tried without changing something (AWS has no dry run for it): ${list(unchecked)}`,
        ]),
  ].join('\n\n');
}
