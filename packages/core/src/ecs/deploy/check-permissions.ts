import {
  DescribeTaskDefinitionCommand,
  type ContainerDefinition,
  type ECSClient,
  type Service,
} from '@aws-sdk/client-ecs';
import { containersOf } from '../../task-definition/document.js';
import { isByCodeDeploy } from '../rollout/snapshot.js';
import type { Candidate } from './candidate.js';
import type { DeployServiceOptions } from './options.js';
import { probe, probeLogs, probeReads, type CheckedPermission, type PermissionCheck } from './permissions.js';
import type { ServicePlan } from './plan.js';
import { documentOf, type DeployableTaskDefinition } from './task-definition.js';

/** What would be done to one service. */
export interface PlannedService {
  readonly ecs: ECSClient;
  readonly cluster: string;
  /** Absent where a task definition would only be registered. */
  readonly service: string | undefined;
  /** Absent if it would be created. */
  readonly found: Service | undefined;
  readonly taskDefinition: DeployableTaskDefinition | undefined;
  readonly candidate: Candidate | undefined;
  /** Absent if it would be created. */
  readonly plan: ServicePlan | undefined;
}

/**
 * What of a deployment can be found out to be allowed without changing anything, and what cannot; a
 * warning for each read that is refused, and for each log group that is not there.
 */
export async function checkPermissions(
  planned: PlannedService,
  options: DeployServiceOptions,
): Promise<{ readonly permissions: PermissionCheck; readonly warnings: readonly string[] }> {
  const { ecs, cluster, service, found } = planned;
  const { logs, codeDeploy } = options;
  const missingGroups: string[] = [];
  const { checks: ofDefinition, containers } = await readContainers(planned);
  const checked: CheckedPermission[] = [
    ...ofDefinition,
    ...(found === undefined || service === undefined
      ? []
      : await probeReads({ ecs, cluster, name: service }, found)),
    ...(logs === undefined ? [] : await probeLogs(logs, containers, (group) => missingGroups.push(group))),
    ...(isByCodeDeploy(found) && codeDeploy !== undefined ? await probeThroughCodeDeploy(codeDeploy) : []),
  ];
  return {
    permissions: { checked, unchecked: actionsThatChange(planned, options) },
    warnings: [
      ...checked.flatMap(({ refusal }) => refusal ?? []),
      ...missingGroups.map(
        (group) =>
          `There is no log group ${group}: a container that logs to it cannot start. Create it, or set awslogs-create-group.`,
      ),
    ],
  };
}

async function probeThroughCodeDeploy(codeDeploy: NonNullable<DeployServiceOptions['codeDeploy']>) {
  const { probeCodeDeploy } = await import(/* webpackMode: "eager" */ './codedeploy-check.js');
  return probeCodeDeploy(codeDeploy);
}

/** The containers that would run: of the document, or of the revision, which is read. */
async function readContainers({ ecs, taskDefinition, candidate, found }: PlannedService): Promise<{
  readonly checks: readonly CheckedPermission[];
  readonly containers: readonly ContainerDefinition[];
}> {
  const document = documentOf(taskDefinition);
  const revision = candidate?.taskDefinitionArn ?? document?.family ?? found?.taskDefinition;
  let containers: readonly ContainerDefinition[] = document === undefined ? [] : containersOf(document);
  if (revision === undefined) return { checks: [], containers };
  const checks = await probe(
    'ecs:DescribeTaskDefinition',
    `describe task definition ${revision}`,
    async () => {
      const answer = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: revision }));
      if (document === undefined) containers = answer.taskDefinition?.containerDefinitions ?? [];
    },
  );
  return { checks, containers };
}

/** IAM actions of the calls that change something; AWS has no dry run for any of them. */
function actionsThatChange(
  { service, found, plan, taskDefinition, candidate }: PlannedService,
  { order, onFailure, onCancel }: DeployServiceOptions,
): string[] {
  const isNew = candidate !== undefined && candidate.taskDefinitionArn === undefined;
  const changesService = service !== undefined && (found === undefined || plan?.kind === 'update');
  const takesBack = !isByCodeDeploy(found) && (onFailure !== 'leave' || onCancel === 'rollback');
  return [
    ...(isNew ? ['ecs:RegisterTaskDefinition'] : []),
    ...(documentOf(taskDefinition) !== undefined && order !== undefined ? ['ecs:TagResource'] : []),
    ...(isNew || changesService ? ['iam:PassRole'] : []),
    ...(changesService ? [changingAction(found)] : []),
    ...(changesService && takesBack ? ['ecs:StopServiceDeployment'] : []),
  ];
}

function changingAction(found: Service | undefined): string {
  if (found === undefined) return 'ecs:CreateService';
  return isByCodeDeploy(found) ? 'codedeploy:CreateDeployment' : 'ecs:UpdateService';
}
