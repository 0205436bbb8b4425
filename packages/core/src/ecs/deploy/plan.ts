import type {
  CreateServiceCommandInput,
  Deployment,
  Service,
  UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { isRecord, isSameData } from '../../task-definition/plain-data.js';
import { primaryDeployment } from '../rollout/snapshot.js';

/**
 * What UpdateService may be told besides the task definition; every member as the SDK has it. A
 * member that is absent keeps what the service has; an empty list removes. Members that are newer than
 * the SDK are sent as they are.
 */
export type ServiceSettings = Omit<UpdateServiceCommandInput, 'cluster' | 'service' | 'taskDefinition'>;

/** What CreateService needs, except for what the deployment itself decides. */
export type ServiceDefinition = Omit<
  CreateServiceCommandInput,
  'cluster' | 'serviceName' | 'taskDefinition' | 'clientToken'
>;

/** What a service that is to be created is given: its definition, and over it the settings of this deployment. */
export function completeDefinition(
  definition: ServiceDefinition,
  settings: ServiceSettings,
): ServiceDefinition {
  const given: ServiceDefinition = Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => name !== 'forceNewDeployment' && value !== undefined),
  );
  // The one excludes the other.
  const { launchType: _, ...rest } = definition;
  const base = (given.capacityProviderStrategy ?? []).length > 0 ? rest : definition;
  return { ...base, ...given };
}

/** What has to happen so that a service runs a task definition. */
export type ServicePlan =
  /** The primary deployment runs it, completed, at the desired count. */
  | { readonly kind: 'unchanged'; readonly deployment: Deployment }
  /** The primary deployment is rolling it out already, or still replacing tasks of it. */
  | { readonly kind: 'adopt'; readonly deployment: Deployment }
  | {
      readonly kind: 'update';
      /** Only what differs from what the service has. */
      readonly settings: ServiceSettings;
      /** False if the update changes settings that start no new deployment. */
      readonly startsDeployment: boolean;
    };

/** Members of UpdateService that start a new deployment when they change. Source: API reference, UpdateService. */
const STARTS_DEPLOYMENT: ReadonlySet<keyof ServiceSettings> = new Set([
  'forceNewDeployment',
  'networkConfiguration',
  'platformVersion',
  'loadBalancers',
  'serviceRegistries',
  'serviceConnectConfiguration',
  'volumeConfigurations',
  'vpcLatticeConfigurations',
] as const);

/** Decides what has to be done; nothing is asked of AWS. */
export function planService(
  service: Service,
  taskDefinitionArn: string | undefined,
  settings: ServiceSettings,
): ServicePlan {
  const primary = primaryDeployment(service);
  const changed = changedSettings(service, settings);
  const same = taskDefinitionArn === undefined || primary?.taskDefinition === taskDefinitionArn;
  if (primary === undefined || !same) return { kind: 'update', settings: changed, startsDeployment: true };
  // ECS starts no deployment for a definition that the service has: after a failure it has to be forced.
  if (primary.rolloutState === 'FAILED')
    return { kind: 'update', settings: { ...changed, forceNewDeployment: true }, startsDeployment: true };
  const names = Object.keys(changed) as (keyof ServiceSettings)[];
  if (names.length > 0)
    return {
      kind: 'update',
      settings: changed,
      startsDeployment: names.some((name) => STARTS_DEPLOYMENT.has(name)),
    };
  return isSettled(primary, service)
    ? { kind: 'unchanged', deployment: primary }
    : { kind: 'adopt', deployment: primary };
}

function isSettled(primary: Deployment, service: Service): boolean {
  return (
    primary.rolloutState !== 'IN_PROGRESS' &&
    primary.desiredCount === service.desiredCount &&
    primary.runningCount === primary.desiredCount &&
    (primary.pendingCount ?? 0) === 0
  );
}

/** The one list of a service's settings that is applied in its order. */
const ORDERED: keyof ServiceSettings = 'placementStrategy';

/** The settings that are not what the service has already. */
function changedSettings(service: Service, settings: ServiceSettings): ServiceSettings {
  const { forceNewDeployment, ...rest } = settings;
  const changed = Object.entries(rest).filter(
    ([name, value]) =>
      value !== undefined && !contains(currentSetting(service, name), value, name === ORDERED),
  );
  return { ...Object.fromEntries(changed), ...(forceNewDeployment === true ? { forceNewDeployment } : {}) };
}

