import type { DeploymentResult } from '../ecs/deploy/options.js';
import type { SettingChange } from '../ecs/deploy/plan.js';
import type { Diagnosis } from '../ecs/diagnose/diagnose.js';
import { serviceConsoleUrl, taskDefinitionConsoleUrl } from '../ecs/diagnose/console-links.js';
import { taskDefinitionName } from '../ecs/names.js';
import { isFailure, worstOutcome, type Outcome } from '../ecs/rollout/outcome.js';
import { writeJson } from '../write-json.js';
import { groupBy } from '../ecs/diagnose/group-by.js';
import { formatElapsed } from './deployment-log.js';
import { fitParts, type Part } from './fit.js';
import { reportPermissions } from './dry-run.js';
import { drawTimeline } from './gantt.js';
import { clip, clipMiddle, code, details, fence, LONGEST_LINE, LONGEST_REASON, plural } from './markdown.js';
import { reportTaskDefinitionDiff } from './task-definition.js';

/** Diagnoses shown of one service; the first are the most telling. */
const MOST_DIAGNOSES = 5;
/** A value in a table is cut after this many characters. */
const LONGEST_CELL = 500;
/** What the rows of the table, and the parts after it, may take together: GitHub drops a summary above 1 MiB. */
const MOST_ROW_BYTES = 200_000;
const MOST_BYTES = 700_000;
/** What is left out first where not everything fits: the picture, then further ways of failing, then what changed. */
const RANK = { reason: 0, cause: 1, change: 2, further: 3, picture: 4 } as const;

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
  const named = results.map(
    ({ service, taskDefinitionArn }) => service ?? taskDefinitionName(taskDefinitionArn),
  );
  const { shown, left } = fitParts(
    [...results.flatMap((result) => section(result, results.length > 1)), ...reportDiffs(results)],
    MOST_BYTES,
  );
  return [
    reportOutcome(named, outcome),
    table(results),
    ...shown,
    ...(left === 0
      ? []
      : [
          `_${plural(left, 'part')} did not fit: why it failed is in the log and in the output \`services\`._`,
        ]),
    '',
  ].join('\n\n');
}

/** What comes first on a page: of what the deployment was, and how it ended. */
export function reportOutcome(subjects: readonly string[], outcome: Outcome): string {
  const [only] = subjects;
  const subject =
    only === undefined
      ? 'no service'
      : subjects.length === 1
        ? code(only)
        : plural(subjects.length, 'service');
  return `## ${SIGNS[outcome]} Deployment of ${subject}: ${outcome}`;
}

/** Sentences that may be somebody else's, with their ends. */
export function reportWords(texts: readonly (string | undefined)[]): string[] {
  return texts.flatMap((text) =>
    text === undefined ? [] : [clipMiddle(text, LONGEST_REASON).split('\n').map(code).join('<br>\n')],
  );
}

/** What the task definitions change; a change that several services share is shown once. */
function reportDiffs(results: readonly DeploymentResult[]): Part[] {
  const shared = groupBy(
    results.filter(({ diff }) => diff !== undefined),
    ({ diff }) => JSON.stringify(diff),
  );
  return shared.flatMap((group) => {
    const { diff, previousTaskDefinitionArn } = group[0]!;
    const against =
      previousTaskDefinitionArn === undefined ? undefined : taskDefinitionName(previousTaskDefinitionArn);
    const services = group.map(({ service = '' }) => code(service)).join(', ');
    const text = [
      ...(results.length > 1 ? [`_For ${services}:_`] : []),
      reportTaskDefinitionDiff(diff!, { against }),
    ].join('\n\n');
    return [{ text, rank: RANK.change }];
  });
}

function table(results: readonly DeploymentResult[]): string {
  const rows = results.map((result) => ({
    text: `| ${[serviceCell(result), `${SIGNS[result.outcome]} ${result.outcome}`, revisionCell(result), formatElapsed(result.endedAt - result.startedAt)].join(' | ')} |`,
    rank: isFailure(result.outcome) ? 0 : 1,
  }));
  const { shown, left } = fitParts(rows, MOST_ROW_BYTES);
  const more =
    left === 0 ? [] : [`| _${plural(left, 'further service')}: see the output \`services\`_ | | | |`];
  return [
    '| Service | Outcome | Task definition | Time |',
    '| --- | --- | --- | --- |',
    ...shown,
    ...more,
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

function section(result: DeploymentResult, named: boolean): Part[] {
  const { service, reason, diagnoses, error, permissions } = result;
  const shown = diagnoses.slice(0, MOST_DIAGNOSES);
  const more = diagnoses.length - shown.length;
  const first = [
    ...(named ? [`### ${SIGNS[result.outcome]} ${code(service ?? '')}`] : []),
    ...reportWords([reason, error?.hint]),
  ];
  const further = `_${plural(more, 'further way', 'further ways')} of failing: see the output \`diagnosis\`._`;
  return [
    { text: first.join('\n\n'), rank: RANK.reason },
    ...reportSettings(result.settingChanges ?? []).map((text) => ({ text, rank: RANK.change })),
    ...(permissions === undefined ? [] : [{ text: reportPermissions(permissions), rank: RANK.change }]),
    ...shown.map((diagnosis, index) => ({
      text: reportDiagnosis(diagnosis),
      rank: index === 0 ? RANK.cause : RANK.further,
    })),
    ...(more > 0 ? [{ text: further, rank: RANK.further }] : []),
    ...(result.events.length > 2
      ? [
          {
            text: details('Timeline', fence(drawTimeline(result), 'mermaid'), { open: !named }),
            rank: RANK.picture,
          },
        ]
      : []),
  ];
}

function reportSettings(changes: readonly SettingChange[]): string[] {
  if (changes.length === 0) return [];
  const cell = (value: unknown) => (value === undefined ? '' : code(clip(writeJson(value), LONGEST_CELL)));
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
    fence(clipMiddle(reason, LONGEST_REASON)),
    ...(logTail?.kind === 'lines'
      ? [
          details(
            `Last ${plural(logTail.lines.length, 'line')} of container ${code(logTail.containerName)}`,
            fence(logTail.lines.map((line) => clip(line, LONGEST_LINE)).join('\n')),
            { open: true },
          ),
        ]
      : []),
    ...(logTail?.kind === 'unavailable'
      ? [`_No log:_ ${code(clipMiddle(logTail.reason, LONGEST_REASON))}`]
      : []),
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
