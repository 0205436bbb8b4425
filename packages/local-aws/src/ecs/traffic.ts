import type { ForwardTraffic } from '../world/ports.js';
import { currentStep } from './stage-progress.js';
import type { ServiceDeployment } from './state.js';
import { forwardings } from './target-group-pairs.js';

/** Gives the listener rules of a deployment that shifts traffic the weights of the step it is in; those of a rolling one are left alone. */
export function steerTraffic(forward: ForwardTraffic, deployment: ServiceDeployment): void {
  if (deployment.steps.length === 0) return;
  const source = deployment.serving?.loadBalancers ?? [];
  const weights = weightsOf(deployment);
  for (const { rule, weights: shares } of forwardings(source, deployment.target.loadBalancers, weights)) {
    forward(rule, shares);
  }
}

function weightsOf(deployment: ServiceDeployment): { productionWeight: number; testWeight: number } {
  if (deployment.rollback !== undefined) return { productionWeight: 0, testWeight: 0 };
  const over = deployment.position.index === deployment.steps.length;
  const { productionWeight = 0, testWeight = 0 } = currentStep(deployment) ?? {};
  const production = over ? 100 : productionWeight;
  // Nobody tests what everybody has got.
  return { productionWeight: production, testWeight: production === 100 ? 100 : testWeight };
}
