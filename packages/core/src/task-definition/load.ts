import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ECSClient } from '@aws-sdk/client-ecs';
import { EcsActionsError, isEcsActionsError } from '../errors.js';
import type { TaskDefinitionDocument } from './document.js';
import { isRecord } from './plain-data.js';
import { isWrapped, normaliseTaskDefinition } from './normalise.js';
import type { SourcePositions } from './path.js';
import { describedShape, taskDefinitionShape } from './shape/members.js';
import { parseText } from './source/parse.js';
import { positionsBelow } from './source/source-node.js';

/** Where a task definition comes from. What lives in AWS names the client to ask. */
export type TaskDefinitionSource =
  | {
      /** Path of a file: JSON, JSON with comments or YAML. */
      readonly file: string;
      /** What a relative `file` is relative to; default: the working directory of the process. */
      readonly directory?: string | undefined;
    }
  | {
      /** The text itself: JSON, JSON with comments or YAML. */
      readonly text: string;
      /** What to call it in messages. */
      readonly file?: string | undefined;
    }
  | {
      readonly ecs: ECSClient;
      /** A family (its latest active revision), `family:revision`, or an ARN. */
      readonly taskDefinition: string;
    }
  | {
      readonly ecs: ECSClient;
      /** Name or ARN. */
      readonly cluster: string;
      /** Name or ARN of the service whose task definition is wanted. */
      readonly service: string;
      /**
       * `running` (the default): the revision that the service runs, which during a rollout is the
       * one of the last completed deployment. `latest`: the newest active revision of that family.
       */
      readonly base?: 'running' | 'latest' | undefined;
      /** The family that the service is expected to run; by default any. */
      readonly family?: string | undefined;
    };

/** A task definition with what is known of where it comes from. */
export interface LoadedTaskDefinition {
  /** In the shape of a registration; see {@link normaliseTaskDefinition}. */
  readonly document: TaskDefinitionDocument;
  /** What was read, for messages: the path of a file, or the ARN of a task definition. */
  readonly origin: string;
  /** The revision that was read; absent for a file or text. */
  readonly taskDefinitionArn?: string;
  /** Lines and columns; absent for what came from ECS. */
  readonly positions?: SourcePositions;
  /** The members that were taken off; see {@link normaliseTaskDefinition}. */
  readonly removed: readonly string[];
}

/**
 * Reads a task definition from a file, a text, a family or ARN, or off a running service. Files are
 * parsed, never executed. Tags are kept, also of a revision in ECS.
 *
 * Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `TASK_DEFINITION_UNREADABLE` (with line and column),
 * `TASK_DEFINITION_NOT_FOUND`, `SERVICE_NOT_FOUND`, `CLUSTER_NOT_FOUND` and the errors of
 * {@link callAws}.
 */
export async function loadTaskDefinition(source: TaskDefinitionSource): Promise<LoadedTaskDefinition> {
  if ('file' in source && !('text' in source)) {
    return parseTaskDefinition(await readSource(source.file, source.directory), source.file);
  }
  if ('text' in source) return parseTaskDefinition(source.text, source.file);
  // Loaded only now: a file needs no AWS client, and the SDK takes longer to start than everything else.
  const { fetchRevision, fetchServiceTaskDefinition } = await import(
    /* webpackMode: "eager" */ './ecs-calls.js'
  );
  const { taskDefinitionArn, ...response } =
    'taskDefinition' in source
      ? await fetchRevision(source.ecs, source.taskDefinition)
      : await fetchServiceTaskDefinition(source.ecs, source);
  return { ...normaliseTaskDefinition(response), origin: taskDefinitionArn, taskDefinitionArn };
}

/** {@link loadTaskDefinition}, with `undefined` for a family or revision that ECS does not have. */
export async function findTaskDefinition(
  source: TaskDefinitionSource,
): Promise<LoadedTaskDefinition | undefined> {
  try {
    return await loadTaskDefinition(source);
  } catch (error) {
    if (isEcsActionsError(error) && error.code === 'TASK_DEFINITION_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Reads a task definition from a text; `file` names it in messages, and its ending (`.json`, `.jsonc`,
 * `.yaml`, `.yml`) says what it is. Throws `TASK_DEFINITION_UNREADABLE`.
 */
export async function parseTaskDefinition(text: string, file?: string): Promise<LoadedTaskDefinition> {
  const parsed = await parseText(text, file);
  const { positions } = parsed;
  const plain = parsed.value(taskDefinitionShape);
  const wrapped = isRecord(plain) && isWrapped(plain);
  return {
    ...normaliseTaskDefinition(wrapped ? parsed.value(describedShape) : plain),
    origin: file ?? 'the task definition',
    positions: wrapped ? positionsInWrapper(positions, plain) : positions,
  };
}

/**
 * What `aws ecs describe-task-definition` prints has the tags beside the task definition. Somebody may have wrapped that
 * once more.
 */
function positionsInWrapper(
  positions: SourcePositions,
  { taskDefinition }: Readonly<Record<string, unknown>>,
): SourcePositions {
  const below = positionsBelow(positions, ['taskDefinition']);
  if (!isRecord(taskDefinition)) return below;
  const inner = isWrapped(taskDefinition) ? positionsInWrapper(below, taskDefinition) : below;
  const areBeside = !hasTags(taskDefinition);
  const locate: SourcePositions['locate'] = (path) =>
    (areBeside && path[0] === 'tags' ? positions : inner).locate(path);
  return { ...inner, locate };
}

function hasTags(members: Readonly<Record<string, unknown>>): boolean {
  const { tags, taskDefinition } = members;
  return tags !== undefined || (isWrapped(members) && isRecord(taskDefinition) && hasTags(taskDefinition));
}

async function readSource(file: string, directory: string | undefined): Promise<string> {
  return decodeText(await readBytes(directory === undefined ? file : resolve(directory, file), file), file);
}

async function readBytes(path: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT' || isDocument(file)) {
      throw new EcsActionsError(
        'FILE_NOT_FOUND',
        isDocument(file)
          ? 'A task definition stands where the path of its file is expected.'
          : `There is no task definition file ${file}.`,
        {
          hint: isDocument(file)
            ? 'Write it to a file and name that.'
            : 'Check the path; it is relative to the workspace. Is actions/checkout an earlier step of this job?',
          cause: isDocument(file) ? undefined : error,
        },
      );
    }
    throw new EcsActionsError(
      'FILE_UNREADABLE',
      `The task definition file ${file} cannot be read: ${code}.`,
      {
        hint: code === 'EISDIR' ? 'It is a directory: name the file in it.' : 'Check its permissions.',
        cause: error,
      },
    );
  }
}

/** Bytes that are no UTF-8 would become other characters without anybody noticing. */
function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const [first, second] = bytes;
    const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
    throw new EcsActionsError(
      'TASK_DEFINITION_UNREADABLE',
      `${file} cannot be read: it is ${isUtf16 ? 'UTF-16' : 'not UTF-8'}.`,
      { hint: 'Save the file as UTF-8.', cause: error },
    );
  }
}

/** The document itself, given for its path, is not to be quoted: it may hold secrets. */
function isDocument(file: string): boolean {
  return /^\s*[{[]|\n/.test(file);
}
