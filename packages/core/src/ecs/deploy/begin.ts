import type { Service } from '@aws-sdk/client-ecs';
import { EcsActionsError } from '../../errors.js';
import { shortName } from '../names.js';
import type { DeploymentFact } from '../rollout/events.js';
import { newestMoment, primaryDeployment, type ExpectedRollout } from '../rollout/snapshot.js';
import type { DeployServiceOptions, Run } from './options.js';
import {
  circuitBreakerThreshold,
  completeDefinition,
  hasNoCompletedDeployment,
  isGoneBackTo,
  planService,
} from './plan.js';
import { createService, updateService } from './start.js';

/** A deployment that was started, adopted, or found unnecessary. */
export interface Started {
  /**
   * `unchanged`: there is nothing to wait for. `settling`: nothing was changed either, but tasks are
   * still being replaced. `rolling-out`: a deployment is under way.
   */
  readonly state: 'unchanged' | 'settling' | 'rolling-out';
  readonly service: Service;
  readonly rollout: ExpectedRollout;
}

/** Reports what happens, now. */
export type Tell = (fact: DeploymentFact) => void;

/** Makes ECS work towards what is wanted, or finds that it does already. */
export async function begin(
  { ecs, cluster, options }: Run,
  name: string,
  found: Service | undefined,
  taskDefinitionArn: string | undefined,
  tell: Tell,
): Promise<Started> {
  const { clock, signal, settings = {}, createIfMissing } = options;
  if (found === undefined) {
    if (taskDefinitionArn === undefined || createIfMissing === undefined)
      throw new EcsActionsError(
        'INPUT_INVALID',
        `Service ${name} is to be created, but no task definition was given.`,
        {
          hint: 'Pass task-definition.',
        },
      );
    const definition = completeDefinition(createIfMissing, settings);
    const service = await createService(
      { ecs, cluster, serviceName: shortName(name), taskDefinitionArn, definition },
      { clock, signal },
    );
    tell({ type: 'service-created', serviceArn: service.serviceArn ?? name, taskDefinitionArn });
    return {
      state: 'rolling-out',
      service,
      rollout: expectRollout(cluster, name, service, options, { first: true }),
    };
  }
  const plan = planService(found, taskDefinitionArn, settings);
  const first = hasNoCompletedDeployment(found);
  if (plan.kind !== 'update') {
    const completed = plan.deployment.rolloutState === 'COMPLETED';
    const rollout = expectRollout(cluster, name, found, options, { first, untilSteady: completed });
    const { deploymentId } = rollout;
    tell(
      plan.kind === 'unchanged'
        ? { type: 'nothing-to-do', taskDefinitionArn: rollout.taskDefinitionArn }
        : { type: 'deployment-adopted', deploymentId, taskDefinitionArn: rollout.taskDefinitionArn },
    );
    const state = plan.kind === 'unchanged' ? 'unchanged' : completed ? 'settling' : 'rolling-out';
    return { state, service: found, rollout };
  }
  const before = primaryDeployment(found);
  const service = await updateService(
    { ecs, cluster, service: name, taskDefinitionArn, settings: plan.settings, before: found },
    { clock, signal },
  );
  const primary = primaryDeployment(service);
  const untilSteady = primary?.id === before?.id && primary?.rolloutState === 'COMPLETED';
  const rollout = expectRollout(cluster, name, service, options, { first, untilSteady });
  tell({
    type: 'service-updated',
    deploymentId: rollout.deploymentId,
    fromTaskDefinitionArn: before?.taskDefinition,
    toTaskDefinitionArn: rollout.taskDefinitionArn,
  });
  return { state: 'rolling-out', service, rollout };
}

/** The rollout to wait for: the primary deployment of a service as ECS just answered. */
export function expectRollout(
  cluster: string,
  name: string,
  service: Service,
  { failFastAfter, clock }: DeployServiceOptions,
  more: Pick<ExpectedRollout, 'first' | 'untilSteady'>,
): ExpectedRollout {
  const primary = primaryDeployment(service);
  const isOld = more.untilSteady === true || (primary !== undefined && isGoneBackTo(primary, service));
  const limit = failFastAfter ?? circuitBreakerThreshold(service.desiredCount ?? 0);
  return {
    cluster,
    service: name,
    deploymentId: primary?.id ?? '',
    createdAt: primary?.createdAt?.getTime() ?? clock.now(),
    taskDefinitionArn: primary?.taskDefinition ?? '',
    failFastAfter: limit === 0 ? undefined : limit,
    // What failed before this run says nothing about it.
    since: isOld ? newestMoment(service) + 1 : undefined,
    ...more,
  };
}
