import { AwsError } from '../protocol/service.js';
import type { DeploymentConfiguration } from '../ecs/wire.js';

/** How traffic shifts under CodeDeploy's own configurations for ECS: `ECSCanary10Percent5Minutes` and the like. */
const PREDEFINED = /^CodeDeployDefault\.ECS(?:AllAtOnce|(Linear|Canary)(\d+)Percent(?:Every)?(\d+)Minutes?)$/;

/** What a deployment group without a configuration of its own uses. */
export const DEFAULT_CONFIGURATION = 'CodeDeployDefault.ECSAllAtOnce';

/**
 * A deployment configuration of CodeDeploy in the terms of ECS's strategies.
 *
 * @throws AwsError `DeploymentConfigDoesNotExistException`
 */
export function trafficRouting(name: string): DeploymentConfiguration {
  const match = PREDEFINED.exec(name);
  if (match === null) {
    throw new AwsError(
      'DeploymentConfigDoesNotExistException',
      `No Deployment Configuration found for name: ${name}`,
    );
  }
  const [, kind, percent, minutes] = match;
  if (kind === 'Linear') {
    return {
      strategy: 'LINEAR',
      linearConfiguration: { stepPercent: Number(percent), stepBakeTimeInMinutes: Number(minutes) },
    };
  }
  if (kind === 'Canary') {
    return {
      strategy: 'CANARY',
      canaryConfiguration: { canaryPercent: Number(percent), canaryBakeTimeInMinutes: Number(minutes) },
    };
  }
  return { strategy: 'BLUE_GREEN' };
}
