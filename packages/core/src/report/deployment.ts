import type { DeploymentResult } from '../ecs/deploy/options.js';
import type { SettingChange } from '../ecs/deploy/plan.js';
import type { Diagnosis } from '../ecs/diagnose/diagnose.js';
import { serviceConsoleUrl, taskDefinitionConsoleUrl } from '../ecs/diagnose/console-links.js';
import { taskDefinitionName } from '../ecs/names.js';
import { worstOutcome, type Outcome } from '../ecs/rollout/outcome.js';
import { groupBy } from '../ecs/diagnose/group-by.js';
import { formatElapsed } from './deployment-log.js';
import { drawTimeline } from './gantt.js';
import { clip, code, details, fence, plural } from './markdown.js';
import { reportTaskDefinitionDiff } from './task-definition.js';

/** Diagnoses shown of one service; the first are the most telling. */
const MOST_DIAGNOSES = 5;
/** A reason is never cut but for this, which no reason of ECS comes near. */
const LONGEST_REASON = 20_000;
/** A value in a table is cut after this many characters. */
const LONGEST_CELL = 500;
/** A log line is cut after this many characters. */
const LONGEST_LINE = 1_000;
/** What the parts after the table may take together: GitHub drops a summary above 1 MiB. */
const MOST_BYTES = 700_000;

const SIGNS: Readonly<Record<Outcome, string>> = {
  succeeded: '✅',
  unchanged: '✅',
  planned: '📋',
  registered: '✅',
  started: '▶️',
  paused: '⏸️',
  'rolled-back': '↩️',
  failed: '❌',
  superseded: '⏭️',
  stopped: '⏹️',
  'timed-out': '⌛',
  cancelled: '🚫',
};

/** One page about a deployment of one or several services: outcome first, then why, then how it went. */
export function reportDeployments(results: readonly DeploymentResult[]): string {
  const outcome = worstOutcome(results.map((result) => result.outcome));
  const [only] = results.length === 1 ? results : [];
  const subject =
    only === undefined
      ? plural(results.length, 'service')
      : code(only.service ?? taskDefinitionName(only.taskDefinitionArn));
  return [
    `## ${SIGNS[outcome]} Deployment of ${subject}: ${outcome}`,
    table(results),
    ...withinLimit([
      ...results.map((result) => section(result, results.length > 1).join('\n\n')),
      ...reportDiffs(results),
    ]),
    '',
  ].join('\n\n');
}

/** As many parts as fit, in their order; says how many do not. */
function withinLimit(parts: readonly string[]): string[] {
  let bytes = 0;
  const shown = parts.filter((part) => {
    bytes += Buffer.byteLength(part);
    return bytes <= MOST_BYTES;
  });
  const left = parts.length - shown.length;
  return left === 0
    ? shown
    : [...shown, `_${plural(left, 'part')} did not fit: see the log and the output \`services\`._`];
}

/** What the task definitions change; a change that several services share is shown once. */
function reportDiffs(results: readonly DeploymentResult[]): string[] {
  const shared = groupBy(
    results.filter(({ diff }) => diff !== undefined),
    ({ diff }) => JSON.stringify(diff),
  );
  return shared.flatMap((group) => {
    const { diff, previousTaskDefinitionArn } = group[0]!;
    const against = taskDefinitionName(previousTaskDefinitionArn);
    const services = group.map(({ service = '' }) => code(service)).join(', ');
    return [
      ...(results.length > 1 ? [`_For ${services}:_`] : []),
      reportTaskDefinitionDiff(diff!, { against }),
    ];
  });
}

function table(results: readonly DeploymentResult[]): string {
  return [
    '| Service | Outcome | Task definition | Time |',
    '| --- | --- | --- | --- |',
    ...results.map(
      (result) =>
        `| ${[serviceCell(result), `${SIGNS[result.outcome]} ${result.outcome}`, revisionCell(result), formatElapsed(result.endedAt - result.startedAt)].join(' | ')} |`,
    ),
  ].join('\n');
}

