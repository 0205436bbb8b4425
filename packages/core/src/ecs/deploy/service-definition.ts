import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EcsActionsError, isEcsActionsError } from '../../errors.js';
import { conform, isExtensionMember } from '../../task-definition/normalise.js';
import { isRecord } from '../../task-definition/plain-data.js';
import { memberShape, sequence, struct, type Shape } from '../../task-definition/shape/shape.js';
import { parseText, type ParsedText } from '../../task-definition/source/parse.js';
import { requestShape } from '../request-shape.js';
import type { ServiceDefinition } from './plan.js';

/** What the deployment decides, whatever the file says. */
const DECIDED: ReadonlySet<string> = new Set(['cluster', 'serviceName', 'taskDefinition', 'clientToken']);

/** What DescribeServices tells of a service besides: a definition may be what it has answered. */
const RESPONSE_ONLY: ReadonlySet<string> = new Set([
  'clusterArn',
  'createdAt',
  'createdBy',
  'currentServiceDeployment',
  'currentServiceRevisions',
  'deployments',
  'events',
  'pendingCount',
  'resourceManagementType',
  'roleArn',
  'runningCount',
  'serviceArn',
  'status',
  'taskSets',
]);

/**
 * Reads a service definition, JSON or YAML in the form of CreateService, also where it stands below a
 * member `service` or as the only one of `services`, as DescribeServices answers. Cluster, name, task definition and client token are left out: the deployment
 * decides them; what only an answer has is left out, too. Other members that CreateService does not have
 * stay: the deployment tells of them.
 *
 * Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE`, and `SERVICE_DEFINITION_INVALID` for what is no service definition.
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
  const definition = find(parsed, shape);
  if (!isRecord(definition))
    throw invalid(`${name} is no service definition: it is not an object with the members of CreateService.`);
  const members = Object.entries(definition).filter(([member]) => !isExtensionMember(member));
  // Every member may be newer than this release; that all of them are is a mistake.
  const isOurs = ([member]: readonly [string, unknown]) =>
    member !== 'tags' && (memberShape(shape, member) !== undefined || RESPONSE_ONLY.has(member));
  if (members.length > 0 && !members.some(isOurs))
    throw invalid(
      `${name} is no service definition: CreateService has none of its members (${members.map(([member]) => member).join(', ')}).`,
    );
  const kept = members.filter(([member]) => !DECIDED.has(member) && !RESPONSE_ONLY.has(member));
  return conform(Object.fromEntries(kept), shape) as ServiceDefinition;
}

/** The definition in a file: all of it, or what stands below `service` or `services`. */
function find(parsed: ParsedText, shape: Shape): unknown {
  const plain = parsed.value(shape);
  if (!isRecord(plain)) return plain;
  const { service, services } = plain;
  const wrapper = struct({ service: shape, services: sequence(shape) });
  const unwrapped = () => parsed.value(wrapper) as { service: unknown; services: readonly unknown[] };
  if (isRecord(service)) return unwrapped().service;
  return Array.isArray(services) && services.length === 1 ? unwrapped().services[0] : plain;
}

function invalid(message: string): EcsActionsError {
  return new EcsActionsError('SERVICE_DEFINITION_INVALID', message, {
    hint: 'Write it in the form of the request of CreateService, as `aws ecs create-service --cli-input-json` takes it.',
  });
}
