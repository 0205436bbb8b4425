import type { Task } from '@aws-sdk/client-ecs';
import { CATALOGUE, type CatalogueEntry, type Weight } from './catalogue.js';
import { serviceEventConcern } from './concerns.js';
import { logStreamConsoleUrl, taskConsoleUrl } from './console-links.js';
import {
  failedContainers,
  type Evidence,
  type Fact,
  type FailedContainer,
  type LogTail,
} from './evidence.js';
import { groupBy } from './group-by.js';
import { isScalingActivity, normalizeReason, stopText } from './signature.js';

/** One way in which things failed, and how often. */
export interface Diagnosis {
  /** Entry of the catalogue, e.g. `image-not-found`; `unknown` if no entry matches. */
  readonly id: string;
  readonly weight: Weight | 'unknown';
  /** What probably happened, one sentence. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy: string;
  /** AWS page on it; absent for an unknown reason. */
  readonly docs?: string | undefined;
  /** Who said it. */
  readonly source: Fact['source'];
  /** What was said the last time, in full. */
  readonly reason: string;
  /** How many tasks, events or failures said the same. */
  readonly count: number;
  /** Of the newest occurrence. */
  readonly containers: readonly FailedContainer[];
  /** All tasks concerned, newest first. */
  readonly taskArns: readonly string[];
  readonly logTail?: LogTail | undefined;
  /** The ECS console's page of the newest task; absent where there is none. */
  readonly consoleUrl?: string | undefined;
  readonly logConsoleUrl?: string | undefined;
}

interface Occurrence {
  readonly fact: Fact;
  readonly entry: CatalogueEntry | undefined;
  readonly at: number;
  readonly taskArn?: string | undefined;
  readonly logTail?: LogTail | undefined;
}

const ORDER: readonly Diagnosis['weight'][] = ['cause', 'unknown', 'symptom', 'circumstance'];

/**
 * Explains why tasks do not run: the evidence is grouped by signature, each group matched against
 * the catalogue, the most telling first. Tasks that the scheduler stopped on purpose are left out,
 * as are events that tell of ordinary progress. An unknown reason is shown as it is. Pure.
 */
export function diagnose(evidence: Evidence): Diagnosis[] {
  const occurrences = [
    ...(evidence.tasks ?? [])
      .filter((task) => !isScalingActivity(task))
      .map((task) => fromTask(task, evidence)),
    ...(evidence.events ?? []).flatMap(({ message = '', createdAt }) =>
      serviceEventConcern(message) ? [fromText('event', message, createdAt?.getTime() ?? 0)] : [],
    ),
    ...(evidence.failures ?? []).map(({ reason, detail, arn }) =>
      fromText('failure', [reason, detail, arn].filter((part) => part !== undefined).join(': '), 0),
    ),
    ...(evidence.statements ?? []).map((statement) => fromText('statement', statement, 0)),
  ];
  return groupBy(occurrences, signature).map(toDiagnosis).sort(byTellingness);
}

function fromTask(task: Task, { taskDefinition, logTails = [] }: Evidence): Occurrence {
  const logTail = logTails.find(({ taskArn }) => taskArn === task.taskArn);
  const fact: Fact = {
    source: 'task',
    text: stopText(task),
    stopCode: task.stopCode,
    containers: failedContainers(task, taskDefinition),
    log: logTail?.kind === 'lines' ? logTail.lines.join('\n') : '',
    ran: task.startedAt !== undefined,
  };
  return { fact, entry: explain(fact), at: task.stoppedAt?.getTime() ?? 0, taskArn: task.taskArn, logTail };
}

function fromText(source: Fact['source'], text: string, at: number): Occurrence {
  const fact: Fact = { source, text, containers: [], log: '' };
  return { fact, entry: explain(fact), at };
}

/** The first entry of the catalogue that explains a fact. */
export function explain(fact: Fact): CatalogueEntry | undefined {
  return CATALOGUE.find(({ matches }) => matches(fact));
}

/** The log is evidence but no part of the signature: only one task of a group has its log read. */
function signature({ fact }: Occurrence): string {
  const exits = fact.containers.map(({ name, exitCode }) => `${name}=${exitCode ?? ''}`).sort();
  return [fact.source, fact.stopCode ?? '', normalizeReason(fact.text), ...exits].join('\n');
}

function toDiagnosis(occurrences: readonly Occurrence[]): Diagnosis {
  const newestFirst = [...occurrences].sort((a, b) => b.at - a.at);
  const newest = newestFirst[0]!;
  // The occurrence whose log was read knows more than the others.
  const read = newestFirst.find(({ logTail }) => logTail?.kind === 'lines') ?? newest;
  const logTail = read.logTail ?? newestFirst.find((one) => one.logTail !== undefined)?.logTail;
  const entry = read.entry;
  const taskArns = newestFirst.flatMap(({ taskArn }) => (taskArn === undefined ? [] : [taskArn]));
  const linked = logTail?.taskArn ?? taskArns[0];
  return {
    id: entry?.id ?? 'unknown',
    weight: entry?.weight ?? 'unknown',
    cause: entry?.cause ?? 'ECS gives a reason that is not in the catalogue.',
    remedy: entry?.remedy ?? 'Read the reason as it stands, and the end of it first.',
    docs: entry?.docs,
    source: newest.fact.source,
    reason: newest.fact.text === '' ? (newest.fact.stopCode ?? 'No reason was given.') : newest.fact.text,
    count: occurrences.length,
    containers: newest.fact.containers,
    taskArns,
    logTail,
    consoleUrl: linked === undefined ? undefined : taskConsoleUrl(linked),
    logConsoleUrl: logTail?.kind === 'lines' ? logStreamConsoleUrl(logTail.taskArn, logTail) : undefined,
  };
}

function byTellingness(a: Diagnosis, b: Diagnosis): number {
  return (
    ORDER.indexOf(a.weight) - ORDER.indexOf(b.weight) || sourceRank(a) - sourceRank(b) || b.count - a.count
  );
}

/** What a task says about itself comes before what is said about the service. */
function sourceRank({ source }: Diagnosis): number {
  return source === 'task' ? 0 : 1;
}
