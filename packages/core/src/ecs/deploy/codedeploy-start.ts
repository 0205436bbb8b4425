import {
  CodeDeployClient,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
  type ECSService,
} from '@aws-sdk/client-codedeploy';
import type { DeploymentLifecycleHookAction, Service } from '@aws-sdk/client-ecs';
import { abortedAfter } from '../../abort.js';
import { callAws, classifyAwsError, fromAwsError } from '../../aws-errors.js';
import { EcsActionsError } from '../../errors.js';
import { shortName } from '../names.js';
import { patiently } from '../patience.js';
import { loadAppSpec } from './appspec.js';
import { continueDeployment, createDeployment, UNDER_WAY } from './codedeploy-request.js';
import { LAST_ANSWER_MS, LOOK_MS } from './grace.js';
import type { CodeDeployOptions, Run } from './options.js';

/** CodeDeploy cuts longer descriptions off by refusing them. */
const LONGEST_DESCRIPTION = 512;
const MINUTE_MS = 60_000;

/** A service with the controller CODE_DEPLOY, and what it is to run. */
export interface CodeDeploySubject {
  readonly name: string;
  readonly service: Service;
  readonly taskDefinitionArn: string;
}

/** A deployment of a deployment group that is under way. */
export interface StartedDeployment extends Group {
  readonly deploymentId: string;
  /** Whether it was waiting for an answer and has got one: what still shows it waiting is out of date. */
  readonly answered: boolean;
}

interface Group {
  readonly client: CodeDeployClient;
  readonly applicationName: string;
  readonly group: string;
  /** What the group itself waits, ms. */
  readonly groupWaitMs: number;
}

/**
 * Reads the deployment group of a service. Throws `DEPLOYMENT_GROUP_NOT_FOUND`, `DEPLOYMENT_GROUP_MISMATCH`
 * and the errors of `callAws`.
 */
export async function readGroup(
  run: Pick<Run, 'cluster' | 'options'>,
  name: string,
  options: CodeDeployOptions,
): Promise<Group> {
  const { clock, signal } = run.options;
  const client = options.connect(CodeDeployClient);
  const service = shortName(name);
  const cluster = shortName(run.cluster);
  const applicationName = options.application ?? `AppECS-${cluster}-${service}`;
  const group = options.deploymentGroup ?? `DgpECS-${cluster}-${service}`;
  const { deploymentGroupInfo } = await callAws(
    `read ${describeGroup(applicationName, group)}`,
    'codedeploy:GetDeploymentGroup',
    async () => {
      const command = new GetDeploymentGroupCommand({ applicationName, deploymentGroupName: group });
      try {
        return await patiently(clock, () => client.send(command), signal);
      } catch (error) {
        throw isMissing(error) ? notThere(name, applicationName, group, error) : error;
      }
    },
  );
  const { ecsServices = [] } = deploymentGroupInfo ?? {};
  const isOurs = ({ clusterName = 'default', serviceName }: ECSService) =>
    shortName(clusterName) === cluster && serviceName === service;
  if (!ecsServices.some(isOurs)) throw notOurs(name, applicationName, group, ecsServices);
  const { deploymentReadyOption, terminateBlueInstancesOnDeploymentSuccess } =
    deploymentGroupInfo?.blueGreenDeploymentConfiguration ?? {};
  const minutes =
    (deploymentReadyOption?.waitTimeInMinutes ?? 0) +
    (terminateBlueInstancesOnDeploymentSuccess?.terminationWaitTimeInMinutes ?? 0);
  return { client, applicationName, group, groupWaitMs: minutes * MINUTE_MS };
}

