import type { Service } from '@aws-sdk/client-ecs';
import { coverNothing } from '../../task-definition/cover.js';
import { redactValue } from '../../task-definition/redact.js';
import { isByCodeDeploy, primaryTaskSet } from '../rollout/snapshot.js';
import { findCandidate, type Candidate } from './candidate.js';
import { checkPermissions } from './check-permissions.js';
import { checkServices, type ServicesToDeploy } from './check.js';
import { compareTaskDefinitions } from './compare.js';
import type { DeploymentResult, DeployServiceOptions, Run, ServiceToDeploy } from './options.js';
import {
  completeDefinition,
  completedTaskDefinition,
  planService,
  settingChanges,
  type ServicePlan,
  type SettingChange,
} from './plan.js';

/**
 * Finds out what `deployServices` would do, and does none of it: everything is read, validated and
 * compared. The outcome of each service is `planned`; reads that the deployment would like to make
 * and may not are told as warnings, and in `permissions` with what could not be tried.
 *
 * Throws what `deployServices` throws before it registers anything.
 */
export async function planDeployments(
  subject: ServicesToDeploy,
  options: DeployServiceOptions,
): Promise<DeploymentResult[]> {
  const { found, warnings } = await checkServices(subject, options, { advice: true });
  const planned = await Promise.all(
    subject.services.map((one) => planOne(subject, one, found.get(one.service), options)),
  );
  const missing = planned.flatMap((one) => one.warnings);
  for (const warning of new Set([...warnings, ...missing])) options.logger?.warning(warning);
  return planned.map(({ result }) => result);
}

async function planOne(
  { ecs, cluster }: ServicesToDeploy,
  { service, taskDefinition }: ServiceToDeploy,
  found: Service | undefined,
  options: DeployServiceOptions,
): Promise<{ readonly result: DeploymentResult; readonly warnings: readonly string[] }> {
  const { clock, settings = {}, redact } = options;
  const startedAt = clock.now();
  const throughCodeDeploy = isByCodeDeploy(found);
  const candidate =
    taskDefinition === undefined ? undefined : await findCandidate(ecs, taskDefinition, options);
  const previousTaskDefinitionArn =
    found === undefined
      ? undefined
      : (completedTaskDefinition(found) ?? primaryTaskSet(found)?.taskDefinition);
  // What is to be created is new as a whole; what a service runs that exists may be unknown.
  const isComparable = found === undefined || previousTaskDefinitionArn !== undefined;
  const diff =
    !isComparable || taskDefinition === undefined
      ? undefined
      : await compareTaskDefinitions(ecs, previousTaskDefinitionArn, taskDefinition, redact);
  const isNew = candidate !== undefined && candidate.taskDefinitionArn === undefined;
  // No service runs a revision that does not exist yet.
  const wanted = isNew ? '' : candidate?.taskDefinitionArn;
  const plan =
    found === undefined ? undefined : planService(found, wanted, throughCodeDeploy ? {} : settings);
  const { permissions, warnings } = await checkPermissions(
    { ecs, cluster, service, found, taskDefinition, candidate, plan },
    options,
  );
  const result: DeploymentResult = {
    service,
    cluster,
    serviceArn: found?.serviceArn,
    outcome: 'planned',
    reason:
      throughCodeDeploy && found !== undefined
        ? await sentenceOfCodeDeploy({ cluster, options }, { name: service, service: found, candidate })
        : sentence(plan, candidate),
    taskDefinitionArn: candidate?.taskDefinitionArn,
    previousTaskDefinitionArn,
    deploymentId: undefined,
    serviceDeploymentArn: undefined,
    diff,
    settingChanges: throughCodeDeploy ? [] : plannedSettings(found, options).map(coverSetting),
    permissions,
    diagnoses: [],
    events: [],
    startedAt,
    endedAt: clock.now(),
  };
  return { result, warnings };
}

/** What an update would change, or all that a service would be created with. */
function plannedSettings(
  found: Service | undefined,
  { settings = {}, createIfMissing = {} }: DeployServiceOptions,
): SettingChange[] {
  if (found !== undefined) return settingChanges(found, settings);
  return Object.entries(completeDefinition(createIfMissing, settings)).map(([name, after]) => ({
    name,
    before: undefined,
    after,
  }));
}

/** Options of a log driver, for one, may hold secrets. */
function coverSetting({ name, before, after }: SettingChange): SettingChange {
  return {
    name,
    before: redactValue(before, { shape: undefined, name, cover: coverNothing }),
    after: redactValue(after, { shape: undefined, name, cover: coverNothing }),
  };
}

async function sentenceOfCodeDeploy(
  run: Pick<Run, 'cluster' | 'options'>,
  subject: { readonly name: string; readonly service: Service; readonly candidate: Candidate | undefined },
): Promise<string> {
  const { codeDeploy } = run.options;
  const { taskDefinitionArn, name } = subject.candidate ?? {};
  if (codeDeploy !== undefined && taskDefinitionArn !== undefined) {
    // Few services need it, and its client takes longer to load than all the rest here.
    const { isSettled } = await import(/* webpackMode: "eager" */ './codedeploy.js');
    if (await isSettled(run, { ...subject, taskDefinitionArn }, codeDeploy)) return NOTHING_TO_CHANGE;
  }
  return `Would create a CodeDeploy deployment of ${name} with the AppSpec ${codeDeploy?.appSpecFile}.`;
}

const NOTHING_TO_CHANGE = 'Would change nothing: the service runs exactly this.';

function sentence(plan: ServicePlan | undefined, candidate: Candidate | undefined): string {
  switch (plan?.kind) {
    case undefined:
      return `Would create the service with ${candidate?.name ?? 'a task definition'}.`;
    case 'unchanged':
      return NOTHING_TO_CHANGE;
    case 'adopt':
      return 'Would wait for the rollout that is under way.';
    case 'update': {
      const what = candidate === undefined ? 'with the task definition it has' : `to ${candidate.name}`;
      return `Would update the service ${what}${plan.startsDeployment ? '' : ', without a new deployment'}.`;
    }
  }
}
