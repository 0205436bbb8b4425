import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { EcsActionsError } from '../../errors.js';

/** An AppSpec as CodeDeploy takes it. */
export interface AppSpecContent {
  /** JSON. */
  readonly content: string;
  /** Of `content`, in hexadecimal digits. */
  readonly sha256: string;
}

/**
 * Reads an AppSpec (YAML or JSON) and puts a task definition into each of its resources, whatever
 * stood there. Names of members are matched without regard to case, as CodeDeploy does.
 *
 * Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE`, and `APPSPEC_INVALID` for a file without resources.
 */
export async function loadAppSpec(
  file: string,
  taskDefinitionArn: string,
  directory?: string,
): Promise<AppSpecContent> {
  let text: string;
  try {
    text = await readFile(directory === undefined ? file : resolve(directory, file), 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new EcsActionsError(
      code === 'ENOENT' ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
      code === 'ENOENT'
        ? `There is no AppSpec file ${file}.`
        : `The AppSpec file ${file} cannot be read: ${code}.`,
      {
        hint: 'CodeDeploy needs an AppSpec: check the input codedeploy-appspec; it is relative to the workspace.',
        cause: error,
      },
    );
  }
  return fillAppSpec(text, taskDefinitionArn, file);
}

/** See {@link loadAppSpec}; `file` names the text in messages. */
export function fillAppSpec(text: string, taskDefinitionArn: string, file = 'The AppSpec'): AppSpecContent {
  let appSpec: unknown;
  try {
    appSpec = parse(text);
  } catch (error) {
    throw invalid(
      `${file} is neither YAML nor JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const resources = member(appSpec, 'resources');
  const properties = (Array.isArray(resources) ? resources : [resources]).flatMap((resource: unknown) =>
    Object.values(isRecord(resource) ? resource : {}).map((target) => member(target, 'properties')),
  );
  const targets = properties.filter(isRecord);
  if (targets.length === 0) throw invalid(`${file} has no Resources with Properties.`);
  for (const target of targets)
    target[nameOf(target, 'taskdefinition') ?? 'TaskDefinition'] = taskDefinitionArn;
  const content = JSON.stringify(appSpec);
  return { content, sha256: createHash('sha256').update(content).digest('hex') };
}

function invalid(message: string): EcsActionsError {
  return new EcsActionsError('APPSPEC_INVALID', message, {
    hint: 'It needs Resources: [{ TargetService: { Type: AWS::ECS::Service, Properties: { TaskDefinition, LoadBalancerInfo } } }].',
  });
}

function member(value: unknown, name: string): unknown {
  if (!isRecord(value)) return undefined;
  const actual = nameOf(value, name);
  return actual === undefined ? undefined : value[actual];
}

function nameOf(record: Record<string, unknown>, name: string): string | undefined {
  return Object.keys(record).find((key) => key.toLowerCase() === name);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
