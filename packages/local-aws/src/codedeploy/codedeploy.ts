import type { CallContext, JsonService } from '../protocol/service.js';
import type { World } from '../world/world.js';
import { createApplicationOperations } from './applications.js';
import { createConductor } from './conductor.js';
import type { CodeDeployPorts } from './conductor.js';
import { createDeploymentOperations } from './deployments.js';
import { createTagOperations } from './tags.js';
import { codeDeployArn } from './state.js';
import type { CodeDeployState } from './state.js';

/** What the server gets of it. */
export interface CodeDeploy {
  readonly service: JsonService;
  reset(): void;
}

/** AWS CodeDeploy for the compute platform ECS: blue/green deployments on the world's clock. */
export function createCodeDeploy({ clock }: Pick<World, 'clock'>, ports: CodeDeployPorts): CodeDeploy {
  const states = new Map<string, CodeDeployState>();
  const stateOf = ({ accountId, region }: CallContext): CodeDeployState => {
    const key = `${accountId}/${region}`;
    const known = states.get(key) ?? {
      accountId,
      region,
      applications: new Map(),
      deployments: new Map(),
      tags: new Map(),
    };
    states.set(key, known);
    return known;
  };
  const conductor = createConductor(clock, ports);
  return {
    service: {
      targetPrefix: 'CodeDeploy_20141006',
      signingName: 'codedeploy',
      resourcesOf: (input, context) => [resourceOf(input, stateOf(context))],
      operations: {
        ...createApplicationOperations(clock, stateOf, (cluster, service, context) =>
          ports.taskSets.controllerOf(cluster, service, context),
        ),
        ...createDeploymentOperations(clock, stateOf, conductor),
        ...createTagOperations(stateOf),
      },
    },
    reset: () => states.clear(),
  };
}

/** A deployment's group, a group, an application, or nothing in particular. */
function resourceOf(input: Readonly<Record<string, unknown>>, state: CodeDeployState): string {
  const named = input as { applicationName?: string; deploymentGroupName?: string; deploymentId?: string };
  const group = state.deployments.get(named.deploymentId ?? '')?.group;
  const application = group?.application.name ?? named.applicationName;
  if (application === undefined) return '*';
  return codeDeployArn(state, application, group?.name ?? named.deploymentGroupName);
}
