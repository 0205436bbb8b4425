import type { ContainerDefinition, Volume } from '@aws-sdk/client-ecs';
import type { TaskDefinitionDocument } from '../document.js';
import type { DocumentPath } from '../path.js';

/** The most pressing first. */
export const SEVERITIES = ['error', 'warning', 'notice'] as const;
/** `error` for what ECS refuses or loses, `warning` for advice, `notice` for what somebody may want to know. */
export type Severity = (typeof SEVERITIES)[number];

/** Something that ECS asks of a task definition, or that experience does. */
export interface Rule {
  /** Stable: scripts match on it. */
  readonly id: string;
  /** An error is what ECS refuses, or what cannot work; a warning is advice; a notice asks for nothing. */
  readonly severity: Severity;
  /** What a task definition must be like, as one sentence. */
  readonly summary: string;
  readonly check: (subject: Subject) => Iterable<Fault>;
}

/** A place that breaks a rule. */
export interface Fault {
  readonly path: DocumentPath;
  /** What is wrong, as a sentence. Never holds the value of an environment variable. */
  readonly reason: string;
  /** What to do, as a sentence in the imperative. */
  readonly fix: string;
}

/** What tasks run on. */
export type LaunchType = 'EC2' | 'FARGATE' | 'EXTERNAL' | 'MANAGED_INSTANCES';

/** A document whose members have the types that ECS knows, and what rules want to know about it. */
export interface Subject {
  readonly document: TaskDefinitionDocument;
  readonly containers: readonly ContainerDefinition[];
  readonly volumes: readonly Volume[];
  /** What it has to run on; empty where it does not say. */
  readonly launchTypes: ReadonlySet<string>;
  readonly isWindows: boolean;
  /** With the default filled in: bridge, or none of Linux's modes on Windows. */
  readonly networkMode: string | undefined;
  /** Length of its JSON. */
  readonly bytes: number;
}

/** The path of a container, or of something in it. */
export function inContainer(index: number, ...rest: readonly (string | number)[]): DocumentPath {
  return ['containerDefinitions', index, ...rest];
}

/** How to call a container in a sentence. */
export function called({ name }: ContainerDefinition, index: number): string {
  return name === undefined || name === '' ? `container ${index + 1}` : `container "${name}"`;
}

/** Every container with its place. */
export function* eachContainer({ containers }: Subject): Iterable<[ContainerDefinition, number]> {
  for (const [index, container] of containers.entries()) yield [container, index];
}

/** Faults of the same kind for numbers that must lie within bounds, both included. */
export function* outside(
  value: number | undefined,
  [min, max]: readonly [number, number],
  path: DocumentPath,
  what: string,
): Iterable<Fault> {
  if (value === undefined || (value >= min && value <= max)) return;
  yield { path, reason: `${what} is ${value}.`, fix: `Write a whole number from ${min} to ${max}.` };
}

/** The items that repeat an earlier one, with their places. */
export function* repeated<T>(
  items: readonly T[],
  keyOf: (item: T) => string | undefined,
): Iterable<[T, number]> {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item);
    if (key === undefined) continue;
    if (seen.has(key)) yield [item, index];
    seen.add(key);
  }
}
