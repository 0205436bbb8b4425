import type { CallContext, JsonService } from '../protocol/service.js';
import { AwsError } from '../protocol/service.js';
import type { WorldClock } from '../world/clock.js';
import { DEFAULT_CONFIGURATION, trafficRouting } from './configurations.js';
import { applicationNotFound, deploymentGroupNotFound, required } from './errors.js';
import { describeApplication, describeGroup } from './shapes.js';
import { codeDeployArn, randomId } from './state.js';
import type { Application, CodeDeployState, DeploymentGroup, DeploymentGroupSettings } from './state.js';
import { addTags } from './tags.js';
import type { Tag } from './tags.js';

/** The state of the account and region that a call is for. */
export type StateOf = (context: CallContext) => CodeDeployState;

interface ApplicationInput {
  applicationName?: string;
  computePlatform?: string;
  tags?: Tag[];
}

interface GroupInput extends DeploymentGroupSettings {
  applicationName?: string;
  deploymentGroupName?: string;
  tags?: Tag[];
}

/** Applications and deployment groups. `controllerOf`: deployment controller of a service, if there is one. */
export function createApplicationOperations(
  clock: WorldClock,
  stateOf: StateOf,
  controllerOf: (clusterName: string, serviceName: string, context: CallContext) => string | undefined,
): JsonService['operations'] {
  return {
    CreateApplication(input: ApplicationInput, context: CallContext) {
      const { applicationName: name, computePlatform = 'Server' } = input;
      const state = stateOf(context);
      const { applications } = state;
      if (!name) throw required('ApplicationName', 'applicationName');
      if (applications.has(name)) {
        throw new AwsError(
          'ApplicationAlreadyExistsException',
          `An application named "${name}" already exists for this account.`,
        );
      }
      const application = {
        id: randomId(),
        name,
        computePlatform,
        createdAt: clock.now(),
        groups: new Map(),
      };
      applications.set(name, application);
      addTags(state, codeDeployArn(state, name), input.tags);
      return { applicationId: application.id };
    },

    GetApplication({ applicationName: name }: { applicationName?: string }, context: CallContext) {
      return { application: describeApplication(requireApplication(stateOf(context), name)) };
    },

    ListApplications(_input: object, context: CallContext) {
      return { applications: [...stateOf(context).applications.keys()] };
    },

    DeleteApplication({ applicationName: name }: { applicationName?: string }, context: CallContext) {
      stateOf(context).applications.delete(name ?? '');
      return {};
    },

    CreateDeploymentGroup(input: GroupInput, context: CallContext) {
      const { applicationName, deploymentGroupName: name, tags, ...settings } = input;
      const state = stateOf(context);
      const application = requireApplication(state, applicationName);
      if (!name) throw required('DeploymentGroupName', 'deploymentGroupName');
      if (application.groups.has(name)) {
        throw new AwsError(
          'DeploymentGroupAlreadyExistsException',
          `Deployment Group name ${name} already exists for application ${application.name}.`,
        );
      }
      if (!settings.serviceRoleArn) throw required('Role', 'serviceRoleArn');
      check(settings, context);
      const group: DeploymentGroup = { id: randomId(), application, name, settings: withDefaults(settings) };
      application.groups.set(name, group);
      addTags(state, codeDeployArn(state, application.name, name), tags);
      return { deploymentGroupId: group.id };
    },

    UpdateDeploymentGroup(input: GroupInput & { currentDeploymentGroupName?: string }, context: CallContext) {
      const { applicationName, currentDeploymentGroupName: name, ...settings } = input;
      const group = requireGroup(stateOf(context), applicationName, name);
      check(settings, context);
      group.settings = { ...group.settings, ...settings };
      return { hooksNotCleanedUp: [] };
    },

    GetDeploymentGroup(input: GroupInput, context: CallContext) {
      const state = stateOf(context);
      const group = requireGroup(state, input.applicationName, input.deploymentGroupName);
      return { deploymentGroupInfo: describeGroup(group, [...state.deployments.values()]) };
    },

    BatchGetDeploymentGroups(
      input: { applicationName?: string; deploymentGroupNames?: string[] },
      context: CallContext,
    ) {
      const state = stateOf(context);
      const { groups } = requireApplication(state, input.applicationName);
      return {
        deploymentGroupsInfo: (input.deploymentGroupNames ?? []).flatMap((name) => {
          const group = groups.get(name);
          return group === undefined ? [] : [describeGroup(group, [...state.deployments.values()])];
        }),
      };
    },

    ListDeploymentGroups({ applicationName: name }: { applicationName?: string }, context: CallContext) {
      const application = requireApplication(stateOf(context), name);
      return { applicationName: application.name, deploymentGroups: [...application.groups.keys()] };
    },

    DeleteDeploymentGroup(input: GroupInput, context: CallContext) {
      const application = requireApplication(stateOf(context), input.applicationName);
      application.groups.delete(input.deploymentGroupName ?? '');
      return { hooksNotCleanedUp: [] };
    },
  };

  function check(settings: DeploymentGroupSettings, context: CallContext): void {
    if (settings.deploymentConfigName !== undefined) trafficRouting(settings.deploymentConfigName);
    for (const { clusterName = 'default', serviceName = '' } of settings.ecsServices ?? []) {
      const controller = controllerOf(clusterName, serviceName, context);
      if (controller === 'CODE_DEPLOY') continue;
      throw new AwsError(
        'InvalidECSServiceException',
        controller === undefined
          ? `The specified ECS service ${serviceName} in cluster ${clusterName} cannot be found.`
          : `Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.`,
      );
    }
  }
}

/** @throws AwsError `ApplicationNameRequiredException`, `ApplicationDoesNotExistException` */
export function requireApplication(state: CodeDeployState, name: string | undefined): Application {
  if (!name) throw required('ApplicationName', 'applicationName');
  const application = state.applications.get(name);
  if (application === undefined) throw applicationNotFound(name);
  return application;
}

/** @throws AwsError as for the application, and the same of its deployment group */
export function requireGroup(
  state: CodeDeployState,
  applicationName: string | undefined,
  name: string | undefined,
): DeploymentGroup {
  const application = requireApplication(state, applicationName);
  if (!name) throw required('DeploymentGroupName', 'deploymentGroupName');
  const group = application.groups.get(name);
  if (group === undefined) throw deploymentGroupNotFound(name);
  return group;
}

function withDefaults(settings: DeploymentGroupSettings): DeploymentGroupSettings {
  return {
    deploymentConfigName: DEFAULT_CONFIGURATION,
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    ...settings,
  };
}
