import { taskConsoleUrl } from '../ecs/diagnose/console-links.js';
import type { Diagnosis } from '../ecs/diagnose/diagnose.js';
import { taskRemedy } from '../ecs/run-task/explain.js';
import { shortName, taskDefinitionName } from '../ecs/names.js';
import type { RanContainer, RanTask, TaskRunOutcome, TaskRunResult } from '../ecs/run-task/result.js';
import { clip, clipMiddle, code, details, fence, LONGEST_LINE, LONGEST_REASON, plural } from './markdown.js';

const TITLES: Readonly<Record<TaskRunOutcome, string>> = {
  succeeded: '✅ Task succeeded',
  started: '▶️ Task started',
  failed: '❌ Task failed',
  'not-started': '❌ Task never started',
  'not-placed': '❌ Task found no place',
  'timed-out': '⏱️ Task timed out',
  cancelled: '🚫 Task cancelled',
};

/** What became of a run of one-off tasks, as Markdown: verdict, containers, and why it failed. */
export function reportTaskRun(result: TaskRunResult): string {
  const { outcome, reason, cluster, taskDefinitionArn, tasks, diagnoses, startedAt, endedAt } = result;
  const about = [
    code(taskDefinitionName(taskDefinitionArn)),
    `cluster ${code(shortName(cluster))}`,
    formatDuration(endedAt - startedAt),
  ];
  return [
    `### ${TITLES[outcome]}`,
    about.join(' · '),
    fence(clipMiddle(reason, LONGEST_REASON)),
    ...(tasks.length === 0 ? [] : [containersTable(tasks)]),
    ...diagnoses.map((diagnosis) => diagnosisSection(diagnosis, reason)),
    '',
  ].join('\n\n');
}

function containersTable(tasks: readonly RanTask[]): string {
  const rows = tasks.flatMap((task) =>
    task.containers.map((container) => [
      taskLink(task),
      `${code(container.name)}${container.essential ? '' : ' (not essential)'}`,
      exitText(container),
      container.reason === undefined ? '' : code(clipMiddle(container.reason, LONGEST_REASON)),
    ]),
  );
  return [['Task', 'Container', 'Exit code', 'Reason'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function taskLink({ taskArn }: RanTask): string {
  const url = taskConsoleUrl(taskArn);
  const id = code(shortName(taskArn));
  return url === undefined ? id : `[${id}](${url})`;
}

function exitText({ exitCode }: RanContainer): string {
  return exitCode === undefined ? '–' : String(exitCode);
}

/** `told` is what the report says already. */
function diagnosisSection(diagnosis: Diagnosis, told: string): string {
  const { cause, docs, reason, count, logTail } = diagnosis;
  const log =
    logTail?.kind === 'lines'
      ? [
          details(
            `Last ${plural(logTail.lines.length, 'log line')} of ${code(logTail.containerName)}`,
            fence(logTail.lines.map((line) => clip(line, LONGEST_LINE)).join('\n')),
            { open: true },
          ),
        ]
      : [];
  return [
    `**Why:** ${cause}${count > 1 ? ` (${count} times)` : ''}`,
    ...(reason.split('\n').every((line) => told.includes(line.replace(/^[\w-]+: /, '')))
      ? []
      : [fence(clipMiddle(reason, LONGEST_REASON))]),
    `**What to do:** ${taskRemedy(diagnosis)}${docs === undefined ? '' : ` ([AWS documentation](${docs}))`}`,
    ...log,
  ].join('\n\n');
}

function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