/** With an ellipsis where it is cut, and never through a pair of surrogates. */
function shorten(description: string): string {
  if (description.length <= LONGEST_DESCRIPTION) return description;
  return `${description.slice(0, LONGEST_DESCRIPTION - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** CodeDeploy tells whether it is the application or the group that does not exist. */
function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'ApplicationDoesNotExistException' ||
      error.name === 'DeploymentGroupDoesNotExistException')
  );
}

function notThere(service: string, application: string, group: string, cause: unknown): EcsActionsError {
  const what =
    cause instanceof Error && cause.name === 'ApplicationDoesNotExistException'
      ? `application ${application}`
      : describeGroup(application, group);
  return new EcsActionsError(
    'DEPLOYMENT_GROUP_NOT_FOUND',
    `CodeDeploy deploys service ${service}, and has no ${what}.`,
    {
      hint: 'Name them with codedeploy-application and codedeploy-deployment-group; the defaults are AppECS-<cluster>-<service> and DgpECS-<cluster>-<service>.',
      cause,
    },
  );
}

/** A deployment of it would change that service, and none of ours. */
function notOurs(
  service: string,
  application: string,
  group: string,
  ecsServices: readonly ECSService[],
): EcsActionsError {
  const deployed = ecsServices.map(
    ({ clusterName = 'default', serviceName }) => `${clusterName}/${serviceName}`,
  );
  return new EcsActionsError(
    'DEPLOYMENT_GROUP_MISMATCH',
    `The ${describeGroup(application, group)} does not deploy service ${service}, but ${deployed.join(', ') || 'none'}.`,
    {
      hint: 'Name the application and the group of the service with codedeploy-application and codedeploy-deployment-group; of several services each needs its own, so deploy them in a step each.',
    },
  );
}

function describeGroup(applicationName: string, group: string): string {
  return `deployment group ${group} of application ${applicationName}`;
}

/** Creates a deployment of the service's deployment group. */
export async function startDeployment(
  run: Run,
  { name, taskDefinitionArn }: CodeDeploySubject,
  options: CodeDeployOptions,
): Promise<StartedDeployment> {
  const appSpecContent = await loadAppSpec(options.appSpecFile, taskDefinitionArn, options.directory);
  const group = await readGroup(run, name, options);
  if (run.options.signal?.aborted === true)
    throw new EcsActionsError('CANCELLED', `The run was cancelled before it could deploy service ${name}.`);
  const { client, applicationName, group: deploymentGroupName } = group;
  const input = {
    applicationName,
    deploymentGroupName,
    revision: { revisionType: 'AppSpecContent' as const, appSpecContent },
    description: options.description === undefined ? undefined : shorten(options.description),
    deploymentConfigName: options.deploymentConfig,
  };
  const deploymentId = await createDeployment(client, input, run.options);
  return { ...group, deploymentId, answered: false };
}

/** Answers the deployment that waits for its traffic to be rerouted. */
export async function answerDeployment(
  run: Run,
  name: string,
  options: CodeDeployOptions,
  action: DeploymentLifecycleHookAction,
): Promise<StartedDeployment> {
  const { clock, signal } = run.options;
  const group = await readGroup(run, name, options);
  const { client, applicationName } = group;
  const list = new ListDeploymentsCommand({
    applicationName,
    deploymentGroupName: group.group,
    includeOnlyStatuses: ['Ready'],
  });
  const { deployments = [] } = await callAws(
    `list the deployments of ${describeGroup(applicationName, group.group)}`,
    'codedeploy:ListDeployments',
    () => patiently(clock, () => client.send(list), signal),
  );
  const [deploymentId] = deployments;
  if (deploymentId === undefined)
    throw new EcsActionsError(
      'DEPLOYMENT_NOT_PAUSED',
      `No CodeDeploy deployment of service ${name} in cluster ${run.cluster} waits for its traffic to be rerouted.`,
      { hint: 'It may have been answered or have timed out: look at the deployments of the group.' },
    );
  if (action === 'CONTINUE') await continueDeployment(client, deploymentId, run.options);
  else await stopWaiting(client, deploymentId, run.options);
  return { ...group, deploymentId, answered: true };
}

/** A stop whose answer was lost is asked for again; CodeDeploy takes one of what it stops already. */
async function stopWaiting(
  client: CodeDeployClient,
  deploymentId: string,
  { clock, signal }: Run['options'],
): Promise<void> {
  const limit = abortedAfter(signal, LAST_ANSWER_MS);
  try {
    await patiently(clock, () => stopDeployment(client, deploymentId, limit), signal);
  } catch (error) {
    if (!(await isStopped(client, deploymentId))) throw error;
  }
}

/** Whether a deployment was stopped although CodeDeploy did not say so; false also where that cannot be found out. */
export async function isStopped(client: CodeDeployClient, deploymentId: string): Promise<boolean> {
  const command = new GetDeploymentCommand({ deploymentId });
  try {
    const { deploymentInfo } = await client.send(command, { abortSignal: AbortSignal.timeout(LOOK_MS) });
    return deploymentInfo?.status === 'Stopped';
  } catch {
    return false;
  }
}

/** Stops a deployment, and has CodeDeploy roll it back, whatever its group says. Throws the errors of `callAws`. */
export async function stopDeployment(
  client: CodeDeployClient,
  deploymentId: string,
  signal?: AbortSignal,
): Promise<void> {
  const command = new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true });
  await callAws(`stop CodeDeploy deployment ${deploymentId}`, 'codedeploy:StopDeployment', () =>
    client.send(command, signal === undefined ? {} : { abortSignal: signal }),
  );
}

/**
 * Whether a service already runs a task definition, and no deployment of its group is under way that
 * would change that. False where it may not be asked for deployments: then one is created.
 */
export async function isDeployed(
  run: Pick<Run, 'cluster' | 'options'>,
  { name, service, taskDefinitionArn }: CodeDeploySubject,
  options: CodeDeployOptions,
): Promise<boolean> {
  const { taskSets = [] } = service;
  const [only] = taskSets;
  if (taskSets.length !== 1 || only?.status !== 'PRIMARY' || only.taskDefinition !== taskDefinitionArn)
    return false;
  if (only.stabilityStatus !== 'STEADY_STATE') return false;
  const { clock, signal } = run.options;
  const { client, applicationName, group } = await readGroup(run, name, options);
  const list = new ListDeploymentsCommand({
    applicationName,
    deploymentGroupName: group,
    includeOnlyStatuses: UNDER_WAY,
  });
  try {
    const { deployments = [] } = await patiently(clock, () => client.send(list), signal);
    return deployments.length === 0;
  } catch (error) {
    if (classifyAwsError(error) === 'denied') return false;
    throw fromAwsError(error, `list the deployments of ${describeGroup(applicationName, group)}`);
  }
}
