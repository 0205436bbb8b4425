import { diffLines } from 'diff';
import type { PlanCounts } from '../terraform/plan.js';
import { KNOWN_AFTER_APPLY, type AttributeChange, type ShownValue } from '../terraform/diff.js';
import { losesObject, type DestroyVerdict } from '../terraform/gate.js';
import type { RedactedOutput, RedactedPlan, RedactedResource } from '../terraform/redact.js';
import type { TerraformPlanResult } from '../terraform/run.js';
import { SENSITIVE } from '../terraform/taint.js';
import type { TerraformDiagnostic } from '../terraform/diagnostics.js';
import { clip, code, details, fence, plural } from './markdown.js';

export interface TerraformReportOptions {
  /** Folder of the root module, as the reader knows it. */
  readonly directory?: string;
  /** What the destroy policy makes of the plan. */
  readonly destroys?: DestroyVerdict;
  /** Default 1,000,000 bytes: GitHub drops a job summary of more than 1 MiB as a whole. */
  readonly maxBytes?: number;
}

/** `1 to add, 0 to change, 0 to destroy, 2 to import`: Terraform's own line, and what it leaves out. */
export function summarizePlan(plan: Pick<RedactedPlan, 'counts' | 'outputs'> | undefined): string {
  if (plan === undefined) return 'no plan';
  const { add, change, destroy, import: imports, move, forget } = plan.counts;
  const more = Object.entries({ import: imports, move, forget }).filter(([, count]) => count > 0);
  return [
    `${add} to add, ${change} to change, ${destroy} to destroy`,
    ...more.map(([what, count]) => `${count} to ${what}`),
    ...(plan.outputs.length === 0 ? [] : [`${plural(plan.outputs.length, 'output')} to change`]),
  ].join(', ');
}

/** How much a report tells. The first level that fits is taken. */
interface Level {
  /** Longest value, in characters. */
  readonly valueLimit: number;
  /** Whose attributes are shown. */
  readonly attributes: 'all' | 'changed' | 'none';
  /** Whether anything but counts, errors and destroyed resources is listed. */
  readonly lists: boolean;
  readonly note: string | undefined;
}

const LEVELS: readonly Level[] = [
  { valueLimit: 20_000, attributes: 'all', lists: true, note: undefined },
  { valueLimit: 500, attributes: 'all', lists: true, note: 'Long values are cut.' },
  {
    valueLimit: 500,
    attributes: 'changed',
    lists: true,
    note: 'Long values are cut, and the attributes of created resources are left out.',
  },
  { valueLimit: 500, attributes: 'none', lists: true, note: 'All attributes are left out.' },
  {
    valueLimit: 200,
    attributes: 'none',
    lists: false,
    note: 'Everything but counts, errors and destroyed resources is left out; the log of the step lists every address.',
  },
];

/**
 * A plan as Markdown: verdict first, then what is destroyed or replaced (always listed in full, with reasons), updates,
 * creations, reads, changes to the state alone, outputs, drift, checks, and what is put off. A plan that does not fit is
 * told with less detail, and the report says so.
 */
export function reportTerraformPlan(
  result: TerraformPlanResult,
  { directory, destroys, maxBytes = 1_000_000 }: TerraformReportOptions = {},
): string {
  const render = (level: Level) =>
    [
      ...headOf(result, directory, destroys),
      ...(level.note === undefined ? [] : [`_${level.note} The whole plan would not fit here._`]),
      ...diagnosticsOf(result.diagnostics, level),
      ...(result.plan === undefined ? [] : planSections(result.plan, level)),
    ].join('\n\n') + '\n';
  for (const level of LEVELS) {
    const text = render(level);
    if (Buffer.byteLength(text) <= maxBytes) return text;
  }
  return barestReport(result, directory, destroys, maxBytes);
}

/** Thousands of destroyed resources: addresses alone, and if even they are too many, how many more there are. */
function barestReport(
  result: TerraformPlanResult,
  directory: string | undefined,
  destroys: DestroyVerdict | undefined,
  maxBytes: number,
): string {
  const head = headOf(result, directory, destroys).join('\n\n');
  const gone = (result.plan?.resources ?? []).filter(losesObject).map(({ address }) => address);
  let room = maxBytes - Buffer.byteLength(head) - 300;
  const shown = gone.filter((address) => (room -= Buffer.byteLength(address) + 1) > 0);
  const rest = gone.length - shown.length;
  return [
    head,
    '_Only the addresses of destroyed resources fit here; the log of the step lists every address._',
    fence(shown.join('\n')),
    ...(rest === 0 ? [] : [`**… and ${rest} more are destroyed, replaced or forgotten.**`]),
    '',
  ].join('\n\n');
}

