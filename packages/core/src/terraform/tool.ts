import { EcsActionsError } from '../errors.js';
import type { Exec } from '../ports.js';

export type TerraformToolName = 'terraform' | 'tofu';

export interface TerraformTool {
  readonly name: TerraformToolName;
  /** What to run: a path, or a name that is on the `PATH`. */
  readonly file: string;
  /** `1.11.4` */
  readonly version: string;
}

export interface FindTerraformOptions {
  readonly exec: Exec;
  /** The one to use; by default whichever is found first, Terraform before OpenTofu. */
  readonly name?: TerraformToolName | undefined;
  /**
   * Programs to prefer over the `PATH`, e.g. `$TERRAFORM_CLI_PATH/terraform-bin`: the wrapper that setup actions put on
   * the `PATH` in its place changes exit codes and adds text to the output.
   */
  readonly preferred?: Readonly<Partial<Record<TerraformToolName, string>>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Other arguments and debug output have no place in what a program is to read. */
export const QUIET = {
  TF_CLI_ARGS: undefined,
  TF_CLI_ARGS_version: undefined,
  TF_CLI_ARGS_show: undefined,
  TF_CLI_ARGS_validate: undefined,
  TF_CLI_ARGS_workspace: undefined,
  TF_LOG: undefined,
  TF_LOG_CORE: undefined,
  TF_LOG_PROVIDER: undefined,
} as const;

/**
 * Finds Terraform or OpenTofu.
 *
 * @throws EcsActionsError `TERRAFORM_MISSING` if there is none that runs.
 */
export async function findTerraform(options: FindTerraformOptions): Promise<TerraformTool> {
  const names: TerraformToolName[] = options.name === undefined ? ['terraform', 'tofu'] : [options.name];
  for (const name of names) {
    const preferred = options.preferred?.[name];
    for (const file of preferred === undefined ? [name] : [preferred, name]) {
      const version = await askVersion(file, options);
      if (version !== undefined) return { name, file, version };
    }
  }
  throw new EcsActionsError(
    'TERRAFORM_MISSING',
    `There is no ${names.join(' and no ')} on the PATH of this runner.`,
    {
      hint: 'Install Terraform (hashicorp/setup-terraform) or OpenTofu (opentofu/setup-opentofu) in an earlier step of the job, or add it to the image of a self-hosted runner.',
    },
  );
}

async function askVersion(file: string, { exec, signal }: FindTerraformOptions): Promise<string | undefined> {
  try {
    const { stdout } = await exec(
      { file, args: ['version', '-json'], output: 'silent', env: QUIET },
      { signal },
    );
    return /"terraform_version":\s*"([^"]+)"/.exec(stdout)?.[1];
  } catch (error) {
    // A file that is not executable is no program either.
    const { code } = error as { readonly code?: unknown };
    if (code === 'ENOENT' || code === 'EACCES') return undefined;
    throw error;
  }
}
