import { isEcsActionsError } from '../errors.js';
import type { ContainerEdits, TaskDefinitionEdits } from './edits.js';
import type { ParsedInput } from './input-syntax.js';
import { parseCommand, parseKeyValues } from './input-syntax.js';
import { parseTaskDefinitionPatch } from './patch.js';

/** Names under which edits are given as text, by an action or on a command line. */
export type EditInputName =
  | 'container-name'
  | 'image'
  | 'images'
  | 'environment-variables'
  | 'secrets'
  | 'env-files'
  | 'docker-labels'
  | 'log-configuration-log-driver'
  | 'log-configuration-options'
  | 'command'
  | 'family'
  | 'cpu'
  | 'memory'
  | 'task-role-arn'
  | 'execution-role-arn'
  | 'patch'
  | 'variables';

/** What is wrong with an input. */
export interface EditInputFault {
  readonly name: EditInputName;
  /** Completes "Input NAME …". Never holds what was given. */
  readonly problem: string;
}

/** The edits that the inputs ask for, and what is wrong with them. */
export interface ParsedEdits {
  readonly edits: TaskDefinitionEdits;
  readonly faults: readonly EditInputFault[];
}

/**
 * Reads edits from texts: names by comma or line, files by line, `NAME=value` lines, a command as a shell
 * reads it, a patch as YAML or JSON. `read` gives a text, or `undefined` where there is none.
 */
export async function parseTaskDefinitionEdits(
  read: (name: EditInputName) => string | undefined,
): Promise<ParsedEdits> {
  const faults: EditInputFault[] = [];
  const parse = <T>(name: EditInputName, parser: (text: string) => ParsedInput<T>): T | undefined => {
    const text = read(name);
    if (text === undefined) return undefined;
    const parsed = parser(text);
    faults.push(...parsed.faults.map((fault) => ({ name, problem: `${fault}.` })));
    return parsed.value;
  };
  const keyValues = (name: EditInputName) => parse(name, parseKeyValues);
  const names = parse('container-name', parseList) ?? [];
  const container: Omit<ContainerEdits, 'names'> = {
    image: read('image'),
    environment: keyValues('environment-variables'),
    secrets: keyValues('secrets'),
    environmentFiles: parse('env-files', parseLines),
    dockerLabels: keyValues('docker-labels'),
    logDriver: read('log-configuration-log-driver'),
    logOptions: keyValues('log-configuration-options'),
    command: parse('command', parseCommand),
  };
  const patch = await parsePatch(read('patch'));
  faults.push(...patch.faults.map((problem) => ({ name: 'patch' as const, problem })));
  const isEdited = names.length > 0 || Object.values(container).some((edit) => edit !== undefined);
  const edits: TaskDefinitionEdits = {
    images: keyValues('images'),
    containers: isEdited ? [{ names, ...container }] : [],
    family: read('family'),
    cpu: read('cpu'),
    memory: read('memory'),
    taskRoleArn: read('task-role-arn'),
    executionRoleArn: read('execution-role-arn'),
    patch: patch.value,
    variables: keyValues('variables'),
  };
  return { edits, faults };
}

function parseList(text: string): ParsedInput<string[]> {
  return parseLines(text.replaceAll(',', '\n'));
}

/** The name of a file in S3 may hold a comma. */
function parseLines(text: string): ParsedInput<string[]> {
  const items = text.split('\n').map((item) => item.trim());
  return { value: items.filter((item) => item !== ''), faults: [] };
}

async function parsePatch(text: string | undefined): Promise<ParsedInput<unknown>> {
  if (text === undefined) return { value: undefined, faults: [] };
  try {
    return { value: await parseTaskDefinitionPatch(text), faults: [] };
  } catch (error) {
    if (!isEcsActionsError(error)) throw error;
    return { value: undefined, faults: [`does not hold a patch: ${error.message}`] };
  }
}