function headOf(
  result: TerraformPlanResult,
  directory: string | undefined,
  destroys: DestroyVerdict | undefined,
): string[] {
  const { outcome, plan, tool, workspace } = result;
  const name = tool.name === 'tofu' ? 'OpenTofu' : 'Terraform';
  const about = [
    ...(directory === undefined ? [] : [code(directory)]),
    ...(workspace === undefined ? [] : [`workspace ${code(workspace)}`]),
    `${name} ${code(tool.version)}`,
  ];
  return [
    `### ${verdict(name, result)}`,
    about.join(' · '),
    ...(outcome === 'changes' && plan !== undefined ? [countsTable(plan.counts)] : []),
    ...(plan?.complete === false && outcome !== 'failed'
      ? ['⚠️ This plan is not complete: another run will be needed after it.']
      : []),
    ...(destroys === undefined ? [] : gateLine(destroys)),
  ];
}

function verdict(name: string, { outcome, plan, failureReason: reason }: TerraformPlanResult): string {
  if (outcome === 'failed')
    return `❌ ${name} plan failed${reason === 'plan' ? '' : `: ${REASONS[reason ?? 'plan']}`}`;
  if (outcome === 'no-changes') return `✅ No changes: the infrastructure is as ${name}'s configuration says`;
  const sign = plan?.resources.some(losesObject) ? '⛔' : '📝';
  return `${sign} ${name} plan: ${summarizePlan(plan)}`;
}

const REASONS: Record<NonNullable<TerraformPlanResult['failureReason']>, string> = {
  init: 'the directory could not be initialised',
  workspace: 'the workspace could not be selected',
  locked: 'the state is locked',
  plan: 'the plan could not be made',
};

function countsTable(counts: PlanCounts): string {
  const columns = ['add', 'change', 'destroy', 'replace', 'import', 'move', 'forget'] as const;
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [row(columns), row(columns.map(() => '---:')), row(columns.map((column) => counts[column]))].join(
    '\n',
  );
}

function gateLine({ policy, passed, gone }: DestroyVerdict): string[] {
  if (gone.length === 0 || policy === 'allow') return [];
  const what = `${plural(gone.length, 'object')} would be destroyed, replaced or forgotten`;
  return [passed ? `⚠️ **${what}.**` : `⛔ **Refused by the destroy policy: ${what}.**`];
}

function diagnosticsOf(diagnostics: readonly TerraformDiagnostic[], { valueLimit }: Level): string[] {
  return diagnostics.flatMap(({ severity, summary, detail, range, snippet }) => {
    const place = range === undefined ? '' : ` in ${code(`${range.file}:${range.line}`)}`;
    const body = [
      ...(snippet === undefined ? [] : [snippet.code, ...snippet.values.map((value) => `  ${value}`), '']),
      detail,
    ].join('\n');
    return [
      `${severity === 'error' ? '❌' : '⚠️'} ${code(clip(summary, valueLimit))}${place}`,
      ...(body.trim() === '' ? [] : [fence(clip(body.trimEnd(), valueLimit * 4))]),
    ];
  });
}

