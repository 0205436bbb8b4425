import type { ECSClient } from '@aws-sdk/client-ecs';
import type { Clock, Logger } from '../../ports.js';
import type { TaskDefinitionDocument } from '../../task-definition/document.js';
import type { Provenance } from '../../task-definition/provenance.js';
import type { Finding } from '../../task-definition/validate/finding.js';
import type { LogsForRegion } from '../diagnose/log-tail.js';
import type { TaskRunEvent } from './events.js';
import type { TaskSettings } from './launch.js';

/** What to run, and where. */
export interface TaskToRun {
  readonly ecs: ECSClient;
  /** Name or ARN. */
  readonly cluster: string;
  /** A document that is registered first, or a family (its latest revision), `family:revision` or an ARN. */
  readonly taskDefinition: { readonly document: TaskDefinitionDocument } | { readonly revision: string };
}

/** The overrides that most one-off tasks need. */
export interface ContainerChange {
  /** Default: the only container, or the only essential one. */
  readonly name?: string | undefined;
  /** Words. */
  readonly command?: readonly string[] | undefined;
  /** Added to the environment of the task definition. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export interface RunTaskOptions {
  readonly clock: Clock;
  /** Chance for the jitter of polling: a number in [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Reads the logs of the containers; without it no line is shown. */
  readonly logs?: LogsForRegion | undefined;
  /** Told of everything as it happens, log lines included. */
  readonly onEvent?: ((event: TaskRunEvent) => void) | undefined;
  /** Hears of waits and fallbacks while a task definition is registered. */
  readonly logger?: Logger | undefined;
  /** Stops the tasks and ends with the outcome `cancelled`. Before RunTask is called it rejects instead. */
  readonly signal?: AbortSignal | undefined;
  /** Everything else that RunTask may be told; see {@link completeSettings} for what is filled in. */
  readonly settings?: TaskSettings | undefined;
  /**
   * What to do about mistakes in `settings`, before anything is changed. `strict` refuses them, `warn` leaves the
   * verdict to ECS, `off` does not look. Default `strict`.
   */
  readonly validate?: 'strict' | 'warn' | 'off' | undefined;
  /** Told once of everything that was found in them. */
  readonly onFindings?: ((findings: readonly Finding[]) => void) | undefined;
  /** What to change in one container; added to the overrides in `settings`. */
  readonly container?: ContainerChange | undefined;
  /** Name or ARN of a service whose network configuration and capacity are used where `settings` has none. */
  readonly likeService?: string | undefined;
  /** Whether to wait until the tasks have stopped. Default true. */
  readonly wait?: boolean | undefined;
  /** Time budget of the wait, ms; then the tasks are stopped. Default 30 minutes. */
  readonly timeoutMs?: number | undefined;
  /** Tags for a revision that is registered, e.g. commit and run; they do not count in a comparison. */
  readonly provenance?: Provenance | undefined;
  /** Environment variables whose values are covered in what the containers wrote, besides those whose names tell. */
  readonly redact?: readonly string[] | undefined;
  /** Log lines of a failing container in its diagnosis. Default 20. */
  readonly logLines?: number | undefined;
}

export const DEFAULT_TASK_TIMEOUT_MS = 30 * 60_000;
