import { join } from 'node:path';
import type { FindTerraformOptions } from '@ecs-actions/core';

/** What the job's environment says about Terraform. */
export interface TerraformEnvironment {
  /** The programs themselves, where setup-terraform or setup-opentofu put a wrapper on the `PATH` in their place. */
  readonly preferred: NonNullable<FindTerraformOptions['preferred']>;
  /** The workspace that `TF_WORKSPACE` selects. */
  readonly workspace: string | undefined;
}

/** Reads {@link TerraformEnvironment} from the environment. */
export function readTerraformEnvironment(env: NodeJS.ProcessEnv = process.env): TerraformEnvironment {
  const { TERRAFORM_CLI_PATH, TOFU_CLI_PATH, TF_WORKSPACE } = env;
  return {
    preferred: {
      ...(TERRAFORM_CLI_PATH ? { terraform: join(TERRAFORM_CLI_PATH, 'terraform-bin') } : {}),
      ...(TOFU_CLI_PATH ? { tofu: join(TOFU_CLI_PATH, 'tofu-bin') } : {}),
    },
    workspace: TF_WORKSPACE || undefined,
  };
}