function planSections(plan: RedactedPlan, level: Level): string[] {
  const { resources } = plan;
  const of = (action: RedactedResource['action']) =>
    resources.filter((resource) => resource.action === action);
  const gone = resources.filter(losesObject);
  const stateOnly = resources.filter(
    ({ action, previousAddress, importing }) =>
      previousAddress !== undefined || importing !== undefined || action === 'forget',
  );
  const destroyed = section('⛔ Destroyed or replaced', gone, () => gone.map(goneLine).join('\n'));
  if (!level.lists) return destroyed;
  return [
    ...destroyed,
    ...resourceSection('♻️ Replaced', of('replace'), level, true),
    ...resourceSection('📝 Updated', of('update'), level, true),
    ...resourceSection('❓ Changed in a way that this version does not know', of('other'), level, true),
    ...resourceSection('🆕 Created', of('create'), level, false),
    ...section('🔎 Read during apply', of('read'), (items) => items.map(readLine).join('\n')),
    ...section('🏷️ Moved, imported or forgotten', stateOnly, (items) => items.flatMap(stateLines).join('\n')),
    ...section('📤 Outputs', plan.outputs, (items) =>
      fence(items.map((item) => outputDiff(item, level)).join('\n'), 'diff'),
    ),
    ...resourceSection('🌊 Changed outside of Terraform', plan.drift, level, false),
    ...checksSection(plan),
    ...section('⏳ Put off to a later plan', plan.deferred, (items) =>
      items
        .map(({ resource, reason }) => bullet(resource, reason === undefined ? '' : `: ${code(reason)}`))
        .join('\n'),
    ),
    ...section('🎬 Provider actions that apply invokes', plan.invokedActions, (items) =>
      items.map((address) => `- ${code(address)}`).join('\n'),
    ),
    ...(plan.unchanged === 0 ? [] : [`_${plural(plan.unchanged, 'resource')} unchanged._`]),
  ];
}

function section<Item>(
  title: string,
  items: readonly Item[],
  body: (items: readonly Item[]) => string,
): string[] {
  return items.length === 0 ? [] : [`#### ${title} (${items.length})`, body(items)];
}

function resourceSection(
  title: string,
  resources: readonly RedactedResource[],
  level: Level,
  isChange: boolean,
): string[] {
  if (resources.length === 0) return [];
  const shown = level.attributes === 'all' || (level.attributes === 'changed' && isChange);
  const body = shown
    ? resources.map((resource) => resourceDetails(resource, level)).join('\n\n')
    : resources.map((resource) => bullet(resource, '')).join('\n');
  return [details(`<b>${title} (${resources.length})</b>`, body, { open: isChange })];
}

function resourceDetails(resource: RedactedResource, level: Level): string {
  const { address, action, actions, attributes, unchangedAttributes } = resource;
  const what = action === 'other' ? ` ${code(actions.join(', '))}` : '';
  if (attributes.length === 0) {
    return `${code(address)}${what}\n\n_Nothing that can be shown differs: a sensitivity mark or the provider's own data._`;
  }
  const lines = attributes.map((attribute) => attributeDiff(attribute, level));
  if (unchangedAttributes > 0) lines.push(`  # ${plural(unchangedAttributes, 'attribute')} unchanged`);
  return `${code(address)}${what}\n\n${fence(lines.join('\n'), 'diff')}`;
}

function bullet({ address, deposed }: Pick<RedactedResource, 'address' | 'deposed'>, rest: string): string {
  return `- ${code(address)}${deposed === undefined ? '' : ` (deposed object ${code(deposed)})`}${rest}`;
}

function goneLine(resource: RedactedResource): string {
  const { action, actions, forcedBy, reason } = resource;
  const order = actions.map((step) => STEPS[step] ?? code(step)).join(', then ');
  const what = action === 'replace' ? `**replaced** (${order})` : `**${order}**`;
  const forced = forcedBy.length === 0 ? '' : `; ${forcedBy.map(code).join(', ')} forces replacement`;
  return bullet(resource, ` is ${what}${reason === undefined ? '' : `: ${explain(reason)}`}${forced}`);
}

const STEPS: Readonly<Record<string, string>> = {
  create: 'created',
  delete: 'destroyed',
  forget: 'forgotten, not destroyed',
};

function readLine(resource: RedactedResource): string {
  return bullet(resource, resource.reason === undefined ? '' : `: ${explain(resource.reason)}`);
}

