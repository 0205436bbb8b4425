import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ECSClient } from '@aws-sdk/client-ecs';
import * as kit from '@ecs-actions/action-kit';
import * as core from '@ecs-actions/core';
import type { OutputName } from './action.js';
import { renderInputs, unusedInputs, type Inputs } from './inputs.js';

/** GitHub drops a summary above 1 MiB. */
const SUMMARY_BYTES = { findings: 750_000, diff: 250_000 } as const;

export async function main(context: kit.ActionContext): Promise<void> {
  const inputs = await renderInputs();
  const { variables } = inputs.edits;
  for (const notice of unusedInputs(inputs)) context.logger.notice(notice);
  for (const secret of core.secretsInEdits({ variables })) context.mask(secret);
  const secrets = core.secretsInEdits(inputs.edits);
  const aws = { ecs: clientOf(inputs, context), directory: context.run.workspace };
  const source = await core.loadTaskDefinition(await core.chooseTaskDefinitionSource(inputs, aws));
  const document = core.renderTaskDefinition(source.document, inputs.edits);
  const findings =
    inputs.validate === 'off' ? [] : core.validateTaskDefinition(document, { source, variables, secrets });
  kit.annotateFindings(findings);
  const refused = inputs.validate === 'strict' && findings.some(({ severity }) => severity === 'error');
  const diff = refused ? undefined : await compare(document, { ...inputs, secrets }, aws);
  const verdict =
    inputs.validate === 'off' ? '' : core.reportFindings(findings, { bytes: SUMMARY_BYTES.findings });
  const summary = `${verdict}\n${diff?.summary ?? ''}`;
  kit.setOutputs<OutputName>({
    findings: JSON.stringify(findings),
    changed: diff?.changed,
    diff: diff?.comment,
    'diff-json': diff && core.writeJson(diff.changes),
    'summary-path': await kit.writeSummary('render-taskdef', summary),
  });
  if (refused) core.requireValidTaskDefinition(findings, source.origin);
  kit.setOutputs<OutputName>({ 'task-definition': await save(document), family: document.family });
  context.logger.info(`Rendered ${source.origin}`);
  if (inputs.register) await register(document, inputs, await aws.ecs(), context);
}

/** Makes the client once, and only if something lives in AWS: the SDK takes longer to load than all the rest. */
function clientOf(inputs: Inputs, context: kit.ActionContext): () => Promise<ECSClient> {
  let client: Promise<ECSClient> | undefined;
  const connect = async () => {
    const { connectAws } = await import(/* webpackMode: "eager" */ '@ecs-actions/action-kit');
    const { ECSClient } = await import(/* webpackMode: "eager" */ '@aws-sdk/client-ecs');
    return (await connectAws(inputs.aws, context)).client(ECSClient);
  };
  return () => (client ??= connect());
}

async function compare(
  document: core.TaskDefinitionDocument,
  { diffAgainst, secrets, ...inputs }: Inputs & { readonly secrets: readonly string[] },
  aws: Parameters<typeof core.chooseTaskDefinitionSource>[1],
): Promise<(core.TaskDefinitionDiff & { summary: string; comment: string }) | undefined> {
  if (diffAgainst === undefined) return undefined;
  const base = diffAgainst === 'running' ? 'running' : 'latest';
  const names = new Map([
    ['running', undefined],
    ['latest', document.family],
  ]);
  const taskDefinition = names.has(diffAgainst) ? names.get(diffAgainst) : diffAgainst;
  // The first revision of a family is new as a whole.
  const find = diffAgainst === 'latest' ? core.findTaskDefinition : core.loadTaskDefinition;
  const against = await find(await core.chooseTaskDefinitionSource({ ...inputs, base, taskDefinition }, aws));
  const diff = core.diffTaskDefinitions(against?.document, document, { secrets });
  const report = (bytes?: number) => core.reportTaskDefinitionDiff(diff, { against: against?.origin, bytes });
  return { ...diff, summary: report(SUMMARY_BYTES.diff), comment: report() };
}

/** The file may hold secrets that somebody has put into the environment: nobody else may read it. */
async function save(document: core.TaskDefinitionDocument): Promise<string> {
  const path = join(await mkdtemp(join(kit.temporaryFolder(), 'task-definition-')), 'task-definition.json');
  await writeFile(path, core.writeTaskDefinition(document), { mode: 0o600 });
  return path;
}

async function register(
  document: core.TaskDefinitionDocument,
  { deregisterOlder: keep }: Inputs,
  ecs: ECSClient,
  { clock, logger, signal, run }: kit.ActionContext,
): Promise<void> {
  const provenance = { commit: run.commit, run: kit.runUrl(run) };
  const options = { clock, logger, signal };
  const registration = await core.registerTaskDefinition({ ecs, document }, { ...options, provenance });
  const { taskDefinitionArn, family, reused } = registration;
  logger.info(`${reused ? 'Nothing to register: equal to' : 'Registered'} ${taskDefinitionArn}`);
  kit.setOutputs<OutputName>({ 'task-definition-arn': taskDefinitionArn, registered: !reused });
  if (keep !== undefined) await core.deregisterOlderTaskDefinitions({ ecs, family }, { ...options, keep });
}
