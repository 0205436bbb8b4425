import {
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  type ECSClient,
  type Service,
} from '@aws-sdk/client-ecs';
import { callAws } from '../../aws-errors.js';
import { isEcsActionsError } from '../../errors.js';
import { findRevision } from '../../task-definition/ecs-calls.js';
import { normaliseTaskDefinition } from '../../task-definition/normalise.js';
import { redactValue } from '../../task-definition/redact.js';
import { isSameTaskDefinition } from '../../task-definition/register.js';
import { shortName, taskDefinitionName } from '../names.js';
import { compareTaskDefinitions, hideVariables } from './compare.js';
import type { DeploymentResult, DeployServiceOptions, ServiceToDeploy } from './options.js';
import { guardOrder } from './order.js';
import { completedTaskDefinition, planService, settingChanges, type SettingChange } from './plan.js';
import { readServices } from './preflight.js';
import { resolveTaskDefinition, type DeployableTaskDefinition } from './task-definition.js';

/** What would be deployed. */
export interface Candidate {
  /** Absent for a revision that would have to be registered. */
  readonly taskDefinitionArn: string | undefined;
  /** How it is called in a sentence. */
  readonly name: string;
}

/**
 * Finds out what `deployServices` would do, and does none of it: everything is read, checked and
 * compared. The outcome of each service is `planned`; reads that the deployment would like to make
 * and may not are told as warnings.
 *
 * Throws what `deployServices` throws before it registers anything.
 */
export async function planDeployments(
  subject: {
    readonly ecs: ECSClient;
    readonly cluster: string;
    readonly services: readonly ServiceToDeploy[];
  },
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  const { ecs, cluster, services } = subject;
  const { clock, signal, order, logger, createIfMissing } = options;
  const names = services.map(({ service }) => service);
  const found = await readServices(ecs, cluster, names, {
    clock,
    signal,
    mayBeMissing: createIfMissing !== undefined,
    codeDeploy: options.codeDeploy !== undefined,
  });
  const warnings =
    order === undefined ? [] : await guardOrder({ ecs, services: [...found] }, order, { clock, signal });
  warnings.push(...(await missingReads(ecs, cluster, [...found.keys()])));
  for (const warning of warnings) logger?.warning(warning);
  return Promise.all(services.map((one) => planOne(subject, one, found.get(one.service), options)));
}

async function planOne(
  { ecs, cluster }: { readonly ecs: ECSClient; readonly cluster: string },
  { service, taskDefinition }: ServiceToDeploy,
  found: Service | undefined,
  options: DeployServiceOptions,
): Promise<DeploymentResult> {
  const { clock, settings = {}, redact = [] } = options;
  const startedAt = clock.now();
  const candidate =
    taskDefinition === undefined ? undefined : await findCandidate(ecs, taskDefinition, options);
  const previousTaskDefinitionArn = found === undefined ? undefined : completedTaskDefinition(found);
  const diff =
    previousTaskDefinitionArn === undefined || taskDefinition === undefined
      ? undefined
      : await compareTaskDefinitions(ecs, previousTaskDefinitionArn, taskDefinition);
  return {
    service,
    cluster,
    serviceArn: found?.serviceArn,
    outcome: 'planned',
    reason: sentence(found, candidate, options),
    taskDefinitionArn: candidate?.taskDefinitionArn,
    previousTaskDefinitionArn,
    deploymentId: undefined,
    serviceDeploymentArn: undefined,
    diff: diff === undefined ? undefined : hideVariables(diff, redact),
    settingChanges: found === undefined ? [] : settingChanges(found, settings).map(coverSetting),
    diagnoses: [],
    events: [],
    startedAt,
    endedAt: clock.now(),
  };
}

/** Options of a log driver, for one, may hold secrets. */
function coverSetting({ name, before, after }: SettingChange): SettingChange {
  return {
    name,
    before: redactValue(before, undefined, name),
    after: redactValue(after, undefined, name),
  };
}

/** The revision that a task definition comes to, if it exists already. */
export async function findCandidate(
  ecs: ECSClient,
  taskDefinition: DeployableTaskDefinition,
  options: DeployServiceOptions,
): Promise<Candidate> {
  if ('revision' in taskDefinition) {
    const { taskDefinitionArn } = await resolveTaskDefinition(ecs, taskDefinition, options);
    return { taskDefinitionArn, name: taskDefinitionName(taskDefinitionArn) };
  }
  const { document } = normaliseTaskDefinition(taskDefinition.document);
  const family = document.family ?? 'the family';
  const latest = await findRevision(ecs, family);
  const isEqual =
    latest !== undefined &&
    isSameTaskDefinition(
      document,
      normaliseTaskDefinition({ ...latest.taskDefinition, tags: latest.tags }).document,
    );
  return isEqual
    ? { taskDefinitionArn: latest.taskDefinitionArn, name: taskDefinitionName(latest.taskDefinitionArn) }
    : { taskDefinitionArn: undefined, name: `a new revision of ${family}` };
}

function sentence(
  found: Service | undefined,
  candidate: Candidate | undefined,
  { settings = {} }: DeployServiceOptions,
): string {
  if (found === undefined) return `Would create the service with ${candidate?.name ?? 'a task definition'}.`;
  const isNew = candidate !== undefined && candidate.taskDefinitionArn === undefined;
  // No service runs a revision that does not exist yet.
  const plan = planService(found, isNew ? '' : candidate?.taskDefinitionArn, settings);
  switch (plan.kind) {
    case 'unchanged':
      return 'Would change nothing: the service runs exactly this.';
    case 'adopt':
      return 'Would wait for the rollout that is under way.';
    case 'update': {
      const what = candidate === undefined ? 'with the task definition it has' : `to ${candidate.name}`;
      return `Would update the service ${what}${plan.startsDeployment ? '' : ', without a new deployment'}.`;
    }
  }
}

/** Reads that tell an outcome and its causes: a deployment goes on without them, but knows less. */
async function missingReads(ecs: ECSClient, cluster: string, services: readonly string[]): Promise<string[]> {
  const [name] = services;
  if (name === undefined) return [];
  const service = shortName(name);
  const probes = [
    callAws(`list the deployments of service ${name}`, 'ecs:ListServiceDeployments', () =>
      ecs.send(new ListServiceDeploymentsCommand({ cluster, service, maxResults: 1 })),
    ),
    callAws(`list the stopped tasks of service ${name}`, 'ecs:ListTasks', () =>
      ecs.send(
        new ListTasksCommand({ cluster, serviceName: service, desiredStatus: 'STOPPED', maxResults: 1 }),
      ),
    ),
  ];
  const answers = await Promise.allSettled(probes);
  return answers.flatMap((answer) => {
    if (answer.status === 'fulfilled' || !isEcsActionsError(answer.reason)) return [];
    const { code, message, hint } = answer.reason;
    return code === 'ACCESS_DENIED' ? [`${message} ${hint ?? ''}`] : [];
  });
}
