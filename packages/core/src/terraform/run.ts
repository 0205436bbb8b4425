import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EcsActionsError } from '../errors.js';
import { silentLogger, type CommandResult, type Logger } from '../ports.js';
import { fingerprintPlan } from './fingerprint.js';
import { isList, member, parseExactJson, type Json } from './json.js';
import { readPlan, type Plan } from './plan.js';
import { redactPlan, type RedactedPlan } from './redact.js';
import { collectTaint } from './taint.js';
import { findTerraform, QUIET, type FindTerraformOptions, type TerraformTool } from './tool.js';
import {
  backendSecrets,
  writeBackendArguments,
  writePlanArguments,
  type TerraformPlanRequest,
} from './request.js';
import {
  cleanDiagnostic,
  diagnosticFromText,
  problem,
  readDiagnostic,
  readDiagnostics,
  type TerraformDiagnostic,
} from './diagnostics.js';
import { reasonOf, type PlanFailureReason } from './failure.js';
import { progressOfUiLine } from './progress.js';

export interface TerraformPlanOptions extends Pick<FindTerraformOptions, 'exec' | 'name' | 'preferred'> {
  readonly logger?: Logger;
  /** Added to the environment of the program alone: credentials, say. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Values that may not be shown wherever they turn up. */
  readonly secrets?: readonly string[];
  readonly signal?: AbortSignal;
}

/** How planning went. Nothing in it is sensitive but the content of `planFile`. */
export interface TerraformPlanResult {
  readonly tool: TerraformTool;
  readonly workspace: string | undefined;
  readonly outcome: 'no-changes' | 'changes' | 'failed';
  /** Of the command that decided: 0 no changes, 2 changes, 1 failed. */
  readonly exitCode: number;
  readonly failureReason: PlanFailureReason | undefined;
  readonly diagnostics: readonly TerraformDiagnostic[];
  /** A failed plan may still hold what had been found out until then. */
  readonly plan: RedactedPlan | undefined;
  /** Absent if the plan failed: a file that must not be applied is removed. */
  readonly planFile: string | undefined;
  readonly fingerprint: string | undefined;
}

/**
 * Makes a plan: `init`, a check that the workspace exists (Terraform would plan against an empty state), `plan -json`,
 * `show -json`. Progress goes to the logger line by line; the plan's text, which may hold secrets, goes nowhere.
 * A plan that Terraform refuses to make is a result, not an exception.
 *
 * @throws EcsActionsError `TERRAFORM_MISSING`; `FILE_NOT_FOUND` if the directory is not there;
 * `TERRAFORM_PLAN_UNREADABLE` if a plan was made that cannot be read.
 */
export async function planTerraform(
  request: TerraformPlanRequest,
  options: TerraformPlanOptions,
): Promise<TerraformPlanResult> {
  await requireDirectory(request.directory);
  const tool = await findTerraform(options);
  const planFile = resolve(request.planFile);
  const folder = dirname(planFile);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const inputs = await mkdtemp(join(folder, 'inputs-'));
  try {
    return await new Planner({ ...request, planFile }, options, tool, inputs).run();
  } finally {
    await rm(inputs, { recursive: true, force: true });
  }
}

/** One run of one request. */
class Planner {
  readonly #request: TerraformPlanRequest;
  readonly #options: TerraformPlanOptions;
  readonly #tool: TerraformTool;
  readonly #logger: Logger;
  /** A private folder, for what must not become an argument. */
  readonly #inputs: string;
  readonly #secrets: readonly string[];

  constructor(
    request: TerraformPlanRequest,
    options: TerraformPlanOptions,
    tool: TerraformTool,
    inputs: string,
  ) {
    this.#request = request;
    this.#options = options;
    this.#tool = tool;
    this.#logger = options.logger ?? silentLogger;
    this.#inputs = inputs;
    this.#secrets = [...(options.secrets ?? []), ...backendSecrets(request)];
  }

  async run(): Promise<TerraformPlanResult> {
    if (this.#request.init !== false) {
      const init = await this.#logger.group(`${this.#tool.name} init`, () => this.#init());
      if (init.exitCode !== 0) return this.#failed('init', init.exitCode, await this.#explainInit(init));
    }
    const missing = await this.#missingWorkspace();
    if (missing !== undefined) return this.#failed('workspace', 1, [missing]);
    return this.#plan();
  }

