import { DescribeServicesCommand, type ECSClient, type Service } from '@aws-sdk/client-ecs';
import { callAws } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import type { Clock } from '../../ports.js';
import { readServicesInFull } from '../../task-definition/verbatim.js';
import { inCluster } from '../cluster.js';
import { shortName } from '../names.js';
import { patiently } from '../patience.js';
import { UNTOUCHED } from './failure.js';

/** DescribeServices takes this many services a call. */
const SERVICES_PER_CALL = 10;

export interface PreflightOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Whether a service that does not exist is fine, since it will be created. */
  readonly mayBeMissing?: boolean | undefined;
  /** Whether services that CodeDeploy deploys are fine. */
  readonly codeDeploy?: boolean | undefined;
}

/**
 * Reads the services that are about to be deployed, before anything is changed. A service that does
 * not exist (or was deleted) is absent from the answer, if that is allowed.
 *
 * Throws `CLUSTER_NOT_FOUND`, `SERVICE_NOT_FOUND`, `SERVICE_NOT_ACTIVE`,
 * `SERVICE_CONTROLLER_UNSUPPORTED`; with several services, the faults of all of them at once.
 */
export async function readServices(
  ecs: ECSClient,
  cluster: string,
  names: readonly string[],
  options: PreflightOptions,
): Promise<ReadonlyMap<string, Service>> {
  const found = new Map<string, Service>();
  for (let start = 0; start < names.length; start += SERVICES_PER_CALL) {
    const services = names.slice(start, start + SERVICES_PER_CALL);
    const answer = await describe(ecs, cluster, services, options);
    for (const name of services) {
      const service = answer.find(
        ({ serviceArn, serviceName }) => serviceArn === name || serviceName === shortName(name),
      );
      if (service !== undefined) found.set(name, service);
    }
  }
  const faults = names.flatMap((name) => faultOf(name, cluster, found.get(name), options) ?? []);
  if (faults.length > 0) throw together(faults);
  for (const [name, service] of found) if (service.status === 'INACTIVE') found.delete(name);
  return found;
}

async function describe(
  ecs: ECSClient,
  cluster: string,
  services: readonly string[],
  { clock, signal }: PreflightOptions,
): Promise<Service[]> {
  const doing = `describe service ${services.join(', ')} in cluster ${cluster}`;
  const read = () =>
    readServicesInFull(
      ecs,
      new DescribeServicesCommand({ cluster, services: [...services], include: ['TAGS'] }),
      signal,
    );
  const answer = await callAws(doing, 'ecs:DescribeServices', () =>
    inCluster(cluster, () => patiently(clock, read, signal)),
  );
  return answer.services ?? [];
}

function faultOf(
  name: string,
  cluster: string,
  service: Service | undefined,
  { mayBeMissing, codeDeploy }: PreflightOptions,
): EcsActionsError | undefined {
  const where = `${name} in cluster ${cluster}`;
  if (service === undefined || service.status === 'INACTIVE') {
    if (mayBeMissing === true) return undefined;
    return service === undefined
      ? new EcsActionsError('SERVICE_NOT_FOUND', `There is no service ${where}.`, {
          hint: `Check the inputs service and cluster, and that aws-region and the account are the right ones; or let it be created (create-if-missing with service-definition). ${UNTOUCHED}`,
        })
      : new EcsActionsError('SERVICE_NOT_ACTIVE', `Service ${where} was deleted (status INACTIVE).`, {
          hint: `Create it again (create-if-missing with service-definition does). ${UNTOUCHED}`,
        });
  }
  if (service.status === 'DRAINING')
    return new EcsActionsError('SERVICE_NOT_ACTIVE', `Service ${where} is being deleted (status DRAINING).`, {
      hint: `Wait until its tasks have stopped, then create it again. ${UNTOUCHED}`,
    });
  const controller = service.deploymentController?.type ?? 'ECS';
  if (controller === 'ECS' || (controller === 'CODE_DEPLOY' && codeDeploy === true)) return undefined;
  return new EcsActionsError(
    'SERVICE_CONTROLLER_UNSUPPORTED',
    `Service ${where} is deployed by the ${controller} controller.`,
    {
      hint:
        controller === 'EXTERNAL'
          ? 'Its deployments are made as task sets by another system; deploy it with that system.'
          : 'Its deployments are made by CodeDeploy: name the application and deployment group (codedeploy-application, codedeploy-deployment-group).',
    },
  );
}

/** One error for all faults; the code is that of the first. */
function together(faults: readonly EcsActionsError[]): EcsActionsError {
  const [first, ...others] = faults;
  if (first === undefined) throw new RangeError('no faults');
  if (others.length === 0) return first;
  const hints = [...new Set(faults.flatMap(({ hint }) => hint ?? []))];
  return new EcsActionsError(
    first.code,
    `${faults.length} services cannot be deployed:\n${faults.map(({ message }) => `- ${message}`).join('\n')}`,
    { hint: hints.join(' ') },
  );
}
