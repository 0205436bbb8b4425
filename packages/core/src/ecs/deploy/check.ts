import type { ECSClient, Service } from '@aws-sdk/client-ecs';
import { EcsActionsError } from '../../errors.js';
import { isByCodeDeploy } from '../rollout/snapshot.js';
import { outcomeOfError, UNTOUCHED } from './failure.js';
import type { DeployServiceOptions, ServiceToDeploy } from './options.js';
import { guardOrder } from './order.js';
import type { ServiceDefinition } from './plan.js';
import { readServices } from './preflight.js';
import { resolveTaskDefinition, type ResolvedTaskDefinition } from './task-definition.js';
import { validateDeployments } from './validate.js';

/** What is to be deployed, and where. */
export interface ServicesToDeploy {
  readonly ecs: ECSClient;
  readonly cluster: string;
  readonly services: readonly ServiceToDeploy[];
}

/** Services that nothing speaks against. */
export interface CheckedServices {
  /** By the name they were given; a service that is to be created is absent. */
  readonly found: ReadonlyMap<string, Service>;
  /** The revisions that were named, by their names: they are there. */
  readonly named: ReadonlyMap<string, ResolvedTaskDefinition>;
  /** What a person should see. */
  readonly warnings: readonly string[];
}

/**
 * Everything that can keep services from being deployed and can be known before anything is changed:
 * that they and the revisions named are there, that their task definitions and settings are valid, that what CodeDeploy needs
 * is there, and that nothing newer runs.
 *
 * Throws `SERVICE_CONTROLLER_UNSUPPORTED`, `TASK_DEFINITION_NOT_FOUND` and what `readServices`, `validateDeployments`, `requireCodeDeploy` and `guardOrder` throw, and
 * `CANCELLED`: it only reads, so a run that is cancelled here has changed no service.
 */
export async function checkServices(
  subject: ServicesToDeploy,
  options: DeployServiceOptions,
  more: { readonly advice?: boolean | undefined } = {},
): Promise<CheckedServices> {
  try {
    return await check(subject, options, more);
  } catch (error) {
    if (outcomeOfError(error) !== 'cancelled') throw error;
    throw new EcsActionsError('CANCELLED', 'The run was cancelled before it changed a service.', {
      hint: UNTOUCHED,
      cause: error,
    });
  }
}

async function check(
  { ecs, cluster, services }: ServicesToDeploy,
  options: DeployServiceOptions,
  { advice }: { readonly advice?: boolean | undefined },
): Promise<CheckedServices> {
  const { clock, signal, order, codeDeploy, createIfMissing } = options;
  const found = await readServices(
    ecs,
    cluster,
    services.map(({ service }) => service),
    { clock, signal, mayBeMissing: createIfMissing !== undefined, codeDeploy: codeDeploy !== undefined },
  );
  const missing = services.filter(({ service }) => !found.has(service));
  if (missing.length > 0) requireOwnController(missing, createIfMissing);
  const named = await findNamed({ ecs, services }, options);
  const deployments = services.map((one) => ({ ...one, found: found.get(one.service) }));
  await validateDeployments(ecs, deployments, options, { advice });
  const throughCodeDeploy = deployments.filter((one) => isByCodeDeploy(one.found));
  if (codeDeploy !== undefined && throughCodeDeploy.length > 0) {
    const without = throughCodeDeploy.find(({ taskDefinition }) => taskDefinition === undefined);
    if (without !== undefined) throw nothingToDeploy(without.service);
    // Few services need it, and its client takes longer to load than all the rest here.
    const { requireCodeDeploy } = await import(/* webpackMode: "eager" */ './codedeploy-check.js');
    await requireCodeDeploy(
      { cluster, services: throughCodeDeploy.map(({ service }) => service) },
      codeDeploy,
      options,
    );
  }
  const disordered =
    order === undefined ? [] : await guardOrder({ ecs, services: [...found] }, order, { clock, signal });
  const ignored = throughCodeDeploy.flatMap(({ service }) => ignoredByCodeDeploy(service, options));
  return { found, named, warnings: [...ignored, ...disordered] };
}

/** Deployments of other controllers are task sets, which only CodeDeploy or somebody's own program can bring about. */
function requireOwnController(
  missing: readonly ServiceToDeploy[],
  { deploymentController }: ServiceDefinition = {},
): void {
  const { type = 'ECS' } = deploymentController ?? {};
  if (type === 'ECS') return;
  const names = missing.map(({ service }) => service).join(', ');
  throw new EcsActionsError(
    'SERVICE_CONTROLLER_UNSUPPORTED',
    `Service ${names} is not there, and its definition names the deployment controller ${type}: only services that ECS deploys are created here.`,
    {
      hint: 'Create it where its deployment group is created (Terraform, CloudFormation), then deploy to it; or leave deploymentController out and set deploymentConfiguration.strategy to BLUE_GREEN.',
    },
  );
}

async function findNamed(
  { ecs, services }: Pick<ServicesToDeploy, 'ecs' | 'services'>,
  options: DeployServiceOptions,
): Promise<Map<string, ResolvedTaskDefinition>> {
  const found = new Map<string, ResolvedTaskDefinition>();
  for (const { taskDefinition } of services)
    if (taskDefinition !== undefined && 'revision' in taskDefinition && !found.has(taskDefinition.revision))
      found.set(taskDefinition.revision, await resolveTaskDefinition(ecs, taskDefinition, options));
  return found;
}

/** CodeDeploy makes task sets as the AppSpec says, and leaves the service as it is. */
function ignoredByCodeDeploy(
  service: string,
  { settings = {} }: Pick<DeployServiceOptions, 'settings'>,
): string[] {
  const names = Object.entries(settings)
    .filter(([name, value]) => name !== 'forceNewDeployment' && value !== undefined)
    .map(([name]) => name);
  if (names.length === 0) return [];
  return [
    `Service ${service} is deployed by CodeDeploy, which changes no settings of a service: ${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} no effect.`,
  ];
}

function nothingToDeploy(service: string): EcsActionsError {
  return new EcsActionsError(
    'INPUT_INVALID',
    `Service ${service} is deployed by CodeDeploy, but no task definition was given.`,
    { hint: 'Pass task-definition.' },
  );
}