function stateLines(resource: RedactedResource): string[] {
  const { previousAddress, importing, action } = resource;
  return [
    ...(previousAddress === undefined ? [] : [bullet(resource, ` is moved from ${code(previousAddress)}`)]),
    ...(importing === undefined
      ? []
      : [bullet(resource, ` is imported${importing.id === undefined ? '' : ` from ${code(importing.id)}`}`)]),
    ...(action === 'forget'
      ? [bullet(resource, ' is forgotten: it leaves the state and goes on existing')]
      : []),
  ];
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  replace_because_cannot_update: 'it cannot be updated in place',
  replace_because_tainted: 'it is tainted',
  replace_by_request: 'its replacement was asked for',
  replace_by_triggers: 'something in its <code>replace&#95;triggered&#95;by</code> changes',
  delete_because_no_resource_config: 'it is no longer in the configuration',
  delete_because_wrong_repetition: 'its <code>count</code> or <code>for&#95;each</code> was added or removed',
  delete_because_count_index: 'its index is beyond <code>count</code>',
  delete_because_each_key: 'its key is no longer in <code>for&#95;each</code>',
  delete_because_no_module: 'its module is no longer in the configuration',
  delete_because_no_move_target: 'it was moved to an address that is not in the configuration',
  delete_because_enabled_false: 'its <code>enabled</code> is false',
  read_because_config_unknown: 'its configuration is known after apply',
  read_because_dependency_pending: 'it depends on changes of this plan',
  read_because_check_nested: 'it belongs to a check',
};

/** A reason in words; one that this version does not know as it is. */
function explain(reason: string): string {
  return EXPLANATIONS[reason] ?? code(reason);
}

function checksSection({ checks }: RedactedPlan): string[] {
  const notable = checks.filter(({ status }) => status !== 'pass');
  return section('🩺 Checks that do not pass', notable, () =>
    notable
      .map(({ address, status, problems }) => {
        const why = problems.map((problem) => `: ${code(problem)}`).join('');
        return `- ${code(address)} ${status === 'unknown' ? 'is known after apply' : `**${status === 'fail' ? 'fails' : 'cannot be evaluated'}**`}${why}`;
      })
      .join('\n'),
  );
}

function outputDiff({ name, action, attributes }: RedactedOutput, level: Level): string {
  if (attributes.length === 0) return `${action === 'delete' ? '-' : ' '} ${name}`;
  return attributes
    .map((attribute) => attributeDiff({ ...attribute, path: joinPath(name, attribute.path) }, level))
    .join('\n');
}

function joinPath(name: string, path: string): string {
  return path === '' || path.startsWith('[') ? `${name}${path}` : `${name}.${path}`;
}

/** One attribute as lines of a diff. */
function attributeDiff({ path, before, after, forcesReplacement }: AttributeChange, level: Level): string {
  const forces = forcesReplacement ? '  # forces replacement' : '';
  if (before.kind === 'text' && after.kind === 'text')
    return textDiff(path, before.text, after.text, level, forces);
  const side = (sign: '+' | '-', value: ShownValue) =>
    value.kind === 'absent' ? [] : [`${sign} ${path} = ${showValue(value, sign, level)}${forces}`];
  return [...side('-', before), ...side('+', after)].join('\n');
}

function showValue(value: Exclude<ShownValue, { kind: 'absent' }>, sign: '+' | '-', level: Level): string {
  switch (value.kind) {
    case 'unknown':
      return KNOWN_AFTER_APPLY;
    case 'sensitive':
      return SENSITIVE;
    case 'literal':
      return clip(value.text, level.valueLimit);
    case 'text':
      return [
        '|',
        ...clip(value.text, level.valueLimit)
          .split('\n')
          .map((line) => `${sign}     ${line}`),
      ].join('\n');
  }
}

const CONTEXT_LINES = 2;

/** What differs between two texts, line by line, with a little of what does not. */
function textDiff(path: string, before: string, after: string, level: Level, forces: string): string {
  const parts = diffLines(before, after);
  const lines = parts.flatMap(({ added, removed, value }, index) => {
    const own = value.replace(/\n$/, '').split('\n');
    if (added || removed) return own.map((line) => `${added ? '+' : '-'}     ${line}`);
    const head = index === 0 ? 0 : CONTEXT_LINES;
    const tail = index === parts.length - 1 ? 0 : CONTEXT_LINES;
    if (own.length <= head + tail + 1) return own.map((line) => `      ${line}`);
    return [
      ...own.slice(0, head).map((line) => `      ${line}`),
      `      … ${own.length - head - tail} lines unchanged`,
      ...own.slice(own.length - tail).map((line) => `      ${line}`),
    ];
  });
  return [`  ${path} = |${forces}`, clip(lines.join('\n'), level.valueLimit * 2)].join('\n');
}
