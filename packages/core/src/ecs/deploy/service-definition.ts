import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { EcsActionsError } from '../../errors.js';
import { didYouMean } from '../../task-definition/suggest.js';
import type { ServiceDefinition } from './plan.js';

/** Members of CreateService, with the type of JSON that each is. Source: API reference, CreateService. */
const MEMBERS: Readonly<
  Record<keyof ServiceDefinition | DecidedMember, 'string' | 'number' | 'boolean' | 'object' | 'array'>
> = {
  availabilityZoneRebalancing: 'string',
  capacityProviderStrategy: 'array',
  clientToken: 'string',
  cluster: 'string',
  deploymentConfiguration: 'object',
  deploymentController: 'object',
  desiredCount: 'number',
  enableECSManagedTags: 'boolean',
  enableExecuteCommand: 'boolean',
  gatewayConnectors: 'array',
  healthCheckGracePeriodSeconds: 'number',
  launchType: 'string',
  loadBalancers: 'array',
  monitoring: 'object',
  networkConfiguration: 'object',
  placementConstraints: 'array',
  placementStrategy: 'array',
  platformVersion: 'string',
  propagateTags: 'string',
  role: 'string',
  schedulingStrategy: 'string',
  serviceConnectConfiguration: 'object',
  serviceName: 'string',
  serviceRegistries: 'array',
  tags: 'array',
  taskDefinition: 'string',
  volumeConfigurations: 'array',
  vpcLatticeConfigurations: 'array',
};

/** What the deployment decides, whatever the file says. */
type DecidedMember = 'cluster' | 'serviceName' | 'taskDefinition' | 'clientToken';
const DECIDED: ReadonlySet<string> = new Set<DecidedMember>([
  'cluster',
  'serviceName',
  'taskDefinition',
  'clientToken',
]);

/**
 * Reads a service definition, JSON or YAML in the form of CreateService, also where it stands below a
 * member `service`. Cluster, name, task definition and client token are left out: the deployment
 * decides them.
 *
 * Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE`, and `SERVICE_DEFINITION_INVALID` with every fault.
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
export function parseServiceDefinition(text: string, file = 'The service definition'): ServiceDefinition {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    throw invalid(file, [error instanceof Error ? error.message : String(error)]);
  }
  if (!isRecord(parsed)) throw invalid(file, ['it is not an object with the members of CreateService']);
  const definition = isRecord(parsed.service) ? parsed.service : parsed;
  const faults = Object.entries(definition).flatMap(([name, value]) => faultOf(name, value) ?? []);
  if (faults.length > 0) throw invalid(file, faults);
  return Object.fromEntries(Object.entries(definition).filter(([name]) => !DECIDED.has(name)));
}

function faultOf(name: string, value: unknown): string | undefined {
  const expected = (MEMBERS as Record<string, string>)[name];
  if (expected === undefined)
    return `"${name}" is no member of CreateService.${didYouMean(name, Object.keys(MEMBERS))}`;
  const actual = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  return actual === expected ? undefined : `"${name}" is of type ${actual}, not ${expected}.`;
}

function invalid(file: string, faults: readonly string[]): EcsActionsError {
  return new EcsActionsError(
    'SERVICE_DEFINITION_INVALID',
    `${file} is no service definition:\n${faults.map((fault) => `- ${fault}`).join('\n')}`,
    {
      hint: 'Write it in the form of the request of CreateService, as `aws ecs create-service --cli-input-json` takes it.',
    },
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
