import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VARIABLES_FILE } from './diagnostics.js';
import { namesSecret } from './secret-names.js';

/** What to plan. */
export interface TerraformPlanRequest {
  /** Folder of the root module. */
  readonly directory: string;
  /** Where to put the plan file; its folder is made if need be. The file holds secrets in clear. */
  readonly planFile: string;
  /** Workspace to plan in; it must exist. Default: the selected one. */
  readonly workspace?: string | undefined;
  /** `.tfvars` files, relative to `directory`. Later ones win. */
  readonly varFiles?: readonly string[] | undefined;
  /** Content of one more `.tfvars` file, which wins over all the others. It never becomes an argument. */
  readonly variables?: string | undefined;
  /** `KEY=VALUE`, or the path of a backend configuration file. Values never become arguments. */
  readonly backendConfig?: readonly string[] | undefined;
  /** Addresses: the plan is confined to them and what they depend on. */
  readonly targets?: readonly string[] | undefined;
  /** Addresses to replace in any case. */
  readonly replace?: readonly string[] | undefined;
  /** `destroy` plans to destroy everything, `refresh-only` to take over what changed outside. Default `normal`. */
  readonly mode?: 'normal' | 'destroy' | 'refresh-only' | undefined;
  /** False plans against the state as it is stored. Default true. */
  readonly refresh?: boolean | undefined;
  /** False does not lock the state, for a role that may only read it. Default true. */
  readonly lock?: boolean | undefined;
  /** How long to wait for the lock, in Terraform's notation: `5m`. */
  readonly lockTimeout?: string | undefined;
  readonly parallelism?: number | undefined;
  /** False if `init` has already run. Default true. */
  readonly init?: boolean | undefined;
}

const BACKEND_FILE = 'backend.tfbackend';

/** The arguments of `plan`. Variables go into a file in `folder`, readable by this user alone. */
export async function writePlanArguments(request: TerraformPlanRequest, folder: string): Promise<string[]> {
  const { planFile, varFiles = [], variables, targets = [], replace = [], mode } = request;
  const { refresh, lock, lockTimeout, parallelism } = request;
  const variablesFile =
    variables === undefined ? [] : [await writePrivate(join(folder, VARIABLES_FILE), variables)];
  return [
    '-json',
    '-input=false',
    '-detailed-exitcode',
    `-out=${planFile}`,
    ...(mode === 'destroy' ? ['-destroy'] : []),
    ...(mode === 'refresh-only' ? ['-refresh-only'] : []),
    ...(refresh === false ? ['-refresh=false'] : []),
    ...(lock === false ? ['-lock=false'] : []),
    ...(lockTimeout === undefined ? [] : [`-lock-timeout=${lockTimeout}`]),
    ...(parallelism === undefined ? [] : [`-parallelism=${parallelism}`]),
    ...[...varFiles, ...variablesFile].map((file) => `-var-file=${file}`),
    ...targets.map((address) => `-target=${address}`),
    ...replace.map((address) => `-replace=${address}`),
  ];
}

/** The backend configuration of `init` as arguments. What is given as `KEY=VALUE` goes into a file in `folder`. */
export async function writeBackendArguments(
  { backendConfig = [] }: TerraformPlanRequest,
  folder: string,
): Promise<string[]> {
  const pairs = backendConfig.flatMap((entry) => splitPair(entry) ?? []);
  const files = backendConfig.filter((entry) => splitPair(entry) === undefined);
  if (pairs.length > 0) {
    const lines = pairs.map(({ key, value }) => `${key} = ${quoteHcl(value)}`);
    files.push(await writePrivate(join(folder, BACKEND_FILE), lines.join('\n')));
  }
  return files.map((file) => `-backend-config=${file}`);
}

/** The values of a backend configuration that its keys call secret. */
export function backendSecrets({ backendConfig = [] }: TerraformPlanRequest): string[] {
  return backendConfig
    .flatMap((entry) => splitPair(entry) ?? [])
    .filter(({ key }) => namesSecret(key))
    .map(({ value }) => value);
}

async function writePrivate(path: string, content: string): Promise<string> {
  await writeFile(path, `${content}\n`, { mode: 0o600 });
  return path;
}

function splitPair(entry: string): { key: string; value: string } | undefined {
  const [, key, value] = /^\s*(\w+)\s*=\s*(.*)$/s.exec(entry) ?? [];
  return key === undefined || value === undefined ? undefined : { key, value };
}

/** A string of Terraform's language, in which nothing is a template. */
function quoteHcl(text: string): string {
  return JSON.stringify(text).replaceAll('${', '$${').replaceAll('%{', '%%{');
}
