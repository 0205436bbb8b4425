import type { ECSClient, Service } from '@aws-sdk/client-ecs';
import { EcsActionsError } from '../../errors.js';
import { isByCodeDeploy } from '../rollout/snapshot.js';
import { outcomeOfError } from './failure.js';
import type { DeployServiceOptions, ServiceToDeploy } from './options.js';
import { guardOrder } from './order.js';
import { readServices } from './preflight.js';
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
  /** What a person should see. */
  readonly warnings: readonly string[];
}

/**
 * Everything that can keep services from being deployed and can be known before anything is changed:
 * that they are there, that their task definitions and settings are valid, that what CodeDeploy needs
 * is there, and that nothing newer runs.
 *
 * Throws what `readServices`, `validateDeployments`, `requireCodeDeploy` and `guardOrder` throw, and
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
    throw new EcsActionsError(
      'CANCELLED',
      'The run was cancelled before it changed a service: nothing goes on in ECS.',
      { cause: error },
    );
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
  return { found, warnings: [...ignored, ...disordered] };
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
