import type { CallContext, JsonService } from '../protocol/service.js';
import { AwsError } from '../protocol/service.js';
import type { WorldClock } from '../world/clock.js';
import type { StateOf } from './applications.js';
import { requireApplication, requireGroup } from './applications.js';
import { readAppSpec } from './appspec.js';
import type { Revision } from './appspec.js';
import type { Conductor } from './conductor.js';
import { DEFAULT_CONFIGURATION, trafficRouting } from './configurations.js';
import { deploymentCompleted, deploymentNotFound, required } from './errors.js';
import { pendingEvents } from './lifecycle.js';
import { describeDeployment, describeTarget, targetIdOf } from './shapes.js';
import { isOver, randomDeploymentId } from './state.js';
import type {
  AlarmConfiguration,
  AutoRollbackConfiguration,
  CodeDeployState,
  Deployment,
  DeploymentGroup,
} from './state.js';

interface CreateInput {
  applicationName?: string;
  deploymentGroupName?: string;
  revision?: Revision;
  deploymentConfigName?: string;
  description?: string;
  autoRollbackConfiguration?: AutoRollbackConfiguration;
  overrideAlarmConfiguration?: AlarmConfiguration;
}

interface ListInput {
  applicationName?: string;
  deploymentGroupName?: string;
  includeOnlyStatuses?: string[];
  createTimeRange?: { start?: number; end?: number };
}

interface TargetInput {
  deploymentId?: string;
  targetId?: string;
  targetIds?: string[];
}

/** Deployments and their targets. */
export function createDeploymentOperations(
  clock: WorldClock,
  stateOf: StateOf,
  conductor: Conductor,
): JsonService['operations'] {
  return {
    CreateDeployment(input: CreateInput, context: CallContext) {
      const state = stateOf(context);
      const group = requireGroup(state, input.applicationName, input.deploymentGroupName);
      const deployment = build(group, input, clock.now());
      refuseSecond(state, group);
      state.deployments.set(deployment.id, deployment);
      conductor.play(state, deployment);
      return { deploymentId: deployment.id };
    },

    GetDeployment({ deploymentId: id }: { deploymentId?: string }, context: CallContext) {
      return { deploymentInfo: describeDeployment(requireDeployment(stateOf(context), id)) };
    },

    BatchGetDeployments({ deploymentIds: ids = [] }: { deploymentIds?: string[] }, context: CallContext) {
      const { deployments } = stateOf(context);
      return {
        deploymentsInfo: ids.flatMap((id) => {
          const deployment = deployments.get(id);
          return deployment === undefined ? [] : [describeDeployment(deployment)];
        }),
      };
    },

    ListDeployments(input: ListInput, context: CallContext) {
      const state = stateOf(context);
      const { applicationName, deploymentGroupName, includeOnlyStatuses: statuses = [] } = input;
      if (applicationName !== undefined) requireApplication(state, applicationName);
      const { start = -Infinity, end = Infinity } = input.createTimeRange ?? {};
      return {
        deployments: [...state.deployments.values()]
          .filter(
            ({ group, status, createdAt }) =>
              (applicationName === undefined || group.application.name === applicationName) &&
              (deploymentGroupName === undefined || group.name === deploymentGroupName) &&
              (statuses.length === 0 || statuses.includes(status)) &&
              createdAt / 1000 >= start &&
              createdAt / 1000 <= end,
          )
          .map(({ id }) => id)
          .toReversed(),
      };
    },

    StopDeployment(input: { deploymentId?: string; autoRollbackEnabled?: boolean }, context: CallContext) {
      const state = stateOf(context);
      const deployment = requireDeployment(state, input.deploymentId);
      if (isOver(deployment)) throw deploymentCompleted(deployment.id);
      conductor.stop(state, deployment, input.autoRollbackEnabled ?? false);
      return { status: 'Succeeded', statusMessage: 'No more actions are pending for the deployment.' };
    },

    ContinueDeployment(
      input: { deploymentId?: string; deploymentWaitType?: 'READY_WAIT' | 'TERMINATION_WAIT' },
      context: CallContext,
    ) {
      const deployment = requireDeployment(stateOf(context), input.deploymentId);
      if (isOver(deployment)) throw deploymentCompleted(deployment.id);
      const wait = input.deploymentWaitType ?? 'READY_WAIT';
      if (!conductor.endWait(deployment, wait)) {
        throw wait === 'READY_WAIT'
          ? new AwsError(
              'DeploymentIsNotInReadyStateException',
              `The deployment ${deployment.id} is not in the Ready state`,
            )
          : new AwsError(
              'InvalidDeploymentStatusException',
              `The deployment ${deployment.id} does not wait for the termination of its original task set`,
            );
      }
      return {};
    },

    ListDeploymentTargets({ deploymentId: id }: TargetInput, context: CallContext) {
      return { targetIds: [targetIdOf(requireDeployment(stateOf(context), id).group)] };
    },

    GetDeploymentTarget({ deploymentId: id, targetId }: TargetInput, context: CallContext) {
      const state = stateOf(context);
      const deployment = requireDeployment(state, id);
      if (targetId !== targetIdOf(deployment.group)) {
        throw new AwsError(
          'DeploymentTargetDoesNotExistException',
          `The target ${targetId} could not be found`,
        );
      }
      return { deploymentTarget: describeTarget(state, deployment) };
    },

    BatchGetDeploymentTargets({ deploymentId: id }: TargetInput, context: CallContext) {
      const state = stateOf(context);
      return { deploymentTargets: [describeTarget(state, requireDeployment(state, id))] };
    },
  };
}

function requireDeployment({ deployments }: CodeDeployState, id: string | undefined): Deployment {
  if (!id) throw required('DeploymentId', 'deploymentId');
  if (!/^d-[A-Z0-9]{9}$/.test(id)) {
    throw new AwsError(
      'InvalidDeploymentIdException',
      `Specified DeploymentId ${id} is not in the valid format`,
    );
  }
  const deployment = deployments.get(id);
  if (deployment === undefined) throw deploymentNotFound(id);
  return deployment;
}

/** Everything that is wrong with a request is said at once; what only ECS can tell comes with the deployment. */
function build(group: DeploymentGroup, input: CreateInput, now: number): Deployment {
  if (input.revision === undefined) throw required('Revision', 'revision');
  readAppSpec(input.revision);
  const { settings } = group;
  const configurationName =
    input.deploymentConfigName ?? settings.deploymentConfigName ?? DEFAULT_CONFIGURATION;
  trafficRouting(configurationName);
  const alarms = input.overrideAlarmConfiguration ?? settings.alarmConfiguration;
  return {
    id: randomDeploymentId(),
    group,
    revision: input.revision,
    configurationName,
    ...(input.description !== undefined && { description: input.description }),
    creator: 'user',
    createdAt: now,
    updatedAt: now,
    autoRollback: input.autoRollbackConfiguration ?? settings.autoRollbackConfiguration ?? { enabled: false },
    alarmNames: alarms?.enabled === true ? (alarms.alarms ?? []).flatMap(({ name }) => name ?? []) : [],
    status: 'Created',
    terminationWaitStarted: false,
    events: pendingEvents(),
  };
}

function refuseSecond({ deployments }: CodeDeployState, group: DeploymentGroup): void {
  const active = [...deployments.values()].find((other) => other.group === group && !isOver(other));
  if (active === undefined) return;
  throw new AwsError(
    'DeploymentLimitExceededException',
    `The Deployment Group '${group.name}' already has an active Deployment '${active.id}'`,
  );
}