/** One setting that an update would change. */
export interface SettingChange {
  /** Member of UpdateService. */
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The settings that an update would change, with what they are now. */
export function settingChanges(service: Service, settings: ServiceSettings): SettingChange[] {
  return Object.entries(changedSettings(service, settings)).map(([name, after]) => ({
    name,
    before: currentSetting(service, name),
    after,
  }));
}

/** What UpdateService takes for the removal of a setting. */
const NONE: Readonly<Partial<Record<keyof ServiceSettings, unknown>>> = {
  loadBalancers: [],
  serviceRegistries: [],
  serviceConnectConfiguration: { enabled: false },
  volumeConfigurations: [],
  vpcLatticeConfigurations: [],
};

/**
 * The settings that go back with a task definition, as they were `before`: those of `settings` that
 * ECS keeps with the service revision, and so takes back when it rolls back itself. All others stay.
 */
export function settingsToGoBack(
  before: Service,
  taskDefinitionArn: string,
  settings: ServiceSettings,
): ServiceSettings {
  const deployment = before.deployments?.find((one) => one.taskDefinition === taskDefinitionArn);
  // A deployment has the version that LATEST came to; what was asked for is the service's.
  const ofDeployment = { ...deployment, platformVersion: before.platformVersion } as Record<string, unknown>;
  const of = (name: string) => ofDeployment[name] ?? currentSetting(before, name);
  const changed = Object.entries(settings) as [keyof ServiceSettings, unknown][];
  return Object.fromEntries(
    changed
      .filter(([name]) => name !== 'forceNewDeployment' && STARTS_DEPLOYMENT.has(name))
      .filter(([name, value]) => value !== undefined && !contains(of(name), value))
      .map(([name]) => [name, of(name) ?? NONE[name]])
      .filter(([, value]) => value !== undefined),
  );
}

/** Where DescribeServices keeps a setting: in the service, or in its primary deployment. */
function currentSetting(service: Service, name: string): unknown {
  const ofService = (service as unknown as Record<string, unknown>)[name];
  if (ofService !== undefined) return ofService;
  return (primaryDeployment(service) as unknown as Record<string, unknown> | undefined)?.[name];
}

/**
 * Whether `current` has everything that `wanted` asks for; ECS fills in defaults, which do not count.
 * Lists have no order, and ECS promises none when it answers, unless they are `ordered`.
 */
function contains(current: unknown, wanted: unknown, ordered = false): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(current) || current.length !== wanted.length) return false;
    const left: unknown[] = [...current];
    return wanted.every((item) => {
      const index = ordered ? 0 : left.findIndex((one) => contains(one, item));
      const [found] = index < 0 ? [] : left.splice(index, 1);
      return contains(found, item);
    });
  }
  if (isRecord(wanted))
    return (
      isRecord(current) &&
      Object.entries(wanted).every(([name, value]) => value === undefined || contains(current[name], value))
    );
  return isSameData(current, wanted);
}

/**
 * Failures after which a deployment is given up, by the formula of ECS's own circuit breaker: half
 * the desired count, at least 3 and at most 200 (ECS developer guide, "How the deployment circuit breaker detects failures").
 */
export function circuitBreakerThreshold(desiredCount: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)));
}

/** True if no deployment of the service has ever completed, so that there is nothing to roll back to. */
export function hasNoCompletedDeployment(service: Service): boolean {
  return (service.deployments ?? []).every((deployment) => !hasCompleted(deployment, service));
}

/** The task definition that the service runs for sure: that of its completed deployment. */
export function completedTaskDefinition(service: Service): string | undefined {
  const primary = primaryDeployment(service);
  if (primary !== undefined && hasCompleted(primary, service)) return primary.taskDefinition;
  return service.deployments?.find((deployment) => hasCompleted(deployment, service))?.taskDefinition;
}

function hasCompleted(deployment: Deployment, service: Service): boolean {
  const { rolloutState } = deployment;
  if (rolloutState === 'IN_PROGRESS') return isGoneBackTo(deployment, service);
  return rolloutState !== 'FAILED';
}

/** ECS rolls back only to a deployment that completed: it is in progress again, and older than what failed. */
export function isGoneBackTo({ status, createdAt }: Deployment, { deployments = [] }: Service): boolean {
  const began = createdAt?.getTime() ?? 0;
  return (
    status === 'PRIMARY' &&
    deployments.some((other) => other.rolloutState === 'FAILED' && (other.createdAt?.getTime() ?? 0) > began)
  );
}
