import type { Container, Failure, ServiceEvent, Task, TaskDefinition } from '@aws-sdk/client-ecs';

/** The last lines of a container, or why there are none to show. */
export type LogTail =
  | {
      readonly kind: 'lines';
      readonly taskArn: string;
      readonly containerName: string;
      readonly logGroup: string;
      readonly logStream: string;
      readonly region: string | undefined;
      /** Oldest first. */
      readonly lines: readonly string[];
    }
  | {
      readonly kind: 'unavailable';
      readonly taskArn: string;
      readonly containerName: string;
      /** A sentence, e.g. that the container logs to another driver than awslogs. */
      readonly reason: string;
    };

/** Everything that may tell why tasks do not run. Plain data, gathered by whoever can read it. */
export interface Evidence {
  /** Stopped tasks. Those that the scheduler stopped to scale in or drain are left out by {@link diagnose}. */
  readonly tasks?: readonly Task[] | undefined;
  /** What the tasks ran: says which containers are essential. */
  readonly taskDefinition?: TaskDefinition | undefined;
  /** Service events, in any order. */
  readonly events?: readonly ServiceEvent[] | undefined;
  /** `failures[]` of RunTask, StartTask or a Describe call. */
  readonly failures?: readonly Failure[] | undefined;
  /** Sentences from elsewhere: a status reason, the message of an error that AWS answered. */
  readonly statements?: readonly string[] | undefined;
  readonly logTails?: readonly LogTail[] | undefined;
}

/** One thing that was said, by whom, in the form the catalogue looks at. */
export interface Fact {
  readonly source: 'task' | 'event' | 'failure' | 'statement';
  /** Everything that was said, never cut: the decisive words tend to be at the end. */
  readonly text: string;
  readonly stopCode?: string | undefined;
  /** Containers that ended with a code other than 0, or that gave a reason. */
  readonly containers: readonly FailedContainer[];
  /** The last log lines of the failing container, joined by line feeds. */
  readonly log: string;
  /** Whether the task ever reached RUNNING; `undefined` where no task is concerned. */
  readonly ran?: boolean | undefined;
}

export interface FailedContainer {
  readonly name: string;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
  /** True if it was another container that ended the task, and this one was only stopped with it. */
  readonly bystander?: true | undefined;
}

/** What containers end with when they are stopped: on SIGTERM, by SIGKILL, or in a crash on the way out. */
const STOPPED_WITH: ReadonlySet<number> = new Set([137, 139, 143]);

type Essentials = Pick<TaskDefinition, 'containerDefinitions'> | undefined;

/** The containers of a stopped task that ended badly: a code other than 0, or a reason. */
export function failedContainers(task: Task, taskDefinition?: Essentials): FailedContainer[] {
  const culprits = containersThatEnded(task, taskDefinition);
  return (task.containers ?? []).flatMap((container) => {
    const { name = 'container', exitCode, reason } = container;
    if ((exitCode === undefined || exitCode === 0) && (reason === undefined || reason === '')) return [];
    const isBystander = culprits.length > 0 && !culprits.includes(container);
    return [{ name, exitCode, reason, ...(isBystander && { bystander: true as const }) }];
  });
}

/**
 * The containers of which one ended the task, as far as that can be told from the others: the essential
 * ones, and of these the ones with a code that nobody gets by being stopped. Empty where it cannot.
 */
function containersThatEnded(
  { stopCode, containers = [] }: Task,
  taskDefinition: Essentials,
): readonly Container[] {
  if (stopCode !== 'EssentialContainerExited') return [];
  const essential = containers.filter(({ name }) => isEssential(name, taskDefinition));
  const byThemselves = essential.filter(({ exitCode = 0 }) => exitCode !== 0 && !STOPPED_WITH.has(exitCode));
  return byThemselves.length > 0 ? byThemselves : essential;
}

/** Without a definition that says otherwise, every container is. */
function isEssential(name: string | undefined, taskDefinition: Essentials): boolean {
  return taskDefinition?.containerDefinitions?.find((one) => one.name === name)?.essential !== false;
}

/**
 * The container whose log is worth reading: one that ended the task, an essential one that ended
 * badly, else any that did, else an essential one that ended at all.
 */
export function mostTellingContainer(
  task: Task,
  taskDefinition: TaskDefinition | undefined,
): string | undefined {
  const essential = ({ name }: Pick<Container, 'name'>) => isEssential(name, taskDefinition);
  const failed = failedContainers(task, taskDefinition);
  const candidates = [
    failed.find((one) => essential(one) && !STOPPED_WITH.has(one.exitCode ?? 0)),
    failed.find((one) => essential(one)),
    failed.find(({ bystander }) => bystander !== true),
    task.containers?.find((one) => essential(one) && one.exitCode !== undefined),
    failed[0],
    task.containers?.find(essential),
  ];
  return candidates.find((candidate) => candidate?.name !== undefined)?.name;
}
