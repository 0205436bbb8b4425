import { beginDeployment } from './deployments.js';
import { invalidParameter } from './errors.js';
import { changesRevision, configureRevision } from './revision-configuration.js';
import type { UpdateServiceInput } from './service-input.js';
import {
  checkDeploymentConfiguration,
  checkDesiredCount,
  checkGracePeriod,
  checkZoneRebalancing,
} from './service-rules.js';
import type { AccountState, Service } from './state.js';
import type { DeploymentConfiguration } from './wire.js';

/** Changes a service; begins a deployment where the change asks for one. */
export function updateService(
  account: AccountState,
  service: Service,
  input: UpdateServiceInput,
  now: number,
): void {
  checkController(service, input);
  checkDesiredCount(service.schedulingStrategy, input.desiredCount);
  const deploymentConfiguration = mergeDeploymentConfiguration(
    service.deploymentConfiguration,
    input.deploymentConfiguration ?? {},
  );
  checkDeploymentConfiguration(deploymentConfiguration, service.schedulingStrategy);
  checkZoneRebalancing(input.availabilityZoneRebalancing, deploymentConfiguration);
  const before = service.configuration;
  const configuration =
    before && configureRevision(account, service.cluster, input, service.schedulingStrategy, before);
  checkGracePeriod(input.healthCheckGracePeriodSeconds, configuration?.loadBalancers ?? []);

  service.deploymentConfiguration = deploymentConfiguration;
  Object.assign(service, given(input, SERVICE_MEMBERS));
  if (configuration === undefined || before === undefined) return;
  if (input.forceNewDeployment === true || changesRevision(before, configuration)) {
    beginDeployment(service, configuration, now);
  } else service.configuration = configuration;
}

/** What is omitted stays, but what belongs to another strategy goes with it. */
function mergeDeploymentConfiguration(
  before: DeploymentConfiguration,
  given: DeploymentConfiguration,
): DeploymentConfiguration {
  const { linearConfiguration, canaryConfiguration, earlySuccessCriteria, ...kept } = before;
  const { strategy = 'ROLLING' } = { ...before, ...given };
  return {
    ...kept,
    ...(strategy === 'LINEAR' && linearConfiguration && { linearConfiguration }),
    ...(strategy === 'CANARY' && canaryConfiguration && { canaryConfiguration }),
    ...(strategy === 'ROLLING' && earlySuccessCriteria && { earlySuccessCriteria }),
    ...given,
  };
}

/** Under another controller a deployment is not UpdateService's to begin. */
function checkController({ deploymentController }: Service, input: UpdateServiceInput): void {
  if (deploymentController === 'ECS') return;
  const refused =
    input.taskDefinition !== undefined
      ? 'update task definition'
      : input.networkConfiguration !== undefined
        ? 'update network parameters'
        : input.forceNewDeployment === true
          ? 'force a new deployment'
          : undefined;
  if (refused === undefined) return;
  const instead =
    deploymentController === 'CODE_DEPLOY' ? ' Use AWS CodeDeploy to trigger a new deployment.' : '';
  throw invalidParameter(
    `Unable to ${refused} on services with a ${deploymentController} deployment controller.${instead}`,
  );
}

/** Members that change the service in place, without a new deployment. */
const SERVICE_MEMBERS = [
  'desiredCount',
  'placementConstraints',
  'placementStrategy',
  'healthCheckGracePeriodSeconds',
  'enableExecuteCommand',
  'enableECSManagedTags',
  'propagateTags',
  'availabilityZoneRebalancing',
] as const;

function given(input: UpdateServiceInput, members: readonly (keyof UpdateServiceInput)[]): object {
  return Object.fromEntries(
    members.filter((member) => input[member] !== undefined).map((member) => [member, input[member]]),
  );
}
