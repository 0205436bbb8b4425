import { readAwsInputs, readInputs, type AwsInputs } from '@ecs-actions/action-kit';
import type { DestroyPolicy, TerraformPlanRequest, TerraformToolName } from '@ecs-actions/core';
import type { InputName } from './action.js';

export interface Inputs {
  readonly aws: AwsInputs;
  /** As it was written. */
  readonly workingDirectory: string;
  readonly tool: TerraformToolName | undefined;
  readonly request: Omit<TerraformPlanRequest, 'directory' | 'planFile'>;
  readonly destroyPolicy: DestroyPolicy;
}

export function terraformPlanInputs(): Inputs {
  return readInputs<InputName, Inputs>((input) => {
    const destroy = input.boolean('destroy', false);
    const refresh = input.choice('refresh', ['true', 'false', 'only'], 'true');
    if (destroy && refresh === 'only') input.fault('refresh', 'is "only": that does not go with destroy.');
    const lockTimeout = input.optional('lock-timeout');
    if (lockTimeout !== undefined && !/^(\d+(\.\d+)?(h|m|s|ms))+$/.test(lockTimeout))
      input.fault('lock-timeout', `is "${lockTimeout}": write a duration such as 30s or 5m.`);
    const tool = input.choice('tool', ['', 'terraform', 'tofu'], '');
    return {
      aws: readAwsInputs(input),
      workingDirectory: input.optional('working-directory') ?? '.',
      tool: tool === '' ? undefined : tool,
      request: {
        init: input.boolean('init', true),
        backendConfig: input.lines('backend-config'),
        workspace: input.optional('workspace'),
        varFiles: input.lines('var-files'),
        variables: input.optional('variables'),
        targets: input.lines('targets'),
        replace: input.lines('replace'),
        mode: destroy ? 'destroy' : refresh === 'only' ? 'refresh-only' : 'normal',
        refresh: refresh !== 'false',
        lock: input.boolean('lock', true),
        lockTimeout,
        parallelism: input.integer('parallelism', { min: 1 }),
      },
      destroyPolicy: input.choice('destroy-policy', ['allow', 'warn', 'fail'], 'warn'),
    };
  });
}
