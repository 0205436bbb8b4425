import type { DeploymentResult } from '../ecs/deploy/options.js';
import { shortName } from '../ecs/names.js';
import type { DeploymentEvent } from '../ecs/rollout/events.js';

/** Bars of tasks beyond this many are left out: a picture with more is no picture. */
const MOST_TASKS = 20;
/** Milestones of one kind beyond this many are left out. */
const MOST_MILESTONES = 20;

interface Bar {
  readonly label: string;
  readonly tag: 'done' | 'active' | 'crit' | 'milestone' | 'crit, milestone';
  readonly from: number;
  readonly to: number;
}

/**
 * The course of a rollout as a Mermaid `gantt`: the deployment, its tasks, its lifecycle stages and
 * what happened. Times are epoch milliseconds, shown as the reader's time of day.
 */
export function drawTimeline(result: DeploymentResult): string {
  const { events } = result;
  // ECS's clock and ours need not agree to the second.
  const endedAt = Math.max(result.endedAt, ...events.map(({ at }) => at));
  const sections: [string, readonly Bar[]][] = [
    ['Deployment', deploymentBars(result, endedAt)],
    ['Stages', stageBars(events, endedAt)],
    ['Tasks', taskBars(events, endedAt)],
    ['Events', milestones(events)],
  ];
  const line = ({ label, tag, from, to }: Bar) =>
    // A bar of no length would not be seen; a milestone has none.
    `    ${plain(label)} :${tag}, ${from}, ${tag.includes('milestone') ? from : Math.max(to, from + 1_000)}`;
  return [
    'gantt',
    '    dateFormat x',
    '    axisFormat %H:%M:%S',
    ...sections.flatMap(([name, bars]) =>
      bars.length === 0 ? [] : [`    section ${name}`, ...bars.map(line)],
    ),
  ].join('\n');
}

function deploymentBars({ outcome, startedAt, events }: DeploymentResult, endedAt: number): Bar[] {
  const turned = events.find(({ type }) => type === 'rollback-started' || type === 'rollback-requested')?.at;
  const good = outcome === 'succeeded' || outcome === 'unchanged';
  if (turned === undefined)
    return [
      {
        label: outcome,
        tag: good ? 'done' : outcome === 'started' || outcome === 'paused' ? 'active' : 'crit',
        from: startedAt,
        to: endedAt,
      },
    ];
  return [
    { label: 'rolling out', tag: 'crit', from: startedAt, to: turned },
    { label: 'rolling back', tag: 'active', from: turned, to: endedAt },
  ];
}

function stageBars(events: readonly DeploymentEvent[], endedAt: number): Bar[] {
  const stages = events.filter((event) => event.type === 'lifecycle-stage');
  return stages.map(({ to, at }, index) => ({
    label: to,
    tag: 'done',
    from: at,
    to: stages[index + 1]?.at ?? endedAt,
  }));
}

function taskBars(events: readonly DeploymentEvent[], endedAt: number): Bar[] {
  const stopped = new Map<string, number>();
  for (const event of events)
    if (event.type === 'task-stopped') stopped.set(shortName(event.task.taskArn ?? ''), event.at);
  return events
    .flatMap((event) =>
      event.type === 'task-started' ? event.taskIds.map((id) => ({ id, at: event.at })) : [],
    )
    .slice(0, MOST_TASKS)
    .map(({ id, at }) => {
      const to = stopped.get(id);
      return {
        label: `task ${id.slice(0, 8)}`,
        tag: to === undefined ? 'done' : 'crit',
        from: at,
        to: to ?? endedAt,
      };
    });
}

function milestones(events: readonly DeploymentEvent[]): Bar[] {
  return events
    .flatMap((event): Bar[] => {
      const label = milestoneLabel(event);
      const bad =
        event.type !== 'deployment-completed' &&
        event.type !== 'targets-registered' &&
        event.type !== 'rolled-back';
      return label === undefined
        ? []
        : [{ label, tag: bad ? 'crit, milestone' : 'milestone', from: event.at, to: event.at }];
    })
    .slice(0, MOST_MILESTONES);
}

function milestoneLabel(event: DeploymentEvent): string | undefined {
  switch (event.type) {
    case 'targets-registered':
      return 'targets registered';
    case 'deployment-completed':
      return 'completed';
    case 'alarm-triggered':
      return 'alarm';
    case 'paused':
      return 'paused';
    case 'rollback-started':
      return 'rollback';
    case 'rolled-back':
      return 'rolled back';
    case 'superseded':
      return 'superseded';
    default:
      return undefined;
  }
}

/** Labels end at a colon, lines at a semicolon or number sign: none of them may be in one. */
function plain(label: string): string {
  return label.replace(/[^\w .()/-]/g, ' ');
}