function serviceCell({ service, cluster, serviceArn }: DeploymentResult): string {
  const name = service === undefined ? 'none' : `${code(service)} in ${code(cluster)}`;
  return link(name, serviceArn === undefined ? undefined : serviceConsoleUrl(serviceArn));
}

function revisionCell({ taskDefinitionArn, previousTaskDefinitionArn }: DeploymentResult): string {
  const show = (arn: string) => link(code(taskDefinitionName(arn)), taskDefinitionConsoleUrl(arn));
  if (taskDefinitionArn === undefined) return '';
  if (previousTaskDefinitionArn === undefined || previousTaskDefinitionArn === taskDefinitionArn)
    return show(taskDefinitionArn);
  return `${show(previousTaskDefinitionArn)} → ${show(taskDefinitionArn)}`;
}

function section(result: DeploymentResult, named: boolean): string[] {
  const { service, reason, diagnoses, error } = result;
  const shown = diagnoses.slice(0, MOST_DIAGNOSES);
  const more = diagnoses.length - shown.length;
  return [
    ...(named ? [`### ${SIGNS[result.outcome]} ${code(service ?? '')}`] : []),
    code(reason),
    ...(error?.hint === undefined ? [] : [code(error.hint)]),
    ...reportSettings(result.settingChanges ?? []),
    ...shown.map(reportDiagnosis),
    ...(more > 0
      ? [`_${plural(more, 'further way', 'further ways')} of failing: see the output \`diagnosis\`._`]
      : []),
    ...(result.events.length > 2
      ? [details('Timeline', fence(drawTimeline(result), 'mermaid'), { open: !named })]
      : []),
  ];
}

function reportSettings(changes: readonly SettingChange[]): string[] {
  if (changes.length === 0) return [];
  const cell = (value: unknown) =>
    value === undefined ? '' : code(clip(JSON.stringify(value), LONGEST_CELL));
  return [
    [
      '| Setting | Before | After |',
      '| --- | --- | --- |',
      ...changes.map(
        ({ name, before, after }) => `| ${[code(name), cell(before), cell(after)].join(' | ')} |`,
      ),
    ].join('\n'),
  ];
}

/** One diagnosis: cause and fix first, then the words it was read from, then what the container wrote last. */
export function reportDiagnosis(diagnosis: Diagnosis): string {
  const { cause, remedy, docs, reason, consoleUrl, logConsoleUrl, logTail } = diagnosis;
  const links = [
    ...(consoleUrl === undefined ? [] : [`[task in the console](${consoleUrl})`]),
    ...(logConsoleUrl === undefined ? [] : [`[its log](${logConsoleUrl})`]),
    ...(docs === undefined ? [] : [`[AWS on this](${docs})`]),
  ];
  return [
    `#### ${cause}`,
    `**What to do:** ${remedy}`,
    [countOf(diagnosis), ...exitsOf(diagnosis), ...links].join(' · '),
    fence(clip(reason, LONGEST_REASON)),
    ...(logTail?.kind === 'lines'
      ? [
          details(
            `Last ${plural(logTail.lines.length, 'line')} of container ${code(logTail.containerName)}`,
            fence(logTail.lines.map((line) => clip(line, LONGEST_LINE)).join('\n')),
            { open: true },
          ),
        ]
      : []),
    ...(logTail?.kind === 'unavailable' ? [`_No log:_ ${code(logTail.reason)}`] : []),
  ].join('\n\n');
}

function countOf({ count, source }: Diagnosis): string {
  switch (source) {
    case 'task':
      return plural(count, 'task');
    case 'event':
      return plural(count, 'service event');
    case 'failure':
      return plural(count, 'failure');
    case 'statement':
      return 'said by ECS';
  }
}

function exitsOf({ containers }: Diagnosis): string[] {
  return containers.flatMap(({ name, exitCode }) =>
    exitCode === undefined ? [] : [`container ${code(name)} exit code ${exitCode}`],
  );
}

function link(text: string, url: string | undefined): string {
  return url === undefined ? text : `[${text}](${url})`;
}
