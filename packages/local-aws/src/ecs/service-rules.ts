import { invalidParameter } from './errors.js';
import type { RevisionConfiguration, Service } from './state.js';
import type { DeploymentConfiguration, LifecycleHook, LoadBalancer, NetworkConfiguration } from './wire.js';

/** What CreateService and UpdateService refuse, in the server's words. */

/** Letters, digits, `-` and `_`, at most 255. */
export function checkServiceName(name: string | undefined): asserts name is string {
  if (name === undefined || name === '') throw invalidParameter('Service name can not be blank.');
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) throw invalidParameter('Invalid service name.');
}

/** Percentages, strategy, lifecycle hooks. */
export function checkDeploymentConfiguration(
  configuration: DeploymentConfiguration,
  schedulingStrategy: Service['schedulingStrategy'],
): void {
  checkPercentages(configuration, schedulingStrategy);
  checkStrategy(configuration);
  for (const hook of configuration.lifecycleHooks ?? []) checkHook(hook);
}

function checkStrategy(configuration: DeploymentConfiguration): void {
  const { strategy = 'ROLLING', minimumHealthyPercent = 100, earlySuccessCriteria: early } = configuration;
  if (!['ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY'].includes(strategy)) {
    throw invalidParameter(`Invalid deployment strategy: ${strategy}.`);
  }
  if (configuration.linearConfiguration !== undefined && strategy !== 'LINEAR') {
    throw invalidParameter('linearConfiguration is only valid for the LINEAR deployment strategy.');
  }
  if (configuration.canaryConfiguration !== undefined && strategy !== 'CANARY') {
    throw invalidParameter('canaryConfiguration is only valid for the CANARY deployment strategy.');
  }
  if (early?.enable !== true) return;
  if (strategy !== 'ROLLING') {
    throw invalidParameter('earlySuccessCriteria is only valid for the ROLLING deployment strategy.');
  }
  if ((early.healthyPercent ?? 100) < minimumHealthyPercent) {
    throw invalidParameter('healthyPercent cannot be smaller than minimumHealthyPercent.');
  }
}

function checkHook({ targetType = 'AWS_LAMBDA', hookTargetArn, lifecycleStages = [] }: LifecycleHook): void {
  if (lifecycleStages.length === 0) throw invalidParameter('lifecycleStages can not be empty.');
  if (targetType === 'AWS_LAMBDA' && hookTargetArn === undefined) {
    throw invalidParameter('hookTargetArn is required for lifecycle hooks of type AWS_LAMBDA.');
  }
  const shifting = lifecycleStages.find((stage) =>
    ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'].includes(stage),
  );
  if (targetType === 'PAUSE' && shifting !== undefined) {
    throw invalidParameter(`Lifecycle hooks of type PAUSE are not supported at the ${shifting} stage.`);
  }
}

function checkPercentages(
  { minimumHealthyPercent = 100, maximumPercent = 200 }: DeploymentConfiguration,
  schedulingStrategy: Service['schedulingStrategy'],
): void {
  for (const [name, value] of Object.entries({ minimumHealthyPercent, maximumPercent })) {
    if (!Number.isInteger(value) || value < 0)
      throw invalidParameter(`${name} must be a whole number of at least 0.`);
  }
  if (minimumHealthyPercent > maximumPercent) {
    throw invalidParameter('maximumPercent cannot be smaller than minimumHealthyPercent.');
  }
  if (maximumPercent === 0) throw invalidParameter('maximumPercent must be greater than 0.');
  if (minimumHealthyPercent === 100 && maximumPercent === 100) {
    throw invalidParameter(
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    );
  }
  if (schedulingStrategy === 'DAEMON' && maximumPercent > 200) {
    throw invalidParameter('maximumPercent must be at most 200 for the daemon scheduling strategy.');
  }
}

/** Rebalancing needs room above 100 %. */
export function checkZoneRebalancing(
  rebalancing: string | undefined,
  { maximumPercent = 200 }: DeploymentConfiguration,
): void {
  if (rebalancing === 'ENABLED' && maximumPercent <= 100) {
    throw invalidParameter('Availability Zone Rebalancing does not support maximumPercent <= 100%');
  }
}

/** Whether the task definition can run where and how the service or task says. */
export function checkLaunch({
  taskDefinition,
  launchType,
  networkConfiguration,
}: Pick<RevisionConfiguration, 'taskDefinition' | 'launchType' | 'networkConfiguration'>): void {
  if (launchType === 'FARGATE' && !taskDefinition.compatibilities.includes('FARGATE')) {
    throw invalidParameter('Task definition does not support launch_type FARGATE.');
  }
  const awsvpc = taskDefinition.networkMode === 'awsvpc';
  if (awsvpc && networkConfiguration?.awsvpcConfiguration === undefined) {
    throw invalidParameter(`Network Configuration must be provided when networkMode 'awsvpc' is specified.`);
  }
  if (!awsvpc && networkConfiguration?.awsvpcConfiguration !== undefined) {
    throw invalidParameter(
      'Network Configuration is not valid for the given networkMode of this task definition.',
    );
  }
  if (networkConfiguration !== undefined) checkNetwork(networkConfiguration, launchType);
}

function checkNetwork({ awsvpcConfiguration }: NetworkConfiguration, launchType: string | undefined): void {
  if (awsvpcConfiguration === undefined) return;
  const { subnets = [], securityGroups = [], assignPublicIp } = awsvpcConfiguration;
  if (subnets.length === 0) throw invalidParameter('subnets can not be empty.');
  if (subnets.length > 16) throw invalidParameter('subnets can have at most 16 items.');
  if (securityGroups.length > 5) throw invalidParameter('securityGroups can have at most 5 items.');
  if (assignPublicIp === 'ENABLED' && launchType === 'EC2') {
    throw invalidParameter('Assign public IP is not supported for this launch type.');
  }
}

/** Every load balancer names a container and a port of the task definition. */
export function checkLoadBalancers({
  taskDefinition,
  loadBalancers,
}: Pick<RevisionConfiguration, 'taskDefinition' | 'loadBalancers'>): void {
  for (const { containerName = '', containerPort } of loadBalancers) {
    const container = taskDefinition.containerDefinitions.find(({ name }) => name === containerName);
    if (container === undefined) {
      throw invalidParameter(`The container ${containerName} does not exist in the task definition.`);
    }
    const ports = (container.portMappings ?? []).map((mapping) => mapping.containerPort);
    if (!ports.includes(containerPort)) {
      throw invalidParameter(
        `The container ${containerName} did not have a container port ${containerPort} defined.`,
      );
    }
  }
}

/** Only load balancers have a health-check grace period. */
export function checkGracePeriod(seconds: number | undefined, loadBalancers: readonly LoadBalancer[]): void {
  if (seconds !== undefined && loadBalancers.length === 0) {
    throw invalidParameter(
      'Health check grace period is only valid for services configured to use load balancers',
    );
  }
}

/** A daemon service takes none. */
export function checkDesiredCount(
  schedulingStrategy: Service['schedulingStrategy'],
  desiredCount: number | undefined,
): void {
  if (schedulingStrategy === 'DAEMON' && desiredCount !== undefined) {
    throw invalidParameter(
      'The daemon scheduling strategy does not support a desired count for services. Remove the desired count value and try again.',
    );
  }
  if (desiredCount !== undefined && (!Number.isInteger(desiredCount) || desiredCount < 0)) {
    throw invalidParameter('desiredCount must be a whole number of at least 0.');
  }
}
