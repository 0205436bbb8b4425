import type { Service } from './state.js';
import type {
  CapacityProviderStrategyItem,
  DeploymentConfiguration,
  LaunchType,
  LoadBalancer,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
  Tag,
} from './wire.js';

/** What CreateService and UpdateService have in common. */
export interface ServiceInput {
  cluster?: string;
  taskDefinition?: string;
  desiredCount?: number;
  launchType?: LaunchType;
  capacityProviderStrategy?: CapacityProviderStrategyItem[];
  platformVersion?: string;
  networkConfiguration?: NetworkConfiguration;
  loadBalancers?: LoadBalancer[];
  serviceRegistries?: unknown[];
  serviceConnectConfiguration?: unknown;
  volumeConfigurations?: unknown[];
  vpcLatticeConfigurations?: unknown[];
  deploymentConfiguration?: DeploymentConfiguration;
  placementConstraints?: PlacementConstraint[];
  placementStrategy?: PlacementStrategy[];
  healthCheckGracePeriodSeconds?: number;
  enableExecuteCommand?: boolean;
  enableECSManagedTags?: boolean;
  propagateTags?: string;
  availabilityZoneRebalancing?: string;
}

/** Input of CreateService. */
export interface CreateServiceInput extends ServiceInput {
  serviceName?: string;
  clientToken?: string;
  role?: string;
  schedulingStrategy?: Service['schedulingStrategy'];
  deploymentController?: { type?: Service['deploymentController'] };
  tags?: Tag[];
}

/** Input of UpdateService: what is omitted stays as it is. */
export interface UpdateServiceInput extends ServiceInput {
  service: string;
  forceNewDeployment?: boolean;
}