  async #init(): Promise<CommandResult> {
    const known = collectTaint(undefined, this.#secrets);
    return this.#exec(
      ['init', '-input=false', '-no-color', ...(await writeBackendArguments(this.#request, this.#inputs))],
      (line) => {
        if (line.trim() !== '') this.#logger.info(known.clean(line));
      },
      // With a workspace selected by the environment, init would make it if it does not exist.
      this.#request.workspace === undefined ? {} : { TF_WORKSPACE: undefined },
    );
  }

  /** The configuration's own faults with their places, which `init` prints as text only. */
  async #explainInit(init: CommandResult): Promise<TerraformDiagnostic[]> {
    if (/problems\s+with\s+the\s+configuration/i.test(`${init.stdout}\n${init.stderr}`)) {
      const { stdout } = await this.#exec(['validate', '-json', '-no-color'], undefined, QUIET);
      const diagnostics = member(tryParse(stdout), 'diagnostics');
      if (isList(diagnostics) && diagnostics.length > 0) return diagnostics.map(readDiagnostic);
    }
    return [diagnosticFromText(init)];
  }

  async #missingWorkspace(): Promise<TerraformDiagnostic | undefined> {
    const { workspace } = this.#request;
    if (workspace === undefined || workspace === 'default') return undefined;
    const list = await this.#exec(['workspace', 'list', '-no-color'], undefined, QUIET);
    if (list.exitCode !== 0) return diagnosticFromText(list);
    const names = list.stdout.split('\n').map((line) => line.replace(/^\*?\s+/, '').trim());
    if (names.includes(workspace)) return undefined;
    const existing = names.filter((name) => name !== '').join(', ');
    return problem(`Workspace "${workspace}" does not exist`, `There are: ${existing}.`);
  }

  async #plan(): Promise<TerraformPlanResult> {
    const known = collectTaint(undefined, this.#secrets);
    const planned = await this.#exec(
      ['plan', ...(await writePlanArguments(this.#request, this.#inputs))],
      (line) => {
        const progress = progressOfUiLine(line);
        if (progress !== undefined) this.#logger.info(known.clean(progress));
      },
    );
    const succeeded = planned.exitCode === 0 || planned.exitCode === 2;
    const plan = await this.#show(succeeded);
    const diagnostics = readDiagnostics(planned.stdout);
    if (!succeeded || plan === undefined || plan.errored) {
      if (!diagnostics.some(({ severity }) => severity === 'error'))
        diagnostics.push(diagnosticFromText(planned));
      return this.#failed(reasonOf(diagnostics), planned.exitCode, diagnostics, plan);
    }
    const redacted = redactPlan(plan, { secrets: this.#secrets });
    const changes = planned.exitCode === 2 || plan.applyable === true;
    return {
      tool: this.#tool,
      workspace: this.#request.workspace,
      outcome: changes ? 'changes' : 'no-changes',
      exitCode: changes ? 2 : 0,
      failureReason: undefined,
      diagnostics: this.#clean(diagnostics, plan),
      plan: redacted,
      planFile: this.#request.planFile,
      fingerprint: fingerprintPlan(redacted),
    };
  }

  /** The plan as data; a failed plan's file, if it is there, is read for its secrets. */
  async #show(succeeded: boolean): Promise<Plan | undefined> {
    const { planFile } = this.#request;
    if (!succeeded && (await stat(planFile).catch(() => undefined)) === undefined) return undefined;
    const shown = await this.#exec(['show', '-json', '-no-color', planFile], undefined, QUIET);
    if (shown.exitCode === 0) return readPlan(shown.stdout);
    if (!succeeded) return undefined;
    throw new EcsActionsError(
      'TERRAFORM_PLAN_UNREADABLE',
      `${this.#tool.name} made a plan and cannot show it: ${diagnosticFromText(shown).summary}.`,
      { hint: 'Run `show -json` on the plan file yourself to see why.' },
    );
  }

  async #failed(
    failureReason: PlanFailureReason,
    exitCode: number,
    diagnostics: readonly TerraformDiagnostic[],
    plan?: Plan,
  ): Promise<TerraformPlanResult> {
    await rm(this.#request.planFile, { force: true });
    return {
      tool: this.#tool,
      workspace: this.#request.workspace,
      outcome: 'failed',
      exitCode: exitCode === 0 || exitCode === 2 ? 1 : exitCode,
      failureReason,
      diagnostics: this.#clean(diagnostics, plan),
      plan: plan && redactPlan(plan, { secrets: this.#secrets }),
      planFile: undefined,
      fingerprint: undefined,
    };
  }

  #clean(diagnostics: readonly TerraformDiagnostic[], plan: Plan | undefined): TerraformDiagnostic[] {
    const taint = collectTaint(plan, this.#secrets);
    return diagnostics.map((diagnostic) => cleanDiagnostic(diagnostic, taint));
  }

  #exec(
    args: readonly string[],
    onStdoutLine?: (line: string) => void,
    env: Readonly<Record<string, undefined>> = {},
  ): Promise<CommandResult> {
    const { workspace, directory } = this.#request;
    return this.#options.exec(
      {
        file: this.#tool.file,
        args,
        cwd: directory,
        output: 'silent',
        onStdoutLine,
        env: {
          ...this.#options.env,
          ...(workspace === undefined ? {} : { TF_WORKSPACE: workspace }),
          TF_IN_AUTOMATION: 'true',
          ...env,
        },
      },
      { signal: this.#options.signal },
    );
  }
}

async function requireDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new EcsActionsError('FILE_NOT_FOUND', `There is no directory ${directory}.`, {
    hint: 'Check the input working-directory, and that an earlier step checks the repository out.',
  });
}

function tryParse(text: string): Json | undefined {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}
