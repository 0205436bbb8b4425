import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EcsActionsError, isEcsActionsError } from '../../errors.js';
import { conform, isExtensionMember } from '../../task-definition/normalise.js';
import { isRecord } from '../../task-definition/plain-data.js';
import { struct } from '../../task-definition/shape/shape.js';
import { parseText } from '../../task-definition/source/parse.js';
import { requestShape } from '../request-shape.js';
import type { ServiceDefinition } from './plan.js';

/** What the deployment decides, whatever the file says. */
const DECIDED: ReadonlySet<string> = new Set(['cluster', 'serviceName', 'taskDefinition', 'clientToken']);

/**
 * Reads a service definition, JSON or YAML in the form of CreateService, also where it stands below a
 * member `service`. Cluster, name, task definition and client token are left out: the deployment
 * decides them. Members that CreateService does not have stay: the deployment tells of them.
 *
 * Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE`, and `SERVICE_DEFINITION_INVALID` for what is no object.
 */
export async function loadServiceDefinition(file: string, directory?: string): Promise<ServiceDefinition> {
  let text: string;
  try {
    text = await readFile(directory === undefined ? file : resolve(directory, file), 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new EcsActionsError('FILE_NOT_FOUND', `There is no service definition file ${file}.`, {
        hint: 'Check the path; it is relative to the workspace. Is actions/checkout an earlier step of this job?',
        cause: error,
      });
    throw new EcsActionsError(
      'FILE_UNREADABLE',
      `The service definition file ${file} cannot be read: ${code}.`,
      {
        cause: error,
      },
    );
  }
  return parseServiceDefinition(text, file);
}

/** See {@link loadServiceDefinition}; `file` names the text in messages. */
export async function parseServiceDefinition(text: string, file?: string): Promise<ServiceDefinition> {
  const name = file ?? 'The service definition';
  const shape = requestShape('CreateService');
  const parsed = await parseText(text, file).catch((error: unknown) => {
    throw invalid(isEcsActionsError(error) ? error.message : `${name} cannot be read.`);
  });
  const plain = parsed.value(shape);
  const isBelow = isRecord(plain) && isRecord(plain.service);
  const definition = isBelow ? (parsed.value(struct({ service: shape })) as typeof plain).service : plain;
  if (!isRecord(definition))
    throw invalid(`${name} is no service definition: it is not an object with the members of CreateService.`);
  const kept = Object.entries(definition).filter(
    ([member]) => !DECIDED.has(member) && !isExtensionMember(member),
  );
  return conform(Object.fromEntries(kept), shape) as ServiceDefinition;
}

function invalid(message: string): EcsActionsError {
  return new EcsActionsError('SERVICE_DEFINITION_INVALID', message, {
    hint: 'Write it in the form of the request of CreateService, as `aws ecs create-service --cli-input-json` takes it.',
  });
}
