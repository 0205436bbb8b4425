import type { CallContext, JsonService } from '../protocol/service.js';
import type { TaskSetPort } from '../ecs/task-sets.js';
import type { FindAlarming } from '../world/ports.js';
import type { World } from '../world/world.js';
import { createApplicationOperations } from './applications.js';
import { createConductor } from './conductor.js';
import { createDeploymentOperations } from './deployments.js';
import type { CodeDeployState } from './state.js';

export interface CodeDeploy {
  readonly service: JsonService;
  reset(): void;
}

/** AWS CodeDeploy for the compute platform ECS: blue/green deployments on the world's clock. */
export function createCodeDeploy(
  { clock }: Pick<World, 'clock'>,
  ports: { taskSets: TaskSetPort; findAlarming: FindAlarming },
): CodeDeploy {
  const states = new Map<string, CodeDeployState>();
  const stateOf = ({ accountId, region }: CallContext): CodeDeployState => {
    const key = `${accountId}/${region}`;
    const known = states.get(key) ?? { accountId, region, applications: new Map(), deployments: new Map() };
    states.set(key, known);
    return known;
  };
  const conductor = createConductor(clock, ports);
  return {
    service: {
      targetPrefix: 'CodeDeploy_20141006',
      signingName: 'codedeploy',
      operations: {
        ...createApplicationOperations(clock, stateOf, ports.taskSets.controllerOf),
        ...createDeploymentOperations(clock, stateOf, conductor),
      },
    },
    reset: () => states.clear(),
  };
}
